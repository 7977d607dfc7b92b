-- One call a batch. A batch of one journal cost the server much for being read, planned and checked beside being written: three
-- statements were parsed and planned anew at every posting, because their caller cannot know which connection has prepared them,
-- and the checks ran eight small statements more. A function keeps its plans by itself, once a connection, and each check now asks
-- all it has to ask in one statement. What is refused, when, and by which name, is what it was.

-- Writes a batch: one array a column, first of the journals, then of the entries, then of the sums to add, which the caller has
-- computed and sorted by (book, account). It does nothing that its caller may not do by hand, and the triggers prove what it
-- writes as they prove everybody's.
--
-- Two posters that meet on the same balances must lock them in the same order. With only nested loops over the key's index left
-- to the planner, rows come in the order of the arrays, or in the order of that index, which is the same. One plan serves arrays
-- of every length, so it is made once. Elements are taken by their place, because PL/pgSQL holds the arrays unpacked; unnest would
-- write every column down once more.
--
-- ledger.add_to_balances stays for programs of the version before, which may run beside this one.
CREATE FUNCTION ledger.post(
    journal_posted_at timestamptz[], journal_id uuid[], journal_reverses uuid[], journal_business_date date[], journal_kind text[],
    journal_book smallint[], journal_source text[],
    entry_amount bigint[], entry_journal uuid[], entry_account integer[], entry_book smallint[], entry_line smallint[],
    balance_book smallint[], balance_account integer[], balance_debit bigint[], balance_credit bigint[]
) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    found_count bigint;
BEGIN
    INSERT INTO ledger.journal (posted_at, id, reverses, business_date, kind, book, source)
    SELECT journal_posted_at[n], journal_id[n], journal_reverses[n], journal_business_date[n], journal_kind[n]::ledger.journal_kind,
           journal_book[n], journal_source[n]
      FROM generate_series(1, cardinality(journal_id)) n;
    INSERT INTO ledger.entry (amount, journal_id, account, book, line)
    SELECT entry_amount[n], entry_journal[n], entry_account[n], entry_book[n], entry_line[n]
      FROM generate_series(1, cardinality(entry_amount)) n;
    -- Now instead of at COMMIT, so that a wrong reversal is this call's error.
    IF array_remove(journal_reverses, NULL) <> '{}' THEN
        SET CONSTRAINTS ledger.journal_mirrors IMMEDIATE;
        SET CONSTRAINTS ledger.journal_mirrors DEFERRED;
    END IF;
    UPDATE ledger.balance b
       SET debit = b.debit + balance_debit[n], credit = b.credit + balance_credit[n]
      FROM generate_series(1, cardinality(balance_account)) n
     WHERE b.book = balance_book[n] AND b.account = balance_account[n];
    GET DIAGNOSTICS found_count = ROW_COUNT;
    IF found_count <> cardinality(balance_account) THEN
        RAISE EXCEPTION '% of % balances do not exist', cardinality(balance_account) - found_count, cardinality(balance_account)
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'balance_exists';
    END IF;
END
$$;

-- As before. The lock is taken by an expression, which needs no plan; the next statement sees what was committed until then. That one
-- remembers the journals, and tells whether one of them must be looked at more closely.
CREATE OR REPLACE FUNCTION ledger.remember_journals() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this_transaction bigint := txid_current();
    locked text := pg_advisory_xact_lock_shared(7306371621093503849);
    pretended boolean;
    near_closed boolean;
    refused record;
BEGIN
    INSERT INTO ledger.unproved AS u (posted_in, books, ids)
    SELECT this_transaction, array_agg(n.book), array_agg(n.id)
      FROM (SELECT book, id FROM added ORDER BY book, id) n
    HAVING count(*) > 0
        ON CONFLICT (posted_in) DO UPDATE SET books = u.books || excluded.books, ids = u.ids || excluded.ids
    RETURNING EXISTS (SELECT FROM added n WHERE n.posted_in <> this_transaction),
              EXISTS (
                SELECT FROM ledger.period p
                 WHERE p.state = 'closed' AND p.last_day >= (SELECT min(n.business_date) FROM added n)
              )
      INTO pretended, near_closed;
    IF pretended THEN
        RAISE EXCEPTION 'a journal pretends to come from another transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_in_time';
    END IF;
    IF near_closed THEN
        SELECT n.id, n.business_date INTO refused
          FROM added n
          JOIN ledger.book k ON k.id = n.book
          JOIN ledger.period p ON p.biller_id = k.biller_id AND p.state = 'closed'
           AND n.business_date BETWEEN p.first_day AND p.last_day
         LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'journal % is dated %, in a period that is closed', refused.id, refused.business_date
                USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_in_open_period';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- As before: groups that are whole, exactly the journals that wait, on accounts of their book, need one statement. Whatever is not
-- like that goes the long way, which also finds the name of what is wrong. Rows are looked up one by one, in scalar subqueries, so
-- that no plan that was kept from the day the tables were small reads whole tables.
CREATE OR REPLACE FUNCTION ledger.prove_entries() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this_transaction bigint := txid_current();
    refused record;
BEGIN
    UPDATE ledger.unproved u SET books = '{}', ids = '{}'
      FROM (
        SELECT array_agg(g.book) AS books, array_agg(g.journal_id) AS ids
          FROM (
            SELECT book, journal_id, sum(amount) AS difference, count(*) AS line_count, max(line) AS line_last
              FROM added GROUP BY book, journal_id ORDER BY book, journal_id
          ) g
        HAVING bool_and(g.difference = 0 AND g.line_last = g.line_count AND g.line_count > 1)
      ) whole
     WHERE u.posted_in = this_transaction AND u.ids = whole.ids AND u.books = whole.books
       AND NOT EXISTS (
        SELECT FROM (SELECT DISTINCT book, account FROM added) n
         WHERE (SELECT a.book FROM ledger.account a WHERE a.id = n.account) IS DISTINCT FROM n.book
       );
    IF FOUND THEN
        RETURN NULL;
    END IF;
    -- What a foreign key would say, once an account.
    SELECT n.account INTO refused
      FROM (SELECT DISTINCT book, account FROM added) n
     WHERE (SELECT a.book FROM ledger.account a WHERE a.id = n.account) IS DISTINCT FROM n.book
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account number % is not of its entry''s book', refused.account
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_account';
    END IF;
    SELECT n.journal_id INTO refused
      FROM (SELECT DISTINCT book, journal_id FROM added) n
     WHERE (SELECT j.posted_in FROM ledger.journal j WHERE j.book = n.book AND j.id = n.journal_id)
           IS DISTINCT FROM this_transaction
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % was not written before its entries by this transaction', refused.journal_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_time';
    END IF;
    INSERT INTO ledger.unproved (posted_in, in_pieces) SELECT this_transaction, true WHERE EXISTS (SELECT FROM added)
        ON CONFLICT (posted_in) DO UPDATE SET in_pieces = true;
    RETURN NULL;
END
$$;
