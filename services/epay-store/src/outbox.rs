//! The outbox: effects, written with what caused them, performed after the commit.
//!
//! The lines are the record of truth; a batch of them is one row, and the view `epay.outbox` shows them one by one. One job a batch, put into the job queue by SQL in the same transaction,
//! wakes the worker; a batch whose job was lost is found by [`unperformed_batches`].

use std::borrow::Cow;

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::webhook::EventType;
use epay_domain::{Effect, PublicEventKind};
use epay_money::{BillId, BillerId, PaymentId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::StoreError;

/// Name of the task that performs a batch; the job queue carries `{"batch": id}`.
pub const OUTBOX_TASK: &str = "outbox";

/// The word under which a timer lies in the outbox.
const SCHEDULE: &str = "payment.deadline";

/// The word under which an order for a rail lies in the outbox: it wakes whoever sends orders.
pub const SEND_ORDER: &str = "rail.order";

/// A line of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The department.
    pub biller: BillerId,
    /// What happened, or which timer: a stable word.
    pub kind: String,
    /// The bill.
    pub bill: Option<BillId>,
    /// The payment.
    pub payment: Option<PaymentId>,
    /// Minor units that moved.
    pub minor: Option<i64>,
    /// When a timer is due; unset for news.
    pub due_at: Option<Timestamp>,
}

impl OutboxRow {
    /// Whether a department hears of it.
    fn is_told(&self) -> bool {
        let kind = PublicEventKind::read(&self.kind);
        kind.and_then(EventType::of).is_some()
    }

    /// The line of an effect on something of `biller`.
    #[must_use]
    pub fn of(effect: &Effect, biller: &BillerId) -> Self {
        match effect {
            Effect::Schedule { payment, at } => Self {
                biller: biller.clone(),
                kind: SCHEDULE.to_owned(),
                bill: None,
                payment: Some(*payment),
                minor: None,
                due_at: Some(*at),
            },
            Effect::SendOrder { payment } => Self {
                biller: biller.clone(),
                kind: SEND_ORDER.to_owned(),
                bill: None,
                payment: Some(*payment),
                minor: None,
                due_at: None,
            },
            Effect::Notify(event) => Self {
                biller: event.biller.clone(),
                kind: event.kind.as_str().to_owned(),
                bill: Some(event.bill),
                payment: event.payment,
                minor: event.minor,
                due_at: None,
            },
        }
    }
}

/// A line as it lies in the batch's row.
#[derive(Debug, Serialize, Deserialize)]
struct Line<'a> {
    biller: BillerId,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bill: Option<BillId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
}

/// Writes a batch, which is one row, and the job that will perform it.
///
/// # Errors
/// [`StoreError`].
pub async fn put_batch_in(
    tx: &Transaction<'_>,
    batch: Uuid,
    rows: &[OutboxRow],
    now: Timestamp,
) -> Result<(), StoreError> {
    let lines: Vec<Line<'_>> = rows
        .iter()
        .map(|row| Line {
            biller: row.biller.clone(),
            kind: Cow::Borrowed(&row.kind),
            bill: row.bill,
            payment: row.payment,
            minor: row.minor,
            due_at: row.due_at,
        })
        .collect();
    let told = rows.iter().any(OutboxRow::is_told);
    // Whoever writes news has locked what it is of, a bill or a refund, so of each positions follow the commits.
    let statement = tx
        .prepare_cached(
            "WITH head AS (INSERT INTO epay.outbox_batch (batch_id, created_at, lines) VALUES ($1, $2, $3)), \
             relay AS (INSERT INTO epay.relay (batch_id) SELECT $1::uuid WHERE EXISTS (SELECT FROM epay.relay_switch WHERE enabled)), \
             numbers AS (INSERT INTO epay.unnumbered_batch (batch_id) SELECT $1::uuid WHERE $5) \
             SELECT epay.put_job($4::text, json_build_object('batch', $1::uuid))",
        )
        .await?;
    tx.query(
        &statement,
        &[&batch, &now, &Json(lines), &OUTBOX_TASK, &told],
    )
    .await?;
    Ok(())
}

