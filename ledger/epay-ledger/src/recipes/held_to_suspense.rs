//! A held credit was taken in by two people, as money without a bill.

use epay_money::Currency;

use super::parts::surplus;
use crate::account::AccountCode;
use crate::chart::UNAPPLIED;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the account that keeps it (2190) and credits suspense (2110), from where it is matched to a bill or given back.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn held_to_suspense(
    held: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::HeldToSuspense,
        currency,
        vec![
            Posting::debit(surplus(held)?, minor),
            Posting::credit(UNAPPLIED.account(), minor),
        ],
    )
}
