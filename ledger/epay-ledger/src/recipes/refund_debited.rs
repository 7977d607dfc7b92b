//! The bank paid a refund: the money has left.

use epay_money::Currency;

use super::parts::bank;
use crate::account::AccountCode;
use crate::chart::REFUNDS_IN_TRANSIT;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits refunds in transit (2150) and credits the bank account.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a bank account outside 1010, [`LedgerError::NotPositive`] for nothing.
pub fn refund_debited(
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::RefundDebited,
        currency,
        vec![
            Posting::debit(REFUNDS_IN_TRANSIT.account(), minor),
            Posting::credit(bank(bank_account)?, minor),
        ],
    )
}
