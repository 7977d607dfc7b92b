-- The ledger: books, accounts, journals, entries and running balances.
--
-- What is written a million times a day (journal, entry) is narrow and fixed-width, widest columns first so that
-- nothing is padded; it has the book in its key, because a biller's book is the unit the ledger can be spread by.
-- The database only checks: no trigger computes money. Three locks stand behind the program's own checks:
--   1. the service role cannot change or delete a journal, and triggers refuse it to everybody else;
--   2. an entry can only be written in the transaction that wrote its journal, on an account of its book and currency;
--   3. at COMMIT every new journal must balance.
-- None of the locks is a foreign key: those are asked row by row, and cost more than everything above together.

CREATE SCHEMA ledger;

-- A group role: services log in as members of it. Roles belong to the whole cluster, so another database's
-- migration may make it in the same moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'epay_service') THEN
        CREATE ROLE epay_service NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END
$$;

-- A book is one biller's own set of accounts. Two bytes, because the number is in every row of the ledger.
CREATE TABLE ledger.book (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    biller_id text NOT NULL UNIQUE CHECK (biller_id ~ '^[a-z][a-z0-9-]{0,31}$')
);

-- The same code in two currencies is two accounts, so that a sum never mixes them.
CREATE TABLE ledger.account (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    book smallint NOT NULL REFERENCES ledger.book,
    currency text NOT NULL CHECK (currency IN ('HKD', 'CNY')),
    code text NOT NULL CHECK (code ~ '^[0-9]{4}(\.[a-z0-9-]+)*$' AND length(code) <= 70),
    UNIQUE (book, code, currency)
);

-- Which recipe made a journal. Four bytes a row, and still readable; values are added, never renamed.
CREATE TYPE ledger.journal_kind AS ENUM (
    'receipt', 'fee_accrual', 'sweep', 'remittance', 'fee_invoice', 'suspense_match', 'credit_forward',
    'refund_approved', 'refund_sent', 'refund_debited', 'refund_rejected', 'reversal'
);

CREATE TABLE ledger.journal (
    -- When the decision was made, by the program's clock.
    posted_at timestamptz NOT NULL,
    -- The transaction that wrote it: an entry must come from the same one. Means something in this cluster only.
    posted_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- UUID of version 7, so that the key's index grows at its end.
    id uuid NOT NULL,
    -- The journal of the same book that this one undoes.
    reverses uuid,
    -- The day whose feed it belongs to.
    business_date date NOT NULL,
    kind ledger.journal_kind NOT NULL,
    book smallint NOT NULL,
    -- Of every entry: a journal never mixes two.
    currency text NOT NULL CHECK (currency IN ('HKD', 'CNY')),
    -- What caused it, for instance a receipt's id.
    source text NOT NULL CHECK (source <> '' AND length(source) <= 64),
    PRIMARY KEY (book, id),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);

-- A journal is reversed at most once. Partial: ordinary journals pay nothing for it.
CREATE UNIQUE INDEX journal_reversed_once ON ledger.journal (book, reverses) WHERE reverses IS NOT NULL;
-- "Which journals came of this receipt": asked for every payment that is shown.
CREATE INDEX journal_source ON ledger.journal (source);
-- Time ranges and "as of". Rows arrive in order of time, so a block range summary serves and costs nearly nothing.
CREATE INDEX journal_posted_at ON ledger.journal USING brin (posted_at) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE ledger.entry (
    -- Minor units; a debit is above zero and a credit below, so that a balanced journal sums to zero.
    amount bigint NOT NULL CHECK (amount <> 0),
    journal_id uuid NOT NULL,
    account integer NOT NULL,
    book smallint NOT NULL,
    -- 1, 2, 3 ... within the journal.
    line smallint NOT NULL CHECK (line > 0),
    PRIMARY KEY (book, journal_id, line)
);

-- An account's history, newest first, because version 7 ids sort by time.
CREATE INDEX entry_account ON ledger.entry (account, journal_id);

-- Running sums of everything ever posted to each side. Half of every page stays free, and no index covers the
-- sums, so that an update is heap-only and finds room beside the old row.
CREATE TABLE ledger.balance (
    debit bigint NOT NULL DEFAULT 0 CHECK (debit >= 0),
    credit bigint NOT NULL DEFAULT 0 CHECK (credit >= 0),
    account integer NOT NULL REFERENCES ledger.account,
    book smallint NOT NULL,
    PRIMARY KEY (book, account)
) WITH (fillfactor = 50);

-- Adds to many balances, one row an account, and says how many rows it found. Two posters that meet on the same rows must
-- lock them in the same order. With only nested loops over the key's index left to the planner, rows come in the order of
-- the arrays, which the caller sorts by (book, account), or in the order of that index, which is the same.
CREATE FUNCTION ledger.add_to_balances(books smallint[], accounts integer[], debits bigint[], credits bigint[])
    RETURNS bigint LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    found_count bigint;
