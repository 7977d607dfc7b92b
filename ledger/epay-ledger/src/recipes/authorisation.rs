//! A rail holds money of a payer for us: a memorandum, and no receivable.

use epay_money::Currency;

use crate::chart::{AUTHORISATIONS, AUTHORISATIONS_CONTRA};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits authorisations outstanding (9010) and credits their contra (9020).
///
/// # Errors
/// [`LedgerError::NotPositive`] for nothing.
pub fn authorisation(currency: Currency, minor: i64) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::Authorisation,
        currency,
        vec![
            Posting::debit(AUTHORISATIONS.account(), minor),
            Posting::credit(AUTHORISATIONS_CONTRA.account(), minor),
        ],
    )
}
