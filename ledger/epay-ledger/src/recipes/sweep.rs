//! What waited on a rail reached the bank account.

use epay_money::Currency;

use super::parts::{RailAccounts, bank};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the bank account and credits the rail's clearing account, gross.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn sweep(
    rail: &RailAccounts,
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::Sweep,
        currency,
        vec![
            Posting::debit(bank(bank_account)?, minor),
            Posting::credit(rail.checked_clearing()?, minor),
        ],
    )
}
