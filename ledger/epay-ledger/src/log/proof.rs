//! Proofs: that a leaf is in a tree, and that a tree is the beginning of a larger one (RFC 9162, 2.1.3 and 2.1.4).
//!
//! Whoever keeps the tree asks [`inclusion_spans`] or [`consistency_spans`] for the stretches of leaves whose hashes
//! make the proof. Whoever checks needs the proof and roots that were signed, nothing else; both checks walk from the
//! leaf up, so their work is bounded by [`PATH_LENGTH_MAX`] however long the path that came.

use super::hash::LogHash;
use super::span::Span;

/// Longest path of a proof: one hash a level and one more.
pub const PATH_LENGTH_MAX: usize = 64;

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The place or the smaller size is not within the tree.
    #[error("the proof speaks of leaves that its tree does not have")]
    OutsideTree,
    /// The path has another length than the place and the sizes ask for.
    #[error("the proof has more or fewer hashes than its place in the tree asks for")]
    PathLength,
    /// The path leads to another root.
    #[error("the proof leads to another root than the one that was signed")]
    Root,
}

/// That one leaf is at its place in the tree of a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The place of the leaf, from zero.
    pub leaf_index: u64,
    /// Leaves of the tree.
    pub tree_size: u64,
    /// Hashes of the neighbours on the way up.
    pub path: Vec<LogHash>,
}

/// That the tree of the first size is the beginning of the tree of the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Leaves of the smaller tree.
    pub first_size: u64,
    /// Leaves of the larger tree.
    pub second_size: u64,
    /// Hashes from which both roots are made.
    pub path: Vec<LogHash>,
}

/// The spans whose hashes prove a leaf, in the order of the path; `None` where the tree has no such leaf.
#[must_use]
pub fn inclusion_spans(leaf_index: u64, tree_size: u64) -> Option<Vec<Span>> {
    if leaf_index >= tree_size {
        return None;
    }
    let mut spans = Vec::new();
    let mut within = Span::of_tree(tree_size);
    while let Some((left, right)) = within.halves() {
        if leaf_index < right.begin {
            spans.push(right);
            within = left;
        } else {
            spans.push(left);
            within = right;
        }
    }
    spans.reverse();
    Some(spans)
}

/// The spans whose hashes prove that a tree of `first_size` leaves begins one of `second_size`, in the order of the path;
/// `None` where the first is larger. Of an empty tree, and of the same tree, nothing has to be proved.
#[must_use]
pub fn consistency_spans(first_size: u64, second_size: u64) -> Option<Vec<Span>> {
    if first_size > second_size {
        return None;
    }
    let mut spans = Vec::new();
    if first_size == 0 {
        return Some(spans);
    }
    let mut within = Span::of_tree(second_size);
    while first_size != within.end
        && let Some((left, right)) = within.halves()
    {
        if first_size <= left.end {
            spans.push(right);
            within = left;
        } else {
            spans.push(left);
            within = right;
        }
    }
    // The smaller tree itself, where the checker knows its root; else the part of it that was left over.
    if within.begin != 0 {
        spans.push(within);
    }
    spans.reverse();
    Some(spans)
}

impl InclusionProof {
    /// Checks that the leaf of this hash is in the tree of this root.
    ///
    /// # Errors
    /// [`ProofFault`].
    pub fn verify(&self, leaf: &LogHash, root: &LogHash) -> Result<(), ProofFault> {
        if self.leaf_index >= self.tree_size {
            return Err(ProofFault::OutsideTree);
        }
        let mut place = self.leaf_index;
        let mut last = self.tree_size.saturating_sub(1);
        let mut hash = *leaf;
        for neighbour in &self.path {
            if last == 0 {
                return Err(ProofFault::PathLength);
            }
            if place & 1 == 1 || place == last {
                hash = LogHash::of_node(neighbour, &hash);
                skip_lone_levels(&mut place, &mut last);
            } else {
                hash = LogHash::of_node(&hash, neighbour);
            }
            place >>= 1;
            last >>= 1;
        }
        judge(last, [(&hash, root)])
    }
}

impl ConsistencyProof {
    /// Checks that the tree of the first root is the beginning of the tree of the second.
    ///
    /// # Errors
    /// [`ProofFault`].
    pub fn verify(&self, first_root: &LogHash, second_root: &LogHash) -> Result<(), ProofFault> {
        if self.first_size > self.second_size {
            return Err(ProofFault::OutsideTree);
        }
        if self.first_size == 0 || self.first_size == self.second_size {
            return self.verify_trivial(first_root, second_root);
        }
        let mut place = self.first_size.saturating_sub(1);
        let mut last = self.second_size.saturating_sub(1);
        let shared = place.trailing_ones();
        place >>= shared;
        last >>= shared;
        let mut path = self.path.iter();
        // A first tree that is whole is a node of the second: its root begins the path unsaid.
        let begin = if self.first_size.is_power_of_two() {
            *first_root
        } else {
            *path.next().ok_or(ProofFault::PathLength)?
        };
        let (mut first, mut second) = (begin, begin);
        for neighbour in path {
            if last == 0 {
                return Err(ProofFault::PathLength);
            }
            if place & 1 == 1 || place == last {
                first = LogHash::of_node(neighbour, &first);
                second = LogHash::of_node(neighbour, &second);
                skip_lone_levels(&mut place, &mut last);
            } else {
                second = LogHash::of_node(&second, neighbour);
            }
            place >>= 1;
            last >>= 1;
        }
        judge(last, [(&first, first_root), (&second, second_root)])
    }

    /// Of an empty tree, and of the same tree, no hash is needed.
    fn verify_trivial(
        &self,
        first_root: &LogHash,
        second_root: &LogHash,
    ) -> Result<(), ProofFault> {
        if !self.path.is_empty() {
            return Err(ProofFault::PathLength);
        }
        let expected = if self.first_size == 0 {
            LogHash::of_nothing()
        } else {
            *second_root
        };
        judge(0, [(first_root, &expected)])
    }
}

/// A last leaf without a right neighbour climbs by itself: up to the level where it is a right neighbour.
fn skip_lone_levels(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}

fn judge<const N: usize>(last: u64, roots: [(&LogHash, &LogHash); N]) -> Result<(), ProofFault> {
    if last != 0 {
        return Err(ProofFault::PathLength);
    }
    if roots.iter().any(|(made, signed)| made != signed) {
        return Err(ProofFault::Root);
    }
    Ok(())
}
