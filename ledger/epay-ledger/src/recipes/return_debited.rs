//! The bank's statement has the debit of a promise that was returned after it had counted.

use epay_money::Currency;

use super::parts::moved_on;
use crate::account::AccountCode;
use crate::chart::AWAITING_STATEMENT;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits what awaits the statement (1180), where the return was booked when the bank told of it, and credits the bank
/// account (or 1190, where the debit was kept until it was known to be this).
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for nothing.
pub fn return_debited(
    moved_on_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::ReturnDebited,
        currency,
        vec![
            Posting::debit(AWAITING_STATEMENT.account(), minor),
            Posting::credit(moved_on(moved_on_account)?, minor),
        ],
    )
}
