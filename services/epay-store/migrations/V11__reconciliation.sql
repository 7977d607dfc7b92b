-- Reconciliation: what rails say they pay over, what is still expected, what matched, and every difference.
--
-- The bank's own word is in recon.statement_entry, what the gateway captured in epay.receipt. Neither is copied: what
-- matches at first sight is one row of recon.match. Only what stays open has a row of its own in recon.expectation.

-- How far each book was read, and the lock of whoever reconciles it.
CREATE TABLE recon.book (
    biller_id      text NOT NULL PRIMARY KEY,
    -- Receipts before this moment have been looked at, but for those whose commit may have been slow.
    receipts_until timestamptz,
    ran_at         timestamptz
);

-- Statements and settlement reports whose every line is matched or in a break.
CREATE TABLE recon.reconciled (
    biller_id text NOT NULL,
    source_id uuid NOT NULL,
    -- Entries that a statement had then: a row that was set apart may be read later.
    entries   bigint NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (biller_id, source_id)
);

-- One payment of a rail for many collections, as its settlement report announces it: append only.
CREATE TABLE recon.settlement_batch (
    biller_id    text NOT NULL,
    batch_id     uuid NOT NULL,
    rail         text NOT NULL,
    rail_account text NOT NULL,
    reference    text NOT NULL,
    currency     text NOT NULL,
    gross_minor  bigint NOT NULL,
    fee_minor    bigint NOT NULL,
    net_minor    bigint NOT NULL CHECK (net_minor > 0),
    items        integer NOT NULL,
    value_date   date NOT NULL,
    message_id   uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (biller_id, batch_id),
    CHECK (gross_minor - fee_minor = net_minor)
);
CREATE UNIQUE INDEX settlement_batch_once ON recon.settlement_batch (biller_id, rail, rail_account, reference);

-- One row of a settlement report: append only.
CREATE TABLE recon.settlement_item (
    biller_id      text NOT NULL,
    message_id     uuid NOT NULL,
    line           integer NOT NULL,
    rail           text NOT NULL,
    rail_account   text NOT NULL,
    rail_reference text NOT NULL,
    reference      text,
    finding        text NOT NULL,
    currency       text NOT NULL,
    amount_minor   bigint NOT NULL CHECK (amount_minor > 0),
    fee_minor      bigint,
    day            date NOT NULL,
    PRIMARY KEY (biller_id, message_id, line)
);

-- What must still be seen. `level` says where: in a rail's report (L1) or on a statement (L2).
CREATE TABLE recon.expectation (
    biller_id      text NOT NULL,
    level          text NOT NULL,
    item_id        uuid NOT NULL,
    kind           text NOT NULL,
    rail           text,
    account        text NOT NULL,
    direction      text NOT NULL CHECK (direction IN ('credit', 'debit')),
    rail_reference text,
    reference      text,
    bill_number    text,
    currency       text NOT NULL,
    -- What must be seen, of how much, less which fee.
    minor          bigint NOT NULL CHECK (minor > 0),
    gross_minor    bigint NOT NULL,
    fee_minor      bigint,
    day            date NOT NULL,
    -- Unset where a break stands for it.
    expected_on    date,
    state          text NOT NULL CHECK (state IN ('open', 'met', 'ended')),
    changed_at     timestamptz NOT NULL,
    PRIMARY KEY (biller_id, level, item_id)
) WITH (fillfactor = 80);
CREATE INDEX expectation_open ON recon.expectation (biller_id) WHERE state = 'open';

-- What agrees: one row for each pair of items, the rows of one match under one id. Append only: it is evidence.
CREATE TABLE recon.match (
    biller_id   text NOT NULL,
    match_id    uuid NOT NULL,
    part        integer NOT NULL,
    level       text NOT NULL,
    matched_by  text NOT NULL,
    rail        text,
    currency    text NOT NULL,
    -- The receipt, batch or other thing that was expected, and the line on which it was seen.
    kind        text NOT NULL,
    expected_id uuid,
    source_id   uuid,
    line        integer,
    -- What was seen, in minor units; on the first row of a match.
    minor       bigint NOT NULL,
    day         date NOT NULL,
    journal_id  uuid,
    at          timestamptz NOT NULL,
    PRIMARY KEY (biller_id, match_id, part)
);
CREATE INDEX match_of_expected ON recon.match (biller_id, expected_id);
CREATE INDEX match_by_day ON recon.match (biller_id, day);
CREATE INDEX match_of_source ON recon.match (biller_id, source_id);

-- Differences. What happened to each is in epay.history, under its id.
CREATE TABLE recon.break (
    biller_id        text NOT NULL,
    break_id         uuid NOT NULL,
    level            text NOT NULL,
    class            text NOT NULL,
    rail             text,
    account          text NOT NULL,
    currency         text NOT NULL,
    difference_minor bigint NOT NULL,
    -- The account on which the difference lies, and how much.
    kept_account     text,
    kept_minor       bigint CHECK (kept_minor > 0),
    expected         jsonb NOT NULL,
    observed         jsonb NOT NULL,
    hints            jsonb NOT NULL,
    journals         jsonb NOT NULL,
    owner            text,
    state            text NOT NULL CHECK (state IN ('open', 'resolved')),
    ended            jsonb,
    opened_at        timestamptz NOT NULL,
    opened_on        date NOT NULL,
    changed_at       timestamptz NOT NULL,
    version          integer NOT NULL,
    PRIMARY KEY (biller_id, break_id),
    CHECK ((kept_account IS NULL) = (kept_minor IS NULL)),
    CHECK ((state = 'resolved') = (ended IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX break_open ON recon.break (biller_id, break_id) WHERE state = 'open';
CREATE INDEX break_by_day ON recon.break (biller_id, opened_on);

-- Receipts of a span of time are read in the order in which they came; a block range index costs the hot path nothing.
CREATE INDEX receipt_by_time ON epay.receipt USING brin (created_at) WITH (pages_per_range = 16, autosummarize = on);

GRANT SELECT, INSERT ON recon.book, recon.reconciled, recon.settlement_batch, recon.settlement_item, recon.expectation,
    recon.match, recon.break TO epay_service;
GRANT UPDATE (receipts_until, ran_at) ON recon.book TO epay_service;
GRANT UPDATE (entries, at) ON recon.reconciled TO epay_service;
GRANT UPDATE (state, changed_at) ON recon.expectation TO epay_service;
GRANT UPDATE (class, kept_account, kept_minor, hints, journals, owner, state, ended, changed_at, version) ON recon.break
    TO epay_service;
