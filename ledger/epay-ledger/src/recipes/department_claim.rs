//! A department bears what is missing: two people agreed with its consent.

use epay_money::Currency;

use super::parts::{due_from, missing};
use crate::account::AccountCode;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits what the department owes us back (1230) and credits the account that keeps what is missing.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for no amount.
pub fn department_claim(
    department: &AccountCode,
    kept_on: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::DepartmentClaim,
        currency,
        vec![
            Posting::debit(due_from(department)?, minor),
            Posting::credit(missing(kept_on)?, minor),
        ],
    )
}
