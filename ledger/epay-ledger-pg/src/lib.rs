//! The ledger in PostgreSQL: migrations, batched posting, reading, verification.
//!
//! Writing goes in two steps. [`AccountDirectory::ensure`] knows or makes every account that a batch of journals needs, in
//! statements of its own; then [`post_in`] joins the caller's transaction ([`post()`] makes one of its own) and writes the whole
//! batch by one call, one balance update an account however often it occurs. Reading is plain functions over any connection or
//! transaction. [`Sealer`] comes behind the posters and appends every journal to the log. [`verify()`] trusts nothing but the
//! entries, and the heads that an auditor brings, and recomputes the rest.
//!
//! Schema `ledger`; the reasons stand beside the columns in `migrations/`. The database only checks, it computes no money.
#![deny(missing_docs)]

mod directory;
mod error;
mod log;
mod migrations;
mod period;
mod post;
mod read;
mod verify;

pub use directory::AccountDirectory;
pub use error::{LedgerPgError, Unreadable};
pub use log::{
    HEADS_PAGE_MAX, LogFault, SEAL_JOURNALS_MAX, Sealed, Sealer, consistency_proof,
    inclusion_proof, log_head, log_heads,
};
pub use migrations::{MIGRATIONS, NAME, migrations};
pub use period::{BookPeriod, lock_periods_in, periods, put_period_in};
pub use post::{JOURNALS_MAX, post, post_in};
pub use read::{
    AccountBalance, JournalCursor, JournalFilter, JournalPage, PAGE_SIZE_MAX, TrialBalance,
    accounts, balances, journal, journals, trial_balance,
};
pub use verify::{
    Evidence, FINDINGS_MAX, Finding, HeadSource, LeafName, LogFinding, SUSPECTS_MAX, Step,
    VerifyReport, verify, verify_against, verify_with,
};
