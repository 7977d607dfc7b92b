//! A rail paid over what it collected, less what it keeps.

use epay_money::Currency;

use super::parts::{RailAccounts, bank};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the bank account with what came and the rail's fee expense with what it kept, and credits the rail's
/// clearing account with their sum: a fee is never netted from a receipt.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for less than nothing,
/// [`LedgerError::TooFewPostings`] when nothing came and nothing was kept, [`LedgerError::Overflow`].
pub fn payout(
    rail: &RailAccounts,
    bank_account: &AccountCode,
    currency: Currency,
    net_minor: i64,
    fee_minor: i64,
) -> Result<Draft, LedgerError> {
    let gross = net_minor
        .checked_add(fee_minor)
        .ok_or(LedgerError::Overflow)?;
    let mut postings = Vec::with_capacity(3);
    if net_minor != 0 {
        postings.push(Posting::debit(bank(bank_account)?, net_minor));
    }
    if fee_minor != 0 {
        postings.push(Posting::debit(rail.checked_fee_expense()?, fee_minor));
    }
    if gross != 0 {
        postings.push(Posting::credit(rail.checked_clearing()?, gross));
    }
    Draft::new(JournalKind::Payout, currency, postings)
}
