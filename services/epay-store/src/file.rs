//! Files of rails: stored in chunks, and how far each was booked.

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::{MessageId, RailId};
use jiff::Timestamp;

use crate::StoreError;
use crate::row::Reading;

/// Why a file is set apart whose bytes are not those of its digest. Such a file does not stand in the way of the one that was announced.
pub const DIGEST_DIFFERS: &str = "digest_differs";

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Some of its chunks are here.
    Arriving,
    /// All of it is here.
    Stored,
    /// It was read once: it is whole, and its totals agree.
    Whole,
    /// Every row is booked or set apart.
    Booked,
    /// It is set apart whole.
    Refused,
}

impl FileState {
    const ALL: [Self; 5] = [
        Self::Arriving,
        Self::Stored,
        Self::Whole,
        Self::Booked,
        Self::Refused,
    ];

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Stored => "stored",
            Self::Whole => "whole",
            Self::Booked => "booked",
            Self::Refused => "refused",
        }
    }
}

/// A file of a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailFile {
    /// Its id, which is also the message id of its receipts.
    pub id: MessageId,
    /// The rail.
    pub rail: RailId,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// How many bytes it has.
    pub size: i64,
    /// The sender's own name of it.
    pub name: Option<String>,
    /// How far it has come.
    pub state: FileState,
    /// Chunks of which every row is booked or set apart.
    pub booked_chunks: i32,
    /// Rows that were booked.
    pub reports: i64,
    /// Rows that were set apart.
    pub unreadable: i64,
    /// Why it was refused: a stable word, and what is wrong.
    pub refusal: Option<(String, String)>,
    /// When it began to arrive.
    pub received_at: Timestamp,
}

const COLUMNS: &str = "file_id, rail, digest, size, name, state, booked_chunks, reports, unreadable, code, detail, received_at";

fn read(row: &tokio_postgres::Row) -> Result<RailFile, StoreError> {
    let reading = Reading {
        table: "rail_file",
        row,
    };
    let unknown = |column| StoreError::Unknown {
        table: "rail_file",
        column,
    };
    let word: &str = reading.get("state")?;
    let state = FileState::ALL
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or_else(|| unknown("state"))?;
    let digest: &[u8] = reading.get("digest")?;
    let code: Option<String> = reading.get("code")?;
    Ok(RailFile {
        id: MessageId::new(reading.get("file_id")?),
        rail: reading.rail()?,
        digest: digest.try_into().ok().ok_or_else(|| unknown("digest"))?,
        size: reading.get("size")?,
        name: reading.get("name")?,
        state,
        booked_chunks: reading.get("booked_chunks")?,
        reports: reading.get("reports")?,
        unreadable: reading.get("unreadable")?,
        refusal: code.zip(reading.get("detail")?),
        received_at: reading.get("received_at")?,
    })
}

/// Notes that a file arrives; the same bytes that arrived before are the same file. Answers with the file as it stands.
///
/// # Errors
/// [`StoreError`].
pub async fn begin_file(
    client: &impl GenericClient,
    id: MessageId,
    rail: &RailId,
    (digest, size): ([u8; 32], i64),
    now: Timestamp,
) -> Result<RailFile, StoreError> {
    let insert = client
        .prepare_cached(
            "INSERT INTO epay.rail_file (file_id, rail, digest, size, state, received_at, touched_at) \
             VALUES ($1, $2, $3, $4, 'arriving', $5, $5) \
             ON CONFLICT (rail, digest) WHERE code IS DISTINCT FROM 'digest_differs' DO NOTHING",
        )
        .await?;
    client
        .execute(
            &insert,
            &[&id.uuid(), &rail.as_str(), &digest.as_slice(), &size, &now],
        )
        .await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM epay.rail_file WHERE rail = $1 AND digest = $2 AND code IS DISTINCT FROM 'digest_differs'"
    );
    let select = client.prepare_cached(&sql).await?;
    let row = client
        .query_one(&select, &[&rail.as_str(), &digest.as_slice()])
        .await?;
    read(&row)
}

/// A file as it stands.
///
/// # Errors
/// [`StoreError`].
pub async fn rail_file(
    client: &impl GenericClient,
    id: MessageId,
) -> Result<Option<RailFile>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM epay.rail_file WHERE file_id = $1");
    let select = client.prepare_cached(&sql).await?;
    let row = client.query_opt(&select, &[&id.uuid()]).await?;
    row.as_ref().map(read).transpose()
}

