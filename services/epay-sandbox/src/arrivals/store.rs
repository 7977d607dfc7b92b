//! The one table.

use jiff::Timestamp;
use serde::Serialize;

use crate::books::{BooksError, Sql};

/// A message that is handed over.
pub(crate) struct New<'a> {
    pub(crate) channel: &'a str,
    pub(crate) name: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) recipient: &'a str,
    pub(crate) language: &'a str,
    pub(crate) title: &'a str,
    pub(crate) body: &'a str,
    pub(crate) order_sha256: &'a str,
    pub(crate) fate: &'a str,
}

/// How it was found.
pub(crate) struct Kept {
    /// Its number.
    pub(crate) sequence: i64,
    /// It was not here before.
    pub(crate) is_new: bool,
    /// Under its name is what was asked for now.
    pub(crate) is_same: bool,
}

/// A message as lists show it.
#[derive(Debug, Serialize)]
pub(crate) struct Arrived {
    pub(crate) sequence: i64,
    pub(crate) channel: String,
    pub(crate) name: String,
    pub(crate) sender: String,
    pub(crate) recipient: String,
    pub(crate) language: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) fate: String,
    pub(crate) copies: i64,
    pub(crate) arrived_at: Timestamp,
}

/// Keeps a message, or counts one more copy of the one that has its name.
pub(crate) async fn keep(
    client: &impl Sql,
    new: &New<'_>,
    now: Timestamp,
) -> Result<Kept, BooksError> {
    let sql = "INSERT INTO arrivals (channel, name, sender, recipient, language, title, body, order_sha256, fate, arrived_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               ON CONFLICT (channel, name) DO UPDATE SET copies = arrivals.copies + 1
               RETURNING sequence, copies = 1, order_sha256 = $8";
    let row = client
        .query_one(
            sql,
            &[
                &new.channel,
                &new.name,
                &new.sender,
                &new.recipient,
                &new.language,
                &new.title,
                &new.body,
                &new.order_sha256,
                &new.fate,
                &now,
            ],
        )
        .await?;
    Ok(Kept {
        sequence: row.try_get(0)?,
        is_new: row.try_get(1)?,
        is_same: row.try_get(2)?,
    })
}

/// Whether a message has this name, whatever it says.
pub(crate) async fn is_known(
    client: &impl Sql,
    channel: &str,
    name: &str,
) -> Result<bool, BooksError> {
    let sql = "SELECT FROM arrivals WHERE channel = $1 AND name = $2";
    Ok(client.query_opt(sql, &[&channel, &name]).await?.is_some())
}

/// What arrived, newest first.
pub(crate) async fn newest(client: &impl Sql, limit: i64) -> Result<Vec<Arrived>, BooksError> {
    let sql = "SELECT sequence, channel, name, sender, recipient, language, title, body, fate, copies, arrived_at
               FROM arrivals ORDER BY sequence DESC LIMIT $1";
    let rows = client.query(sql, &[&limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Arrived {
                sequence: row.try_get(0)?,
                channel: row.try_get(1)?,
                name: row.try_get(2)?,
                sender: row.try_get(3)?,
                recipient: row.try_get(4)?,
                language: row.try_get(5)?,
                title: row.try_get(6)?,
                body: row.try_get(7)?,
                fate: row.try_get(8)?,
                copies: row.try_get(9)?,
                arrived_at: row.try_get(10)?,
            })
        })
        .collect()
}
