//! The bank's statement has a debit that nobody expected: it is gone from the bank, so it is in the books.

use epay_money::Currency;

use super::parts::bank;
use crate::account::AccountCode;
use crate::chart::SHORTFALLS;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the shortfall receivable (1190), where it waits for a decision, and credits the bank account.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn unexpected_debit(
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::UnexpectedDebit,
        currency,
        vec![
            Posting::debit(SHORTFALLS.account(), minor),
            Posting::credit(bank(bank_account)?, minor),
        ],
    )
}
