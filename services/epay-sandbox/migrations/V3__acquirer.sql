-- The card acquirer: hosted pages, challenges, orders with their transactions, and batches of settlement.
--
-- Card numbers are those of the sandbox's own table and stand in challenges alone; everything else holds the last four digits.

CREATE TABLE acquirer_sessions (
    session_id        text        PRIMARY KEY,
    merchant          text        NOT NULL,
    order_id          text        NOT NULL,
    merchant_name     text        NOT NULL,
    description       text        NOT NULL,
    amount_cents      bigint      NOT NULL CHECK (amount_cents > 0),
    currency          text        NOT NULL,
    success_indicator text        NOT NULL,
    return_url        text,
    cancel_url        text,
    notices_path      text        NOT NULL,
    expires_at        timestamptz NOT NULL
);

-- The access control server of the cardholder's bank: one row for each challenge.
CREATE TABLE acquirer_challenges (
    challenge_id text        PRIMARY KEY,
    session_id   text        NOT NULL REFERENCES acquirer_sessions,
    card_number  text        NOT NULL,
    holder       text        NOT NULL,
    code         text        NOT NULL,
    wrong_codes  integer     NOT NULL DEFAULT 0,
    ended        boolean     NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL
);

CREATE TABLE acquirer_orders (
    merchant     text        NOT NULL,
    order_id     text        NOT NULL,
    amount_cents bigint      NOT NULL CHECK (amount_cents > 0),
    currency     text        NOT NULL,
    description  text        NOT NULL,
    notices_path text        NOT NULL,
    -- What still goes wrong with it; a fault that happens once is taken out when it has happened.
    faults       jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (merchant, order_id)
);

CREATE TABLE acquirer_transactions (
    sequence       bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    merchant       text        NOT NULL,
    order_id       text        NOT NULL,
    transaction_id text        NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('AUTHENTICATION', 'AUTHORIZATION', 'CAPTURE', 'VOID_AUTHORIZATION',
                                                        'REFUND', 'CHARGEBACK', 'CHARGEBACK_REVERSAL')),
    amount_cents   bigint      NOT NULL CHECK (amount_cents > 0),
    currency       text        NOT NULL,
    -- What the acquirer knows now; an outcome that is not known yet is replaced when it is.
    result         text        NOT NULL,
    gateway_code   text        NOT NULL,
    acquirer_code  text,
    receipt        text        NOT NULL,
    card           text,
    target         text,
    note           text        NOT NULL DEFAULT '',
    recorded_at    timestamptz NOT NULL,
    fee_cents      bigint      NOT NULL DEFAULT 0,
    -- The day on which it is settled, for what moves money between acquirer and merchant; and the batch that did.
    settle_on      date,
    batch          text,
    PRIMARY KEY (merchant, order_id, transaction_id),
    FOREIGN KEY (merchant, order_id) REFERENCES acquirer_orders
);
CREATE INDEX acquirer_unsettled ON acquirer_transactions (merchant, settle_on) WHERE settle_on IS NOT NULL AND batch IS NULL;

CREATE TABLE acquirer_batches (
    batch          text        PRIMARY KEY,
    merchant       text        NOT NULL,
    paid_on        date        NOT NULL,
    net_cents      bigint      NOT NULL,
    discount_cents bigint      NOT NULL,
    body           text        NOT NULL,
    -- Set once a later batch took over the sum of one that paid nothing.
    carried_into   text,
    made_at        timestamptz NOT NULL
);
