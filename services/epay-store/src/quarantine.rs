//! Rows set apart: what could not be read or booked, alone, until two people have it read again.

use std::collections::BTreeMap;

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::{BillerId, MessageId, ProposalId};
use jiff::Timestamp;
use tokio_postgres::Row;

use crate::row::{Reading, columns};
use crate::{PAGE_SIZE_MAX, StoreError};

const TABLE: &str = "quarantine";
const PAGE_SIZE_DEFAULT: i64 = 50;

/// An entry that could not be read or booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineEntry {
    /// The message.
    pub message: MessageId,
    /// Which entry of it; 0 for the whole.
    pub entry: i32,
    /// Where in the message.
    pub path: String,
    /// A stable word.
    pub code: String,
    /// For a person. No personal data.
    pub detail: String,
}

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowSource {
    /// A message of a rail.
    Message,
    /// A file of a rail, or of statements where no statement of it can be read.
    File,
    /// A bank statement.
    Statement,
}

impl RowSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Message, Self::File, Self::Statement];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::File => "file",
            Self::Statement => "statement",
        }
    }
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BadRowState {
    /// It waits for people, or for a mended decoder.
    Waiting,
    /// It was read again, and is where it belongs.
    Redriven,
}

impl BadRowState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Waiting, Self::Redriven];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Redriven => "redriven",
        }
    }
}

/// Which row: of which message, file or statement, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BadRowKey {
    /// The message, file or statement.
    pub message: MessageId,
    /// Its place; 0 for the whole, below zero among the unreadable ones of a rail's message.
    pub entry: i32,
}

/// A row set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Which.
    pub key: BadRowKey,
    /// What it is of.
    pub source: RowSource,
    /// The department, where it is known.
    pub biller: Option<BillerId>,
    /// Where in the message.
    pub path: String,
    /// A stable word.
    pub code: String,
    /// For a person. No personal data.
    pub detail: String,
    /// The row as it came, where rows have bytes of their own. It may hold personal data.
    pub raw: Option<Vec<u8>>,
    /// Where it stands.
    pub state: BadRowState,
    /// How often it was read again.
    pub drives: i32,
    /// The last proposal by which it was read again.
    pub proposal: Option<ProposalId>,
    /// When it last was.
    pub redriven_at: Option<Timestamp>,
    /// When it was set apart, or last found unreadable.
    pub at: Timestamp,
}

/// A row of a statement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementBadRow {
    /// Which: the statement and its line.
    pub key: BadRowKey,
    /// The department.
    pub biller: BillerId,
    /// Where in the file.
    pub path: String,
    /// A stable word.
    pub code: String,
    /// For a person. No personal data.
    pub detail: String,
    /// The row as it came.
    pub raw: Vec<u8>,
}

fn read(row: &Row) -> Result<BadRow, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let source: &str = reading.get("source")?;
    let state: &str = reading.get("state")?;
    let biller = match reading.get::<Option<&str>>("biller_id")? {
        Some(text) => Some(BillerId::new(text).map_err(|_bad| unknown("biller_id"))?),
        None => None,
    };
    Ok(BadRow {
        key: BadRowKey {
            message: MessageId::new(reading.get("message_id")?),
            entry: reading.get("entry")?,
        },
        source: RowSource::ALL
            .into_iter()
            .find(|known| known.as_str() == source)
            .ok_or_else(|| unknown("source"))?,
        biller,
        path: reading.get("path")?,
        code: reading.get("code")?,
        detail: reading.get("detail")?,
        raw: reading.get("raw")?,
        state: BadRowState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        drives: reading.get("drives")?,
        proposal: reading
            .get::<Option<uuid::Uuid>>("proposal_id")?
            .map(ProposalId::new),
        redriven_at: reading.get("redriven_at")?,
        at: reading.get("at")?,
    })
}

/// Sets entries of messages and files apart. The same entry again replaces what was said of it, and waits again.
///
/// # Errors
/// [`StoreError`].
pub async fn quarantine_in(
    tx: &Transaction<'_>,
    entries: &[QuarantineEntry],
    now: Timestamp,
) -> Result<(), StoreError> {
    // Of an entry that is set apart for several of its movements, the last word stands.
    let entries: BTreeMap<(MessageId, i32), &QuarantineEntry> = entries
        .iter()
        .map(|entry| ((entry.message, entry.entry), entry))
        .collect();
    let entries: Vec<&QuarantineEntry> = entries.into_values().collect();
    columns!(
        entries,
        ids = |entry| entry.message.uuid(),
        places = |entry| entry.entry,
        paths = |entry| entry.path.as_str(),
        codes = |entry| entry.code.as_str(),
        details = |entry| entry.detail.as_str(),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.quarantine (message_id, entry, path, code, detail, at, source) \
             SELECT message_id, entry, path, code, detail, $6, CASE WHEN EXISTS \
             (SELECT FROM epay.rail_file WHERE file_id = message_id) THEN 'file' ELSE 'message' END \
             FROM unnest($1::uuid[], $2::int4[], $3::text[], $4::text[], $5::text[]) \
             AS new (message_id, entry, path, code, detail) \
             ON CONFLICT (message_id, entry) DO UPDATE SET path = EXCLUDED.path, code = EXCLUDED.code, \
             detail = EXCLUDED.detail, at = EXCLUDED.at, state = 'waiting'",
        )
        .await?;
    tx.execute(&statement, &[&ids, &places, &paths, &codes, &details, &now])
        .await?;
    Ok(())
}

