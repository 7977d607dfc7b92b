//! Sending again what was told before.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::webhook::{Endpoint, REPLAY_MAX};
use epay_money::{BillerId, WebhookEndpointId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::row::Reading;

/// What is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayRange {
    /// Events from then,
    pub from: Timestamp,
    /// until before then.
    pub to: Timestamp,
    /// Also those that the receiver took.
    pub delivered: bool,
}

/// A replay, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Its id.
    pub id: Uuid,
    /// The receiver.
    pub endpoint: WebhookEndpointId,
    /// What was asked for.
    pub range: ReplayRange,
    /// How many events were queued.
    pub events: i64,
    /// Where the next replay begins, when this one was cut short.
    pub next_at: Option<Timestamp>,
}

/// Queues events again, the oldest first, at most [`REPLAY_MAX`] and those that share the last one's instant; and records
/// it. The receiver must be locked.
///
/// # Errors
/// [`StoreError`].
pub async fn replay_events_in(
    tx: &Transaction<'_>,
    endpoint: &Endpoint,
    (id, range, person): (Uuid, ReplayRange, &str),
    now: Timestamp,
) -> Result<Replay, StoreError> {
    let words: Vec<&str> = endpoint
        .event_types
        .iter()
        .map(|one| one.as_str())
        .collect();
    let statement = tx
        .prepare_cached(
            "WITH wanted AS (SELECT e.event_id, e.at FROM webhook.event AS e LEFT JOIN webhook.delivery AS d \
             ON d.biller_id = e.biller_id AND d.event_id = e.event_id AND d.endpoint_id = $2 \
             WHERE e.biller_id = $1 AND e.at >= $3 AND e.at < $4 AND e.type NOT LIKE 'webhook.%' \
             AND (cardinality($5::text[]) = 0 OR e.type = ANY ($5)) \
             AND (d.state IS NULL OR d.state = 'given_up' OR ($6 AND d.state = 'delivered')) \
             ORDER BY e.at FETCH FIRST $7 ROWS WITH TIES), \
             queued AS (INSERT INTO webhook.delivery AS d (biller_id, endpoint_id, event_id, state, next_at, created_at) \
             SELECT $1, $2, event_id, 'waiting', $8, $8 FROM wanted ON CONFLICT (biller_id, endpoint_id, event_id) \
             DO UPDATE SET state = 'waiting', tries = 0, next_at = $8, ended_at = NULL) \
             SELECT count(*), max(at) FROM wanted",
        )
        .await?;
    let row = tx
        .query_one(
            &statement,
            &[
                &endpoint.biller.as_str(),
                &endpoint.id.uuid(),
                &range.from,
                &range.to,
                &words,
                &range.delivered,
                &REPLAY_MAX,
                &now,
            ],
        )
        .await?;
    let (events, last): (i64, Option<Timestamp>) = (row.try_get(0)?, row.try_get(1)?);
    // The next instant that PostgreSQL can tell apart.
    let after = last
        .filter(|_| events >= REPLAY_MAX)
        .and_then(|last| last.checked_add(jiff::SignedDuration::from_micros(1)).ok());
    let replay = Replay {
        id,
        endpoint: endpoint.id,
        range,
        events,
        next_at: after.filter(|after| *after < range.to),
    };
    record_in(tx, &endpoint.biller, &replay, (person, now)).await?;
    Ok(replay)
}

async fn record_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    replay: &Replay,
    (person, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached(
            "INSERT INTO webhook.replay (biller_id, replay_id, endpoint_id, from_at, to_at, delivered, events, next_at, \
             person, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &biller.as_str(),
            &replay.id,
            &replay.endpoint.uuid(),
            &replay.range.from,
            &replay.range.to,
            &replay.range.delivered,
            &replay.events,
            &replay.next_at,
            &person,
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// A replay that was recorded.
///
/// # Errors
/// [`StoreError`].
pub async fn replay(
    client: &impl GenericClient,
    biller: &BillerId,
    id: Uuid,
) -> Result<Option<Replay>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM webhook.replay WHERE biller_id = $1 AND replay_id = $2")
        .await?;
    let row = client
        .query_opt(&statement, &[&biller.as_str(), &id])
        .await?;
    row.map(|row| {
        let reading = Reading {
            table: "webhook.replay",
            row: &row,
        };
        Ok(Replay {
            id,
            endpoint: WebhookEndpointId::new(reading.get("endpoint_id")?),
            range: ReplayRange {
                from: reading.get("from_at")?,
                to: reading.get("to_at")?,
                delivered: reading.get("delivered")?,
            },
            events: reading.get("events")?,
            next_at: reading.get("next_at")?,
        })
    })
    .transpose()
}
