//! The outbox: effects, written with what caused them, performed after the commit.
//!
//! The lines are the record of truth; a batch of them is one row, and the view `epay.outbox` shows them one by one. The rows are a queue, too:
//!
//! 1. [`put_batch_in`] writes a batch with what caused it, and when its payments run out of time.
//! 2. [`take_batches_in`] takes the oldest that nobody has performed, in the transaction that performs them: what they ask
//!    for in the database is then done once.
//! 3. One that cannot be performed is set apart by [`note_failure`] and taken again later, so that it holds up no other.
//! 4. [`take_deadlines`] lends batches whose time has come; [`forget_deadline`] says that their payments were told.

mod queue;

pub use queue::{forget_deadline, note_failure, take_batch_in, take_batches_in, take_deadlines};

use std::borrow::Cow;

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::webhook::EventType;
use epay_domain::{Effect, PublicEventKind};
use epay_money::{BillId, BillerId, PaymentId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::StoreError;

/// The word under which a timer lies in the outbox.
const SCHEDULE: &str = "payment.deadline";

/// Slack after the last deadline of a batch, so that every payment of it is due.
const DEADLINE_SLACK: SignedDuration = SignedDuration::from_millis(100);

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

/// Writes a batch, which is one row, and when its payments run out of time.
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
    let last = rows.iter().filter_map(|row| row.due_at).max();
    let due_at = last.map(|last| last.saturating_add(DEADLINE_SLACK).unwrap_or(last));
    // Whoever writes news has locked what it is of, a bill or a refund, so of each positions follow the commits.
    let statement = tx
        .prepare_cached(
            "WITH relay AS (INSERT INTO epay.relay (batch_id) SELECT $1::uuid WHERE EXISTS (SELECT FROM epay.relay_switch WHERE enabled)), \
             numbers AS (INSERT INTO epay.unnumbered_batch (batch_id) SELECT $1::uuid WHERE $4), \
             timer AS (INSERT INTO epay.deadline (batch_id, due_at) SELECT $1::uuid, $5::timestamptz WHERE $5 IS NOT NULL) \
             INSERT INTO epay.outbox_batch (batch_id, created_at, lines) VALUES ($1, $2, $3)",
        )
        .await?;
    tx.execute(&statement, &[&batch, &now, &Json(lines), &told, &due_at])
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

/// Removes performed batches that are older than this: before an id, which says when it was drawn, and before the moment that
/// they were written, with the numbers of their events. What waits for the relay, the planner of notices or a deadline stays. At most `limit`, the oldest; answers how many.
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
             AND NOT EXISTS (SELECT FROM epay.notice_news AS n WHERE n.batch_id = outbox_batch.batch_id) \
             AND NOT EXISTS (SELECT FROM epay.deadline AS d WHERE d.batch_id = outbox_batch.batch_id) ORDER BY batch_id LIMIT $3 FOR UPDATE SKIP LOCKED), \
             numbers AS (DELETE FROM epay.event_number AS n USING old WHERE n.batch_id = old.batch_id), \
             waiting AS (DELETE FROM epay.unnumbered_batch AS w USING old WHERE w.batch_id = old.batch_id) \
             DELETE FROM epay.outbox_batch AS b USING old WHERE b.batch_id = old.batch_id",
        )
        .await?;
    Ok(client
        .execute(&statement, &[&before_id, &before, &limit])
        .await?)
}
