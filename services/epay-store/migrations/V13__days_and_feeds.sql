-- Days and feeds: a closed day of a department, and the rows of its file, which never change afterwards.
--
-- A row of a feed is an entry of the ledger that makes the gateway owe the department more (2010, credit) or less (1230,
-- debit), once. Remittances and what is kept back from them settle that debt and are no rows. So, for each department and
-- currency, at any moment:
--
--     what all files say, net  =  2010 less 1230  +  what was remitted  -  what is not fed yet.

CREATE SCHEMA feed;

-- A row only for a day that is closed: append only.
CREATE TABLE epay.business_day (
    biller_id text NOT NULL,
    day       date NOT NULL,
    closed_at timestamptz NOT NULL,
    -- The token's subject, or `timer`.
    closed_by text NOT NULL,
    -- Rails whose reports were not in, as a list of words, and why the day was closed without them.
    late      jsonb NOT NULL DEFAULT '[]',
    reason    text,
    PRIMARY KEY (biller_id, day),
    CHECK ((jsonb_array_length(late) = 0) = (reason IS NULL))
);

-- Where a feed stands, and the lock of whoever seals its next file.
CREATE TABLE feed.sequence (
    biller_id     text NOT NULL,
    currency      text NOT NULL,
    last_sequence bigint NOT NULL DEFAULT 0,
    -- The net of all rows so far: the next file opens with it.
    closing_minor bigint NOT NULL DEFAULT 0,
    -- Every entry of a journal up to this id is in a file.
    looked_until  uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    PRIMARY KEY (biller_id, currency)
) WITH (fillfactor = 80);

-- One sealed file, whatever shape it is read in: append only.
CREATE TABLE feed.file (
    biller_id     text NOT NULL,
    currency      text NOT NULL,
    sequence      bigint NOT NULL CHECK (sequence > 0),
    in_day        date NOT NULL,
    rows          bigint NOT NULL CHECK (rows >= 0),
    -- Of an earlier day than the file's.
    late_rows     bigint NOT NULL CHECK (late_rows BETWEEN 0 AND rows),
    credits_minor bigint NOT NULL CHECK (credits_minor >= 0),
    debits_minor  bigint NOT NULL CHECK (debits_minor >= 0),
    opening_minor bigint NOT NULL,
    closing_minor bigint NOT NULL,
    hash_total    bigint NOT NULL,
    -- SHA-256 over the rows, the same in each shape.
    rows_digest   bytea NOT NULL CHECK (length(rows_digest) = 32),
    sealed_at     timestamptz NOT NULL,
    -- The last day on which the department may acknowledge it in time.
    ack_due_on    date NOT NULL,
    PRIMARY KEY (biller_id, currency, sequence),
    UNIQUE (biller_id, currency, in_day),
    CHECK (opening_minor + credits_minor - debits_minor = closing_minor)
);

-- What the bytes of a file are in each shape: they are written again from the rows and must come out the same.
CREATE TABLE feed.shape (
    biller_id text NOT NULL,
    currency  text NOT NULL,
    sequence  bigint NOT NULL,
    shape     text NOT NULL CHECK (shape IN ('csv', 'camt053', 'camt054', 'mt940')),
    bytes     bigint NOT NULL,
    digest    bytea NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (biller_id, currency, sequence, shape)
);

CREATE TABLE feed.row (
    biller_id      text NOT NULL,
    currency       text NOT NULL,
    sequence       bigint NOT NULL,
    line           integer NOT NULL CHECK (line > 0),
    -- The entry that it says.
    journal_id     uuid NOT NULL,
    journal_line   smallint NOT NULL,
    kind           text NOT NULL,
    payment_id     uuid,
    bill_number    text,
    bill_type      text,
    revenue_line   text NOT NULL,
    rail           text,
    rail_reference text,
    instructed_at  timestamptz NOT NULL,
    -- The day that it belongs to; earlier than the file's day where it came late.
    of_day         date NOT NULL,
    value_date     date NOT NULL,
    direction      text NOT NULL CHECK (direction IN ('credit', 'debit')),
    amount_minor   bigint NOT NULL CHECK (amount_minor > 0),
    -- The payment of which an earlier row is put right.
    corrects       uuid,
    PRIMARY KEY (biller_id, currency, sequence, line)
);
-- Told once, whatever happens.
CREATE UNIQUE INDEX row_once ON feed.row (biller_id, journal_id, journal_line);

-- What departments say of files: append only.
CREATE TABLE feed.acknowledgement (
    biller_id          text NOT NULL,
    acknowledgement_id uuid NOT NULL,
    currency           text NOT NULL,
    sequence           bigint NOT NULL,
    -- `accepted`; `differs`: accepted with another count or sum than ours; `refused`.
    verdict            text NOT NULL CHECK (verdict IN ('accepted', 'differs', 'refused')),
    rows               bigint,
    net_minor          bigint,
    -- Where the department found what it refuses.
    line               integer,
    reason             text,
    caller             text NOT NULL,
    at                 timestamptz NOT NULL,
    PRIMARY KEY (biller_id, acknowledgement_id)
);
CREATE INDEX acknowledgement_of ON feed.acknowledgement (biller_id, currency, sequence);

-- The locks behind the program's own: no file without the one before it, and nothing sealed is ever changed, whoever asks.
CREATE FUNCTION feed.check_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence > 1 AND NOT EXISTS (
        SELECT FROM feed.file f WHERE f.biller_id = NEW.biller_id AND f.currency = NEW.currency
           AND f.sequence = NEW.sequence - 1 AND f.in_day < NEW.in_day AND f.closing_minor = NEW.opening_minor
    ) THEN
        RAISE EXCEPTION 'file % of % does not follow the one before it', NEW.sequence, NEW.biller_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'file_follows';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER file_follows AFTER INSERT ON feed.file FOR EACH ROW EXECUTE FUNCTION feed.check_sequence();

-- A row is written before its file: a file that is there is sealed, and takes no more rows. Asked once a statement.
CREATE FUNCTION feed.check_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT biller_id, currency, sequence FROM added) AS n
                 JOIN feed.file AS f USING (biller_id, currency, sequence)) THEN
        RAISE EXCEPTION 'the file is sealed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'file_sealed';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER file_open AFTER INSERT ON feed.row REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION feed.check_open();

CREATE FUNCTION feed.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: what is sealed is put right by rows of a later file', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'feed_immutable';
END
$$;
CREATE TRIGGER feed_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON epay.business_day
    FOR EACH STATEMENT EXECUTE FUNCTION feed.refuse_change();
CREATE TRIGGER feed_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON feed.file
    FOR EACH STATEMENT EXECUTE FUNCTION feed.refuse_change();
CREATE TRIGGER feed_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON feed.shape
    FOR EACH STATEMENT EXECUTE FUNCTION feed.refuse_change();
CREATE TRIGGER feed_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON feed.row
    FOR EACH STATEMENT EXECUTE FUNCTION feed.refuse_change();
CREATE TRIGGER feed_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON feed.acknowledgement
    FOR EACH STATEMENT EXECUTE FUNCTION feed.refuse_change();

GRANT USAGE ON SCHEMA feed TO epay_service;
GRANT SELECT, INSERT ON epay.business_day, feed.sequence, feed.file, feed.shape, feed.row, feed.acknowledgement
    TO epay_service;
GRANT UPDATE (last_sequence, closing_minor, looked_until) ON feed.sequence TO epay_service;

INSERT INTO epay.approval_limit (role, kind, most_minor) VALUES
    ('controller', 'period_close', NULL),
    ('controller', 'period_reopen', NULL);
