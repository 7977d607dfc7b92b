-- Closed periods: months and fiscal years of a department's books into which nothing more is posted.

CREATE TABLE ledger.period (
    biller_id   text NOT NULL,
    first_day   date NOT NULL,
    last_day    date NOT NULL,
    state       text NOT NULL CHECK (state IN ('closed', 'reopened')),
    -- What two people agreed on last; who they were is in the proposal.
    proposal_id uuid NOT NULL,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (biller_id, first_day, last_day),
    CHECK (first_day <= last_day)
);
CREATE INDEX period_closed ON ledger.period (last_day) WHERE state = 'closed';

-- As before, and no journal may lie in a closed period. A poster holds the lock shared until its transaction ends, and
-- whoever closes a period takes it alone: a journal is seen by the close, or the close by the journal. Usually every closed
-- period ends before the earliest journal of the statement, and the check is one look into an index, however many
-- journals there are.
CREATE OR REPLACE FUNCTION ledger.remember_journals() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this_transaction bigint := txid_current();
    new_books smallint[];
    new_ids uuid[];
    pretended boolean;
    earliest date;
    refused record;
BEGIN
    SELECT array_agg(n.book), array_agg(n.id), bool_or(n.posted_in <> this_transaction), min(n.business_date)
      INTO new_books, new_ids, pretended, earliest
      FROM (SELECT book, id, posted_in, business_date FROM added ORDER BY book, id) n;
    IF pretended THEN
        RAISE EXCEPTION 'a journal pretends to come from another transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_in_time';
    END IF;
    IF new_ids IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock_shared(7306371621093503849);
        IF EXISTS (SELECT FROM ledger.period p WHERE p.state = 'closed' AND p.last_day >= earliest) THEN
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
        INSERT INTO ledger.unproved AS u (posted_in, books, ids) VALUES (this_transaction, new_books, new_ids)
            ON CONFLICT (posted_in) DO UPDATE SET books = u.books || excluded.books, ids = u.ids || excluded.ids;
    END IF;
    RETURN NULL;
END
$$;

GRANT SELECT, INSERT ON ledger.period TO epay_service;
GRANT UPDATE (state, proposal_id, changed_at) ON ledger.period TO epay_service;
