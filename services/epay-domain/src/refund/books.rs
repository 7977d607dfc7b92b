//! Which journal books an event of a refund (J07, J08, J09), and what the bank's statement must show of it.
//!
//! The bank account moves by the statement's entry alone: a refund that the bank says it paid stays in transit (2150) until
//! then, and one that came back is on its way to the account (1180).

use epay_ledger::chart::{
    AWAITING_STATEMENT, DUE_FROM_DEPARTMENTS, DUPLICATES, OVERPAYMENTS, UNAPPLIED,
};
use epay_ledger::recipes::{self, RailAccounts};
use epay_ledger::{AccountCode, AccountCodeError, Draft};
use epay_money::BillerId;

use super::{Refund, RefundEvent, RefundState, Source};
use crate::credit::CreditError;
use crate::statement::EntryDirection;

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
        RefundEvent::Refunded { .. } => match netted_by(before, booking) {
            Some(accounts) => recipes::refund_netted(accounts, currency, minor)?,
            None => return Ok(None),
        },
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

/// Which way money must move on the bank's statement because of `event`, if it must; `before` is the refund before it.
#[must_use]
pub fn on_statement(
    before: &Refund,
    event: &RefundEvent,
    booking: Booking<'_>,
) -> Option<EntryDirection> {
    let paid = matches!(event, RefundEvent::Refunded { .. });
    let came_back =
        matches!(event, RefundEvent::Rejected { .. }) && before.state == RefundState::Refunded;
    if netted_by(before, booking).is_some() {
        return None;
    }
    let direction = paid.then_some(EntryDirection::Debit);
    direction.or_else(|| came_back.then_some(EntryDirection::Credit))
}

/// The accounts of the rail that gives the money back itself and keeps it from its payout; nothing where a bank was told
/// to pay.
fn netted_by<'a>(refund: &Refund, booking: Booking<'a>) -> Option<&'a RailAccounts> {
    let original = refund.route.as_ref().is_some_and(|route| route.original);
    booking.original.filter(|_accounts| original)
}

/// What was in transit is payable again. What had been paid already comes back from where it was paid first.
fn rejected(refund: &Refund, booking: Booking<'_>) -> Result<Draft, CreditError> {
    let (currency, minor) = (refund.amount.currency(), refund.amount.minor());
    if refund.state != RefundState::Refunded {
        return Ok(recipes::refund_rejected(currency, minor)?);
    }
    let to = match netted_by(refund, booking) {
        Some(accounts) => accounts.clearing.clone(),
        None => AWAITING_STATEMENT.account(),
    };
    Ok(recipes::refund_came_back(&to, currency, minor)?)
}
