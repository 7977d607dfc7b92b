//! The balance update: one row an account, locked in order.

use postgres_types::Type;
use tokio_postgres::Transaction;

use super::rows::Rows;
use crate::error::LedgerPgError;

/// Adds the sums. The function in the database sees to the order of the locks.
const UPDATE: &str = "SELECT ledger.add_to_balances($1, $2, $3, $4)";

pub(super) async fn update(tx: &Transaction<'_>, rows: &Rows<'_>) -> Result<(), LedgerPgError> {
    let count = rows.changes.len();
    let mut books: Vec<i16> = Vec::with_capacity(count);
    let mut accounts: Vec<i32> = Vec::with_capacity(count);
    let mut debits: Vec<i64> = Vec::with_capacity(count);
    let mut credits: Vec<i64> = Vec::with_capacity(count);
    for ((book, account), totals) in &rows.changes {
        books.push(*book);
        accounts.push(*account);
        debits.push(totals.debit);
        credits.push(totals.credit);
    }
    let parameters: [(&(dyn postgres_types::ToSql + Sync), Type); 4] = [
        (&books, Type::INT2_ARRAY),
        (&accounts, Type::INT4_ARRAY),
        (&debits, Type::INT8_ARRAY),
        (&credits, Type::INT8_ARRAY),
    ];
    tx.execute_typed(UPDATE, &parameters).await?;
    Ok(())
}
