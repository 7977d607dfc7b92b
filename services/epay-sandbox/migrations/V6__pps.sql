-- PPS: what payers paid by bill payment, the files that told of it, and attempts on the checkout page.

CREATE TABLE pps_payments (
    sequence      bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    pps_reference text        PRIMARY KEY,
    merchant_code text        NOT NULL,
    bill_number   text        NOT NULL,
    amount_cents  bigint      NOT NULL CHECK (amount_cents > 0),
    payer_account text        NOT NULL REFERENCES accounts,
    paid_at       timestamptz NOT NULL,
    business_date date        NOT NULL,
    -- The file that told of it.
    file_id       text
);
CREATE INDEX pps_payments_waiting ON pps_payments (business_date, sequence) WHERE file_id IS NULL;

CREATE TABLE pps_files (
    file_id         text        PRIMARY KEY,
    business_date   date        NOT NULL,
    settlement_date date        NOT NULL,
    body            text        NOT NULL,
    made_at         timestamptz NOT NULL
);

CREATE TABLE pps_attempts (
    pay_ref      bigint      GENERATED ALWAYS AS IDENTITY (START WITH 1151801) PRIMARY KEY,
    merchant_id  text        NOT NULL,
    order_ref    text        NOT NULL,
    amount_cents bigint      NOT NULL CHECK (amount_cents > 0),
    back         text        NOT NULL,
    -- Shown: the payer is on the page.
    status       text        NOT NULL CHECK (status IN ('Shown', 'Pending', 'Accepted', 'Rejected', 'Cancelled')),
    holder       text        NOT NULL DEFAULT '',
    -- What the gateway's bank says: primary and secondary code.
    prc          text        NOT NULL DEFAULT '0',
    src          text        NOT NULL DEFAULT '0',
    done_at      timestamptz
);
CREATE INDEX pps_attempts_order ON pps_attempts (merchant_id, order_ref);
