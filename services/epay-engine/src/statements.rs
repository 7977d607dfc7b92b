//! Bank statements: from a stored file to entries, whatever door it came through.
//!
//! A statement's file is stored in chunks like a rail's (see [`crate::inbound::files`]) and read twice. The first reading
//! ([`judge`]) sums every statement up, checks it, and puts its row down: told before word for word, it is a repeat; told
//! otherwise under the same id, or the same in another form, it is set apart until two people accept it ([`accept`]); else it takes its place in the chain of its account, and the checks of
//! the statement after it are made again. The second reading ([`write`]) writes the entries chunk by chunk; rows that
//! cannot be read are set apart with their bytes. No check ever loses an entry. After a crash the file is read again
//! from its front and written from the first chunk that is not done. [`redrive`] reads rows again that two people agreed on.
//!
//! Bounds: memory is a chunk and its rows, plus one summary a statement; the account's chain is locked for the length of
//! one small transaction.

mod accept;
mod ask;
mod judge;
mod redrive;
mod write;

use epay_domain::statement::StatementKind;
use epay_statement::Kind;

pub use ask::IngestedFile;
pub(crate) use judge::judge;
pub(crate) use write::write;

/// What stands for the rail in the records of statements' files: no rail has this name.
pub(crate) const SOURCE: &str = "bank-statements";

const fn kind_of(kind: Kind) -> StatementKind {
    match kind {
        Kind::Statement => StatementKind::Statement,
        Kind::Interim => StatementKind::Interim,
        Kind::Notice => StatementKind::Notice,
    }
}
