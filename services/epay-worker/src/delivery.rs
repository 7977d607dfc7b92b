//! Putting files into a folder; [`FeedPusher`](crate::FeedPusher) puts the same three files on a server.
//!
//! For each shape: the file, `{file}.sha256` with its digest as `sha256sum` writes it, and, where there is a key,
//! `{file}.sha256.sig`, an Ed25519 signature over the bytes of that. Each is written under a temporary name, brought to the
//! disk and renamed; the file itself comes last, so that who sees it finds the other two. The same file again is the same
//! bytes over the same bytes.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use epay_engine::{Engine, EngineError};
use epay_feed::Shape;
use epay_store::feed::{FeedFile, ShapeSeal};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

/// What is signed with, and what becomes of the bytes' digest.
pub struct FileSigner(Ed25519KeyPair);

impl std::fmt::Debug for FileSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileSigner")
    }
}

/// A file that holds no key.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the file does not hold an Ed25519 private key in PKCS#8")]
pub struct NotAKey;

impl FileSigner {
    /// Reads a private key: PKCS#8, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, NotAKey> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .map(Self)
            .map_err(|_rejected| NotAKey)
    }

    /// Whether a signature is this key's over these bytes.
    #[must_use]
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ED25519, self.0.public_key().as_ref());
        public.verify(bytes, signature).is_ok()
    }
}

/// Why a file was not put down.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It could not be read.
    #[error("the file cannot be read")]
    Engine(#[from] EngineError),
    /// It could not be written.
    #[error("{} cannot be written", .path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It has no such shape.
    #[error("the file was not sealed in this shape")]
    NoShape,
}

/// Puts a file into a folder in one shape, with its digest and signature; answers its path.
///
/// # Errors
/// [`DeliveryError`]: a file under its own name is whole, whatever went wrong.
pub async fn put_feed_file(
    engine: &Engine,
    (file, shape): (&FeedFile, Shape),
    folder: &Path,
    signer: Option<&FileSigner>,
) -> Result<PathBuf, DeliveryError> {
    let Sealed {
        name, companions, ..
    } = Sealed::of(file, shape, signer).ok_or(DeliveryError::NoShape)?;
    for (name, bytes) in companions {
        put_whole(&folder.join(name), &bytes).await?;
    }
    let path = folder.join(&name);
    let part = part_of(&path);
    let written = write_pieces(engine, (file, shape), &part).await;
    if written.is_err() {
        // What is left of it must not be taken for anything; that it may stay behind is no second failure.
        let _absent = tokio::fs::remove_file(&part).await;
    }
    written?;
    rename(&part, &path).await?;
    Ok(path)
}

/// What a file is in one shape, and what lies beside it.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// Its name.
    pub(crate) name: String,
    /// How many bytes it has, and their digest.
    pub(crate) seal: ShapeSeal,
    /// Names and bytes of what lies beside it, in the order in which they are put down.
    pub(crate) companions: Vec<(String, Vec<u8>)>,
}

impl Sealed {
    /// Nothing where the file was not sealed in this shape.
    pub(crate) fn of(file: &FeedFile, shape: Shape, signer: Option<&FileSigner>) -> Option<Self> {
        let seal = *file.shapes.iter().find(|seal| seal.shape == shape)?;
        let name = epay_feed::file_name(&file.head(), shape);
        let digest: String = seal
            .digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let sum = format!("{digest}  {name}\n").into_bytes();
        let mut companions = Vec::new();
        if let Some(signer) = signer {
            let signature = signer.0.sign(&sum);
            companions.push((format!("{name}.sha256.sig"), signature.as_ref().to_vec()));
        }
        companions.push((format!("{name}.sha256"), sum));
        Some(Self {
            name,
            seal,
            companions,
        })
    }
}

async fn write_pieces(
    engine: &Engine,
    (file, shape): (&FeedFile, Shape),
    part: &Path,
) -> Result<(), DeliveryError> {
    let failed = |source| DeliveryError::Write {
        path: part.to_owned(),
        source,
    };
    let mut out = File::create(part).await.map_err(failed)?;
    let mut pieces = engine.feed_bytes(file, shape);
    while let Some(piece) = pieces.recv().await {
        out.write_all(&piece?).await.map_err(failed)?;
    }
    out.flush().await.map_err(failed)?;
    out.sync_all().await.map_err(failed)
}

async fn put_whole(path: &Path, bytes: &[u8]) -> Result<(), DeliveryError> {
    let part = part_of(path);
    let write = async {
        let mut out = File::create(&part).await?;
        out.write_all(bytes).await?;
        out.flush().await?;
        out.sync_all().await
    };
    write.await.map_err(|source| DeliveryError::Write {
        path: part.clone(),
        source,
    })?;
    rename(&part, path).await
}

async fn rename(part: &Path, path: &Path) -> Result<(), DeliveryError> {
    let renamed = tokio::fs::rename(part, path).await;
    renamed.map_err(|source| DeliveryError::Write {
        path: path.to_owned(),
        source,
    })
}

/// The temporary name: readers of the folder leave such names alone.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}
