//! Files of this machine, taken in as any other: stored in chunks first, then read.
//!
//! The file is read twice from the disk, once for its digest, so that the same bytes are the same file whatever their
//! name. A broken-off run goes on where it was. Memory is one chunk.

use std::io::SeekFrom;
use std::path::Path;

use epay_money::RailId;
use epay_store::{FileState, RailFile};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::FILE_CHUNK_BYTES;
use crate::{Engine, EngineError};

/// Whose file it is.
#[derive(Debug, Clone, Copy)]
pub enum FileDoor<'a> {
    /// A rail's own.
    Rail(&'a RailId),
    /// Bank statements.
    Statements,
}

/// Why a file of this machine was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum LocalFileError {
    /// It cannot be read here; nothing of it counts, and it may be given again.
    #[error("the file cannot be read")]
    Read(#[from] std::io::Error),
    /// The engine did not take it; it may be given again.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Stores a file of this machine whole. Answers with it as it stands, and whether it was known before.
    ///
    /// # Errors
    /// [`LocalFileError`]: what is stored stays, and the same file goes on there.
    pub async fn store_local_file(
        &self,
        door: FileDoor<'_>,
        path: &Path,
    ) -> Result<(RailFile, bool), LocalFileError> {
        let mut file = File::open(path).await?;
        let (digest, size) = digest_of(&mut file).await?;
        let known = match door {
            FileDoor::Rail(rail) => self.begin_file(rail, digest, size).await?,
            FileDoor::Statements => self.begin_statement_file(digest, size).await?,
        };
        if known.state != FileState::Arriving {
            return Ok((known, true));
        }
        self.store_rest(&known, &mut file).await?;
        Ok((self.file_stored(&known).await?, false))
    }

    /// Stores what is not stored yet, chunk by chunk.
    async fn store_rest(&self, known: &RailFile, file: &mut File) -> Result<(), LocalFileError> {
        let limit = u64::try_from(FILE_CHUNK_BYTES).unwrap_or(u64::MAX);
        let done = self.stored_chunks(known.id).await?;
        let skip = u64::try_from(done).unwrap_or(0).saturating_mul(limit);
        file.seek(SeekFrom::Start(skip)).await?;
        let mut place = i32::try_from(done).unwrap_or(i32::MAX);
        let mut chunk = Vec::with_capacity(FILE_CHUNK_BYTES);
        loop {
            chunk.clear();
            file.take(limit).read_to_end(&mut chunk).await?;
            if chunk.is_empty() {
                return Ok(());
            }
            self.store_chunk(known.id, place, &chunk).await?;
            place = place.saturating_add(1);
        }
    }
}

async fn digest_of(file: &mut File) -> Result<([u8; 32], i64), std::io::Error> {
    let mut digest = Sha256::new();
    let mut size = 0_i64;
    let mut chunk = vec![0; FILE_CHUNK_BYTES];
    loop {
        let read = file.read(&mut chunk).await?;
        if read == 0 {
            break;
        }
        digest.update(chunk.get(..read).unwrap_or_default());
        size = size.saturating_add(i64::try_from(read).unwrap_or(i64::MAX));
    }
    file.rewind().await?;
    Ok((digest.finalize().into(), size))
}