/// A batch of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxBatch {
    /// Its id.
    pub id: Uuid,
    /// When it was written.
    pub at: Timestamp,
    /// Its lines, in their order.
    pub rows: Vec<OutboxRow>,
}

/// A batch with its lines; nothing when there is no such batch.
///
/// # Errors
/// [`StoreError`].
pub async fn batch(
    client: &impl GenericClient,
    id: Uuid,
) -> Result<Option<OutboxBatch>, StoreError> {
    let statement = client
        .prepare_cached("SELECT lines, created_at FROM epay.outbox_batch WHERE batch_id = $1")
        .await?;
    let row = client.query_opt(&statement, &[&id]).await?;
    row.map(|row| read_batch(id, &row)).transpose()
}

/// Reads a row that begins with the lines of a batch and the time at which it was written.
pub(crate) fn read_batch(id: Uuid, row: &tokio_postgres::Row) -> Result<OutboxBatch, StoreError> {
    let Json(lines): Json<Vec<Line<'_>>> = row.try_get(0)?;
    Ok(OutboxBatch {
        id,
        at: row.try_get(1)?,
        rows: lines.into_iter().map(OutboxRow::from).collect(),
    })
}

/// Reads a row that begins with one line of a batch.
pub(crate) fn read_line(row: &tokio_postgres::Row) -> Result<OutboxRow, StoreError> {
    let Json(line): Json<Line<'_>> = row.try_get(0)?;
    Ok(line.into())
}

impl From<Line<'_>> for OutboxRow {
    fn from(line: Line<'_>) -> Self {
        Self {
            biller: line.biller,
            kind: line.kind.into_owned(),
            bill: line.bill,
            payment: line.payment,
            minor: line.minor,
            due_at: line.due_at,
        }
    }
}

/// Notes that a batch was performed.
///
/// # Errors
/// [`StoreError`].
pub async fn mark_performed(
    client: &impl GenericClient,
    batch: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.outbox_batch SET performed_at = $2 WHERE batch_id = $1 AND performed_at IS NULL",
        )
        .await?;
    client.execute(&statement, &[&batch, &now]).await?;
    Ok(())
}

/// Batches older than `before` that nobody has performed, oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn unperformed_batches(
    client: &impl GenericClient,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT batch_id FROM epay.outbox_batch WHERE performed_at IS NULL AND created_at < $1 \
             ORDER BY created_at LIMIT $2",
        )
        .await?;
    let rows = client.query(&statement, &[&before, &limit]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Removes performed batches that are older than this: before an id, which says when it was drawn, and before the moment that
/// they were written, with the numbers of their events. What waits for the relay or the planner of notices stays. At most `limit`, the oldest; answers how many.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_performed_batches(
    client: &impl GenericClient,
    (before_id, before): (Uuid, Timestamp),
    limit: i64,
) -> Result<u64, StoreError> {
    // The primary key is in the order of time, so that the hot table needs no index for this.
    let statement = client
        .prepare_cached(
            "WITH old AS (SELECT batch_id FROM epay.outbox_batch WHERE batch_id < $1 AND created_at < $2 AND performed_at IS NOT NULL \
             AND NOT EXISTS (SELECT FROM epay.relay WHERE relay.batch_id = outbox_batch.batch_id) \
             AND NOT EXISTS (SELECT FROM epay.notice_news AS n WHERE n.batch_id = outbox_batch.batch_id) ORDER BY batch_id LIMIT $3 FOR UPDATE SKIP LOCKED), \
             numbers AS (DELETE FROM epay.event_number AS n USING old WHERE n.batch_id = old.batch_id), \
             waiting AS (DELETE FROM epay.unnumbered_batch AS w USING old WHERE w.batch_id = old.batch_id) \
             DELETE FROM epay.outbox_batch AS b USING old WHERE b.batch_id = old.batch_id",
        )
        .await?;
    Ok(client
        .execute(&statement, &[&before_id, &before, &limit])
        .await?)
}
