//! The bank's statement has a credit that nobody expected: it is in the bank, so it is in the books.

use epay_money::Currency;

use super::parts::bank;
use crate::account::AccountCode;
use crate::chart::UNIDENTIFIED;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the bank account and credits unidentified settlement credits (2190), where it waits for a decision.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn unidentified_credit(
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::UnidentifiedCredit,
        currency,
        vec![
            Posting::debit(bank(bank_account)?, minor),
            Posting::credit(UNIDENTIFIED.account(), minor),
        ],
    )
}
