//! The receiving bank refused a refund: it goes back to the queue of approved ones.

use epay_money::Currency;

use crate::chart::{REFUNDS_IN_TRANSIT, REFUNDS_PAYABLE};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits refunds in transit (2150) and credits refunds payable (2140).
///
/// # Errors
/// [`LedgerError::NotPositive`] for nothing.
pub fn refund_rejected(currency: Currency, minor: i64) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::RefundRejected,
        currency,
        vec![
            Posting::debit(REFUNDS_IN_TRANSIT.account(), minor),
            Posting::credit(REFUNDS_PAYABLE.account(), minor),
        ],
    )
}
