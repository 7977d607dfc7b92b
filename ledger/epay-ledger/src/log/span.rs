//! Stretches of leaves, the whole subtrees that cover them, and the hash that those make.
//!
//! A *whole* subtree has 2^level leaves and begins at a multiple of that; its hash never changes again. Every hash of
//! a root or of a proof is that of a [`Span`], which falls into whole subtrees, the largest first. A store keeps the
//! hash of every leaf and of every whole subtree whose level is a multiple of [`STORED_LEVELS`], 1/255 more than the
//! leaves; a subtree in between is made of at most 128 stored ones.

use std::collections::HashMap;

use super::hash::LogHash;

/// Between two levels whose subtrees are stored: 256 hashes of one make a hash of the next.
pub const STORED_LEVELS: u8 = 8;

/// A whole subtree: 2^`level` leaves from `index` x 2^`level` on. Level 0 is a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// How many levels are below it.
    pub level: u8,
    /// Its place among those of its level.
    pub index: u64,
}

/// The stored subtrees that make up one subtree: neighbours of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredParts {
    /// Their level, a multiple of [`STORED_LEVELS`].
    pub level: u8,
    /// The first.
    pub begin: u64,
    /// The one after the last.
    pub end: u64,
}

/// Leaves `begin` to `end`, the last one excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first leaf.
    pub begin: u64,
    /// The leaf after the last.
    pub end: u64,
}

impl Subtree {
    /// Which stored subtrees make it up; itself, where it is one.
    #[must_use]
    pub const fn stored_parts(self) -> StoredParts {
        let above = self.level.checked_rem(STORED_LEVELS);
        let above = match above {
            Some(above) => above,
            None => 0,
        };
        StoredParts {
            level: self.level.saturating_sub(above),
            begin: self.index << above,
            end: self.index.saturating_add(1) << above,
        }
    }
}

impl Span {
    /// Every leaf of a tree.
    #[must_use]
    pub const fn of_tree(size: u64) -> Self {
        Self {
            begin: 0,
            end: size,
        }
    }

    /// How many leaves.
    #[must_use]
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.begin)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The whole subtrees that cover it, from left to right.
    #[must_use]
    pub fn subtrees(self) -> Vec<Subtree> {
        let mut subtrees = Vec::new();
        let mut rest = self;
        while let Some(largest) = rest.len().checked_ilog2() {
            let aligned = rest.begin.trailing_zeros();
            let level = largest.min(aligned);
            subtrees.push(Subtree {
                // At most 63.
                level: u8::try_from(level).unwrap_or(u8::MAX),
                index: rest.begin >> level,
            });
            rest.begin = rest.begin.saturating_add(1 << level);
        }
        subtrees
    }

    /// The two spans whose hashes make its own: the left one has the largest power of two that is less than all.
    /// `None` for a single leaf, or none.
    #[must_use]
    pub fn halves(self) -> Option<(Self, Self)> {
        let below = self.len().checked_sub(1)?.checked_ilog2()?;
        let middle = self.begin.checked_add(1 << below)?;
        let left = Self {
            begin: self.begin,
            end: middle,
        };
        let right = Self {
            begin: middle,
            end: self.end,
        };
        Some((left, right))
    }
}

/// The hashes that were fetched from a store for one root or proof.
#[derive(Debug, Clone, Default)]
pub struct StoredHashes(HashMap<Subtree, LogHash>);

impl StoredHashes {
    /// Adds one.
    pub fn insert(&mut self, subtree: Subtree, hash: LogHash) {
        self.0.insert(subtree, hash);
    }

    /// The hash of a span; `None` while one of its parts was not added.
    #[must_use]
    pub fn root(&self, span: Span) -> Option<LogHash> {
        let mut root = None;
        for subtree in span.subtrees().into_iter().rev() {
            let hash = self.subtree(subtree)?;
            root = Some(match root {
                Some(right) => LogHash::of_node(&hash, &right),
                None => hash,
            });
        }
        Some(root.unwrap_or_else(LogHash::of_nothing))
    }

    fn subtree(&self, subtree: Subtree) -> Option<LogHash> {
        let parts = subtree.stored_parts();
        let mut row = (parts.begin..parts.end)
            .map(|index| {
                let level = parts.level;
                self.0.get(&Subtree { level, index }).copied()
            })
            .collect::<Option<Vec<LogHash>>>()?;
        while row.len() > 1 {
            row = row
                .chunks(2)
                .filter_map(|pair| match pair {
                    [left, right] => Some(LogHash::of_node(left, right)),
                    // A whole subtree has no odd row.
                    _ => None,
                })
                .collect();
        }
        row.first().copied()
    }
}
