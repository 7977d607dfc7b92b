//! The outbox as a queue: batches that wait to be performed, those that could not be, and deadlines.

use deadpool_postgres::{GenericClient, Transaction};
use jiff::Timestamp;
use uuid::Uuid;

use super::{OutboxBatch, read_batch};
use crate::StoreError;

/// How long a batch that could not be performed waits at first; twice as long after each further try.
const FAILURE_PAUSE_SECONDS: i64 = 1;
/// The longest that it waits.
const FAILURE_PAUSE_SECONDS_MAX: i64 = 600;
/// Characters of a reason that are kept.
const REASON_CHARACTERS_MAX: usize = 500;

/// Takes batches that nobody has performed and nobody else performs now: the oldest, at most `limit`, in their order. They are performed
/// when the transaction commits; where it does not, they are taken again.
///
/// # Errors
/// [`StoreError`].
pub async fn take_batches_in(
    tx: &Transaction<'_>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<OutboxBatch>, StoreError> {
    let statement = tx
        .prepare_cached(
            "UPDATE epay.outbox_batch SET performed_at = $1 WHERE batch_id = ANY (ARRAY( \
             SELECT b.batch_id FROM epay.outbox_batch AS b WHERE b.performed_at IS NULL \
             AND NOT EXISTS (SELECT FROM epay.outbox_failure AS f WHERE f.batch_id = b.batch_id AND f.next_at > $1) \
             ORDER BY b.created_at LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING lines, created_at, batch_id",
        )
        .await?;
    let rows = tx.query(&statement, &[&now, &limit]).await?;
    let mut batches = rows
        .iter()
        .map(|row| read_batch(row.try_get(2)?, row))
        .collect::<Result<Vec<OutboxBatch>, StoreError>>()?;
    batches.sort_by_key(|batch| (batch.at, batch.id));
    Ok(batches)
}

/// Takes one batch, if nobody has performed it yet.
///
/// # Errors
/// [`StoreError`].
pub async fn take_batch_in(
    tx: &Transaction<'_>,
    batch: Uuid,
    now: Timestamp,
) -> Result<Option<OutboxBatch>, StoreError> {
    let statement = tx
        .prepare_cached(
            "UPDATE epay.outbox_batch SET performed_at = $2 WHERE batch_id = $1 AND performed_at IS NULL RETURNING lines, created_at",
        )
        .await?;
    let row = tx.query_opt(&statement, &[&batch, &now]).await?;
    row.map(|row| read_batch(batch, &row)).transpose()
}

/// Notes that a batch could not be performed, and why. It is taken again later, and later each time.
///
/// # Errors
/// [`StoreError`].
pub async fn note_failure(
    client: &impl GenericClient,
    batch: Uuid,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let reason: String = reason.chars().take(REASON_CHARACTERS_MAX).collect();
    let statement = client
        .prepare_cached(
            "INSERT INTO epay.outbox_failure AS f (batch_id, tries, next_at, reason) \
             VALUES ($1, 1, $3::timestamptz + $4::bigint * interval '1 second', $2) \
             ON CONFLICT (batch_id) DO UPDATE SET tries = f.tries + 1, reason = EXCLUDED.reason, \
             next_at = $3::timestamptz + least($4::bigint << least(f.tries, 30), $5::bigint) * interval '1 second'",
        )
        .await?;
    let (first, longest) = (FAILURE_PAUSE_SECONDS, FAILURE_PAUSE_SECONDS_MAX);
    client
        .execute(&statement, &[&batch, &reason, &now, &first, &longest])
        .await?;
    Ok(())
}

/// Batches whose payments have run out of time, the earliest first, at most `limit`. Nobody else gets them before `until`.
///
/// # Errors
/// [`StoreError`].
pub async fn take_deadlines(
    client: &impl GenericClient,
    (now, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Uuid>, StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.deadline SET due_at = $2 WHERE batch_id = ANY (ARRAY( \
             SELECT batch_id FROM epay.deadline WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)) \
             RETURNING batch_id",
        )
        .await?;
    let rows = client.query(&statement, &[&now, &until, &limit]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Notes that the payments of this batch were told that their time has run out.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_deadline(client: &impl GenericClient, batch: Uuid) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached("DELETE FROM epay.deadline WHERE batch_id = $1")
        .await?;
    client.execute(&statement, &[&batch]).await?;
    Ok(())
}
