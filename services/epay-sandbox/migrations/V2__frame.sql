-- The frame that every counterparty stands in: one clock, work that falls due, faults that were ordered, notices of any
-- counterparty, and accounts of counterparties.

-- How far the sandbox's clock is ahead of the machine's. It never goes back, because booked rows never do.
CREATE TABLE clock (
    only_row bigint PRIMARY KEY CHECK (only_row = 1),
    ahead_us bigint NOT NULL CHECK (ahead_us >= 0)
);
INSERT INTO clock VALUES (1, 0);

-- Work that falls due: a row is here until its work is done.
CREATE TABLE timers (
    timer_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    counterparty text        NOT NULL,
    kind         text        NOT NULL,
    -- What the work is about; a second timer of the same kind about the same thing is not added.
    subject      text        NOT NULL,
    body         jsonb       NOT NULL,
    due_at       timestamptz NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    last_problem text,
    UNIQUE (counterparty, kind, subject)
);
CREATE INDEX timers_due ON timers (due_at, timer_id);

-- Faults that were ordered by the API and have not been used up.
CREATE TABLE faults (
    fault_id   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rail       text        NOT NULL,
    fault      text        NOT NULL,
    value      text,
    -- Only for payments one of whose texts holds this.
    matches    text,
    -- How many payments it still bends; NULL bends every one until it is deleted.
    remaining  bigint      CHECK (remaining > 0),
    ordered_at timestamptz NOT NULL
);

-- A notice may be about no transfer of the bank, go to another path, and be signed by another counterparty.
ALTER TABLE notices ALTER COLUMN bank_reference DROP NOT NULL;
ALTER TABLE notices ADD COLUMN counterparty text NOT NULL DEFAULT 'bank';
ALTER TABLE notices ADD COLUMN path text NOT NULL DEFAULT '/rails/fps/notices';
ALTER TABLE notices ADD COLUMN content_type text NOT NULL DEFAULT 'application/xml';
-- What the notice is about in the counterparty's own numbers, for lists.
ALTER TABLE notices ADD COLUMN subject text;
-- What the counterparty wants to know again when it signs an attempt.
ALTER TABLE notices ADD COLUMN extra jsonb NOT NULL DEFAULT 'null';

-- A house account belongs to a counterparty, such as an acquirer's clearing account; it may be overdrawn.
ALTER TABLE accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_kind_check CHECK (kind IN ('payee', 'payer', 'interbank', 'vault', 'house'));
-- A transfer is a movement that a counterparty made without FPS.
ALTER TABLE transactions DROP CONSTRAINT transactions_kind_check;
ALTER TABLE transactions ADD CONSTRAINT transactions_kind_check CHECK (kind IN ('opening', 'payment', 'transfer'));
