//! The rows of a batch: one array a column, two statements sent at once.

use jiff::Timestamp;
use jiff::civil::Date;
use postgres_types::{ToSql, Type};
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::rows::Rows;
use crate::error::LedgerPgError;

const INSERT_JOURNALS: &str = "INSERT INTO ledger.journal (posted_at, id, reverses, business_date, kind, book, source)
    SELECT posted_at, id, reverses, business_date, kind::ledger.journal_kind, book, source
      FROM unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::date[], $5::text[], $6::smallint[], $7::text[])
        AS j(posted_at, id, reverses, business_date, kind, book, source)";

const INSERT_ENTRIES: &str = "INSERT INTO ledger.entry (amount, journal_id, account, book, line)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::integer[], $4::smallint[], $5::smallint[])";

type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

pub(super) async fn write(tx: &Transaction<'_>, rows: &Rows<'_>) -> Result<(), LedgerPgError> {
    let journals = JournalColumns::of(rows);
    let entries = EntryColumns::of(rows);
    let (journals, entries) = (journals.parameters(), entries.parameters());
    // The journals go first: an entry is refused unless its journal was written before it.
    tokio::try_join!(
        biased;
        tx.execute_typed(INSERT_JOURNALS, &journals),
        tx.execute_typed(INSERT_ENTRIES, &entries),
    )?;
    Ok(())
}

#[derive(Default)]
struct JournalColumns<'a> {
    posted_at: Vec<Timestamp>,
    id: Vec<Uuid>,
    reverses: Vec<Option<Uuid>>,
    business_date: Vec<Date>,
    kind: Vec<&'static str>,
    book: Vec<i16>,
    source: Vec<&'a str>,
}

impl<'a> JournalColumns<'a> {
    fn of(rows: &'a Rows<'_>) -> Self {
        let mut columns = Self::default();
        for row in &rows.journals {
            columns.posted_at.push(row.journal.posted_at());
            columns.id.push(row.journal.id().uuid());
            columns
                .reverses
                .push(row.journal.reverses().map(|id| id.uuid()));
            columns.business_date.push(row.business_date);
            columns.kind.push(row.journal.kind().as_str());
            columns.book.push(row.book);
            columns.source.push(&row.source);
        }
        columns
    }

    fn parameters(&self) -> [Parameter<'_>; 7] {
        [
            (&self.posted_at, Type::TIMESTAMPTZ_ARRAY),
            (&self.id, Type::UUID_ARRAY),
            (&self.reverses, Type::UUID_ARRAY),
            (&self.business_date, Type::DATE_ARRAY),
            (&self.kind, Type::TEXT_ARRAY),
            (&self.book, Type::INT2_ARRAY),
            (&self.source, Type::TEXT_ARRAY),
        ]
    }
}

#[derive(Default)]
struct EntryColumns {
    amount: Vec<i64>,
    journal_id: Vec<Uuid>,
    account: Vec<i32>,
    book: Vec<i16>,
    line: Vec<i16>,
}

impl EntryColumns {
    fn of(rows: &Rows<'_>) -> Self {
        let mut columns = Self::default();
        for row in &rows.entries {
            columns.amount.push(row.amount);
            columns.journal_id.push(row.journal_id);
            columns.account.push(row.account);
            columns.book.push(row.book);
            columns.line.push(row.line);
        }
        columns
    }

    fn parameters(&self) -> [Parameter<'_>; 5] {
        [
            (&self.amount, Type::INT8_ARRAY),
            (&self.journal_id, Type::UUID_ARRAY),
            (&self.account, Type::INT4_ARRAY),
            (&self.book, Type::INT2_ARRAY),
            (&self.line, Type::INT2_ARRAY),
        ]
    }
}
