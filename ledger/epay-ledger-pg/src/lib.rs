//! The ledger in PostgreSQL: migrations, batched posting, reading, verification.
//!
//! Writing goes in two steps. [`AccountDirectory::ensure`] knows or makes every account that a batch of journals needs, in
//! statements of its own; then [`post_in`] joins the caller's transaction ([`post()`] makes one of its own) and writes the whole batch in a few statements,
//! one balance update an account however often it occurs. Reading is plain functions over any connection or
//! transaction. [`verify()`] trusts nothing but the entries and recomputes the rest.
//!
//! Schema `ledger`; the reasons stand beside the columns in `migrations/`. The database only checks, it computes no money.
#![deny(missing_docs)]

mod directory;
mod error;
mod migrations;
mod post;
mod read;
mod verify;

pub use directory::AccountDirectory;
pub use error::{LedgerPgError, Unreadable};
pub use migrations::{MIGRATIONS, NAME, migrations};
pub use post::{JOURNALS_MAX, post, post_in};
pub use read::{
    AccountBalance, JournalCursor, JournalFilter, JournalPage, PAGE_SIZE_MAX, TrialBalance,
    accounts, balances, journal, journals, trial_balance,
};
pub use verify::{FINDINGS_MAX, Finding, VerifyReport, verify, verify_with};
