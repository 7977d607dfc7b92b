//! The chunks of a stored file, in order.

use epay_store::RailFile;
use sha2::{Digest as _, Sha256};

use crate::engine::Core;
use crate::error::EngineError;

/// Gives every chunk of the file to `read`, in order; answers with the digest of all. What `read` finds a fault in, it reads no
/// further, but the digest goes on.
pub(crate) async fn each_chunk(
    core: &Core,
    file: &RailFile,
    mut read: impl FnMut(&[u8]) + Send,
) -> Result<[u8; 32], EngineError> {
    let mut digest = Sha256::new();
    let mut place = 0;
    while let Some(chunk) = chunk(core, file, place).await? {
        digest.update(&chunk);
        read(&chunk);
        place = place.saturating_add(1);
    }
    Ok(digest.finalize().into())
}

/// One chunk; nothing after the last.
pub(crate) async fn chunk(
    core: &Core,
    file: &RailFile,
    place: i32,
) -> Result<Option<Vec<u8>>, EngineError> {
    let client = core.pool.get().await?;
    Ok(epay_store::chunk(&client, file.id, place).await?)
}
