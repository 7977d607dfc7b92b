//! What can be wrong with the log as it is stored.

use epay_ledger::log::{KeyError, LogFull, MalformedFrontier, MalformedHash, OriginError};

/// Why the log could not be read or continued. Nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The kept edge of the tree does not belong to its size.
    #[error(transparent)]
    Frontier(#[from] MalformedFrontier),
    /// A stored hash is none.
    #[error(transparent)]
    Hash(#[from] MalformedHash),
    /// A stored or configured name of the log is none.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// A stored signature has another length than Ed25519 has.
    #[error("a stored signature is not one")]
    Signature,
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No leaf can be appended any more.
    #[error(transparent)]
    Full(#[from] LogFull),
    /// The log has grown while this sealer thought that it was alone.
    #[error("another sealer appended to the log at the same time; nothing of this batch was kept")]
    Moved,
    /// Hashes that every tree of this size has are not stored.
    #[error("the log lacks stored hashes below {size} leaves: verify the ledger")]
    Incomplete {
        /// The size that was asked for.
        size: u64,
    },
}
