//! What must be heard after something happened to a refund.

use super::{Refund, RefundEvent};
use crate::{Effect, PublicEvent, PublicEventKind};

/// The effects of an event; `refund` is the refund after it. Money of no known bill is nobody's news yet.
#[must_use]
pub fn effects(refund: &Refund, event: &RefundEvent) -> Vec<Effect> {
    let kind = match event {
        RefundEvent::Approved { .. } => PublicEventKind::RefundApproved,
        RefundEvent::Refunded { .. } => PublicEventKind::RefundPaid,
        RefundEvent::Rejected { .. } => PublicEventKind::RefundCameBack,
        RefundEvent::Proposed { .. }
        | RefundEvent::Refused { .. }
        | RefundEvent::Submitted { .. }
        | RefundEvent::NotSent { .. }
        | RefundEvent::TakenOn
        | RefundEvent::WentUnclear { .. }
        | RefundEvent::NoWay { .. }
        | RefundEvent::Redirected { .. }
        | RefundEvent::Unexpected { .. } => return vec![],
    };
    refund
        .bill
        .map(|bill| {
            Effect::Notify(PublicEvent {
                kind,
                biller: refund.biller.clone(),
                bill,
                payment: refund.payment,
                minor: Some(refund.amount.minor()),
            })
        })
        .into_iter()
        .collect()
}
