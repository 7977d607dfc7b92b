-- Files of rails that are too large to be held: stored raw in chunks before they are acknowledged, then read twice.

CREATE TABLE epay.rail_file (
    -- Also the message id of its receipts and of what was set apart.
    file_id       uuid NOT NULL PRIMARY KEY,
    rail          text NOT NULL,
    digest        bytea NOT NULL,
    size          bigint NOT NULL,
    -- The sender's own name of it, once its header was read.
    name          text,
    state         text NOT NULL CHECK (state IN ('arriving', 'stored', 'whole', 'booked', 'refused')),
    -- Chunks of which every row is booked or set apart: where to go on after a crash.
    booked_chunks integer NOT NULL DEFAULT 0,
    reports       bigint NOT NULL DEFAULT 0,
    unreadable    bigint NOT NULL DEFAULT 0,
    -- Why it was refused.
    code          text,
    detail        text,
    received_at   timestamptz NOT NULL,
    touched_at    timestamptz NOT NULL
);
-- The same bytes are the same file; another file under a name that was booked is a contradiction.
CREATE UNIQUE INDEX rail_file_once ON epay.rail_file (rail, digest);
CREATE UNIQUE INDEX rail_file_name ON epay.rail_file (rail, name) WHERE name IS NOT NULL;
CREATE INDEX rail_file_unfinished ON epay.rail_file (touched_at) WHERE state IN ('stored', 'whole');

CREATE TABLE epay.rail_file_chunk (
    file_id uuid NOT NULL,
    place   integer NOT NULL,
    body    bytea NOT NULL,
    PRIMARY KEY (file_id, place)
);

GRANT SELECT, INSERT, UPDATE ON epay.rail_file TO epay_service;
GRANT SELECT, INSERT ON epay.rail_file_chunk TO epay_service;
