//! Two people agreed to give held money back.

use epay_money::Currency;

use super::parts::wrong;
use crate::account::AccountCode;
use crate::chart::{DUPLICATES, OVERPAYMENTS, REFUNDS_PAYABLE, UNAPPLIED};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the account that holds the money and credits refunds payable (2140).
///
/// # Errors
/// [`LedgerError::WrongAccount`] when `from` is not under 2110, 2120 or 2130 (money applied to a bill and
/// remitted is the department's), [`LedgerError::NotPositive`] for nothing.
pub fn refund_approved(
    from: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    let holds = [UNAPPLIED, OVERPAYMENTS, DUPLICATES];
    if !holds.iter().any(|row| row.covers(from)) {
        return Err(wrong(from, "the source of a refund"));
    }
    Draft::new(
        JournalKind::RefundApproved,
        currency,
        vec![
            Posting::debit(from.clone(), minor),
            Posting::credit(REFUNDS_PAYABLE.account(), minor),
        ],
    )
}
