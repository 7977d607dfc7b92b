//! An upload: stored chunk by chunk as it comes, acknowledged whole, then read.
//!
//! Order: the header names the file by its digest; bytes are cut into the store's chunks, and those that are there from a
//! broken-off upload are passed over; the file is acknowledged; it is read in a task of its own, for which the call
//! waits [`READING_WAIT`] so that a file of the usual size is answered as read. If the process ends, the worker goes on.
//! Memory is bounded by one chunk and one message of the stream.

use std::time::Duration;

use epay_engine::{Engine, EngineError, FILE_CHUNK_BYTES, FileState, IngestedFile, RailFile};
use epay_proto::v1;
use epay_proto::v1::upload_statement_request::Part;
use tonic::{Status, Streaming};
use tracing::error;

use crate::convert;
use crate::fault::{self, About};

/// How long an upload waits for its file to be read before it answers that the file is stored.
const READING_WAIT: Duration = Duration::from_secs(10);

pub(super) async fn take(
    engine: &Engine,
    mut stream: Streaming<v1::UploadStatementRequest>,
) -> Result<v1::StatementFile, Status> {
    let header = match stream.message().await?.and_then(|first| first.part) {
        Some(Part::Header(header)) => header,
        Some(Part::Chunk(_)) | None => {
            let words = "the first message of the stream must be the header";
            return Err(fault::invalid_field("header", "FIELD_REQUIRED", words));
        }
    };
    let digest: [u8; 32] = header.sha256.as_slice().try_into().map_err(|_length| {
        fault::invalid_field("header.sha256", "FIELD_MALFORMED", "must be 32 bytes")
    })?;
    if !(1..=epay_engine::FILE_BYTES_MAX).contains(&header.size_bytes) {
        let words = format!("must be from 1 to {}", epay_engine::FILE_BYTES_MAX);
        return Err(fault::invalid_field(
            "header.size_bytes",
            "FIELD_OUT_OF_RANGE",
            &words,
        ));
    }
    let about = About::write("StatementFile", "");
    let failed = |error| fault::engine(error, &about);
    let begun = engine.begin_statement_file(digest, header.size_bytes).await;
    let mut file = begun.map_err(failed)?;
    let known_before = file.state != FileState::Arriving;
    if !known_before {
        store(engine, &file, &mut stream).await?;
        file = engine.file_stored(&file).await.map_err(failed)?;
    }
    let read = read(engine, &file).await.map_err(failed)?;
    Ok(convert::statement_file(&read, known_before))
}

/// Stores what is not stored yet.
async fn store(
    engine: &Engine,
    file: &RailFile,
    stream: &mut Streaming<v1::UploadStatementRequest>,
) -> Result<(), Status> {
    let about = About::write("StatementFile", "");
    let failed = |error| fault::engine(error, &about);
    let done = engine.stored_chunks(file.id).await.map_err(failed)?;
    let (mut place, mut taken) = (0_i32, 0_i64);
    let mut chunk = Vec::with_capacity(FILE_CHUNK_BYTES);
    while let Some(message) = stream.message().await? {
        let Some(Part::Chunk(bytes)) = message.part else {
            let words = "every message after the first must be a chunk";
            return Err(fault::invalid_field("chunk", "FIELD_REQUIRED", words));
        };
        taken = taken.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        if taken > file.size {
            return Err(other_size());
        }
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let room = FILE_CHUNK_BYTES.saturating_sub(chunk.len()).min(rest.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            chunk.extend_from_slice(now);
            rest = later;
            if chunk.len() == FILE_CHUNK_BYTES {
                put(engine, file, &mut place, done, &mut chunk)
                    .await
                    .map_err(failed)?;
            }
        }
    }
    if taken != file.size {
        return Err(other_size());
    }
    if !chunk.is_empty() {
        put(engine, file, &mut place, done, &mut chunk)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

async fn put(
    engine: &Engine,
    file: &RailFile,
    place: &mut i32,
    done: i64,
    chunk: &mut Vec<u8>,
) -> Result<(), EngineError> {
    if i64::from(*place) >= done {
        engine.store_chunk(file.id, *place, chunk).await?;
    }
    *place = place.saturating_add(1);
    chunk.clear();
    Ok(())
}

/// Has the file read; answers with how far it is when the wait is over.
async fn read(engine: &Engine, file: &RailFile) -> Result<IngestedFile, EngineError> {
    let (reader, id) = (engine.clone(), file.id);
    let reading = tokio::spawn(async move { reader.ingest_statements(id, |_file| {}).await });
    match tokio::time::timeout(READING_WAIT, reading).await {
        Ok(Ok(read)) => read,
        Ok(Err(failure)) => {
            error!(?failure, file = %id, "The reading of a file ended early");
            engine.statement_file(id).await
        }
        Err(_still_reading) => engine.statement_file(id).await,
    }
}

fn other_size() -> Status {
    let words = "the bytes sent are not as many as the header says";
    fault::invalid_field("header.size_bytes", "SIZE_DIFFERS", words)
}
