//! How rails are doing, as each process saw it: one row a rail and process, overwritten on a beat, worthless when old.

use deadpool_postgres::GenericClient;
use epay_domain::routing::health::Observation;
use epay_money::RailId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

/// Writes what a process sees of the rails that it has called.
///
/// # Errors
/// [`StoreError`].
pub async fn put_rail_health(
    client: &impl GenericClient,
    node: Uuid,
    seen: &[(RailId, Observation)],
) -> Result<(), StoreError> {
    columns!(
        seen,
        rails = |one| one.0.as_str(),
        open = |one| one.1.open,
        calls = |one| i32::try_from(one.1.calls).unwrap_or(i32::MAX),
        failures = |one| i32::try_from(one.1.failures).unwrap_or(i32::MAX),
        times = |one| one.1.at,
    );
    let statement = client
        .prepare_cached(
            "INSERT INTO epay.rail_health (rail, node, open, calls, failures, seen_at) \
             SELECT rail, $1, open, calls, failures, seen_at \
             FROM unnest($2::text[], $3::bool[], $4::int4[], $5::int4[], $6::timestamptz[]) \
             AS new (rail, open, calls, failures, seen_at) \
             ON CONFLICT (rail, node) DO UPDATE SET open = excluded.open, calls = excluded.calls, \
             failures = excluded.failures, seen_at = excluded.seen_at",
        )
        .await?;
    client
        .execute(
            &statement,
            &[&node, &rails, &open, &calls, &failures, &times],
        )
        .await?;
    Ok(())
}

/// What other processes saw since `since`.
///
/// # Errors
/// [`StoreError`].
pub async fn rail_health(
    client: &impl GenericClient,
    node: Uuid,
    since: Timestamp,
) -> Result<Vec<(RailId, Observation)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT rail, open, calls, failures, seen_at FROM epay.rail_health \
             WHERE node <> $1 AND seen_at >= $2 ORDER BY rail, node",
        )
        .await?;
    let rows = client.query(&statement, &[&node, &since]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "rail_health",
                row,
            };
            let count = |column| -> Result<u32, StoreError> {
                Ok(u32::try_from(reading.get::<i32>(column)?).unwrap_or(0))
            };
            let seen = Observation {
                open: reading.get("open")?,
                calls: count("calls")?,
                failures: count("failures")?,
                at: reading.get("seen_at")?,
            };
            Ok((reading.rail()?, seen))
        })
        .collect()
}

/// Removes what was seen before `before`, by processes that are gone.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_rail_health(
    client: &impl GenericClient,
    before: Timestamp,
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached("DELETE FROM epay.rail_health WHERE seen_at < $1")
        .await?;
    client.execute(&statement, &[&before]).await?;
    Ok(())
}
