-- The ledger: books, accounts, journals, entries and running balances.
--
-- What is written a million times a day (journal, entry) is narrow and fixed-width, widest columns first so that
-- nothing is padded; it has the book in its key, because a biller's book is the unit the ledger can be spread by.
-- The database only checks: no trigger computes money. Three locks stand behind the program's own checks:
--   1. the service role cannot change or delete a journal, and triggers refuse it to everybody else;
--   2. an entry can only be written in the transaction that wrote its journal, on an account of its book;
--   3. at COMMIT every new journal must balance.
-- Locks 2 and 3 look at what a statement added as a set. Foreign keys and triggers that ask row by row would say the same, and
-- cost more than writing the rows.

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

-- Four bytes, compared as a number, and still readable.
CREATE TYPE ledger.currency AS ENUM ('HKD', 'CNY');

-- A book is one biller's own set of accounts in one currency. So an entry that lies in its journal's book is in its journal's
-- currency, nothing else has to carry one, and no sum can mix two. Two bytes, because the number is in every row.
CREATE TABLE ledger.book (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    biller_id text NOT NULL CHECK (biller_id ~ '^[a-z][a-z0-9-]{0,31}$'),
    currency ledger.currency NOT NULL,
    UNIQUE (biller_id, currency)
);

CREATE TABLE ledger.account (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    book smallint NOT NULL REFERENCES ledger.book,
    code text NOT NULL CHECK (code ~ '^[0-9]{4}(\.[a-z0-9-]+)*$' AND length(code) <= 70),
    UNIQUE (book, code)
);

-- Which recipe made a journal. Four bytes a row, and still readable; values are added, never renamed.
CREATE TYPE ledger.journal_kind AS ENUM (
    'receipt', 'fee_accrual', 'sweep', 'remittance', 'fee_invoice', 'suspense_match', 'credit_forward',
    'refund_approved', 'refund_sent', 'refund_debited', 'refund_rejected', 'reversal'
);

CREATE TABLE ledger.journal (
    -- When the decision was made, by the program's clock.
    posted_at timestamptz NOT NULL,
    -- The transaction that wrote it: an entry must come from the same one. Means something in this cluster only. txid_current()
    -- is pg_current_xact_id() as a bigint, which block range indexes know.
    posted_in bigint NOT NULL DEFAULT txid_current(),
    -- UUID of version 7, so that the key's index grows at its end.
    id uuid NOT NULL,
    -- The journal of the same book that this one undoes.
    reverses uuid,
    -- The day whose feed it belongs to.
    business_date date NOT NULL,
    kind ledger.journal_kind NOT NULL,
    book smallint NOT NULL,
    -- What caused it, for instance a receipt's id.
    source text COLLATE "C" NOT NULL CHECK (source <> '' AND length(source) <= 64),
    PRIMARY KEY (book, id),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);

-- A journal is reversed at most once. Partial: ordinary journals pay nothing for it.
CREATE UNIQUE INDEX journal_reversed_once ON ledger.journal (book, reverses) WHERE reverses IS NOT NULL;
-- "Which journals came of this receipt": asked for every payment that is shown.
CREATE INDEX journal_source ON ledger.journal (source);
-- Time ranges, "as of", and the journals of this transaction. Rows arrive in both orders, so summaries of block ranges serve.
CREATE INDEX journal_posted ON ledger.journal USING brin (posted_at, posted_in)
    WITH (pages_per_range = 32, autosummarize = on);

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

-- Adds to many balances, one row an account; one that is not there is refused. Two posters that meet on the same rows must
-- lock them in the same order. With only nested loops over the key's index left to the planner, rows come in the order of
-- the arrays, which the caller sorts by (book, account), or in the order of that index, which is the same.
CREATE FUNCTION ledger.add_to_balances(books smallint[], accounts integer[], debits bigint[], credits bigint[])
    RETURNS void LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    found_count bigint;
BEGIN
    UPDATE ledger.balance b
       SET debit = b.debit + d.debit, credit = b.credit + d.credit
      FROM unnest(books, accounts, debits, credits) AS d(book, account, debit, credit)
     WHERE b.book = d.book AND b.account = d.account;
    GET DIAGNOSTICS found_count = ROW_COUNT;
    IF found_count <> cardinality(accounts) THEN
        RAISE EXCEPTION '% of % balances do not exist', cardinality(accounts) - found_count, cardinality(accounts)
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'balance_exists';
    END IF;
END
$$;

-- Locks 2 and 3 work together. A transaction's new journals are remembered until their entries come. The statement that writes
-- entries proves all of them at once, from the rows it added alone: each group of entries is whole (lines 1 to n, a sum of
-- zero), and the groups are exactly the journals that wait. Line 1 is unique, so a whole group is all that its journal has.
-- At COMMIT, nobody waiting is the end of it. Anything else (a journal without entries, entries written in pieces by hand) is
-- looked up entry by entry, and at COMMIT every journal of the transaction is read again.

