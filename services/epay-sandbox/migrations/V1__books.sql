-- The bank's own books: accounts, transactions with their two or more lines, and the notices that tell payees of credits.
--
-- Sides: a customer's account is money that the bank owes, so a payment debits the payer and credits the payee, and an
-- account's balance is credits less debits. Over all accounts the balances sum to zero. Rows of transactions and
-- entries are written once and never changed; amounts are cents.

CREATE TABLE accounts (
    account         text        PRIMARY KEY,
    -- payee and payer are customers; interbank stands for customers of other banks, vault for the opening balances.
    kind            text        NOT NULL CHECK (kind IN ('payee', 'payer', 'interbank', 'vault')),
    fps_id          text        UNIQUE,
    name            text        NOT NULL,
    bank_code       text        NOT NULL,
    currency        text        NOT NULL,
    balance_cents   bigint      NOT NULL DEFAULT 0,
    -- The electronic sequence number of the last notice written for this account.
    notice_sequence bigint      NOT NULL DEFAULT 0,
    CHECK (kind <> 'payer' OR balance_cents >= 0)
);

-- What the bank app has scanned and shown to a person. A scan pays once: a second press finds the first payment.
CREATE TABLE scans (
    scan_id    uuid        PRIMARY KEY,
    payload    text        NOT NULL,
    scanned_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE TABLE transactions (
    sequence        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    bank_reference  text        PRIMARY KEY,
    kind            text        NOT NULL CHECK (kind IN ('opening', 'payment')),
    status          text        NOT NULL CHECK (status = 'booked'),
    fps_reference   text        UNIQUE,
    end_to_end_id   text,
    transaction_id  text,
    payer_account   text        NOT NULL REFERENCES accounts,
    payer_name      text        NOT NULL,
    payee_account   text        NOT NULL REFERENCES accounts,
    amount_cents    bigint      NOT NULL CHECK (amount_cents > 0),
    -- What the code asked for; differs from amount_cents when the payer or a fault changed it.
    asked_cents     bigint,
    currency        text        NOT NULL,
    reference       text,
    bill_number     text,
    qr_sha256       text,
    scan_id         uuid        REFERENCES scans,
    faults          jsonb       NOT NULL,
    instructed_at   timestamptz NOT NULL,
    booked_at       timestamptz NOT NULL,
    -- The interbank messages of this transfer, for the record.
    pacs008         text,
    pacs002         text
);

CREATE INDEX transactions_reference ON transactions (reference) WHERE reference IS NOT NULL;
CREATE INDEX transactions_bill_number ON transactions (bill_number) WHERE bill_number IS NOT NULL;
CREATE INDEX transactions_scan ON transactions (scan_id) WHERE scan_id IS NOT NULL;

CREATE TABLE entries (
    bank_reference text     NOT NULL REFERENCES transactions,
    line           smallint NOT NULL,
    account        text     NOT NULL REFERENCES accounts,
    side           text     NOT NULL CHECK (side IN ('D', 'C')),
    amount_cents   bigint   NOT NULL CHECK (amount_cents > 0),
    PRIMARY KEY (bank_reference, line)
);

-- The outbox: a row is written with its transaction and leaves when the payee's gateway has acknowledged it.
CREATE TABLE notices (
    sequence         bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    message_id       text        PRIMARY KEY,
    bank_reference   text        NOT NULL REFERENCES transactions,
    body             text        NOT NULL,
    status           text        NOT NULL CHECK (status IN ('held', 'queued', 'sending', 'delivered')),
    hold_group       text,
    reversed         boolean     NOT NULL DEFAULT false,
    -- Leaves only when that one has been delivered: how a released group keeps its order.
    after_message_id text        REFERENCES notices,
    attempts         integer     NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz NOT NULL,
    last_outcome     text,
    created_at       timestamptz NOT NULL,
    delivered_at     timestamptz
);

CREATE INDEX notices_due ON notices (next_attempt_at) WHERE status = 'queued';
CREATE INDEX notices_transaction ON notices (bank_reference);
CREATE INDEX notices_held ON notices (hold_group) WHERE status = 'held';
