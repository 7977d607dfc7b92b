//! Large batches: binary COPY (PostgreSQL manual, COPY, "Binary Format").
//!
//! The whole table is encoded into one buffer and handed over at once: a chunk a row would cost a hop between tasks
//! each. A batch is bounded, so the buffer is too.

use std::pin::pin;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use postgres_types::{IsNull, ToSql, Type};
use tokio_postgres::Transaction;

use super::rows::{EntryRow, JournalRow, Rows};
use crate::error::LedgerPgError;

const COPY_JOURNALS: &str = "COPY ledger.journal (posted_at, id, reverses, business_date, kind, book, currency, source) FROM STDIN (FORMAT binary)";
const COPY_ENTRIES: &str =
    "COPY ledger.entry (amount, journal_id, account, book, line) FROM STDIN (FORMAT binary)";

/// Signature, flags and the length of an empty header extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What ends the rows.
const TRAILER: i16 = -1;
/// The length that stands for NULL.
const NULL: i32 = -1;

/// Bytes a row takes on the wire, to size the buffer once: field count, then a length and a value a field.
const JOURNAL_BYTES: usize = 160;
const ENTRY_BYTES: usize = 54;

pub(super) async fn write(tx: &Transaction<'_>, rows: &Rows<'_>) -> Result<(), LedgerPgError> {
    // Encoded before the first statement begins, so that the server never waits for the encoder.
    let journals = table(&rows.journals, JOURNAL_BYTES, put_journal)?;
    let entries = table(&rows.entries, ENTRY_BYTES, put_entry)?;
    // The journals go first: an entry is refused unless its journal was written before it.
    copy(tx, COPY_JOURNALS, journals).await?;
    copy(tx, COPY_ENTRIES, entries).await
}

async fn copy(tx: &Transaction<'_>, statement: &str, data: Bytes) -> Result<(), LedgerPgError> {
    let mut sink = pin!(tx.copy_in::<_, Bytes>(statement).await?);
    sink.send(data).await?;
    sink.finish().await?;
    Ok(())
}

fn table<T>(
    rows: &[T],
    row_bytes: usize,
    put: impl Fn(&mut BytesMut, &T) -> Result<(), LedgerPgError>,
) -> Result<Bytes, LedgerPgError> {
    let mut out = BytesMut::with_capacity(rows.len().saturating_mul(row_bytes).saturating_add(64));
    out.put_slice(HEADER);
    for row in rows {
        put(&mut out, row)?;
    }
    out.put_i16(TRAILER);
    Ok(out.freeze())
}

fn put_journal(out: &mut BytesMut, row: &JournalRow<'_>) -> Result<(), LedgerPgError> {
    let journal = row.journal;
    out.put_i16(8);
    put_value(out, &journal.posted_at(), &Type::TIMESTAMPTZ)?;
    put_bytes(out, journal.id().uuid().as_bytes())?;
    match journal.reverses() {
        Some(id) => put_bytes(out, id.uuid().as_bytes())?,
        None => out.put_i32(NULL),
    }
    put_value(out, &journal.business_date(), &Type::DATE)?;
    // An enum travels as its label.
    put_bytes(out, journal.kind().as_str().as_bytes())?;
    put_bytes(out, &row.book.to_be_bytes())?;
    put_bytes(out, journal.currency().code().as_bytes())?;
    put_bytes(out, journal.source().as_bytes())
}

fn put_entry(out: &mut BytesMut, row: &EntryRow) -> Result<(), LedgerPgError> {
    out.put_i16(5);
    put_bytes(out, &row.amount.to_be_bytes())?;
    put_bytes(out, row.journal_id.as_bytes())?;
    put_bytes(out, &row.account.to_be_bytes())?;
    put_bytes(out, &row.book.to_be_bytes())?;
    put_bytes(out, &row.line.to_be_bytes())
}

fn put_bytes(out: &mut BytesMut, bytes: &[u8]) -> Result<(), LedgerPgError> {
    out.put_i32(length(bytes.len())?);
    out.put_slice(bytes);
    Ok(())
}

/// Dates and instants count from 2000 in PostgreSQL: their encoding is the driver's.
fn put_value(out: &mut BytesMut, value: &impl ToSql, kind: &Type) -> Result<(), LedgerPgError> {
    let mut encoded = BytesMut::with_capacity(8);
    match value
        .to_sql(kind, &mut encoded)
        .map_err(LedgerPgError::Encode)?
    {
        IsNull::Yes => out.put_i32(NULL),
        IsNull::No => put_bytes(out, &encoded)?,
    }
    Ok(())
}

fn length(bytes: usize) -> Result<i32, LedgerPgError> {
    i32::try_from(bytes).map_err(|too_long| LedgerPgError::Encode(too_long.into()))
}
