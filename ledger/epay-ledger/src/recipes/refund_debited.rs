//! The bank's statement has the debit of a refund: the money has left.

use epay_money::Currency;

use super::parts::moved_on;
use crate::account::AccountCode;
use crate::chart::REFUNDS_IN_TRANSIT;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits refunds in transit (2150) and credits the bank account (or 1190, where the debit was kept until it was known to be
/// this).
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for nothing.
pub fn refund_debited(
    moved_on_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::RefundDebited,
        currency,
        vec![
            Posting::debit(REFUNDS_IN_TRANSIT.account(), minor),
            Posting::credit(moved_on(moved_on_account)?, minor),
        ],
    )
}
