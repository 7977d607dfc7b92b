//! A small difference was written off by two people.

use epay_money::Currency;

use super::parts::difference;
use crate::account::AccountCode;
use crate::chart::{UNIDENTIFIED, WRITTEN_OFF};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Ends a difference against 5090: what is missing is credited on the account that keeps it, what is too much (2190) is
/// debited.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for an account that keeps no difference, [`LedgerError::NotPositive`] for no amount.
pub fn write_off(
    kept_on: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    let kept = difference(kept_on)?;
    let lost = WRITTEN_OFF.account();
    let postings = if UNIDENTIFIED.covers(&kept) {
        vec![Posting::debit(kept, minor), Posting::credit(lost, minor)]
    } else {
        vec![Posting::debit(lost, minor), Posting::credit(kept, minor)]
    };
    Draft::new(JournalKind::WriteOff, currency, postings)
}
