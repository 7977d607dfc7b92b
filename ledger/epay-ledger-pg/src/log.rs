//! The log of journals in PostgreSQL: sealing, heads, proofs.
//!
//! [`Sealer`] appends journals in the order in which it finds them and signs a head for each batch; the rest of this
//! module reads. Leaves and whole subtrees are rows that never change, so a proof needs no lock and no snapshot.

mod fault;
pub(crate) mod fresh;
mod proof;
pub(crate) mod read;
mod seal;
mod state;

pub use fault::LogFault;
pub use proof::{consistency_proof, inclusion_proof};
pub use read::{HEADS_PAGE_MAX, log_head, log_heads};
pub use seal::{SEAL_JOURNALS_MAX, Sealed, Sealer};