/// Sets rows of statements apart, with their bytes. One that is there stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn set_statement_rows_apart_in(
    tx: &Transaction<'_>,
    rows: &[StatementBadRow],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        rows,
        ids = |row| row.key.message.uuid(),
        places = |row| row.key.entry,
        billers = |row| row.biller.as_str(),
        paths = |row| row.path.as_str(),
        codes = |row| row.code.as_str(),
        details = |row| row.detail.as_str(),
        raws = |row| row.raw.as_slice(),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.quarantine (message_id, entry, biller_id, path, code, detail, raw, at, source) \
             SELECT *, $8, 'statement' FROM unnest($1::uuid[], $2::int4[], $3::text[], $4::text[], $5::text[], \
             $6::text[], $7::bytea[]) ON CONFLICT (message_id, entry) DO NOTHING",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &ids, &places, &billers, &paths, &codes, &details, &raws, &now,
        ],
    )
    .await?;
    Ok(())
}

/// One row set apart.
///
/// # Errors
/// [`StoreError`].
pub async fn bad_row(
    client: &impl GenericClient,
    key: BadRowKey,
) -> Result<Option<BadRow>, StoreError> {
    let select = client
        .prepare_cached("SELECT * FROM epay.quarantine WHERE message_id = $1 AND entry = $2")
        .await?;
    let row = client
        .query_opt(&select, &[&key.message.uuid(), &key.entry])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Locks a row set apart and reads it: it is read again by one at a time.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_bad_row_in(
    tx: &Transaction<'_>,
    key: BadRowKey,
) -> Result<Option<BadRow>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM epay.quarantine WHERE message_id = $1 AND entry = $2 FOR UPDATE",
        )
        .await?;
    let row = tx
        .query_opt(&select, &[&key.message.uuid(), &key.entry])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Notes that a row was read again: where it stands now, and what is still wrong with it.
///
/// # Errors
/// [`StoreError`].
pub async fn note_drive_in(
    tx: &Transaction<'_>,
    key: BadRowKey,
    state: BadRowState,
    still: Option<(&str, &str)>,
    (proposal, now): (ProposalId, Timestamp),
) -> Result<(), StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE epay.quarantine SET state = $3, code = coalesce($4, code), detail = coalesce($5, detail), \
             drives = drives + 1, proposal_id = $6, redriven_at = $7 WHERE message_id = $1 AND entry = $2",
        )
        .await?;
    let (code, detail) = still.unzip();
    tx.execute(
        &update,
        &[
            &key.message.uuid(),
            &key.entry,
            &state.as_str(),
            &code,
            &detail,
            &proposal.uuid(),
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// Which rows are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BadRowFilter {
    /// Only those of this department.
    pub biller: Option<BillerId>,
    /// Only those of this message, file or statement.
    pub message: Option<MessageId>,
    /// Only those of this kind of source.
    pub source: Option<RowSource>,
    /// Only those that stand so.
    pub state: Option<BadRowState>,
}

/// Rows set apart, newest message first, each in the order of its rows; after a key where one is given. Those of no
/// known department are `treasury`'s.
///
/// # Errors
/// [`StoreError`].
pub async fn bad_rows(
    client: &impl GenericClient,
    (filter, treasury): (&BadRowFilter, &BillerId),
    after: Option<BadRowKey>,
    size: i64,
) -> Result<(Vec<BadRow>, Option<BadRowKey>), StoreError> {
    let shown = if size <= 0 {
        PAGE_SIZE_DEFAULT
    } else {
        size.min(PAGE_SIZE_MAX)
    };
    let select = client
        .prepare_cached(
            "SELECT * FROM epay.quarantine WHERE ($1::text IS NULL OR coalesce(biller_id, $8) = $1) \
             AND ($2::uuid IS NULL OR message_id = $2) AND ($3::text IS NULL OR source = $3) \
             AND ($4::text IS NULL OR state = $4) \
             AND ($5::uuid IS NULL OR message_id < $5 OR (message_id = $5 AND entry > $6)) \
             ORDER BY message_id DESC, entry LIMIT $7",
        )
        .await?;
    let rows = client
        .query(
            &select,
            &[
                &filter.biller.as_ref().map(BillerId::as_str),
                &filter.message.map(MessageId::uuid),
                &filter.source.map(RowSource::as_str),
                &filter.state.map(BadRowState::as_str),
                &after.map(|key| key.message.uuid()),
                &after.map(|key| key.entry),
                &shown.saturating_add(1),
                &treasury.as_str(),
            ],
        )
        .await?;
    let mut rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let shown = usize::try_from(shown).unwrap_or(usize::MAX);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next = if more {
        rows.last().map(|row| row.key)
    } else {
        None
    };
    Ok((rows, next))
}
