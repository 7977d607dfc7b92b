-- Bringing files of feeds to departments' servers: where each stands, every attempt, and files of acknowledgements that
-- were fetched there.

-- One file in one shape. Only how it is brought changes here: the file itself is sealed.
CREATE TABLE feed.delivery (
    biller_id   text NOT NULL,
    currency    text NOT NULL,
    sequence    bigint NOT NULL,
    shape       text NOT NULL CHECK (shape IN ('csv', 'camt053', 'camt054', 'mt940')),
    -- `conflict`: another file lies there under the same name.
    state       text NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'conflict')),
    -- How often it was taken up in all; the number of the last attempt.
    attempts    integer NOT NULL DEFAULT 0,
    -- How often it failed since it was asked for.
    tries       integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    -- While somebody has it: until then others leave it alone.
    taken_until timestamptz,
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    -- How the last attempt ended, and why.
    outcome     text,
    words       text NOT NULL DEFAULT '',
    PRIMARY KEY (biller_id, currency, sequence, shape)
) WITH (fillfactor = 80);
CREATE INDEX delivery_open ON feed.delivery (biller_id, next_at) WHERE state <> 'delivered';

-- The log of attempts: append only.
CREATE TABLE feed.delivery_attempt (
    biller_id   text NOT NULL,
    currency    text NOT NULL,
    sequence    bigint NOT NULL,
    shape       text NOT NULL,
    attempt     integer NOT NULL,
    at          timestamptz NOT NULL,
    destination text NOT NULL,
    outcome     text NOT NULL
        CHECK (outcome IN ('delivered', 'already_there', 'other_file', 'wrong_key', 'failed')),
    words       text NOT NULL,
    latency_ms  integer NOT NULL,
    PRIMARY KEY (biller_id, currency, sequence, shape, attempt)
);

-- Files of acknowledgements that were taken in, each once: append only.
CREATE TABLE feed.acknowledgement_file (
    biller_id text NOT NULL,
    name      text NOT NULL,
    digest    bytea NOT NULL CHECK (length(digest) = 32),
    taken_at  timestamptz NOT NULL,
    lines     integer NOT NULL,
    -- Why it was set apart; nothing where it was taken.
    problem   text,
    PRIMARY KEY (biller_id, name, digest)
);

GRANT SELECT, INSERT ON feed.delivery, feed.delivery_attempt, feed.acknowledgement_file TO epay_service;
GRANT UPDATE (state, attempts, tries, next_at, taken_until, ended_at, outcome, words) ON feed.delivery TO epay_service;
