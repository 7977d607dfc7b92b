//! It became known what an unexpected debit of the bank was.

use epay_money::Currency;

use super::parts::{Line, RailAccounts, total_of};
use crate::chart::SHORTFALLS;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// An operator took the fees that it had invoiced: debits the rail's accrued fees (2310) and credits the shortfall
/// receivable (1190), which kept the debit.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn debit_was_fee_invoice(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    identified(
        currency,
        vec![Posting::debit(rail.checked_fee_accrued()?, minor)],
        minor,
    )
}

/// Collections were passed on to the department: debits its lines (2010) and credits the shortfall receivable (1190).
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for a line of nothing,
/// [`LedgerError::TooManyPostings`], [`LedgerError::Overflow`].
pub fn debit_was_remittance(currency: Currency, lines: &[Line]) -> Result<Draft, LedgerError> {
    let postings = lines
        .iter()
        .map(Line::debit)
        .collect::<Result<Vec<_>, _>>()?;
    identified(currency, postings, total_of(lines)?)
}

fn identified(
    currency: Currency,
    mut postings: Vec<Posting>,
    minor: i64,
) -> Result<Draft, LedgerError> {
    postings.push(Posting::credit(SHORTFALLS.account(), minor));
    Draft::new(JournalKind::DebitIdentified, currency, postings)
}
