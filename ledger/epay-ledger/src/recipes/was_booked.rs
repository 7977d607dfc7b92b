//! It became known what a movement of the bank was that nobody had expected: the books had it already.

use epay_money::Currency;

use super::parts::bank;
use crate::account::AccountCode;
use crate::chart::{SHORTFALLS, UNIDENTIFIED};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Undoes what the statement booked for a credit that the bank's earlier word had booked: debits 2190 and credits the bank
/// account.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn credit_was_booked(
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    let postings = vec![
        Posting::debit(UNIDENTIFIED.account(), minor),
        Posting::credit(bank(bank_account)?, minor),
    ];
    Draft::new(JournalKind::CreditIdentified, currency, postings)
}

/// The same for a debit: debits the bank account and credits 1190.
///
/// # Errors
/// As [`credit_was_booked`].
pub fn debit_was_booked(
    bank_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    let postings = vec![
        Posting::debit(bank(bank_account)?, minor),
        Posting::credit(SHORTFALLS.account(), minor),
    ];
    Draft::new(JournalKind::DebitIdentified, currency, postings)
}
