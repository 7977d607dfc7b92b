//! The rail gave a refund back along the way the money came, and keeps it from what it owes us.

use epay_money::Currency;

use super::parts::RailAccounts;
use crate::chart::REFUNDS_IN_TRANSIT;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits refunds in transit (2150) and credits the rail's clearing account.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a clearing account in the wrong place, [`LedgerError::NotPositive`] for nothing.
pub fn refund_netted(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::RefundDebited,
        currency,
        vec![
            Posting::debit(REFUNDS_IN_TRANSIT.account(), minor),
            Posting::credit(rail.checked_clearing()?, minor),
        ],
    )
}
