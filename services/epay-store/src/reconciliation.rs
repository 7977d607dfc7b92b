//! Reconciliation: what is to be looked at in a book, and what was found of it. One file a table.
//!
//! Whoever reconciles a book holds its row in `recon.book` to the end of the transaction, so there is one at a time.
//! Lock order: the book, its breaks, then ledger balances.

mod batch;
mod case;
mod department;
mod expectation;
mod matched;
mod settle;
mod summary;

pub use batch::{
    SettlementBatch, SettlementItem, batches_of_in, insert_settlement_batches_in,
    insert_settlement_items_in, settlement_items_in,
};
pub use case::{
    CaseFilter, case, cases, insert_cases_in, lock_case_in, lock_open_cases_in, update_cases_in,
};
pub use department::{
    DepartmentSaid, FileToJudge, Remittance, feed_closings_in, files_to_judge_in, remittances_in,
    standing_cases_in,
};
pub use expectation::{
    Expectation, end_claim_in, end_expectations_in, insert_expectations_in, meet_expectations_in,
    open_expectations_in, reopen_expectations_in, stand_for_expectations_in,
};
pub use matched::{MatchFilter, MatchPart, insert_matches_in, matches};
pub use settle::{ReferenceKey, ToSettle, known_entries_in, met_keys_in, new_receipts_in};
pub use summary::{BankBalance, SummaryRow, bank_balances, summary};

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::reconciliation::Level;
use epay_money::{BillerId, MessageId, RailId, StatementId};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::StoreError;
use crate::row::columns;

/// How far a book has been reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookRun {
    /// Its receipts have been looked at up to then. While one waits for a rail that is not configured, it stays there.
    pub receipts_until: Option<Timestamp>,
    /// When it was looked at last.
    pub ran_at: Option<Timestamp>,
}

/// Takes a book for the rest of the transaction; answers how far it has been reconciled.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_book_in(tx: &Transaction<'_>, biller: &BillerId) -> Result<BookRun, StoreError> {
    let insert = tx
        .prepare_cached("INSERT INTO recon.book (biller_id) VALUES ($1) ON CONFLICT DO NOTHING")
        .await?;
    tx.execute(&insert, &[&biller.as_str()]).await?;
    let select = tx
        .prepare_cached(
            "SELECT receipts_until, ran_at FROM recon.book WHERE biller_id = $1 FOR UPDATE",
        )
        .await?;
    let row = tx.query_one(&select, &[&biller.as_str()]).await?;
    Ok(BookRun {
        receipts_until: row.try_get(0)?,
        ran_at: row.try_get(1)?,
    })
}

/// Notes that a book was reconciled, with its receipts up to a moment.
///
/// # Errors
/// [`StoreError`].
pub async fn note_run_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    receipts_until: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE recon.book SET receipts_until = greatest(receipts_until, $2), ran_at = $3 WHERE biller_id = $1",
        )
        .await?;
    tx.execute(&update, &[&biller.as_str(), &receipts_until, &now])
        .await?;
    Ok(())
}

/// Books with a statement, a settlement report or an acknowledgement that nobody has looked at, and those of `known` that were
/// not looked at since `since`.
///
/// # Errors
/// [`StoreError`].
pub async fn books_due(
    client: &impl GenericClient,
    known: &[BillerId],
    since: Timestamp,
) -> Result<Vec<BillerId>, StoreError> {
    columns!(known, names = |biller| biller.as_str());
    let select = client
        .prepare_cached(
            "SELECT biller_id FROM recon.statement AS source WHERE kind = 'statement' AND state IN ('complete', 'accepted') \
             AND NOT EXISTS (SELECT FROM recon.reconciled AS done WHERE done.biller_id = source.biller_id \
             AND done.source_id = source.statement_id AND done.entries = source.entries) \
             UNION SELECT biller_id FROM recon.settlement_batch AS source \
             WHERE NOT EXISTS (SELECT FROM recon.reconciled AS done WHERE done.biller_id = source.biller_id \
             AND done.source_id = source.message_id AND done.entries >= 0) \
             UNION SELECT biller_id FROM recon.book AS book WHERE EXISTS (SELECT FROM feed.acknowledgement AS said \
             WHERE said.biller_id = book.biller_id AND said.at > book.ran_at) \
             UNION SELECT known FROM unnest($2::text[]) AS known WHERE NOT EXISTS (SELECT FROM recon.book AS book \
             WHERE book.biller_id = known AND book.ran_at >= $1) ORDER BY biller_id",
        )
        .await?;
    let rows = client.query(&select, &[&since, &names]).await?;
    rows.iter()
        .map(|row| {
            BillerId::new(row.try_get(0)?).map_err(|_bad| StoreError::Unknown {
                table: "recon.book",
                column: "biller_id",
            })
        })
        .collect()
}

