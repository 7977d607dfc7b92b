//! A signed promise was taken in: it counts when it is honoured.

use epay_money::Currency;

use super::parts::{RailAccounts, wrong};
use crate::chart::{CONDITIONAL_CLEARING, CONDITIONAL_RECEIPTS};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the rail's clearing account, which must be that of promises (1150), and credits conditional receipts (2160).
///
/// # Errors
/// [`LedgerError::WrongAccount`] for another clearing account, whose balance would then not be equal to 2160;
/// [`LedgerError::NotPositive`] for nothing.
pub fn conditional(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    let clearing = rail.checked_clearing()?;
    if !CONDITIONAL_CLEARING.covers(&clearing) {
        return Err(wrong(&clearing, "the clearing account of promises"));
    }
    Draft::new(
        JournalKind::Conditional,
        currency,
        vec![
            Posting::debit(clearing, minor),
            Posting::credit(CONDITIONAL_RECEIPTS.account(), minor),
        ],
    )
}
