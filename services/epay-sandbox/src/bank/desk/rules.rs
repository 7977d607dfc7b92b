//! The bank's rules about amounts and labels, each a function of its arguments.

use super::{BankError, Scanned};
use crate::faults::{DELAY_SECONDS_MAX, Faults};
use crate::money::AMOUNT_CENTS_MAX;

/// What the payer confirmed: the code's amount, or another where the code allows it.
pub(super) fn confirmed_cents(scanned: &Scanned, given: Option<i64>) -> Result<i64, BankError> {
    match (scanned.amount_cents, given) {
        (None, None) => Err(BankError::AmountMissing),
        (Some(asked), Some(given)) if asked != given && !scanned.amount_editable => {
            Err(BankError::AmountFixed)
        }
        (_, Some(given)) => Ok(given),
        (Some(asked), None) => Ok(asked),
    }
}

/// What moves when the payer confirmed an amount, after the fault that changes it.
pub(super) fn moved_cents(confirmed: i64, faults: &Faults) -> Result<i64, BankError> {
    if faults.delay_seconds > DELAY_SECONDS_MAX {
        return Err(BankError::Delay);
    }
    if !faults
        .group
        .as_deref()
        .is_none_or(|group| (1..=64).contains(&group.len()))
    {
        return Err(BankError::Group);
    }
    let in_range = |cents: &i64| (1..=AMOUNT_CENTS_MAX).contains(cents);
    let moved = Some(confirmed)
        .filter(in_range)
        .and_then(|cents| cents.checked_add(faults.amount_delta_cents));
    moved.filter(in_range).ok_or(BankError::AmountRange)
}

/// Whether a text fits object 62/01 or 62/05.
pub(super) fn is_label(text: &str) -> bool {
    (1..=25).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7E).contains(&byte))
}