-- One row a transaction that writes journals, gone when it ends. Not logged, because it never outlives its transaction. Nobody
-- is granted anything on it: only the trigger functions, which run as the owner, touch it.
CREATE UNLOGGED TABLE ledger.unproved (
    posted_in bigint PRIMARY KEY,
    -- The journals whose entries have not come, by (book, id). Ids of a batch do not compress.
    books smallint[] NOT NULL DEFAULT '{}',
    ids uuid[] NOT NULL DEFAULT '{}',
    -- Some entries did not come with all the entries of their journal, or not with all that waited.
    in_pieces boolean NOT NULL DEFAULT false
);
ALTER TABLE ledger.unproved ALTER COLUMN ids SET STORAGE EXTERNAL;

CREATE FUNCTION ledger.remember_journals() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this_transaction bigint := txid_current();
    new_books smallint[];
    new_ids uuid[];
    pretended boolean;
BEGIN
    SELECT array_agg(n.book), array_agg(n.id), bool_or(n.posted_in <> this_transaction)
      INTO new_books, new_ids, pretended
      FROM (SELECT book, id, posted_in FROM added ORDER BY book, id) n;
    IF pretended THEN
        RAISE EXCEPTION 'a journal pretends to come from another transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_in_time';
    END IF;
    IF new_ids IS NOT NULL THEN
        INSERT INTO ledger.unproved AS u (posted_in, books, ids) VALUES (this_transaction, new_books, new_ids)
            ON CONFLICT (posted_in) DO UPDATE SET books = u.books || excluded.books, ids = u.ids || excluded.ids;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER journal_remembered
    AFTER INSERT ON ledger.journal
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.remember_journals();

-- Hash and merge joins are off, because a plan that was kept from the day the tables were small would read whole tables.
CREATE FUNCTION ledger.prove_entries() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    this_transaction bigint := txid_current();
    added_books smallint[];
    added_ids uuid[];
    whole boolean;
    refused record;
BEGIN
    SELECT array_agg(g.book), array_agg(g.journal_id), bool_and(g.difference = 0 AND g.line_last = g.line_count AND g.line_count > 1)
      INTO added_books, added_ids, whole
      FROM (
        SELECT book, journal_id, sum(amount) AS difference, count(*) AS line_count, max(line) AS line_last
          FROM added GROUP BY book, journal_id ORDER BY book, journal_id
      ) g;
    IF added_ids IS NULL THEN
        RETURN NULL;
    END IF;
    -- What a foreign key would say, once an account.
    SELECT n.account INTO refused
      FROM (SELECT DISTINCT book, account FROM added) n
      LEFT JOIN ledger.account a ON a.id = n.account
     WHERE a.book IS DISTINCT FROM n.book
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account number % is not of its entry''s book', refused.account
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_account';
    END IF;
    IF whole THEN
        UPDATE ledger.unproved u SET books = '{}', ids = '{}'
         WHERE u.posted_in = this_transaction AND u.ids = added_ids AND u.books = added_books;
        IF FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    SELECT n.id INTO refused
      FROM unnest(added_books, added_ids) AS n(book, id)
      LEFT JOIN ledger.journal j ON j.book = n.book AND j.id = n.id
     WHERE j.posted_in IS DISTINCT FROM this_transaction
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % was not written before its entries by this transaction', refused.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_time';
    END IF;
    INSERT INTO ledger.unproved (posted_in, in_pieces) VALUES (this_transaction, true)
        ON CONFLICT (posted_in) DO UPDATE SET in_pieces = true;
    RETURN NULL;
END
$$;

CREATE TRIGGER entry_proved
    AFTER INSERT ON ledger.entry
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.prove_entries();

-- Once a transaction, at COMMIT (or earlier and then again, for who asks by SET CONSTRAINTS and goes on writing).
CREATE FUNCTION ledger.check_journals() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    this_transaction bigint := txid_current();
    all_proved boolean;
    refused record;
BEGIN
    DELETE FROM ledger.unproved u WHERE u.posted_in = this_transaction
        RETURNING cardinality(u.ids) = 0 AND NOT u.in_pieces INTO all_proved;
    IF all_proved THEN
        RETURN NULL;
    END IF;
    SELECT j.id, coalesce(sum(e.amount), 0) AS difference, count(e.line) AS line_count, coalesce(max(e.line), 0) AS line_last
      INTO refused
      FROM ledger.journal j
      LEFT JOIN ledger.entry e ON e.book = j.book AND e.journal_id = j.id
     WHERE j.posted_in = this_transaction
     GROUP BY j.book, j.id
    HAVING count(e.line) < 2 OR sum(e.amount) <> 0 OR max(e.line) <> count(e.line)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % is not balanced: % entries up to line %, debits less credits are %',
            refused.id, refused.line_count, refused.line_last, refused.difference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_balances';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER journal_balances
    AFTER INSERT ON ledger.unproved
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger.check_journals();

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