/// Stores a chunk; one that is there already stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn put_chunk(
    client: &impl GenericClient,
    id: MessageId,
    place: i32,
    body: &[u8],
) -> Result<(), StoreError> {
    let insert = client
        .prepare_cached(
            "INSERT INTO epay.rail_file_chunk (file_id, place, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .await?;
    client
        .execute(&insert, &[&id.uuid(), &place, &body])
        .await?;
    Ok(())
}

/// How many chunks are stored, and how many bytes they have.
///
/// # Errors
/// [`StoreError`].
pub async fn stored_chunks(
    client: &impl GenericClient,
    id: MessageId,
) -> Result<(i64, i64), StoreError> {
    let select = client
        .prepare_cached(
            "SELECT count(*), coalesce(sum(octet_length(body)), 0)::bigint FROM epay.rail_file_chunk WHERE file_id = $1",
        )
        .await?;
    let row = client.query_one(&select, &[&id.uuid()]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// One chunk; nothing after the last.
///
/// # Errors
/// [`StoreError`].
pub async fn chunk(
    client: &impl GenericClient,
    id: MessageId,
    place: i32,
) -> Result<Option<Vec<u8>>, StoreError> {
    let select = client
        .prepare_cached("SELECT body FROM epay.rail_file_chunk WHERE file_id = $1 AND place = $2")
        .await?;
    let row = client.query_opt(&select, &[&id.uuid(), &place]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// A step of a file: its new state, and what is known since.
#[derive(Debug, Clone, Default)]
pub struct FileStep<'a> {
    /// The sender's name.
    pub name: Option<&'a str>,
    /// Chunks that are done by now.
    pub booked_chunks: i32,
    /// Rows booked since the last step.
    pub reports: i64,
    /// Rows set apart since the last step.
    pub unreadable: i64,
    /// Why it is refused.
    pub refusal: Option<(&'a str, &'a str)>,
}

/// Takes a file a step further. `false` when another task took this step before.
///
/// # Errors
/// [`StoreError`]; a name that another file has is a conflict of the database.
pub async fn step_file_in(
    tx: &Transaction<'_>,
    file: &RailFile,
    state: FileState,
    step: FileStep<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE epay.rail_file SET state = $2, name = coalesce($3, name), booked_chunks = greatest(booked_chunks, $4), \
             reports = reports + $5, unreadable = unreadable + $6, code = $7, detail = $8, touched_at = $9 \
             WHERE file_id = $1 AND state = $10 AND booked_chunks = $11",
        )
        .await?;
    let (code, detail) = step.refusal.unzip();
    let changed = tx
        .execute(
            &update,
            &[
                &file.id.uuid(),
                &state.as_str(),
                &step.name,
                &step.booked_chunks,
                &step.reports,
                &step.unreadable,
                &code,
                &detail,
                &now,
                &file.state.as_str(),
                &file.booked_chunks,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Whether another file of the rail has this name.
///
/// # Errors
/// [`StoreError`].
pub async fn name_is_taken(
    client: &impl GenericClient,
    file: &RailFile,
    name: &str,
) -> Result<bool, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT EXISTS (SELECT FROM epay.rail_file WHERE rail = $1 AND name = $2 AND file_id <> $3)",
        )
        .await?;
    let row = client
        .query_one(&select, &[&file.rail.as_str(), &name, &file.id.uuid()])
        .await?;
    Ok(row.try_get(0)?)
}

/// Notes that somebody tried to take a file further: it goes behind those that nobody tried since.
///
/// # Errors
/// [`StoreError`].
pub async fn touch_file(
    client: &impl GenericClient,
    id: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = client
        .prepare_cached("UPDATE epay.rail_file SET touched_at = $2 WHERE file_id = $1")
        .await?;
    client.execute(&update, &[&id.uuid(), &now]).await?;
    Ok(())
}

/// Files that are stored and not done, and that nobody touched since `before`; oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn unfinished_files(
    client: &impl GenericClient,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<RailFile>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM epay.rail_file WHERE state IN ('stored', 'whole') AND touched_at < $1 \
         ORDER BY touched_at LIMIT $2"
    );
    let select = client.prepare_cached(&sql).await?;
    let rows = client.query(&select, &[&before, &limit]).await?;
    rows.iter().map(read).collect()
}
