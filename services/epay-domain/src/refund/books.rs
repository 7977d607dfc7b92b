//! Which journal books an event of a refund (J07, J08, J09).

use epay_ledger::chart::{BANK, DUE_FROM_DEPARTMENTS, DUPLICATES, OVERPAYMENTS, UNAPPLIED};
use epay_ledger::recipes::{self, RailAccounts};
use epay_ledger::{AccountCode, AccountCodeError, Draft, LedgerError};
use epay_money::BillerId;

use super::{Refund, RefundEvent, RefundState, Source};
use crate::credit::CreditError;

/// What booking needs beside the refund.
#[derive(Debug, Clone, Copy)]
pub struct Booking<'a> {
    /// The accounts of the rail that the order went to, where the refund goes back along the way the money came.
    pub original: Option<&'a RailAccounts>,
}

/// The account that a refund takes its money from.
///
/// # Errors
/// When the department's code makes no account.
pub fn source_account(source: Source, biller: &BillerId) -> Result<AccountCode, AccountCodeError> {
    match source {
        Source::Unapplied => Ok(UNAPPLIED.account()),
        Source::Overpaid => Ok(OVERPAYMENTS.account()),
        Source::Duplicate => Ok(DUPLICATES.account()),
        Source::Applied => DUE_FROM_DEPARTMENTS.account().child(biller.as_str()),
    }
}

/// The draft that books `event`; `before` is the refund before it. Nothing for events that move no money.
///
/// # Errors
/// [`CreditError`] when an account is configured wrongly.
pub fn journal(
    before: &Refund,
    event: &RefundEvent,
    booking: Booking<'_>,
) -> Result<Option<Draft>, CreditError> {
    let (currency, minor) = (before.amount.currency(), before.amount.minor());
    let draft = match event {
        RefundEvent::Approved { .. } => {
            let from = source_account(before.source, &before.biller)?;
            if before.source == Source::Applied {
                recipes::refund_of_applied(&from, currency, minor)?
            } else {
                recipes::refund_approved(&from, currency, minor)?
            }
        }
        RefundEvent::Submitted { .. } => recipes::refund_sent(currency, minor)?,
        RefundEvent::NotSent { .. } => recipes::refund_rejected(currency, minor)?,
        RefundEvent::Refunded { .. } => paid(before, booking)?,
        RefundEvent::Rejected { .. } => return rejected(before, booking).map(Some),
        RefundEvent::Proposed { .. }
        | RefundEvent::Refused { .. }
        | RefundEvent::TakenOn
        | RefundEvent::WentUnclear { .. }
        | RefundEvent::NoWay { .. }
        | RefundEvent::Redirected { .. }
        | RefundEvent::Unexpected { .. } => return Ok(None),
    };
    Ok(Some(draft))
}

/// A rail that gives money back itself keeps it from its payout; a bank that was told to pay debits our account.
fn paid(refund: &Refund, booking: Booking<'_>) -> Result<Draft, LedgerError> {
    let (currency, minor) = (refund.amount.currency(), refund.amount.minor());
    let original = refund.route.as_ref().is_some_and(|route| route.original);
    match booking.original.filter(|_accounts| original) {
        Some(accounts) => recipes::refund_netted(accounts, currency, minor),
        None => recipes::refund_debited(&BANK.account(), currency, minor),
    }
}

/// What was in transit is payable again. What had been paid already comes back from where it was paid first.
fn rejected(refund: &Refund, booking: Booking<'_>) -> Result<Draft, CreditError> {
    let (currency, minor) = (refund.amount.currency(), refund.amount.minor());
    if refund.state != RefundState::Refunded {
        return Ok(recipes::refund_rejected(currency, minor)?);
    }
    let original = refund.route.as_ref().is_some_and(|route| route.original);
    let from = match booking.original.filter(|_accounts| original) {
        Some(accounts) => accounts.clearing.clone(),
        None => BANK.account(),
    };
    Ok(recipes::refund_came_back(&from, currency, minor)?)
}
