//! The log: every journal a leaf of one append-only Merkle tree, whose heads are signed.
//!
//! In the order of use: a journal becomes bytes that a stranger can make too ([`LeafFields`]); their hash is a leaf; a
//! [`Frontier`] takes leaves one by one and knows the root at any size; a [`Head`] says size, root and time, and a
//! [`SigningKey`] signs it. Proofs ([`InclusionProof`], [`ConsistencyProof`]) are checked against heads alone.
//!
//! Hashes and proofs are those of RFC 9162 section 2.1 with SHA-256. The bytes are described in `docs/ledger-log.md`.
//! Nothing here keeps the tree: a store keeps leaves and the roots of whole subtrees at every eighth level
//! ([`STORED_LEVELS`]), and a [`Span`] says which of those make the hash of a stretch of leaves.
//! What bounds it: 2^63 leaves, so at most 63 hashes in a frontier and 64 in a proof.

mod frontier;
mod hash;
mod head;
mod key;
mod leaf;
mod proof;
mod span;

pub use frontier::{Frontier, LogFull, MalformedFrontier};
pub use hash::{LOG_HASH_BYTES, LogHash, MalformedHash};
pub use head::{Head, ORIGIN_LENGTH_MAX, OriginError, SIGNATURE_BYTES, SignedHead};
pub use key::{HeadFault, KEY_ID_LENGTH_MAX, KeyError, PUBLIC_KEY_BYTES, PublicKeys, SigningKey};
pub use leaf::{LEAF_VERSION, LeafFields, LeafLine};
pub use proof::{
    ConsistencyProof, InclusionProof, PATH_LENGTH_MAX, ProofFault, consistency_spans,
    inclusion_spans,
};
pub use span::{STORED_LEVELS, Span, StoredHashes, StoredParts, Subtree};
