//! Closed days: append only.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::day::ClosedDay;
use epay_money::{BillerId, MessageId, RailId};
use jiff::Timestamp;
use jiff::civil::Date;
use postgres_types::Json;
use tokio_postgres::Row;

use crate::StoreError;
use crate::row::Reading;

fn read(row: &Row) -> Result<ClosedDay, StoreError> {
    let reading = Reading {
        table: "business_day",
        row,
    };
    Ok(ClosedDay {
        biller: reading.biller()?,
        day: reading.get("day")?,
        closed_at: reading.get("closed_at")?,
        closed_by: reading.get("closed_by")?,
        late: reading.get::<Json<Vec<RailId>>>("late")?.0,
        reason: reading.get("reason")?,
    })
}

/// A day, where it is closed.
///
/// # Errors
/// [`StoreError`].
pub async fn closed_day(
    client: &impl GenericClient,
    biller: &BillerId,
    day: Date,
) -> Result<Option<ClosedDay>, StoreError> {
    let select = client
        .prepare_cached("SELECT * FROM epay.business_day WHERE biller_id = $1 AND day = $2")
        .await?;
    let row = client.query_opt(&select, &[&biller.as_str(), &day]).await?;
    row.as_ref().map(read).transpose()
}

/// The last day of a department that is closed.
///
/// # Errors
/// [`StoreError`].
pub async fn last_closed_day(
    client: &impl GenericClient,
    biller: &BillerId,
) -> Result<Option<ClosedDay>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT * FROM epay.business_day WHERE biller_id = $1 ORDER BY day DESC LIMIT 1",
        )
        .await?;
    let row = client.query_opt(&select, &[&biller.as_str()]).await?;
    row.as_ref().map(read).transpose()
}

/// Closes a day.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_closed_day_in(
    tx: &Transaction<'_>,
    closed: &ClosedDay,
) -> Result<(), StoreError> {
    let insert = tx
        .prepare_cached(
            "INSERT INTO epay.business_day (biller_id, day, closed_at, closed_by, late, reason) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &closed.biller.as_str(),
            &closed.day,
            &closed.closed_at,
            &closed.closed_by,
            &Json(&closed.late),
            &closed.reason,
        ],
    )
    .await?;
    Ok(())
}

/// Whether something that a rail sent up to a moment waits to be booked, and whether it told the day whole.
///
/// # Errors
/// [`StoreError`].
pub async fn rail_reported(
    client: &impl GenericClient,
    rail: &RailId,
    (day, cutoff_at): (Date, Timestamp),
) -> Result<(bool, bool), StoreError> {
    let select = client
        .prepare_cached(
            "SELECT EXISTS (SELECT FROM epay.rail_message_pending AS waiting JOIN epay.rail_message AS message \
              USING (message_id) WHERE message.rail = $1 AND message.received_at <= $2) \
             OR EXISTS (SELECT FROM epay.rail_file WHERE rail = $1 AND state IN ('stored', 'whole') AND received_at <= $2), \
             EXISTS (SELECT FROM epay.rail_day WHERE rail = $1 AND day = $3)",
        )
        .await?;
    let row = client
        .query_one(&select, &[&rail.as_str(), &cutoff_at, &day])
        .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Notes that a rail told a business day whole. The first telling stands.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_rail_day_in(
    tx: &Transaction<'_>,
    (rail, day): (&RailId, Date),
    message: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = tx
        .prepare_cached(
            "INSERT INTO epay.rail_day (rail, day, message_id, told_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .await?;
    tx.execute(&insert, &[&rail.as_str(), &day, &message.uuid(), &now])
        .await?;
    Ok(())
}
