//! Reading: accounts, journals and trial balances, over any connection or transaction.
//!
//! Each function is one or two statements. Lists that can grow without end come in pages; lists of accounts are bounded
//! by the accounts themselves.

mod accounts;
mod journals;
mod page;
mod trial;

pub use accounts::{AccountBalance, accounts, balances};
pub use journals::journal;
pub use page::{JournalCursor, JournalFilter, JournalPage, PAGE_SIZE_MAX, journals};
pub use trial::{TrialBalance, trial_balance};
