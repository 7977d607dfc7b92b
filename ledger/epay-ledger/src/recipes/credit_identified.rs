//! It became known what an unidentified credit of the bank was: what a rail owed.

use epay_money::Currency;

use super::parts::RailAccounts;
use crate::chart::UNIDENTIFIED;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits unidentified settlement credits (2190) and credits the rail's clearing account, as the sweep would have done.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn credit_identified(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::CreditIdentified,
        currency,
        vec![
            Posting::debit(UNIDENTIFIED.account(), minor),
            Posting::credit(rail.checked_clearing()?, minor),
        ],
    )
}
