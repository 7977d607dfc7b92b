//! One file, put on a server.
//!
//! 1. What lies there under its name already is read: the same bytes are a success, others end the delivery. Nothing is
//!    ever written over but a `.part`.
//! 2. Signature and digest are put down, each under its temporary name and renamed. Those of an earlier attempt stay.
//! 3. The file itself, last: whoever sees it finds the other two.

use epay_engine::{Engine, EngineError};
use epay_feed::{DeliveryOutcome, Shape};
use epay_sftp::{Session, SftpError};
use epay_store::feed::{DeliveryKey, FeedFile, ShapeSeal};
use sha2::{Digest as _, Sha256};

use super::{FeedDestination, Put, within};
use crate::WorkerError;
use crate::delivery::Sealed;

/// Puts a file down. The outer error is the database's, the inner one the server's.
pub(super) async fn put(
    engine: &Engine,
    session: &Session,
    destination: &FeedDestination,
    key: &DeliveryKey,
) -> Result<Result<Put, SftpError>, WorkerError> {
    let file = engine.reader().feed_file(&key.feed, key.sequence).await?;
    let signer = destination.signer.as_deref();
    let Some(sealed) = Sealed::of(&file, key.shape, signer) else {
        let words = "the file was not sealed in this shape";
        return Ok(Ok(Put::new(DeliveryOutcome::Failed, words)));
    };
    let place = (session, destination.folder.as_str());
    match put_sealed(engine, place, (&file, key.shape), sealed).await {
        Ok(put) => Ok(Ok(put)),
        Err(PutError::Sftp(error)) => Ok(Err(error)),
        // Its own bytes are not what they were at the seal: noted like every failure, so that somebody looks.
        Err(PutError::Engine(error @ EngineError::Broken(_))) => {
            Ok(Ok(Put::new(DeliveryOutcome::Failed, error.to_string())))
        }
        Err(PutError::Engine(error)) => Err(error.into()),
    }
}

#[derive(Debug, thiserror::Error)]
enum PutError {
    #[error(transparent)]
    Sftp(#[from] SftpError),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

async fn put_sealed(
    engine: &Engine,
    (session, folder): (&Session, &str),
    of: (&FeedFile, Shape),
    sealed: Sealed,
) -> Result<Put, PutError> {
    let path = within(folder, &sealed.name);
    if let Some(found) = session.size_bytes(&path).await? {
        return Ok(known(session, &path, found, &sealed.seal).await?);
    }
    for (name, bytes) in &sealed.companions {
        let path = within(folder, name);
        match session.size_bytes(&path).await? {
            None => put_small(session, &path, bytes).await?,
            Some(found) if lies_there(session, &path, found, bytes).await? => {}
            Some(_other) => {
                let words = format!("another file lies there as {name}");
                return Ok(Put::new(DeliveryOutcome::OtherFile, words));
            }
        }
    }
    let part = part_of(&path);
    let mut upload = session.create(&part).await?;
    let (file, shape) = of;
    let mut pieces = engine.feed_bytes(file, shape);
    while let Some(piece) = pieces.recv().await {
        upload.write(&piece?).await?;
    }
    let written = upload.finish().await?;
    if !is_length(&sealed.seal, written) {
        let words = format!("{written} bytes were written of {}", sealed.seal.bytes);
        return Ok(Put::new(DeliveryOutcome::Failed, words));
    }
    session.rename(&part, &path).await?;
    Ok(Put::new(DeliveryOutcome::Delivered, ""))
}

/// What it means that something lies there under the file's name.
async fn known(
    session: &Session,
    path: &str,
    found: u64,
    seal: &ShapeSeal,
) -> Result<Put, SftpError> {
    if !is_length(seal, found) {
        let words = format!(
            "a file of {found} bytes lies there, ours has {}",
            seal.bytes
        );
        return Ok(Put::new(DeliveryOutcome::OtherFile, words));
    }
    let mut digest = Sha256::new();
    session
        .read(path, found, |piece| digest.update(piece))
        .await?;
    let digest: [u8; 32] = digest.finalize().into();
    Ok(if digest == seal.digest {
        Put::new(DeliveryOutcome::AlreadyThere, "")
    } else {
        let words = "a file with other bytes lies there";
        Put::new(DeliveryOutcome::OtherFile, words)
    })
}

async fn lies_there(
    session: &Session,
    path: &str,
    found: u64,
    bytes: &[u8],
) -> Result<bool, SftpError> {
    if usize::try_from(found) != Ok(bytes.len()) {
        return Ok(false);
    }
    let mut read = Vec::with_capacity(bytes.len());
    session
        .read(path, found, |piece| read.extend_from_slice(piece))
        .await?;
    Ok(read == bytes)
}

async fn put_small(session: &Session, path: &str, bytes: &[u8]) -> Result<(), SftpError> {
    let part = part_of(path);
    let mut upload = session.create(&part).await?;
    upload.write(bytes).await?;
    upload.finish().await?;
    session.rename(&part, path).await
}

/// The temporary name: readers of the folder leave such names alone.
fn part_of(path: &str) -> String {
    format!("{path}.part")
}

fn is_length(seal: &ShapeSeal, bytes: u64) -> bool {
    u64::try_from(seal.bytes) == Ok(bytes)
}
