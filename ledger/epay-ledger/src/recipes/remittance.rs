//! Collections were passed on to the department.

use epay_money::Currency;

use super::parts::{Line, bank, total_of};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits each department line and credits the bank account with their sum.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for a line of nothing,
/// [`LedgerError::TooManyPostings`], [`LedgerError::Overflow`].
pub fn remittance(
    bank_account: &AccountCode,
    currency: Currency,
    lines: &[Line],
) -> Result<Draft, LedgerError> {
    let mut postings = lines
        .iter()
        .map(Line::debit)
        .collect::<Result<Vec<_>, _>>()?;
    postings.push(Posting::credit(bank(bank_account)?, total_of(lines)?));
    Draft::new(JournalKind::Remittance, currency, postings)
}
