//! Reads and writes customer statements in the form of SWIFT MT940.
//!
//! [`StatementReader`] takes a file piece by piece and gives, for each statement in it: its head, then one row for each
//! `:61:` with its `:86:`, then its close; a row that cannot be read comes out alone, with its bytes. A statement that
//! a bank cut into several messages (`:62M:`, then `:60M:` under the same number) is put together again.
//! [`StatementWriter`] writes what the reader reads back the same.
//!
//! Bytes come in and rows come out: no IO, clock or state beyond the file, and no type of a payment gateway but amounts.
//! Bytes are untrusted: lines, fields, rows and statements are bounded, and no row can spoil its neighbours.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod fault;
mod field;
mod limits;
mod model;
mod reader;
mod writer;

pub use fault::{BadRow, Unreadable, UnreadableKind};
pub use model::{Balance, Closing, Direction, Entry, Head, Part, Row};
pub use reader::{StatementReader, read_row};
pub use writer::{NARRATIVE_LINE_CHARS, NARRATIVE_LINES, StatementWriter, Unwritable, narrative};
