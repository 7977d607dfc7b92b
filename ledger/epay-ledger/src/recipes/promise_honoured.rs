//! The bank told that it honoured a promise: the money is on its way to the bank account.

use epay_money::Currency;

use super::parts::RailAccounts;
use crate::chart::AWAITING_STATEMENT;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits what awaits the statement (1180), whose entry brings it to the bank account ([`sweep`](super::sweep())), and
/// credits the rail's clearing account, which stays equal to 2160.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for nothing.
pub fn promise_honoured(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::PromiseHonoured,
        currency,
        vec![
            Posting::debit(AWAITING_STATEMENT.account(), minor),
            Posting::credit(rail.checked_clearing()?, minor),
        ],
    )
}
