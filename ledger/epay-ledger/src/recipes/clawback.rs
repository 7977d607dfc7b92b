//! What a department owed us for a refund or a lost dispute is kept back from what we owe it.

use epay_money::Currency;

use super::parts::{Line, due_from, total_of};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the department's lines (2010) and credits what it owed (1230) with their sum.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for a line of nothing,
/// [`LedgerError::TooManyPostings`], [`LedgerError::Overflow`].
pub fn clawback(
    department: &AccountCode,
    currency: Currency,
    lines: &[Line],
) -> Result<Draft, LedgerError> {
    let mut postings = lines
        .iter()
        .map(Line::debit)
        .collect::<Result<Vec<_>, _>>()?;
    postings.push(Posting::credit(due_from(department)?, total_of(lines)?));
    Draft::new(JournalKind::Clawback, currency, postings)
}
