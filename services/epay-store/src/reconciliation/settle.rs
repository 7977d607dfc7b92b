//! What other tables hold that must be settled: receipts, entries of statements by their names.

use deadpool_postgres::Transaction;
use epay_domain::reconciliation::Level;
use epay_domain::statement::StatementEntry;
use epay_money::{BillerId, JournalId, Money, RailId, ReceiptId};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};
use crate::statement::entry;

/// A receipt whose money must reach the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToSettle {
    /// The receipt.
    pub id: ReceiptId,
    /// The rail that brought it.
    pub rail: RailId,
    /// The account on the rail.
    pub rail_account: String,
    /// The rail's reference.
    pub rail_reference: String,
    /// Our reference, where it belongs to a payment.
    pub reference: Option<String>,
    /// The number of its bill.
    pub bill_number: Option<String>,
    /// How much.
    pub amount: Money,
    /// The day whose feed carries it.
    pub receipt_business_date: Date,
    /// The day from which the bank counts it.
    pub value_date: Date,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// What booked it.
    pub journal: JournalId,
}

/// Receipts recorded from `from` up to `until` that were not looked at: neither matched nor expected.
///
/// # Errors
/// [`StoreError`].
pub async fn new_receipts_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    from: Option<Timestamp>,
    until: Timestamp,
) -> Result<Vec<ToSettle>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT r.receipt_id, r.rail, r.rail_account, r.rail_reference, p.reference, b.number, r.currency, \
             r.amount_minor, r.receipt_business_date, r.value_date, r.created_at, r.journal_id \
             FROM epay.receipt AS r \
             LEFT JOIN epay.payment AS p ON p.biller_id = r.biller_id AND p.payment_id = r.payment_id \
             LEFT JOIN epay.bill AS b ON b.biller_id = r.biller_id AND b.bill_id = r.bill_id \
             WHERE r.biller_id = $1 AND ($2::timestamptz IS NULL OR r.created_at >= $2) AND r.created_at <= $3 \
             AND NOT EXISTS (SELECT FROM recon.match AS m WHERE m.biller_id = r.biller_id AND m.expected_id = r.receipt_id) \
             AND NOT EXISTS (SELECT FROM recon.expectation AS e WHERE e.biller_id = r.biller_id AND e.item_id = r.receipt_id)",
        )
        .await?;
    let biller = biller.as_str();
    let parameters: [&(dyn ToSql + Sync); 3] = [&biller, &from, &until];
    // As a stream: a large department's day is a million rows, and the driver's copy of them would be larger than ours.
    let rows = tx.query_raw(&select, parameters).await?;
    rows.map_err(StoreError::from)
        .and_then(async |row| read_receipt(&row))
        .try_collect()
        .await
}

fn read_receipt(row: &Row) -> Result<ToSettle, StoreError> {
    let reading = Reading {
        table: "receipt",
        row,
    };
    Ok(ToSettle {
        id: ReceiptId::new(reading.get("receipt_id")?),
        rail: reading.rail()?,
        rail_account: reading.get("rail_account")?,
        rail_reference: reading.get("rail_reference")?,
        reference: reading.get("reference")?,
        bill_number: reading.get("number")?,
        amount: reading.money("amount_minor")?,
        receipt_business_date: reading.get("receipt_business_date")?,
        value_date: reading.get("value_date")?,
        created_at: reading.get("created_at")?,
        journal: JournalId::new(reading.get("journal_id")?),
    })
}

/// A reference on an account: of the bank, or of a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceKey {
    /// The rail whose reports name the account; unset for an account of the bank.
    pub rail: Option<RailId>,
    /// The account.
    pub account: String,
    /// The reference.
    pub reference: String,
}

/// Which of these references were matched before at a level: each with the receipt that was.
///
/// # Errors
/// [`StoreError`].
pub async fn met_keys_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    level: Level,
    keys: &[ReferenceKey],
) -> Result<Vec<(ReferenceKey, ReceiptId)>, StoreError> {
    columns!(
        keys,
        rails = |key| key.rail.as_ref().map(RailId::as_str),
        accounts = |key| key.account.as_str(),
        references = |key| key.reference.as_str(),
    );
    let select = tx
        .prepare_cached(
            "SELECT DISTINCT wanted.rail, wanted.account, wanted.reference, r.receipt_id \
             FROM unnest($2::text[], $3::text[], $4::text[]) AS wanted (rail, account, reference) \
             JOIN epay.receipt AS r ON r.biller_id = $1 AND r.rail IN (SELECT DISTINCT rail FROM recon.match \
             WHERE biller_id = $1 AND rail IS NOT NULL) AND (wanted.rail IS NULL OR r.rail = wanted.rail) \
             AND r.rail_account = wanted.account AND r.rail_reference = wanted.reference \
             JOIN recon.match AS m ON m.biller_id = r.biller_id AND m.expected_id = r.receipt_id AND m.level = $5",
        )
        .await?;
    let rows = tx
        .query(
            &select,
            &[
                &biller.as_str(),
                &rails,
                &accounts,
                &references,
                &level.as_str(),
            ],
        )
        .await?;
    rows.iter().map(read_key).collect()
}

fn read_key(row: &Row) -> Result<(ReferenceKey, ReceiptId), StoreError> {
    let reading = Reading {
        table: "receipt",
        row,
    };
    let rail: Option<&str> = reading.get("rail")?;
    let unknown = |_bad| StoreError::Unknown {
        table: "receipt",
        column: "rail",
    };
    let key = ReferenceKey {
        rail: rail.map(RailId::new).transpose().map_err(unknown)?,
        account: reading.get("account")?,
        reference: reading.get("reference")?,
    };
    Ok((key, ReceiptId::new(reading.get("receipt_id")?)))
}

/// Entries of statements by statement and line.
///
/// # Errors
/// [`StoreError`].
pub async fn known_entries_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    lines: &[(Uuid, i32)],
) -> Result<Vec<StatementEntry>, StoreError> {
    columns!(
        lines,
        statements = |(statement, _)| statement,
        places = |(_, line)| line,
    );
    let select = tx
        .prepare_cached(
            "SELECT entry.* FROM unnest($2::uuid[], $3::int4[]) AS wanted (statement_id, line) \
             JOIN recon.statement_entry AS entry ON entry.biller_id = $1 AND entry.statement_id = wanted.statement_id \
             AND entry.line = wanted.line ORDER BY entry.statement_id, entry.line",
        )
        .await?;
    let rows = tx
        .query(&select, &[&biller.as_str(), &statements, &places])
        .await?;
    rows.iter().map(entry::read).collect()
}
