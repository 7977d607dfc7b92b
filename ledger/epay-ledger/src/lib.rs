//! Double entry: accounts, journals, the recipes that make them, balances and what must hold of them.
//!
//! Pure: no IO, no clock, no randomness; ids and instants arrive as arguments. Money moves in three steps:
//!
//! 1. a recipe (one file each in `recipes/`, so that the folder reads as the list of ways money can move)
//!    returns a [`Draft`], which exists only if it balances;
//! 2. [`Draft::journal`] dates it, names it and puts it in a book, giving a [`Journal`], which never changes;
//! 3. a store posts journals and keeps the running balances that [`balances::fold`] defines.
//!
//! Behind that, [`log`] makes every journal a leaf of an append-only tree with signed heads, so that what was posted
//! can be proved, and a change noticed, without trusting the store.
//!
//! A *book* is one biller's own set of accounts; a journal lies in one book and in one currency.
//! What bounds it: [`POSTINGS_MAX`] postings a journal, [`ACCOUNT_CODE_LENGTH_MAX`] characters an account code,
//! [`SOURCE_LENGTH_MAX`] characters a source, 64 bits of minor units a sum.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    clippy::expect_used
)]

mod account;
pub mod balances;
pub mod chart;
mod draft;
mod error;
mod journal;
mod kind;
pub mod log;
mod period;
pub mod recipes;

pub use account::{ACCOUNT_CODE_LENGTH_MAX, AccountClass, AccountCode, AccountCodeError, Side};
pub use draft::{Draft, POSTINGS_MAX, Posting};
pub use error::LedgerError;
pub use journal::{Journal, SOURCE_LENGTH_MAX};
pub use kind::{JournalKind, UnknownJournalKind};
pub use period::{NotPeriod, Period, open_day};
pub use recipes::reversal::reversal;
