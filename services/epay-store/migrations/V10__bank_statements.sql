-- Bank statements: what the bank says of its own books, which is the truth about money in the bank. A statement's file is
-- stored raw in `epay.rail_file`, under the name of its door in the column `rail`, before anything here is written.

CREATE SCHEMA recon;

CREATE TABLE recon.statement (
    biller_id       text NOT NULL,
    statement_id    uuid NOT NULL,
    -- Its file, and which statement of the file it is, from 1.
    file_id         uuid NOT NULL,
    place           integer NOT NULL,
    -- `statement`: the end of a day, the truth. `interim` and `notice`: early word, which a statement will repeat.
    kind            text NOT NULL CHECK (kind IN ('statement', 'interim', 'notice')),
    -- The message and its version as it came, for instance camt.053.001.08 or MT940.
    format          text NOT NULL,
    account         text NOT NULL,
    currency        text NOT NULL,
    -- The bank's own id of it.
    sender_id       text NOT NULL,
    sequence_number bigint,
    from_date       date,
    to_date         date NOT NULL,
    -- Signed minor units, below zero for a debit balance; unset where the message has none.
    opening_minor   bigint,
    closing_minor   bigint,
    -- SHA-256 over what it says, not over how it is written: told again in another file, it is the same statement.
    digest          bytea NOT NULL,
    -- Rows as written; rows stored as entries (a row that lists several transactions is several), rows set apart, and
    -- the sums of the entries.
    rows_written    bigint NOT NULL,
    entries         bigint NOT NULL,
    bad_rows        bigint NOT NULL,
    credits_minor   bigint NOT NULL,
    debits_minor    bigint NOT NULL,
    -- What the statement's own summary says of the rows as written; unset where it says nothing.
    declared        jsonb NOT NULL,
    -- `reading`: its rows are being written. `complete`: all are. `repeated`: it came before, word for word; its entries
    -- are those of the first. `set_apart`: another statement came under its id; its entries are kept and count for
    -- nothing.
    state           text NOT NULL CHECK (state IN ('reading', 'complete', 'repeated', 'set_apart')),
    -- Checks that it does not pass, as a list; none of them loses an entry.
    findings        jsonb NOT NULL DEFAULT '[]',
    received_at     timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (biller_id, statement_id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX statement_place ON recon.statement (file_id, place);
-- One statement an id: the last lock behind the check of the program.
CREATE UNIQUE INDEX statement_once ON recon.statement (biller_id, account, kind, sender_id)
    WHERE state IN ('reading', 'complete');
-- The chain of an account, in which each statement opens with the last one's closing balance.
CREATE INDEX statement_chain ON recon.statement (biller_id, account, currency, kind, to_date, sequence_number);

-- One entry of a statement, or one transaction of an entry that lists several: append only.
CREATE TABLE recon.statement_entry (
    biller_id          text NOT NULL,
    statement_id       uuid NOT NULL,
    -- Its place among the rows of the statement, from 1; rows set apart have a place as well.
    line               integer NOT NULL,
    account            text NOT NULL,
    currency           text NOT NULL,
    direction          text NOT NULL CHECK (direction IN ('credit', 'debit')),
    amount_minor       bigint NOT NULL CHECK (amount_minor > 0),
    booking_date       date NOT NULL,
    value_date         date NOT NULL,
    -- The bank's own, the same on every repeat.
    bank_reference     text NOT NULL,
    -- Ours, where the entry carries one.
    reference          text,
    bill_number        text,
    end_to_end_id      text,
    clearing_reference text,
    reversal           boolean NOT NULL,
    return_reason      text,
    -- How many payments it is for.
    items              integer NOT NULL CHECK (items > 0),
    -- The bank's code of what kind of entry it is.
    narrative_code     text,
    -- `counts`: money moved. `repeated`: an entry that counts already told of it. `early`: of an interim report or a
    -- notice. `set_apart`: of a statement that is set apart.
    standing           text NOT NULL CHECK (standing IN ('counts', 'repeated', 'early', 'set_apart')),
    PRIMARY KEY (biller_id, statement_id, line)
);
-- The same entry told twice moves money once.
CREATE UNIQUE INDEX statement_entry_once
    ON recon.statement_entry (biller_id, account, bank_reference, direction, booking_date) WHERE standing = 'counts';

-- Rows set apart get what a person needs to take them up again: whose they are, their bytes, and what became of them.
-- Of a statement, `message_id` is the statement's id and `entry` the row's place in it.
ALTER TABLE epay.quarantine
    ADD COLUMN source      text NOT NULL DEFAULT 'message' CHECK (source IN ('message', 'file', 'statement')),
    ADD COLUMN biller_id   text,
    ADD COLUMN raw         bytea,
    ADD COLUMN state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'redriven')),
    -- How often it was driven again, and by whose agreement last.
    ADD COLUMN drives      integer NOT NULL DEFAULT 0,
    ADD COLUMN proposal_id uuid,
    ADD COLUMN redriven_at timestamptz;
UPDATE epay.quarantine SET source = 'file' WHERE message_id IN (SELECT file_id FROM epay.rail_file);

INSERT INTO epay.approval_limit (role, kind, most_minor) VALUES
    ('supervisor', 'redrive_row', NULL),
    ('controller', 'redrive_row', NULL),
    ('finance', 'redrive_row', NULL);

GRANT USAGE ON SCHEMA recon TO epay_service;
GRANT SELECT, INSERT ON recon.statement, recon.statement_entry TO epay_service;
-- A statement is evidence: only how far it was read, and what the checks found, may change. An entry may only begin or
-- cease to count.
GRANT UPDATE (entries, bad_rows, credits_minor, debits_minor, state, findings, changed_at) ON recon.statement TO epay_service;
GRANT UPDATE (standing) ON recon.statement_entry TO epay_service;
