//! Journals that are not in the log yet.
//!
//! Every journal carries the number of the transaction that wrote it, and numbers are given in order while commits come in
//! any. So a journal is fresh when it has no leaf, whatever its number; the numbers only say where to look: from the
//! oldest transaction on that was still under way at the last look. A summary of block ranges finds them, so posting pays
//! for no index.

use epay_ledger::log::{LeafFields, LeafLine, LogHash};
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use crate::error::LedgerPgError;

/// Plans that read whole tables are off: statistics of a table that grows at its end are always late.
const PLAN: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
    SET LOCAL enable_mergejoin = off; SET LOCAL jit = off";

const SELECT: &str = "WITH fresh AS MATERIALIZED (
        SELECT j.posted_in, j.book, j.id, j.kind, j.posted_at, j.business_date, j.source, j.reverses
          FROM ledger.journal j
         WHERE j.posted_in >= $1 AND j.posted_in < $2
           AND NOT EXISTS (SELECT FROM ledger.log_leaf l WHERE l.book = j.book AND l.journal_id = j.id)
         ORDER BY j.posted_in, j.book, j.id
         LIMIT $3)
    SELECT f.posted_in, f.book, f.id, k.biller_id, k.currency::text, f.kind::text, f.posted_at, f.business_date,
           f.source, f.reverses, e.accounts, e.amounts
      FROM fresh f
      JOIN ledger.book k ON k.id = f.book
      CROSS JOIN LATERAL (
        SELECT array_agg(coalesce(a.code, '') ORDER BY e.line) AS accounts,
               array_agg(e.amount ORDER BY e.line) AS amounts
          FROM ledger.entry e
          LEFT JOIN ledger.account a ON a.id = e.account
         WHERE e.book = f.book AND e.journal_id = f.id) e
     ORDER BY f.posted_in, f.book, f.id";

/// A journal that gets a leaf.
pub(super) struct Fresh {
    pub(super) posted_in: i64,
    pub(super) book: i16,
    pub(super) id: Uuid,
    pub(super) hash: LogHash,
}

pub(super) async fn prepare(tx: &Transaction<'_>) -> Result<(), LedgerPgError> {
    Ok(tx.batch_execute(PLAN).await?)
}

/// At most `count` of those that transactions `begin` to below `end` wrote, in the order in which they are sealed.
pub(super) async fn fetch(
    tx: &Transaction<'_>,
    begin: i64,
    end: i64,
    count: i64,
) -> Result<Vec<Fresh>, LedgerPgError> {
    let rows = tx.query(SELECT, &[&begin, &end, &count]).await?;
    rows.iter()
        .map(|row| {
            Ok(Fresh {
                posted_in: row.try_get(0)?,
                book: row.try_get(1)?,
                id: row.try_get(2)?,
                hash: fields(row, 3)?.hash(),
            })
        })
        .collect()
}

/// The fields of a leaf from a row: id in the column before `from`, then book, currency, kind, instant, day, source,
/// reversed journal, accounts and amounts.
pub(crate) fn fields(row: &Row, from: usize) -> Result<LeafFields<'_>, tokio_postgres::Error> {
    let at = |place: usize| from.saturating_add(place);
    let accounts: Option<Vec<&str>> = row.try_get(at(7))?;
    let amounts: Option<Vec<i64>> = row.try_get(at(8))?;
    let lines = accounts
        .unwrap_or_default()
        .into_iter()
        .zip(amounts.unwrap_or_default())
        .map(|(account, amount_minor)| LeafLine {
            account,
            amount_minor,
        });
    Ok(LeafFields {
        id: row.try_get(from.saturating_sub(1))?,
        book: row.try_get(from)?,
        currency: row.try_get(at(1))?,
        kind: row.try_get(at(2))?,
        posted_at: row.try_get(at(3))?,
        business_date: row.try_get(at(4))?,
        source: row.try_get(at(5))?,
        reverses: row.try_get(at(6))?,
        lines: lines.collect(),
    })
}