BEGIN
    UPDATE ledger.balance b
       SET debit = b.debit + d.debit, credit = b.credit + d.credit
      FROM unnest(books, accounts, debits, credits) AS d(book, account, debit, credit)
     WHERE b.book = d.book AND b.account = d.account;
    GET DIAGNOSTICS found_count = ROW_COUNT;
    RETURN found_count;
END
$$;

-- Lock 3: a journal balances, in lines 1, 2, 3 ... without a gap. One probe of the key's index a journal.
CREATE FUNCTION ledger.check_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid;
    difference bigint;
    line_count bigint;
    line_last smallint;
BEGIN
    IF TG_TABLE_NAME = 'journal' THEN
        checked := NEW.id;
    ELSE
        checked := NEW.journal_id;
    END IF;
    SELECT sum(e.amount), count(*), max(e.line)
      INTO difference, line_count, line_last
      FROM ledger.entry e
     WHERE e.book = NEW.book AND e.journal_id = checked;
    IF line_count < 2 OR difference <> 0 OR line_last <> line_count THEN
        RAISE EXCEPTION 'journal % is not balanced: % entries up to line %, debits less credits are %',
            checked, line_count, coalesce(line_last, 0), coalesce(difference, 0)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_balances';
    END IF;
    RETURN NULL;
END
$$;

-- Once a journal, at COMMIT, or earlier when the writer asks by SET CONSTRAINTS.
CREATE CONSTRAINT TRIGGER journal_balances
    AFTER INSERT ON ledger.journal
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger.check_journal();

-- An entry may still be added after its journal was checked early. A journal that passed has lines 1 and 2, so only
-- a line from 3 on can come later: those are checked again, and ordinary journals pay nothing.
CREATE CONSTRAINT TRIGGER entry_balances
    AFTER INSERT ON ledger.entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.line > 2) EXECUTE FUNCTION ledger.check_journal();

-- A reversal is the exact mirror of a journal of its own book.
CREATE FUNCTION ledger.check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger.journal j WHERE j.book = NEW.book AND j.id = NEW.reverses)
       OR EXISTS (
        SELECT FROM (
            SELECT e.line, e.account, e.amount FROM ledger.entry e
             WHERE e.book = NEW.book AND e.journal_id = NEW.id
        ) mirror
        FULL JOIN (
            SELECT e.line, e.account, -e.amount AS amount FROM ledger.entry e
             WHERE e.book = NEW.book AND e.journal_id = NEW.reverses
        ) original USING (line)
        WHERE (mirror.account, mirror.amount) IS DISTINCT FROM (original.account, original.amount)
    ) THEN
        RAISE EXCEPTION 'journal % is not the mirror of journal %', NEW.id, NEW.reverses
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_mirrors';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER journal_mirrors
    AFTER INSERT ON ledger.journal
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION ledger.check_reversal();

-- Lock 2, and what foreign keys would say: an entry's journal was written before it by the same transaction, and its account
-- is of the journal's book and currency. Once a statement, not once a row: what was added is looked at as a set. Hash and merge
-- joins are off here, because a plan that was kept from the day the tables were small would read whole tables.
CREATE FUNCTION ledger.check_entries() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    refused record;
BEGIN
    SELECT n.journal_id, n.line, coalesce(j.posted_in = pg_current_xact_id(), false) AS in_time
      INTO refused
      FROM added n
      LEFT JOIN ledger.journal j ON j.book = n.book AND j.id = n.journal_id
      LEFT JOIN ledger.account a ON a.id = n.account
     WHERE j.posted_in IS DISTINCT FROM pg_current_xact_id()
        OR a.book IS DISTINCT FROM n.book
        OR a.currency IS DISTINCT FROM j.currency
     LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF refused.in_time THEN
        RAISE EXCEPTION 'line % of journal % is on an account of no or another book or currency', refused.line, refused.journal_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_account';
    END IF;
    RAISE EXCEPTION 'journal % was not written before its entries by this transaction', refused.journal_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_time';
END
$$;

CREATE TRIGGER entry_in_time
    AFTER INSERT ON ledger.entry
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_entries();

-- Lock 1, for whoever is not the service role: the owner, an administrator, a repair script.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on ledger.% is refused: journals are never changed, post a reversal', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'journal_immutable';
END
$$;

CREATE TRIGGER journal_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.journal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER entry_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT USAGE ON SCHEMA ledger TO epay_service;
GRANT SELECT, INSERT ON ledger.book, ledger.account, ledger.journal, ledger.entry, ledger.balance TO epay_service;
-- The sums, and nothing else of a balance.
GRANT UPDATE (debit, credit) ON ledger.balance TO epay_service;
