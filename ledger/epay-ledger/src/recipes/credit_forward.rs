//! A held overpayment was carried forward to the department instead of being refunded.

use epay_money::Currency;

use super::parts::Line;
use crate::chart::OVERPAYMENTS;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the overpayments held (2120) and credits the department's line for advances.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a line outside 2010, [`LedgerError::NotPositive`] for nothing.
pub fn credit_forward(currency: Currency, line: &Line) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::CreditForward,
        currency,
        vec![
            Posting::debit(OVERPAYMENTS.account(), line.minor),
            line.credit()?,
        ],
    )
}
