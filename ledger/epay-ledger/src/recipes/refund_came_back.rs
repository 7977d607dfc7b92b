//! A refund that had been paid came back: it goes to the queue of approved ones again.

use epay_money::Currency;

use super::parts::came_to;
use crate::account::AccountCode;
use crate::chart::REFUNDS_PAYABLE;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits where the money came back to, a rail's clearing account or what awaits the bank's statement (1180), and credits
/// refunds payable (2140).
///
/// # Errors
/// [`LedgerError::WrongAccount`] for another account, [`LedgerError::NotPositive`] for nothing.
pub fn refund_came_back(
    to: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::RefundRejected,
        currency,
        vec![
            Posting::debit(came_to(to)?, minor),
            Posting::credit(REFUNDS_PAYABLE.account(), minor),
        ],
    )
}
