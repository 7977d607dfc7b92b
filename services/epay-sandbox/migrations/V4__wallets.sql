-- The wallets' own rows: what merchants asked for, what payers did, what went back, what was paid over.

CREATE TABLE wallet_payments (
    -- The wallet's own number of it, from which its names are made.
    number        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    wallet        text        NOT NULL,
    -- The merchant's reference: asked twice for the same thing, it is one payment.
    reference     text        NOT NULL,
    merchant      text        NOT NULL,
    -- Stands in the code and in the app's links.
    token         text        NOT NULL UNIQUE,
    amount_cents  bigint      NOT NULL CHECK (amount_cents > 0),
    description   text        NOT NULL,
    notify_path   text        NOT NULL,
    return_url    text,
    state         text        NOT NULL CHECK (state IN ('open', 'paid', 'declined', 'closed')),
    -- What was taken: another amount than was asked for when a fault says so.
    paid_cents    bigint      CHECK (paid_cents > 0),
    payer_account text,
    payer_name    text,
    faults        jsonb       NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    paid_at       timestamptz,
    -- Until then nobody is told what became of it.
    known_at      timestamptz,
    -- Which payout it was in.
    settlement    text,
    PRIMARY KEY (wallet, reference),
    CHECK ((state = 'paid') = (paid_cents IS NOT NULL AND paid_at IS NOT NULL))
);
CREATE INDEX wallet_payments_due ON wallet_payments (wallet, merchant, paid_at) WHERE settlement IS NULL;

CREATE TABLE wallet_refunds (
    number       bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    wallet       text        NOT NULL,
    -- The merchant's name for it: asked twice, it is one refund.
    refund_key   text        NOT NULL,
    reference    text        NOT NULL,
    amount_cents bigint      NOT NULL CHECK (amount_cents > 0),
    state        text        NOT NULL CHECK (state IN ('pending', 'done', 'rejected', 'unclaimed')),
    updated_at   timestamptz NOT NULL,
    settlement   text,
    PRIMARY KEY (wallet, refund_key),
    FOREIGN KEY (wallet, reference) REFERENCES wallet_payments (wallet, reference)
);
