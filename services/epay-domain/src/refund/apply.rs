//! Folds an event into a refund. Total: whatever was recorded can be replayed.

use jiff::Timestamp;

use super::{Refund, RefundEvent, RefundState};

/// The refund after the event.
#[must_use]
pub fn apply(mut refund: Refund, event: &RefundEvent, at: Timestamp) -> Refund {
    refund.version = refund.version.saturating_add(1);
    refund.changed_at = at;
    match event {
        RefundEvent::Proposed { .. } => refund.state = RefundState::Proposed,
        RefundEvent::Approved { .. } => refund.state = RefundState::Approved,
        RefundEvent::Refused { .. } => refund.state = RefundState::Refused,
        RefundEvent::Submitted { route } => {
            refund.state = RefundState::Submitting;
            refund.route = Some(route.clone());
            refund.attempts = refund.attempts.saturating_add(1);
            refund.problem = None;
        }
        RefundEvent::NotSent { why } => {
            refund.state = RefundState::Approved;
            refund.problem = Some(why.clone());
        }
        RefundEvent::Rejected { why } | RefundEvent::NoWay { why } => {
            refund.state = RefundState::Queued;
            refund.problem = Some(why.clone());
        }
        RefundEvent::TakenOn => refund.state = RefundState::InTransit,
        RefundEvent::WentUnclear { why } => {
            refund.state = RefundState::Unclear;
            refund.problem = Some(why.clone());
        }
        RefundEvent::Refunded { .. } => {
            refund.state = RefundState::Refunded;
            refund.problem = None;
        }
        RefundEvent::Redirected { account, .. } => {
            refund.state = RefundState::Approved;
            refund.account = account.or(refund.account);
            refund.problem = None;
        }
        RefundEvent::Unexpected { .. } => {}
    }
    refund
}
