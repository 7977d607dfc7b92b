//! Events of bills and payments: append only, in order within an aggregate.
//!
//! What one command does to one bill or payment is one row, a list of events; the view `epay.event` shows them one by one.

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::BillerId;
use jiff::Timestamp;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// The department.
    pub biller: BillerId,
    /// The bill or payment that it happened to.
    pub aggregate: Uuid,
    /// Counts from 1 within the aggregate.
    pub version: i32,
    /// A stable word; also the field `kind` of the facts.
    pub kind: String,
    /// The facts.
    pub body: serde_json::Value,
    /// When.
    pub at: Timestamp,
}

/// Appends events. Neighbours in the slice that happened to the same bill or payment become one row.
///
/// # Errors
/// [`StoreError`]; a version that exists already means that somebody else changed the aggregate.
pub async fn insert_events_in(
    tx: &Transaction<'_>,
    events: &[StoredEvent],
) -> Result<(), StoreError> {
    let rows: Vec<(&StoredEvent, Json<Vec<&serde_json::Value>>)> = events
        .chunk_by(|one, next| {
            (one.aggregate, &one.biller, one.at) == (next.aggregate, &next.biller, next.at)
        })
        .filter_map(|run| {
            let bodies = run.iter().map(|event| &event.body).collect();
            Some((run.first()?, Json(bodies)))
        })
        .collect();
    columns!(
        rows,
        billers = |(first, _)| first.biller.as_str(),
        aggregates = |(first, _)| first.aggregate,
        versions = |(first, _)| first.version,
        bodies = |(_, bodies)| bodies,
        times = |(first, _)| first.at,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.history (biller_id, aggregate_id, version, events, at) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::int4[], $4::json[], $5::timestamptz[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[&billers, &aggregates, &versions, &bodies, &times],
    )
    .await?;
    Ok(())
}

/// What happened to a bill or a payment, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn events(
    client: &impl GenericClient,
    biller: &BillerId,
    aggregate: Uuid,
) -> Result<Vec<StoredEvent>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.event WHERE biller_id = $1 AND aggregate_id = $2 ORDER BY version",
        )
        .await?;
    let rows = client
        .query(&statement, &[&biller.as_str(), &aggregate])
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "event",
                row,
            };
            Ok(StoredEvent {
                biller: reading.biller()?,
                aggregate: reading.get("aggregate_id")?,
                version: reading.get("version")?,
                kind: reading.get("kind")?,
                body: reading.get("body")?,
                at: reading.get("at")?,
            })
        })
        .collect()
}
