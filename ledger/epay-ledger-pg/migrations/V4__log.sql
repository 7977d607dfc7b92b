-- The log: every journal a leaf of one append-only Merkle tree, and the signed heads of that tree.
--
-- Posting writes nothing here and knows nothing of it. A sealer comes behind, reads the journals of transactions that
-- have ended, and appends them. Nothing here is trusted by whoever verifies: the heads that an auditor kept are.

-- A journal's place in the log.
CREATE TABLE ledger.log_leaf (
    leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
    journal_id uuid NOT NULL,
    book smallint NOT NULL,
    -- What was sealed, so that a journal which was changed since can be named.
    hash bytea NOT NULL CHECK (length(hash) = 32),
    -- Twice in the log is refused, whatever the sealer believes.
    CONSTRAINT log_leaf_once UNIQUE (book, journal_id)
);

-- Whole subtrees of 256, 65,536 ... leaves. Everything in between is computed from at most 255 rows a level.
CREATE TABLE ledger.log_subtree (
    level smallint CHECK (level > 0 AND level % 8 = 0),
    subtree_index bigint CHECK (subtree_index >= 0),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, subtree_index)
);

CREATE TABLE ledger.log_head (
    tree_size bigint PRIMARY KEY CHECK (tree_size > 0),
    sealed_at timestamptz NOT NULL,
    root bytea NOT NULL CHECK (length(root) = 32),
    signature bytea NOT NULL CHECK (length(signature) = 64),
    origin text NOT NULL,
    key_id text NOT NULL
);

-- Where the sealer goes on: one row.
CREATE TABLE ledger.log_state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    tree_size bigint NOT NULL DEFAULT 0,
    -- The hashes of the whole subtrees that cover all leaves, the largest first.
    peaks bytea NOT NULL DEFAULT '',
    -- Every journal of a transaction below this one is in the log.
    sealed_below bigint NOT NULL DEFAULT 0,
    -- The cluster whose transactions that number counts. A restored copy counts anew.
    cluster bigint NOT NULL
);
INSERT INTO ledger.log_state (cluster) SELECT system_identifier FROM pg_catalog.pg_control_system();

CREATE FUNCTION ledger.refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on ledger.% is refused: the log only grows', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'log_immutable';
END
$$;

CREATE TRIGGER log_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.log_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_log_change();
CREATE TRIGGER log_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.log_subtree
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_log_change();
CREATE TRIGGER log_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.log_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_log_change();
CREATE TRIGGER log_immutable
    BEFORE DELETE OR TRUNCATE ON ledger.log_state
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_log_change();

GRANT SELECT, INSERT ON ledger.log_leaf, ledger.log_subtree, ledger.log_head TO epay_service;
GRANT SELECT ON ledger.log_state TO epay_service;
GRANT UPDATE (tree_size, peaks, sealed_below, cluster) ON ledger.log_state TO epay_service;
