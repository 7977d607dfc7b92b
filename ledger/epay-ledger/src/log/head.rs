//! Heads: size, root and time of the log, as a text that is signed.
//!
//! The text is the body of a checkpoint of the transparency-log ecosystem (C2SP `tlog-checkpoint`): the log's name,
//! the size, the root in base64, and one line of ours with the time. Four lines, each ended by a line feed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::hash::LogHash;

/// Longest name of a log, in bytes.
pub const ORIGIN_LENGTH_MAX: usize = 128;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

/// The log at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    origin: String,
    size: u64,
    root: LogHash,
    sealed_at: Timestamp,
}

/// A head and who vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// What is signed.
    pub head: Head,
    /// The name of the key.
    pub key_id: String,
    /// Over [`Head::signed_text`].
    pub signature: [u8; SIGNATURE_BYTES],
}

/// A text that cannot name a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of a log is 1 to {ORIGIN_LENGTH_MAX} visible ASCII characters such as pay.example/ledger"
)]
pub struct OriginError;

impl Head {
    /// A head. The time is kept to the millisecond, as it is signed.
    ///
    /// # Errors
    /// [`OriginError`].
    pub fn new(
        origin: impl Into<String>,
        size: u64,
        root: LogHash,
        sealed_at: Timestamp,
    ) -> Result<Self, OriginError> {
        let origin = origin.into();
        let visible = origin.bytes().all(|byte| byte.is_ascii_graphic());
        if origin.is_empty() || origin.len() > ORIGIN_LENGTH_MAX || !visible {
            return Err(OriginError);
        }
        Ok(Self {
            origin,
            size,
            root,
            // Whole milliseconds are within the range that the instant itself came from.
            sealed_at: Timestamp::from_millisecond(sealed_at.as_millisecond()).unwrap_or(sealed_at),
        })
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many leaves it covers.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    #[must_use]
    pub const fn root(&self) -> &LogHash {
        &self.root
    }

    /// When it was made, to the millisecond.
    #[must_use]
    pub const fn sealed_at(&self) -> Timestamp {
        self.sealed_at
    }

    /// The text that is signed.
    #[must_use]
    pub fn signed_text(&self) -> String {
        format!(
            "{}\n{}\n{}\ntime {}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root.as_bytes()),
            self.sealed_at.as_millisecond()
        )
    }
}
