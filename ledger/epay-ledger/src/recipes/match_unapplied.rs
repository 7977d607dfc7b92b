//! Unapplied money was matched to a bill, by two people.

use epay_money::Currency;

use super::parts::{Line, total_of};
use crate::chart::UNAPPLIED;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the suspense account 2110 and credits the bill's lines.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a line outside 2010, [`LedgerError::NotPositive`] for a line of nothing,
/// [`LedgerError::TooManyPostings`], [`LedgerError::Overflow`].
pub fn match_unapplied(currency: Currency, lines: &[Line]) -> Result<Draft, LedgerError> {
    let mut postings = vec![Posting::debit(UNAPPLIED.account(), total_of(lines)?)];
    for line in lines {
        postings.push(line.credit()?);
    }
    Draft::new(JournalKind::SuspenseMatch, currency, postings)
}
