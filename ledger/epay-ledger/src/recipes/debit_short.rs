//! The bank's statement debits less than the bank had told: the rest was never taken.

use epay_money::Currency;

use super::parts::told_by_bank;
use crate::account::AccountCode;
use crate::chart::UNIDENTIFIED;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits where the bank's word was booked, refunds in transit (2150) or what awaits the statement (1180), and credits
/// unidentified credits (2190) with what is still on the bank account, until somebody decides whose it is.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for nothing.
pub fn debit_short(
    told_account: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::DebitShort,
        currency,
        vec![
            Posting::debit(told_by_bank(told_account)?, minor),
            Posting::credit(UNIDENTIFIED.account(), minor),
        ],
    )
}
