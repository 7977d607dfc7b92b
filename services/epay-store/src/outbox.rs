//! The outbox: effects, written with what caused them, performed after the commit.
//!
//! The rows are the record of truth. One job a batch, put into the job queue by SQL in the same transaction,
//! wakes the worker; a batch whose job was lost is found by [`unperformed_batches`].

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::Effect;
use epay_money::{BillId, BillerId, PaymentId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

/// Name of the task that performs a batch; the job queue carries `{"batch": id}`.
pub const OUTBOX_TASK: &str = "outbox";

/// The word under which a timer lies in the outbox.
const SCHEDULE: &str = "payment.deadline";

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

/// Writes a batch and the job that will perform it.
///
/// # Errors
/// [`StoreError`].
pub async fn put_batch_in(
    tx: &Transaction<'_>,
    batch: Uuid,
    rows: &[OutboxRow],
    now: Timestamp,
) -> Result<(), StoreError> {
    let lines: Vec<i32> = (0..).take(rows.len()).collect();
    columns!(
        rows,
        billers = |row| row.biller.as_str(),
        kinds = |row| row.kind.as_str(),
        bills = |row| row.bill.map(BillId::uuid),
        payments = |row| row.payment.map(PaymentId::uuid),
        minors = |row| row.minor,
        dues = |row| row.due_at,
    );
    let statement = tx
        .prepare_cached(
            "WITH head AS (INSERT INTO epay.outbox_batch (batch_id, created_at) VALUES ($1, $2)), \
             body AS (INSERT INTO epay.outbox (batch_id, line, biller_id, kind, bill_id, payment_id, minor, due_at) \
             SELECT $1, * FROM unnest($3::int4[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::int8[], \
             $9::timestamptz[])) \
             SELECT epay.put_job($10::text, json_build_object('batch', $1::uuid))",
        )
        .await?;
    tx.query(
        &statement,
        &[
            &batch,
            &now,
            &lines,
            &billers,
            &kinds,
            &bills,
            &payments,
            &minors,
            &dues,
            &OUTBOX_TASK,
        ],
    )
    .await?;
    Ok(())
}

/// The lines of a batch, in their order.
///
/// # Errors
/// [`StoreError`].
pub async fn batch_rows(
    client: &impl GenericClient,
    batch: Uuid,
) -> Result<Vec<OutboxRow>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.outbox WHERE batch_id = $1 ORDER BY line")
        .await?;
    let rows = client.query(&statement, &[&batch]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "outbox",
                row,
            };
            Ok(OutboxRow {
                biller: reading.biller()?,
                kind: reading.get("kind")?,
                bill: reading.get::<Option<Uuid>>("bill_id")?.map(BillId::new),
                payment: reading
                    .get::<Option<Uuid>>("payment_id")?
                    .map(PaymentId::new),
                minor: reading.get("minor")?,
                due_at: reading.get("due_at")?,
            })
        })
        .collect()
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
