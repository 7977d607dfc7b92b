//! Money arrived by a rail: the whole of it is recorded at once, wherever its parts belong.

use epay_money::Currency;

use super::parts::{Line, RailAccounts, total_of};
use crate::account::AccountCode;
use crate::chart::{CONDITIONAL_RECEIPTS, DUPLICATES, OVERPAYMENTS, UNAPPLIED};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Where the parts of one receipt belong. A part of zero makes no posting; a negative part is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceiptParts {
    /// What settles bills, line by line.
    pub applied: Vec<Line>,
    /// What is above the bill and held for a refund: 2120.
    pub overpaid_minor: i64,
    /// What pays a bill again: 2130.
    pub duplicate_minor: i64,
    /// What no bill is known for yet: 2110.
    pub unapplied_minor: i64,
    /// What is above the bill where the department carries credit forward: straight to a line of its own.
    pub credit_forward: Option<Line>,
}

/// Debits the rail's clearing account with all that arrived and credits each part where it belongs.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a clearing account or line in the wrong place,
/// [`LedgerError::NotPositive`] for a negative part, [`LedgerError::TooFewPostings`] when nothing arrived,
/// [`LedgerError::TooManyPostings`], [`LedgerError::Overflow`].
pub fn receipt(
    rail: &RailAccounts,
    currency: Currency,
    parts: &ReceiptParts,
) -> Result<Draft, LedgerError> {
    let clearing = rail.checked_clearing()?;
    from(clearing, JournalKind::Receipt, currency, parts)
}

/// The same for a promise that was honoured: debits conditional receipts (2160).
///
/// # Errors
/// As [`receipt`].
pub fn conditional_receipt(currency: Currency, parts: &ReceiptParts) -> Result<Draft, LedgerError> {
    let promised = CONDITIONAL_RECEIPTS.account();
    from(promised, JournalKind::ConditionalReceipt, currency, parts)
}

fn from(
    debit: AccountCode,
    kind: JournalKind,
    currency: Currency,
    parts: &ReceiptParts,
) -> Result<Draft, LedgerError> {
    let held = [
        (OVERPAYMENTS, parts.overpaid_minor),
        (DUPLICATES, parts.duplicate_minor),
        (UNAPPLIED, parts.unapplied_minor),
    ];
    let lines: Vec<Line> = parts
        .applied
        .iter()
        .chain(&parts.credit_forward)
        .cloned()
        .collect();
    let total = held
        .iter()
        .try_fold(total_of(&lines)?, |sum, (_, minor)| sum.checked_add(*minor))
        .ok_or(LedgerError::Overflow)?;

    let mut postings = vec![Posting::debit(debit, total)];
    for line in lines.iter().filter(|line| line.minor != 0) {
        postings.push(line.credit()?);
    }
    for (row, minor) in held {
        if minor != 0 {
            postings.push(Posting::credit(row.account(), minor));
        }
    }
    Draft::new(kind, currency, postings)
}
