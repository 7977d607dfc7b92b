//! The right edge of the tree: the hashes of the whole subtrees that cover all leaves. With it alone leaves are
//! appended and the root is known, however many leaves there are.

use super::hash::{LOG_HASH_BYTES, LogHash, MalformedHash};
use super::span::{STORED_LEVELS, Subtree};

/// Most leaves, so that a size fits everywhere where signed numbers are kept.
const SIZE_MAX: u64 = i64::MAX.unsigned_abs();

/// The size of the tree and the hashes of its whole subtrees, the largest first: one for each bit of the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<LogHash>,
}

/// No leaf can be appended any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log has {SIZE_MAX} leaves and takes no more")]
pub struct LogFull;

/// A kept frontier that does not belong to its size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the kept edge of the log has {found} hashes and {expected} belong to its size")]
pub struct MalformedFrontier {
    /// Hashes that there are.
    pub found: usize,
    /// Hashes that a tree of that size has.
    pub expected: usize,
}

impl Frontier {
    /// Reads back what [`Frontier::peaks`] and [`Frontier::size`] gave.
    ///
    /// # Errors
    /// [`MalformedFrontier`].
    pub fn new(size: u64, peaks: Vec<LogHash>) -> Result<Self, MalformedFrontier> {
        let expected = usize::try_from(size.count_ones()).unwrap_or(usize::MAX);
        if peaks.len() == expected && size <= SIZE_MAX {
            return Ok(Self { size, peaks });
        }
        let found = peaks.len();
        Err(MalformedFrontier { found, expected })
    }

    /// The same from one run of bytes.
    ///
    /// # Errors
    /// [`MalformedFrontier`].
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, MalformedFrontier> {
        let peaks: Result<Vec<LogHash>, MalformedHash> = bytes
            .chunks(LOG_HASH_BYTES)
            .map(LogHash::try_from)
            .collect();
        // A short last hash makes the number of hashes wrong.
        Self::new(size, peaks.unwrap_or_default())
    }

    /// The hashes one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks
            .iter()
            .flat_map(|peak| peak.as_bytes().iter().copied())
            .collect()
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the whole subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[LogHash] {
        &self.peaks
    }

    /// Appends a leaf, and tells every subtree that became whole and is to be stored, smallest first.
    ///
    /// # Errors
    /// [`LogFull`].
    pub fn append(
        &mut self,
        leaf: LogHash,
        mut whole: impl FnMut(Subtree, LogHash),
    ) -> Result<(), LogFull> {
        if self.size >= SIZE_MAX {
            return Err(LogFull);
        }
        let mut hash = leaf;
        let mut level = 0_u8;
        // Like a carry: each subtree of the same size on the left joins into the next larger one.
        while self.size >> level & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = LogHash::of_node(&left, &hash);
            level = level.saturating_add(1);
            if level.is_multiple_of(STORED_LEVELS) {
                let index = self.size >> level;
                whole(Subtree { level, index }, hash);
            }
        }
        self.peaks.push(hash);
        self.size = self.size.saturating_add(1);
        Ok(())
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> LogHash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return LogHash::of_nothing();
        };
        peaks.fold(*last, |right, left| LogHash::of_node(left, &right))
    }
}
