//! What uploads of files have in common: what was announced, and storing bytes chunk by chunk as they come.
//!
//! Bytes are cut into the store's chunks, and those that are there from a broken-off upload are passed over. Memory is
//! bounded by one chunk and one message of the stream.

use std::time::Duration;

use epay_engine::{Engine, EngineError, FILE_BYTES_MAX, FILE_CHUNK_BYTES, RailFile};
use tonic::{Status, Streaming};

use crate::fault::{self, About};

/// How long an upload waits for its file to be read before it answers that the file is stored.
pub(super) const READING_WAIT: Duration = Duration::from_secs(10);

/// A message of an upload.
pub(super) trait Message {
    /// The bytes that it carries; nothing when it is a header, or empty.
    fn chunk(self) -> Option<Vec<u8>>;
}

/// The digest and the size that a header announces.
pub(super) fn announced(sha256: &[u8], size_bytes: i64) -> Result<([u8; 32], i64), Status> {
    let digest: [u8; 32] = sha256.try_into().map_err(|_length| {
        fault::invalid_field("header.sha256", "FIELD_MALFORMED", "must be 32 bytes")
    })?;
    if !(1..=FILE_BYTES_MAX).contains(&size_bytes) {
        let words = format!("must be from 1 to {FILE_BYTES_MAX}");
        return Err(fault::invalid_field(
            "header.size_bytes",
            "FIELD_OUT_OF_RANGE",
            &words,
        ));
    }
    Ok((digest, size_bytes))
}

/// What is said of a stream that begins with something else.
pub(super) fn no_header() -> Status {
    let words = "the first message of the stream must be the header";
    fault::invalid_field("header", "FIELD_REQUIRED", words)
}

/// Stores what is not stored yet, to the end of the stream.
pub(super) async fn store<M: Message>(
    engine: &Engine,
    file: &RailFile,
    stream: &mut Streaming<M>,
    about: &About,
) -> Result<(), Status> {
    let failed = |error| fault::engine(error, about);
    let done = engine.stored_chunks(file.id).await.map_err(failed)?;
    let mut cut = Cut {
        engine,
        file,
        done,
        place: 0,
        chunk: Vec::with_capacity(FILE_CHUNK_BYTES),
    };
    let mut taken = 0_i64;
    while let Some(message) = stream.message().await? {
        let Some(bytes) = message.chunk() else {
            let words = "every message after the first must be a chunk";
            return Err(fault::invalid_field("chunk", "FIELD_REQUIRED", words));
        };
        taken = taken.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        if taken > file.size {
            return Err(other_size());
        }
        cut.take(&bytes).await.map_err(failed)?;
    }
    if taken != file.size {
        return Err(other_size());
    }
    cut.end().await.map_err(failed)
}

/// Bytes on their way into chunks.
struct Cut<'a> {
    engine: &'a Engine,
    file: &'a RailFile,
    /// Chunks that are there from an earlier upload.
    done: i64,
    place: i32,
    chunk: Vec<u8>,
}

impl Cut<'_> {
    async fn take(&mut self, mut rest: &[u8]) -> Result<(), EngineError> {
        while !rest.is_empty() {
            let room = FILE_CHUNK_BYTES.saturating_sub(self.chunk.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.chunk.extend_from_slice(now);
            rest = later;
            if self.chunk.len() == FILE_CHUNK_BYTES {
                self.put().await?;
            }
        }
        Ok(())
    }

    async fn end(mut self) -> Result<(), EngineError> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        self.put().await
    }

    async fn put(&mut self) -> Result<(), EngineError> {
        if i64::from(self.place) >= self.done {
            let store = self
                .engine
                .store_chunk(self.file.id, self.place, &self.chunk);
            store.await?;
        }
        self.place = self.place.saturating_add(1);
        self.chunk.clear();
        Ok(())
    }
}

fn other_size() -> Status {
    let words = "the bytes sent are not as many as the header says";
    fault::invalid_field("header.size_bytes", "SIZE_DIFFERS", words)
}
