//! What a rail had paid too little arrived at the bank.

use epay_money::Currency;

use super::parts::{RailAccounts, bank};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the bank account and credits the rail's shortfall (1190): the end of what [`settlement`](super::settlement()) left open.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn shortfall_received(
    rail: &RailAccounts,
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::ShortfallReceived,
        currency,
        vec![
            Posting::debit(bank(bank_account)?, minor),
            Posting::credit(rail.shortfall()?, minor),
        ],
    )
}
