//! What may be asked of refunds, and when it is refused.

use epay_money::{Money, PayoutAccountId, ProposalId, RefundId};
use jiff::Timestamp;

use super::{Pot, Refund, RefundEvent, RefundState, Source};
use crate::{Receipt, Refusal};

/// A refund that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// Its id, made by the caller.
    pub id: RefundId,
    /// The id of the proposal that stands for it.
    pub proposal: ProposalId,
    /// Which part of the receipt; the first that holds money when unset, and never applied money.
    pub source: Option<Source>,
    /// How much; all that is left of the part when unset.
    pub amount: Option<Money>,
    /// Where to pay it, where it cannot go back along the way it came.
    pub account: Option<PayoutAccountId>,
    /// Why.
    pub reason: String,
    /// The department's consent; needed for applied money.
    pub consent: Option<String>,
    /// When it was asked for.
    pub at: Timestamp,
}

/// What may be asked of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundAsk {
    /// Send it again, to this account where one is needed.
    Redirect {
        /// The account.
        account: Option<PayoutAccountId>,
        /// Who asks.
        by: String,
    },
}

/// A refund of a receipt, the event that begins it, and the pot after it.
///
/// # Errors
/// [`Refusal::NotRefundable`] with what is left, [`Refusal::ConsentNeeded`], [`Refusal::AmountNotPositive`],
/// [`Refusal::WrongCurrency`].
pub fn request(
    receipt: &Receipt,
    pots: &[Pot],
    new: &NewRefund,
) -> Result<(Refund, RefundEvent, Pot), Refusal> {
    let nothing = Refusal::NotRefundable {
        left: Money::new(0, receipt.amount.currency()),
    };
    let fits = |pot: &&Pot| match new.source {
        Some(source) => pot.source == source,
        None => pot.source != Source::Applied && pot.left().is_positive(),
    };
    let pot = Source::ALL
        .into_iter()
        .filter_map(|source| pots.iter().find(|pot| pot.source == source))
        .find(fits)
        .ok_or_else(|| nothing.clone())?;
    if pot.source == Source::Applied && new.consent.as_deref().unwrap_or_default().is_empty() {
        return Err(Refusal::ConsentNeeded);
    }
    let amount = new.amount.unwrap_or_else(|| pot.left());
    if new.amount.is_none() && !amount.is_positive() {
        return Err(nothing);
    }
    let pot = pot.clone().take(amount)?;
    let refund = Refund {
        id: new.id,
        biller: receipt.biller.clone(),
        receipt: receipt.id,
        payment: receipt.payment,
        bill: receipt.bill,
        source: pot.source,
        amount,
        reason: new.reason.clone(),
        consent: new.consent.clone(),
        account: new.account,
        proposal: new.proposal,
        state: RefundState::Proposed,
        route: None,
        attempts: 0,
        problem: None,
        created_at: new.at,
        changed_at: new.at,
        version: 0,
    };
    let event = RefundEvent::Proposed {
        receipt: receipt.id,
        source: pot.source,
        minor: amount.minor(),
        reason: new.reason.clone(),
        consent: new.consent.clone(),
    };
    Ok((refund, event, pot))
}

/// Answers a request about a refund.
///
/// # Errors
/// [`Refusal::RefundNotQueued`]: only what certainly has not been paid may be sent again.
pub fn asked(refund: &Refund, ask: &RefundAsk) -> Result<Vec<RefundEvent>, Refusal> {
    match (refund.state, ask) {
        (RefundState::Queued, RefundAsk::Redirect { account, by }) => {
            Ok(vec![RefundEvent::Redirected {
                account: *account,
                by: by.clone(),
            }])
        }
        (
            RefundState::Proposed
            | RefundState::Approved
            | RefundState::Submitting
            | RefundState::InTransit
            | RefundState::Unclear
            | RefundState::Refunded
            | RefundState::Refused,
            RefundAsk::Redirect { .. },
        ) => Err(Refusal::RefundNotQueued),
    }
}
