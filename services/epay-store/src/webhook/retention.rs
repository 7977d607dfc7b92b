//! Removing what departments' systems were told long ago: in pieces, each found by an index, nothing that still waits.

use deadpool_postgres::{GenericClient, Transaction};
use jiff::Timestamp;

use crate::StoreError;

/// From when on events are surely there; held until the transaction ends, so that what it queues is seen by whoever removes.
/// Nothing where none was ever removed.
///
/// # Errors
/// [`StoreError`].
pub async fn events_kept_from_in(tx: &Transaction<'_>) -> Result<Option<Timestamp>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT CASE WHEN isfinite(kept_from) THEN kept_from END FROM webhook.retention FOR SHARE",
        )
        .await?;
    Ok(tx.query_one(&select, &[]).await?.try_get(0)?)
}

/// Says that events from before `kept_from` may be gone, before any is removed. Never goes back.
///
/// # Errors
/// [`StoreError`].
pub async fn keep_events_from(
    client: &impl GenericClient,
    kept_from: Timestamp,
) -> Result<(), StoreError> {
    let update = client
        .prepare_cached("UPDATE webhook.retention SET kept_from = $1 WHERE kept_from < $1")
        .await?;
    client.execute(&update, &[&kept_from]).await?;
    Ok(())
}

/// Removes deliveries that ended before `before`, with their logs; at most `limit`, the first that ended. Answers how many.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_deliveries(
    client: &impl GenericClient,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let old = "SELECT biller_id, endpoint_id, event_id FROM webhook.delivery WHERE ended_at < $1 \
             ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    remove(client, old, (before, limit)).await
}

/// Removes deliveries that wait for receivers that were taken away before `before`, with their logs; at most `limit`. Answers
/// how many.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_undeliverable(
    client: &impl GenericClient,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    // Receivers are few, and what waits for one is found by its index.
    let old = "SELECT d.biller_id, d.endpoint_id, d.event_id FROM webhook.endpoint AS p \
             JOIN webhook.delivery AS d ON d.biller_id = p.biller_id AND d.endpoint_id = p.endpoint_id AND d.state = 'waiting' \
             WHERE p.state = 'deleted' AND p.changed_at < $1 LIMIT $2 FOR UPDATE OF d SKIP LOCKED";
    remove(client, old, (before, limit)).await
}

/// Removes the deliveries that `old` selects, which takes a moment and a limit, with their logs.
async fn remove(
    client: &impl GenericClient,
    old: &str,
    (before, limit): (Timestamp, i64),
) -> Result<u64, StoreError> {
    let sql = format!(
        "WITH old AS ({old}), \
         log AS (DELETE FROM webhook.attempt AS a USING old WHERE a.biller_id = old.biller_id \
         AND a.endpoint_id = old.endpoint_id AND a.event_id = old.event_id) \
         DELETE FROM webhook.delivery AS d USING old WHERE d.biller_id = old.biller_id \
         AND d.endpoint_id = old.endpoint_id AND d.event_id = old.event_id"
    );
    let delete = client.prepare_cached(&sql).await?;
    Ok(client.execute(&delete, &[&before, &limit]).await?)
}

/// Removes events from before `before` that no delivery needs any more; at most `limit`, the oldest. Answers how many.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_events(
    client: &impl GenericClient,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    // A department has few receivers, so their keys lead to a delivery and no index by event is needed. Nobody may change an
    // event, not even lock one, so whoever removes holds the row that says from when on they are kept.
    let delete = client
        .prepare_cached(
            "WITH alone AS MATERIALIZED (SELECT kept_from FROM webhook.retention FOR UPDATE), \
             old AS (SELECT biller_id, event_id FROM webhook.event AS e WHERE at < $1 \
             AND at < (SELECT kept_from FROM alone) AND NOT EXISTS ( \
             SELECT FROM webhook.endpoint AS p JOIN webhook.delivery AS d ON d.biller_id = p.biller_id \
             AND d.endpoint_id = p.endpoint_id AND d.event_id = e.event_id WHERE p.biller_id = e.biller_id) \
             ORDER BY at LIMIT $2) \
             DELETE FROM webhook.event AS e USING old WHERE e.biller_id = old.biller_id AND e.event_id = old.event_id",
        )
        .await?;
    Ok(client.execute(&delete, &[&before, &limit]).await?)
}
