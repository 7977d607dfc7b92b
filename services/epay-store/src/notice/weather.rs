//! Whether the weather keeps people at home, and who said so.

use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::StoreError;
use crate::row::Reading;

/// Somebody's word on the weather of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeatherWord {
    /// The day, in Hong Kong.
    pub day: Date,
    /// Whether it keeps people at home.
    pub severe: bool,
    /// Who said so.
    pub person: String,
    /// When.
    pub at: Timestamp,
}

/// Keeps a word; the last one on a day counts.
///
/// # Errors
/// [`StoreError`].
pub async fn set_weather(
    client: &impl GenericClient,
    word: &WeatherWord,
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached(
            "INSERT INTO epay.severe_weather (day, severe, person, at) VALUES ($1, $2, $3, $4)",
        )
        .await?;
    client
        .execute(
            &statement,
            &[&word.day, &word.severe, &word.person, &word.at],
        )
        .await?;
    Ok(())
}

/// Whether the weather of a day keeps people at home.
///
/// # Errors
/// [`StoreError`].
pub async fn severe_weather(client: &impl GenericClient, day: Date) -> Result<bool, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT severe FROM epay.severe_weather WHERE day = $1 ORDER BY position DESC LIMIT 1",
        )
        .await?;
    let row = client.query_opt(&statement, &[&day]).await?;
    row.map_or(Ok(false), |row| Ok(row.try_get(0)?))
}

/// Every word on a day, oldest first, at most a hundred.
///
/// # Errors
/// [`StoreError`].
pub async fn weather_words(
    client: &impl GenericClient,
    day: Date,
) -> Result<Vec<WeatherWord>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.severe_weather WHERE day = $1 ORDER BY position LIMIT 100",
        )
        .await?;
    let rows = client.query(&statement, &[&day]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "severe_weather",
                row,
            };
            Ok(WeatherWord {
                day: reading.get("day")?,
                severe: reading.get("severe")?,
                person: reading.get("person")?,
                at: reading.get("at")?,
            })
        })
        .collect()
}
