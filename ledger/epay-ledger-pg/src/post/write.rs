//! A batch as one array a column, and the one call that writes it.

use jiff::Timestamp;
use jiff::civil::Date;
use postgres_types::{ToSql, Type};
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::rows::Rows;
use crate::error::LedgerPgError;

/// The function keeps the plans of what it does. The call itself is planned anew each time, which is next to nothing: who
/// joins a caller's transaction cannot know what its connection has prepared.
const POST: &str =
    "SELECT ledger.post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Writes journals, entries and balances.
pub(super) async fn write(tx: &Transaction<'_>, rows: &Rows<'_>) -> Result<(), LedgerPgError> {
    let journals = JournalColumns::of(rows);
    let entries = EntryColumns::of(rows);
    let balances = BalanceColumns::of(rows);
    let parameters: Vec<Parameter<'_>> = journals
        .parameters()
        .into_iter()
        .chain(entries.parameters())
        .chain(balances.parameters())
        .collect();
    tx.execute_typed(POST, &parameters).await?;
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

/// The sums to add, in the order in which their rows are locked.
#[derive(Default)]
struct BalanceColumns {
    book: Vec<i16>,
    account: Vec<i32>,
    debit: Vec<i64>,
    credit: Vec<i64>,
}

impl BalanceColumns {
    fn of(rows: &Rows<'_>) -> Self {
        let mut columns = Self::default();
        for ((book, account), totals) in &rows.changes {
            columns.book.push(*book);
            columns.account.push(*account);
            columns.debit.push(totals.debit);
            columns.credit.push(totals.credit);
        }
        columns
    }

    fn parameters(&self) -> [Parameter<'_>; 4] {
        [
            (&self.book, Type::INT2_ARRAY),
            (&self.account, Type::INT4_ARRAY),
            (&self.debit, Type::INT8_ARRAY),
            (&self.credit, Type::INT8_ARRAY),
        ]
    }
}
