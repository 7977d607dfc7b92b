//! The hashes of the tree: leaves and inner nodes are told apart by their first byte (RFC 9162, 2.1.1).

use core::fmt;

use aws_lc_rs::digest::{Context, SHA256};

/// Bytes of a hash.
pub const LOG_HASH_BYTES: usize = 32;

/// Before the bytes of a leaf.
const LEAF_PREFIX: [u8; 1] = [0];
/// Before the hashes of two subtrees.
const NODE_PREFIX: [u8; 1] = [1];

/// A hash of the tree: of a leaf, of a subtree, or its root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogHash([u8; LOG_HASH_BYTES]);

/// Bytes that are no hash, because they are not 32.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a hash of the log has {LOG_HASH_BYTES} bytes, and this one has {length}")]
pub struct MalformedHash {
    /// How many there are.
    pub length: usize,
}

impl LogHash {
    /// Takes the bytes of a hash.
    #[must_use]
    pub const fn new(bytes: [u8; LOG_HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// The hash of a leaf's bytes.
    #[must_use]
    pub fn of_leaf(bytes: &[u8]) -> Self {
        hash([&LEAF_PREFIX, bytes, &[]])
    }

    /// The hash of two neighbouring subtrees.
    #[must_use]
    pub fn of_node(left: &Self, right: &Self) -> Self {
        hash([&NODE_PREFIX, &left.0, &right.0])
    }

    /// The root of a tree without leaves.
    #[must_use]
    pub fn of_nothing() -> Self {
        hash([&[], &[], &[]])
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LOG_HASH_BYTES] {
        &self.0
    }
}

fn hash(parts: [&[u8]; 3]) -> LogHash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; LOG_HASH_BYTES];
    for (byte, made) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *byte = *made;
    }
    LogHash(bytes)
}

impl TryFrom<&[u8]> for LogHash {
    type Error = MalformedHash;

    fn try_from(bytes: &[u8]) -> Result<Self, MalformedHash> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_wrong_length| MalformedHash {
                length: bytes.len(),
            })
    }
}

impl fmt::Display for LogHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LogHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
