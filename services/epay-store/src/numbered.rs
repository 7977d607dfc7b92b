//! News in the order in which departments read it: batches that wait for their numbers, and lines that have one.
//!
//! [`put_batch_in`](crate::put_batch_in) notes that a batch waits. Whoever numbers holds a lock, so that numbers have no gaps
//! and a reader that goes on after one misses nothing.

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::BillerId;
use uuid::Uuid;

use crate::StoreError;
use crate::outbox::{OutboxBatch, OutboxRow, read_batch, read_line};
use crate::row::columns;

/// Held by the transaction that numbers; the key is no other lock's.
const NUMBER_LOCK: i64 = 0x6570_6179_0000_0005;

/// Whether a batch waits for its numbers. Cheap: most looks find none.
///
/// # Errors
/// [`StoreError`].
pub async fn batches_wait(client: &impl GenericClient) -> Result<bool, StoreError> {
    let select = client
        .prepare_cached("SELECT EXISTS (SELECT FROM epay.unnumbered_batch)")
        .await?;
    Ok(client.query_one(&select, &[]).await?.try_get(0)?)
}

/// Batches that wait, each with its position, in their order; at most `limit`. Nobody else numbers until the transaction
/// ends.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_unnumbered_in(
    tx: &Transaction<'_>,
    limit: i64,
) -> Result<(Vec<i64>, Vec<OutboxBatch>), StoreError> {
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&NUMBER_LOCK])
        .await?;
    let select = tx
        .prepare_cached(
            "SELECT b.lines, b.created_at, b.batch_id, w.position FROM epay.unnumbered_batch AS w \
             JOIN epay.outbox_batch AS b USING (batch_id) ORDER BY w.position LIMIT $1",
        )
        .await?;
    let rows = tx.query(&select, &[&limit]).await?;
    let mut found = (Vec::new(), Vec::new());
    for row in &rows {
        let id: Uuid = row.try_get(2)?;
        found.0.push(row.try_get(3)?);
        found.1.push(read_batch(id, row)?);
    }
    Ok(found)
}

/// Gives lines the next numbers of their departments, in this order, and notes that the batches at `positions` wait no more.
///
/// # Errors
/// [`StoreError`].
pub async fn number_in(
    tx: &Transaction<'_>,
    lines: &[(&BillerId, Uuid, i32)],
    positions: &[i64],
) -> Result<(), StoreError> {
    columns!(
        lines,
        billers = |(biller, ..)| biller.as_str(),
        batches = |(_, batch, _)| *batch,
        places = |(.., line)| *line,
    );
    let insert = tx
        .prepare_cached(
            "WITH done AS (DELETE FROM epay.unnumbered_batch WHERE position = ANY ($4)), \
             news AS (SELECT * FROM unnest($1::text[], $2::uuid[], $3::integer[]) WITH ORDINALITY AS n (biller, batch, line, place)), \
             many AS (SELECT biller, count(*) AS added FROM news GROUP BY biller), \
             last AS (INSERT INTO epay.event_sequence AS s (biller_id, last_number) SELECT biller, added FROM many \
             ON CONFLICT (biller_id) DO UPDATE SET last_number = s.last_number + EXCLUDED.last_number RETURNING biller_id, last_number) \
             INSERT INTO epay.event_number (biller_id, number, batch_id, line) \
             SELECT biller, last_number - added + row_number() OVER (PARTITION BY biller ORDER BY place), batch, line \
             FROM news JOIN many USING (biller) JOIN last ON biller_id = biller",
        )
        .await?;
    tx.execute(&insert, &[&billers, &batches, &places, &positions])
        .await?;
    Ok(())
}

/// A line of news with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedLine {
    /// Its number among its department's.
    pub number: i64,
    /// The batch that it was written with, with this line alone.
    pub batch: OutboxBatch,
    /// Its place there, from 0.
    pub line: u32,
}

/// The last number of a department; 0 where none was given.
///
/// # Errors
/// [`StoreError`].
pub async fn last_event_number(
    client: &impl GenericClient,
    biller: &BillerId,
) -> Result<i64, StoreError> {
    let select = client
        .prepare_cached("SELECT last_number FROM epay.event_sequence WHERE biller_id = $1")
        .await?;
    let row = client.query_opt(&select, &[&biller.as_str()]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.unwrap_or(0))
}

/// Lines of a department after a number, in their order; at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn numbered_lines(
    client: &impl GenericClient,
    biller: &BillerId,
    (after, limit): (i64, i64),
) -> Result<Vec<NumberedLine>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT b.lines -> n.line, b.created_at, n.batch_id, n.number, n.line FROM epay.event_number AS n \
             JOIN epay.outbox_batch AS b USING (batch_id) WHERE n.biller_id = $1 AND n.number > $2 ORDER BY n.number LIMIT $3",
        )
        .await?;
    let rows = client
        .query(&select, &[&biller.as_str(), &after, &limit])
        .await?;
    let read = |row: &tokio_postgres::Row| {
        let line: i32 = row.try_get(4)?;
        let unknown = StoreError::Unknown {
            table: "event_number",
            column: "line",
        };
        let line_row: OutboxRow = read_line(row)?;
        Ok(NumberedLine {
            number: row.try_get(3)?,
            batch: OutboxBatch {
                id: row.try_get(2)?,
                at: row.try_get(1)?,
                rows: vec![line_row],
            },
            line: u32::try_from(line).map_err(|_negative| unknown)?,
        })
    };
    rows.iter().map(read).collect()
}