/// A statement to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewStatement {
    /// Its id.
    pub id: StatementId,
    /// Entries that it has.
    pub entries: i64,
    /// It was looked at before, and has more entries now.
    pub again: bool,
}

/// Statements of a book that are to be looked at, the oldest day first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn new_statements_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    limit: i64,
) -> Result<Vec<NewStatement>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT source.statement_id, source.entries, done.source_id IS NOT NULL FROM recon.statement AS source \
             LEFT JOIN recon.reconciled AS done ON done.biller_id = source.biller_id \
             AND done.source_id = source.statement_id \
             WHERE source.biller_id = $1 AND source.kind = 'statement' AND source.state IN ('complete', 'accepted') \
             AND done.entries IS DISTINCT FROM source.entries ORDER BY source.to_date, source.statement_id LIMIT $2",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str(), &limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(NewStatement {
                id: StatementId::new(row.try_get(0)?),
                entries: row.try_get(1)?,
                again: row.try_get(2)?,
            })
        })
        .collect()
}

/// The lines of a statement or report that are matched or in a break.
///
/// # Errors
/// [`StoreError`].
pub async fn looked_at_lines_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    source: Uuid,
) -> Result<Vec<i32>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT line FROM recon.match WHERE biller_id = $1 AND source_id = $2 AND line IS NOT NULL \
             UNION SELECT (item ->> 'line')::integer FROM recon.break, jsonb_array_elements(observed) AS item \
             WHERE biller_id = $1 AND observed @> jsonb_build_array(jsonb_build_object('id', $2::uuid)) \
             AND (item ->> 'id')::uuid = $2",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str(), &source]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// A settlement report to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReport {
    /// Its message.
    pub id: Uuid,
    /// It was looked at before, and has more rows now.
    pub again: bool,
}

/// Settlement reports of a book that are to be looked at.
///
/// # Errors
/// [`StoreError`].
pub async fn new_reports_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
) -> Result<Vec<NewReport>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT DISTINCT source.message_id, done.source_id IS NOT NULL FROM recon.settlement_batch AS source \
             LEFT JOIN recon.reconciled AS done ON done.biller_id = source.biller_id AND done.source_id = source.message_id \
             WHERE source.biller_id = $1 AND coalesce(done.entries, -1) < 0 ORDER BY source.message_id",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str()]).await?;
    rows.iter()
        .map(|row| {
            Ok(NewReport {
                id: row.try_get(0)?,
                again: row.try_get(1)?,
            })
        })
        .collect()
}

/// Notes that a settlement report has a row more than when it was looked at.
///
/// # Errors
/// [`StoreError`].
pub async fn look_again_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    report: MessageId,
) -> Result<(), StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE recon.reconciled SET entries = -1 WHERE biller_id = $1 AND source_id = $2",
        )
        .await?;
    tx.execute(&update, &[&biller.as_str(), &report.uuid()])
        .await?;
    Ok(())
}

/// Notes that every line of these statements and reports is matched or in a break; each with the entries that it has.
///
/// # Errors
/// [`StoreError`].
pub async fn note_reconciled_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    sources: &[(Uuid, i64)],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        sources,
        ids = |(id, _)| id,
        entries = |(_, entries)| entries,
    );
    let insert = tx
        .prepare_cached(
            "INSERT INTO recon.reconciled (biller_id, source_id, entries, at) \
             SELECT $1, *, $4 FROM unnest($2::uuid[], $3::int8[]) \
             ON CONFLICT (biller_id, source_id) DO UPDATE SET entries = EXCLUDED.entries, at = EXCLUDED.at",
        )
        .await?;
    tx.execute(&insert, &[&biller.as_str(), &ids, &entries, &now])
        .await?;
    Ok(())
}

/// Up to which day an account was seen: at the bank's level by its statements, at the rail's by the settlement reports of
/// a rail.
pub type CoveredUntil = (Level, Option<RailId>, String, Date);

/// Up to which day each account of a book was seen.
///
/// # Errors
/// [`StoreError`].
pub async fn covered_until_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
) -> Result<Vec<CoveredUntil>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT 'L2', NULL, account, max(to_date) FROM recon.statement WHERE biller_id = $1 \
             AND kind = 'statement' AND state IN ('complete', 'accepted') GROUP BY account \
             UNION ALL SELECT 'L1', rail, rail_account, max(value_date) FROM recon.settlement_batch \
             WHERE biller_id = $1 GROUP BY rail, rail_account",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str()]).await?;
    let unknown = |column| StoreError::Unknown {
        table: "recon.settlement_batch",
        column,
    };
    rows.iter()
        .map(|row| {
            let rail: Option<&str> = row.try_get(1)?;
            Ok((
                Level::from_word(row.try_get(0)?).ok_or_else(|| unknown("level"))?,
                rail.map(RailId::new)
                    .transpose()
                    .map_err(|_bad| unknown("rail"))?,
                row.try_get(2)?,
                row.try_get(3)?,
            ))
        })
        .collect()
}
