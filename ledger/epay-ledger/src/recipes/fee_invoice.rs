//! An operator's invoice for accrued fees was paid from the bank account.

use epay_money::Currency;

use super::parts::{RailAccounts, bank};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the rail's accrued fees and credits the bank account.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn fee_invoice(
    rail: &RailAccounts,
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::FeeInvoice,
        currency,
        vec![
            Posting::debit(rail.checked_fee_accrued()?, minor),
            Posting::credit(bank(bank_account)?, minor),
        ],
    )
}
