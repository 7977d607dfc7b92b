//! Tables of holidays that were loaded, and who loaded them.

use deadpool_postgres::{GenericClient, Transaction};
use jiff::Timestamp;

use crate::StoreError;
use crate::row::Reading;

/// Most tables that one look reads: one a year is loaded, or two.
const TABLES_MAX: i64 = 100;

/// A table of holidays, as the 1823 service publishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidayTable {
    /// Counts up with every table.
    pub position: i64,
    /// What it says.
    pub content: String,
    /// Who loaded it.
    pub person: String,
    /// When.
    pub at: Timestamp,
}

/// Keeps a table; answers its position. Tables are kept one after the other, so that whoever has read one has seen every one before it.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_holiday_table_in(
    tx: &Transaction<'_>,
    content: &str,
    (person, at): (&str, Timestamp),
) -> Result<i64, StoreError> {
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('holiday_table', 0))";
    tx.execute(lock, &[]).await?;
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.holiday_table (content, person, at) VALUES ($1, $2, $3) RETURNING position",
        )
        .await?;
    let row = tx.query_one(&statement, &[&content, &person, &at]).await?;
    Ok(row.try_get(0)?)
}

/// Tables that were loaded after one, in their order.
///
/// # Errors
/// [`StoreError`].
pub async fn holiday_tables(
    client: &impl GenericClient,
    after: i64,
) -> Result<Vec<HolidayTable>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.holiday_table WHERE position > $1 ORDER BY position LIMIT $2",
        )
        .await?;
    let rows = client.query(&statement, &[&after, &TABLES_MAX]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "holiday_table",
                row,
            };
            Ok(HolidayTable {
                position: reading.get("position")?,
                content: reading.get("content")?,
                person: reading.get("person")?,
                at: reading.get("at")?,
            })
        })
        .collect()
}
