//! What rails announce: batches that they pay over, and the rows of their settlement reports. Append only.

use deadpool_postgres::Transaction;
use epay_money::{BillerId, Currency, JournalId, MessageId, RailId, SettlementBatchId};
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

/// One payment of a rail for many collections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementBatch {
    /// Its id.
    pub id: SettlementBatchId,
    /// The book.
    pub biller: BillerId,
    /// The rail.
    pub rail: RailId,
    /// The payee's account on the rail.
    pub rail_account: String,
    /// The rail's name for it.
    pub reference: String,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What was collected, in minor units.
    pub gross_minor: i64,
    /// What the rail keeps.
    pub fee_minor: i64,
    /// What reaches the bank; nothing of a report whose sum a later one carries.
    pub net_minor: i64,
    /// How many collections it is for.
    pub items: i32,
    /// The day from which the bank counts it.
    pub value_date: Date,
    /// The report.
    pub message: MessageId,
}

/// One row of a settlement report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementItem {
    /// The book.
    pub biller: BillerId,
    /// The report.
    pub message: MessageId,
    /// Which row, from 1.
    pub line: i32,
    /// The rail.
    pub rail: RailId,
    /// The payee's account on the rail.
    pub rail_account: String,
    /// The rail's reference of the movement.
    pub rail_reference: String,
    /// Our reference.
    pub reference: Option<String>,
    /// What the rail says happened.
    pub finding: String,
    /// The currency.
    pub currency: Currency,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// What the rail keeps of it, where it says so.
    pub fee_minor: Option<i64>,
    /// The day it was recorded.
    pub day: Date,
    /// What booked it, of a dispute: read with it, never written.
    pub journal: Option<JournalId>,
}

/// Writes batches. One that is known under its rail, account and name stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_settlement_batches_in(
    tx: &Transaction<'_>,
    batches: &[SettlementBatch],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        batches,
        billers = |batch| batch.biller.as_str(),
        ids = |batch| batch.id.uuid(),
        rails = |batch| batch.rail.as_str(),
        accounts = |batch| batch.rail_account.as_str(),
        references = |batch| batch.reference.as_str(),
        currencies = |batch| batch.currency.code(),
        gross = |batch| batch.gross_minor,
        fees = |batch| batch.fee_minor,
        nets = |batch| batch.net_minor,
        items = |batch| batch.items,
        days = |batch| batch.value_date,
        messages = |batch| batch.message.uuid(),
    );
    let insert = tx
        .prepare_cached(
            "INSERT INTO recon.settlement_batch (biller_id, batch_id, rail, rail_account, reference, currency, gross_minor, \
             fee_minor, net_minor, items, value_date, message_id, created_at) \
             SELECT *, $13 FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int8[], \
             $8::int8[], $9::int8[], $10::int4[], $11::date[], $12::uuid[]) \
             ON CONFLICT (biller_id, rail, rail_account, reference) DO NOTHING",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &billers,
            &ids,
            &rails,
            &accounts,
            &references,
            &currencies,
            &gross,
            &fees,
            &nets,
            &items,
            &days,
            &messages,
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// Writes rows of reports; a row that is there stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_settlement_items_in(
    tx: &Transaction<'_>,
    items: &[SettlementItem],
) -> Result<(), StoreError> {
    columns!(
        items,
        billers = |item| item.biller.as_str(),
        messages = |item| item.message.uuid(),
        lines = |item| item.line,
        rails = |item| item.rail.as_str(),
        accounts = |item| item.rail_account.as_str(),
        rail_references = |item| item.rail_reference.as_str(),
        references = |item| item.reference.as_deref(),
        findings = |item| item.finding.as_str(),
        currencies = |item| item.currency.code(),
        minors = |item| item.amount_minor,
        fees = |item| item.fee_minor,
        days = |item| item.day,
    );
    let insert = tx
        .prepare_cached(
            "INSERT INTO recon.settlement_item (biller_id, message_id, line, rail, rail_account, rail_reference, reference, \
             finding, currency, amount_minor, fee_minor, day) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::int4[], $4::text[], $5::text[], $6::text[], $7::text[], \
             $8::text[], $9::text[], $10::int8[], $11::int8[], $12::date[]) ON CONFLICT DO NOTHING",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &billers,
            &messages,
            &lines,
            &rails,
            &accounts,
            &rail_references,
            &references,
            &findings,
            &currencies,
            &minors,
            &fees,
            &days,
        ],
    )
    .await?;
    Ok(())
}

/// The batches that reports announce, but for those that were matched or are expected already, and those that pay nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn batches_of_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    messages: &[Uuid],
) -> Result<Vec<SettlementBatch>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM recon.settlement_batch AS b WHERE biller_id = $1 AND message_id = ANY ($2) AND net_minor > 0 \
             AND NOT EXISTS (SELECT FROM recon.match AS m WHERE m.biller_id = b.biller_id AND m.expected_id = b.batch_id) \
             AND NOT EXISTS (SELECT FROM recon.expectation AS e WHERE e.biller_id = b.biller_id AND e.item_id = b.batch_id) \
             ORDER BY batch_id",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str(), &messages]).await?;
    rows.iter().map(read_batch).collect()
}

/// The rows of reports.
///
/// # Errors
/// [`StoreError`].
pub async fn settlement_items_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    messages: &[Uuid],
) -> Result<Vec<SettlementItem>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT i.*, m.journal_id FROM recon.settlement_item AS i LEFT JOIN epay.movement AS m \
             ON m.biller_id = i.biller_id AND m.rail = i.rail AND m.rail_account = i.rail_account \
             AND m.rail_reference = i.rail_reference AND m.kind = i.finding \
             WHERE i.biller_id = $1 AND i.message_id = ANY ($2) ORDER BY i.message_id, i.line",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str(), &messages]).await?;
    rows.iter().map(read_item).collect()
}

fn read_batch(row: &Row) -> Result<SettlementBatch, StoreError> {
    let reading = Reading {
        table: "recon.settlement_batch",
        row,
    };
    Ok(SettlementBatch {
        id: SettlementBatchId::new(reading.get("batch_id")?),
        biller: reading.biller()?,
        rail: reading.rail()?,
        rail_account: reading.get("rail_account")?,
        reference: reading.get("reference")?,
        currency: reading.money("gross_minor")?.currency(),
        gross_minor: reading.get("gross_minor")?,
        fee_minor: reading.get("fee_minor")?,
        net_minor: reading.get("net_minor")?,
        items: reading.get("items")?,
        value_date: reading.get("value_date")?,
        message: MessageId::new(reading.get("message_id")?),
    })
}

fn read_item(row: &Row) -> Result<SettlementItem, StoreError> {
    let reading = Reading {
        table: "recon.settlement_item",
        row,
    };
    Ok(SettlementItem {
        biller: reading.biller()?,
        message: MessageId::new(reading.get("message_id")?),
        line: reading.get("line")?,
        rail: reading.rail()?,
        rail_account: reading.get("rail_account")?,
        rail_reference: reading.get("rail_reference")?,
        reference: reading.get("reference")?,
        finding: reading.get("finding")?,
        currency: reading.money("amount_minor")?.currency(),
        amount_minor: reading.get("amount_minor")?,
        fee_minor: reading.get("fee_minor")?,
        day: reading.get("day")?,
        journal: reading
            .get::<Option<Uuid>>("journal_id")?
            .map(JournalId::new),
    })
}
