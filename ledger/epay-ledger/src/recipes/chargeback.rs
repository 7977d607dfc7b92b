//! A payer's bank took money back by a dispute, and what becomes of it when the dispute is won.

use epay_money::Currency;

use super::parts::{RailAccounts, due_from};
use crate::account::AccountCode;
use crate::chart::{CHARGEBACKS, DISPUTE_FEES};
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// Debits chargebacks in dispute (1210) and, where the rail charges one, dispute fees (5020), and credits the rail's
/// clearing account: the rail keeps both back from its next payout.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced clearing account, [`LedgerError::NotPositive`] for less than nothing,
/// [`LedgerError::Overflow`].
pub fn chargeback(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
    fee_minor: i64,
) -> Result<Draft, LedgerError> {
    let sum = minor.checked_add(fee_minor).ok_or(LedgerError::Overflow)?;
    let mut postings = vec![Posting::debit(CHARGEBACKS.account(), minor)];
    if fee_minor != 0 {
        postings.push(Posting::debit(DISPUTE_FEES.account(), fee_minor));
    }
    postings.push(Posting::credit(rail.checked_clearing()?, sum));
    Draft::new(JournalKind::Chargeback, currency, postings)
}

/// Debits the rail's clearing account and credits chargebacks in dispute (1210) and, where the rail gives its fee back,
/// dispute fees (5020).
///
/// # Errors
/// As [`chargeback`].
pub fn chargeback_reversed(
    rail: &RailAccounts,
    currency: Currency,
    minor: i64,
    fee_minor: i64,
) -> Result<Draft, LedgerError> {
    let sum = minor.checked_add(fee_minor).ok_or(LedgerError::Overflow)?;
    let mut postings = vec![
        Posting::debit(rail.checked_clearing()?, sum),
        Posting::credit(CHARGEBACKS.account(), minor),
    ];
    if fee_minor != 0 {
        postings.push(Posting::credit(DISPUTE_FEES.account(), fee_minor));
    }
    Draft::new(JournalKind::ChargebackReversed, currency, postings)
}

/// The dispute was lost, and the department bears the principal: debits what it owes us back (1230) and credits
/// chargebacks in dispute (1210). The fee stays where it is.
///
/// # Errors
/// [`LedgerError::WrongAccount`] when `department` is not under 1230, [`LedgerError::NotPositive`] for nothing.
pub fn chargeback_lost(
    department: &AccountCode,
    currency: Currency,
    minor: i64,
) -> Result<Draft, LedgerError> {
    Draft::new(
        JournalKind::ChargebackLost,
        currency,
        vec![
            Posting::debit(due_from(department)?, minor),
            Posting::credit(CHARGEBACKS.account(), minor),
        ],
    )
}
