//! A rail kept more than its fee, and owes the rest back.

use epay_money::Currency;

use super::parts::RailAccounts;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the rail's shortfall (1190) and credits its fee expense, which then shows the fee that was agreed.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn fee_claimed(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::FeeClaimed,
        currency,
        vec![
            Posting::debit(rail.shortfall()?, minor),
            Posting::credit(rail.checked_fee_expense()?, minor),
        ],
    )
}
