//! The channel's fee for items became due; the operator invoices it later.

use epay_money::Currency;

use super::parts::RailAccounts;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits the rail's fee expense and credits what the rail will invoice. Fees never reduce a receipt.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced fee account, [`LedgerError::NotPositive`] for no fee.
pub fn fee_accrual(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::FeeAccrual,
        currency,
        vec![
            Posting::debit(rail.checked_fee_expense()?, minor),
            Posting::credit(rail.checked_fee_accrued()?, minor),
        ],
    )
}
