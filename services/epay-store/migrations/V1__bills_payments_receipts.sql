-- Bills, payments and receipts, the events behind them, and the two doors through which work comes and goes
-- (rail messages in, outbox out). Money is integer minor units. Nothing here computes: the domain does.
--
-- Every table that a payment touches has biller_id at the head of its key, so that the tables can later be
-- spread over machines by department. Ids are UUIDs of version 7: an index grows at its end.

CREATE SCHEMA epay;

-- Departments and kinds of bill are configuration: one JSON document each, loaded by `epay bill-types load`.
CREATE TABLE epay.bill_type (
    biller_id  text NOT NULL,
    code       text NOT NULL PRIMARY KEY,
    position   integer NOT NULL,
    definition jsonb NOT NULL
);

CREATE TABLE epay.bill (
    biller_id     text NOT NULL,
    bill_id       uuid NOT NULL,
    bill_type     text NOT NULL,
    -- Not unique: an account number comes back with every quarter's demand.
    number        text NOT NULL,
    amount_minor  bigint NOT NULL CHECK (amount_minor >= 0),
    currency      text NOT NULL,
    applied_minor bigint NOT NULL CHECK (applied_minor BETWEEN 0 AND amount_minor),
    state         text NOT NULL CHECK (state IN ('open', 'part_paid', 'paid', 'withdrawn')),
    due_date      date NOT NULL,
    description   text NOT NULL,
    lines         jsonb NOT NULL,
    created_at    timestamptz NOT NULL,
    paid_at       timestamptz,
    version       integer NOT NULL,
    PRIMARY KEY (biller_id, bill_id)
) WITH (fillfactor = 80); -- A bill is updated when money comes: room for the new row on the same page.

CREATE INDEX bill_by_number ON epay.bill (biller_id, number);

CREATE TABLE epay.payment (
    biller_id       text NOT NULL,
    payment_id      uuid NOT NULL,
    bill_id         uuid NOT NULL,
    reference       text NOT NULL,
    rail            text NOT NULL,
    amount_minor    bigint NOT NULL CHECK (amount_minor > 0),
    currency        text NOT NULL,
    state           text NOT NULL,
    received_minor  bigint NOT NULL CHECK (received_minor >= 0),
    payee           text NOT NULL,
    presentation    text NOT NULL,
    amount_editable boolean NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    version         integer NOT NULL,
    PRIMARY KEY (biller_id, payment_id)
) WITH (fillfactor = 80);

-- The reference that a rail carries back finds the payment.
CREATE UNIQUE INDEX payment_by_reference ON epay.payment (biller_id, reference);
CREATE INDEX payment_by_bill ON epay.payment (biller_id, bill_id);

-- What happened, for bills and payments alike: append only.
CREATE TABLE epay.event (
    biller_id    text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      integer NOT NULL,
    kind         text NOT NULL,
    body         jsonb NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (biller_id, aggregate_id, version)
);

-- One credit that a rail reported: append only.
CREATE TABLE epay.receipt (
    biller_id             text NOT NULL,
    receipt_id            uuid NOT NULL,
    rail                  text NOT NULL,
    rail_account          text NOT NULL,
    rail_reference        text NOT NULL,
    message_id            uuid NOT NULL,
    bill_id               uuid,
    payment_id            uuid,
    matched_by            text NOT NULL,
    currency              text NOT NULL,
    amount_minor          bigint NOT NULL CHECK (amount_minor > 0),
    applied_minor         bigint NOT NULL,
    overpaid_minor        bigint NOT NULL,
    forwarded_minor       bigint NOT NULL,
    duplicate_minor       bigint NOT NULL,
    unapplied_minor       bigint NOT NULL,
    hold_reason           text,
    instructed_at         timestamptz NOT NULL,
    receipt_business_date date NOT NULL,
    value_date            date NOT NULL,
    on_time               boolean,
    journal_id            uuid NOT NULL,
    created_at            timestamptz NOT NULL,
    PRIMARY KEY (biller_id, receipt_id),
    -- Every cent of a credit is in exactly one place.
    CHECK (applied_minor + overpaid_minor + forwarded_minor + duplicate_minor + unapplied_minor = amount_minor)
);

-- The same credit told twice is one receipt.
CREATE UNIQUE INDEX receipt_once ON epay.receipt (biller_id, rail, rail_account, rail_reference);
CREATE INDEX receipt_by_bill ON epay.receipt (biller_id, bill_id);

-- The first answer to a command, kept as long as what it made.
CREATE TABLE epay.idempotency (
    biller_id  text NOT NULL,
    scope      text NOT NULL,
    key        text NOT NULL,
    digest     bytea NOT NULL,
    answer_id  uuid NOT NULL,
    version    integer NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (biller_id, scope, key)
);

-- Effects to be performed after the commit. Rows are the record of truth; one job a batch wakes the worker.
CREATE TABLE epay.outbox_batch (
    batch_id     uuid NOT NULL PRIMARY KEY,
    created_at   timestamptz NOT NULL,
    performed_at timestamptz
);
CREATE INDEX outbox_batch_waiting ON epay.outbox_batch (created_at) WHERE performed_at IS NULL;

CREATE TABLE epay.outbox (
    batch_id   uuid NOT NULL,
    line       integer NOT NULL,
    biller_id  text NOT NULL,
    kind       text NOT NULL,
    bill_id    uuid,
    payment_id uuid,
    minor      bigint,
    due_at     timestamptz,
    PRIMARY KEY (batch_id, line)
);

-- Rail messages as they arrived, stored before they are acknowledged: append only.
CREATE TABLE epay.rail_message (
    message_id  uuid NOT NULL PRIMARY KEY,
    rail        text NOT NULL,
    channel_key text NOT NULL,
    sender_id   text NOT NULL,
    digest      bytea NOT NULL,
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX rail_message_once ON epay.rail_message (rail, channel_key, sender_id);

-- Messages whose credits are not all booked yet. Small: a row goes as soon as its message is done.
CREATE TABLE epay.rail_message_pending (
    message_id  uuid NOT NULL PRIMARY KEY,
    received_at timestamptz NOT NULL
);

-- What could not be read or booked, alone, until a person or a mended decoder takes it up again.
CREATE TABLE epay.quarantine (
    message_id uuid NOT NULL,
    entry      integer NOT NULL,
    path       text NOT NULL,
    code       text NOT NULL,
    detail     text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (message_id, entry)
);

-- The service role may append to the record and keep the projections; it can change or remove no event, no
-- receipt and no message.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'epay_service') THEN
        CREATE ROLE epay_service NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- Another database of the cluster made it just now.
END $$;
GRANT USAGE ON SCHEMA epay TO epay_service;
GRANT SELECT, INSERT ON epay.event, epay.receipt, epay.rail_message, epay.idempotency, epay.outbox TO epay_service;
GRANT SELECT, INSERT, UPDATE ON epay.bill, epay.payment, epay.bill_type, epay.outbox_batch, epay.quarantine TO epay_service;
GRANT SELECT, INSERT, DELETE ON epay.rail_message_pending TO epay_service;

-- The one thing that the service may do to the job queue: put a job in. It runs with its owner's rights, so the
-- queue's own tables stay closed. The queue's schema is made after this file; the name is looked up when called.
CREATE FUNCTION epay.put_job(task text, payload json) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM graphile_worker.add_job(task, payload);
END $$;
REVOKE EXECUTE ON FUNCTION epay.put_job(text, json) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION epay.put_job(text, json) TO epay_service;
