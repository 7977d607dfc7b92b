//! The bank was told to pay an approved refund.

use epay_money::Currency;

use crate::chart::{REFUNDS_IN_TRANSIT, REFUNDS_PAYABLE};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits refunds payable (2140) and credits refunds in transit (2150).
///
/// # Errors
/// [`LedgerError::NotPositive`] for nothing.
pub fn refund_sent(currency: Currency, minor: i64) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::RefundSent,
        currency,
        vec![
            Posting::debit(REFUNDS_PAYABLE.account(), minor),
            Posting::credit(REFUNDS_IN_TRANSIT.account(), minor),
        ],
    )
}
