//! Two people agreed to give back money that was applied to a bill, with the department's consent.

use epay_money::Currency;

use super::parts::due_from;
use crate::account::AccountCode;
use crate::chart::REFUNDS_PAYABLE;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits what the department owes us back (1230) and credits refunds payable (2140). The department's own money has
/// been passed on, or is about to be, so it is not touched: [`clawback`](super::clawback) recovers it.
///
/// # Errors
/// [`LedgerError::WrongAccount`] when `department` is not under 1230, [`LedgerError::NotPositive`] for nothing.
pub fn refund_of_applied(
    department: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::RefundApproved,
        currency,
        vec![
            Posting::debit(due_from(department)?, minor),
            Posting::credit(REFUNDS_PAYABLE.account(), minor),
        ],
    )
}
