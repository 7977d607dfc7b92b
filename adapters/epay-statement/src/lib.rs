//! Bank statements of any format behind one reader.
//!
//! [`StatementReader`] finds out what a file is (camt.052, camt.053, camt.054 or MT940) and gives its statements in one
//! model, piece by piece, in flat memory. [`Tally`] adds up what a statement says and fingerprints it, so that a first
//! reading knows everything about a file before any of it is written. [`read_row`] reads one row again that was set apart.
//! All of it is pure: the same bytes always give the same answer.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod camt;
mod model;
mod mt940;
mod reader;
mod tally;

pub use epay_camt::Direction;
pub use epay_camt::statement::Kind;
pub use model::{BadRow, Closed, Entry, Opened, Part, Row, Unreadable};
pub use reader::{FORMAT_MT940, RowContext, StatementReader, read_row};
pub use tally::{Summary, Tally};
