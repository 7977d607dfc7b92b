//! The bank has what a rail paid over for a batch, less what the rail keeps; or not all of it, or more.

use epay_money::Currency;

use super::parts::{RailAccounts, moved_on};
use crate::account::AccountCode;
use crate::chart::UNIDENTIFIED;
use crate::draft::{Draft, Posting};
use crate::error::LedgerError;
use crate::kind::JournalKind;

/// What a batch has, and what the bank saw of it, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettlementParts {
    /// What the rail collected.
    pub gross_minor: i64,
    /// What the rail keeps.
    pub fee_minor: i64,
    /// What reached the bank.
    pub seen_minor: i64,
}

/// Debits the bank account (or 2190, where the credit was kept until it was known to be this) with what came and the rail's
/// fee expense with what it keeps, and credits the rail's clearing account with the whole batch: a fee is never netted from
/// a receipt. What is missing is kept on the rail's shortfall (1190), what is too much on its surplus (2190), each until its
/// break is resolved.
///
/// # Errors
/// [`LedgerError::WrongAccount`] for a misplaced account, [`LedgerError::NotPositive`] for less than nothing,
/// [`LedgerError::TooFewPostings`] when nothing came and nothing was kept, [`LedgerError::Overflow`].
pub fn settlement(
    rail: &RailAccounts,
    moved_on_account: &AccountCode,
    currency: Currency,
    parts: SettlementParts,
) -> Result<Draft, LedgerError> {
    let moved_on = moved_on(moved_on_account)?;
    let accounted = parts.seen_minor.checked_add(parts.fee_minor);
    let over = accounted
        .and_then(|accounted| accounted.checked_sub(parts.gross_minor))
        .ok_or(LedgerError::Overflow)?;
    let mut postings = Vec::with_capacity(4);
    if parts.seen_minor != 0 {
        postings.push(Posting::debit(moved_on.clone(), parts.seen_minor));
    }
    if parts.fee_minor != 0 {
        postings.push(Posting::debit(rail.checked_fee_expense()?, parts.fee_minor));
    }
    if over < 0 {
        let short = over.checked_neg().ok_or(LedgerError::Overflow)?;
        postings.push(Posting::debit(rail.shortfall()?, short));
    }
    if parts.gross_minor != 0 {
        postings.push(Posting::credit(rail.checked_clearing()?, parts.gross_minor));
    }
    if over > 0 {
        postings.push(Posting::credit(rail.surplus()?, over));
    }
    let kind = match over.signum() {
        -1 => JournalKind::SettlementShort,
        1 => JournalKind::SettlementOver,
        _ if UNIDENTIFIED.covers(&moved_on) => JournalKind::CreditIdentified,
        _ => JournalKind::Payout,
    };
    Draft::new(kind, currency, postings)
}
