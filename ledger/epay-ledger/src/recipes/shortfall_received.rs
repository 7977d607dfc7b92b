//! What a rail had paid too little arrived at the bank.

use epay_money::Currency;

use super::parts::{RailAccounts, moved_on};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the bank account (or 2190, where the credit was kept) and credits the rail's shortfall (1190): the end of what [`settlement`](super::settlement()) left open.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn shortfall_received(
    rail: &RailAccounts,
    moved_on_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::ShortfallReceived,
        currency,
        vec![
            Posting::debit(moved_on(moved_on_account)?, minor),
            Posting::credit(rail.shortfall()?, minor),
        ],
    )
}
