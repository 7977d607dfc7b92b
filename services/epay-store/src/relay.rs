//! Batches of the outbox that wait for the relay. [`put_batch_in`](crate::put_batch_in) writes their rows, while the switch is on.

use deadpool_postgres::{Client, GenericClient};
use uuid::Uuid;

use crate::StoreError;
use crate::outbox::{OutboxBatch, read_batch};

/// Held by the session that relays; the key is no other lock's.
const RELAY_LOCK: i64 = 0x6570_6179_0000_0004;

/// Has every batch from now on wait for the relay.
///
/// # Errors
/// [`StoreError`].
pub async fn enable_relay(client: &impl GenericClient) -> Result<(), StoreError> {
    client
        .execute(
            "UPDATE epay.relay_switch SET enabled = true WHERE NOT enabled",
            &[],
        )
        .await?;
    Ok(())
}

/// Has no batch wait for the relay any more, and removes what waits; answers how many batches that were.
///
/// # Errors
/// [`StoreError`].
pub async fn disable_relay(client: &mut Client) -> Result<u64, StoreError> {
    let tx = client.transaction().await?;
    tx.execute("UPDATE epay.relay_switch SET enabled = false", &[])
        .await?;
    // Waits for writers that saw the switch on; those that wait for us see it off. After it nobody adds a row.
    tx.batch_execute("LOCK TABLE epay.relay IN SHARE ROW EXCLUSIVE MODE")
        .await?;
    tx.commit().await?;
    Ok(client.execute("DELETE FROM epay.relay", &[]).await?)
}

/// Makes this session the one that relays, until it ends; false while another one is.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_relay(client: &impl GenericClient) -> Result<bool, StoreError> {
    let row = client
        .query_one("SELECT pg_try_advisory_lock($1)", &[&RELAY_LOCK])
        .await?;
    Ok(row.try_get(0)?)
}

/// Batches that wait, each with its position, in their order; at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn relay_batches(
    client: &impl GenericClient,
    limit: i64,
) -> Result<Vec<(i64, OutboxBatch)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT b.lines, b.created_at, b.batch_id, r.position FROM epay.relay AS r \
             JOIN epay.outbox_batch AS b USING (batch_id) ORDER BY r.position LIMIT $1",
        )
        .await?;
    let rows = client.query(&statement, &[&limit]).await?;
    let read = |row: &tokio_postgres::Row| {
        let id: Uuid = row.try_get(2)?;
        Ok((row.try_get(3)?, read_batch(id, row)?))
    };
    rows.iter().map(read).collect()
}

/// Removes batches that the relay has carried.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_relayed(
    client: &impl GenericClient,
    positions: &[i64],
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached("DELETE FROM epay.relay WHERE position = ANY($1)")
        .await?;
    client.execute(&statement, &[&positions]).await?;
    Ok(())
}
