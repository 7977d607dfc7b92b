//! A promise that had been honoured was returned unpaid after all.

use epay_money::Currency;

use super::parts::due_from;
use crate::account::AccountCode;
use crate::chart::{AWAITING_STATEMENT, DUPLICATES, OVERPAYMENTS, UNAPPLIED};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Where the returned money had gone. A part of zero makes no posting; a negative part is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReturnedParts {
    /// What the department was credited with, and what was given back of its receipts: 1230.
    pub due_minor: i64,
    /// What is still held above a bill: 2120.
    pub overpaid_minor: i64,
    /// What is still held for a bill that had been paid: 2130.
    pub duplicate_minor: i64,
    /// What is still held for no bill: 2110.
    pub unapplied_minor: i64,
}

/// Debits each part where it had gone and credits what awaits the statement (1180), whose entry takes it from the bank account
/// ([`return_debited`](super::return_debited())). What the department was credited with may have been passed on, so it is
/// owed by the department: [`clawback`](super::clawback()) recovers it.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for a negative part,
/// [`LedgerError::TooFewPostings`] when nothing was returned, [`LedgerError::Overflow`].
pub fn returned_unpaid(
    department: &AccountCode,
    currency: Currency,
    parts: ReturnedParts,
) -> Result<Draft, LedgerError> {
    let debits = [
        (due_from(department)?, parts.due_minor),
        (OVERPAYMENTS.account(), parts.overpaid_minor),
        (DUPLICATES.account(), parts.duplicate_minor),
        (UNAPPLIED.account(), parts.unapplied_minor),
    ];
    let total = debits
        .iter()
        .try_fold(0_i64, |sum, (_account, minor)| sum.checked_add(*minor))
        .ok_or(LedgerError::Overflow)?;
    let mut postings: Vec<Posting> = debits
        .into_iter()
        .filter(|(_account, minor)| *minor != 0)
        .map(|(account, minor)| Posting::debit(account, minor))
        .collect();
    if total != 0 {
        postings.push(Posting::credit(AWAITING_STATEMENT.account(), total));
    }
    Draft::new(JournalKind::ReturnedUnpaid, currency, postings)
}
