//! What a rail had paid too much went back to it from the bank.

use epay_money::Currency;

use super::parts::{RailAccounts, moved_on};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the rail's surplus (2190) and credits the bank account (or 1190, where the debit was kept).
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn surplus_returned(
    rail: &RailAccounts,
    moved_on_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::SurplusReturned,
        currency,
        vec![
            Posting::debit(rail.surplus()?, minor),
            Posting::credit(moved_on(moved_on_account)?, minor),
        ],
    )
}
