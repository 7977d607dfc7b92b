//! What must be done or heard after something happened to a payment.

use super::{Payment, PaymentEvent};
use crate::{Effect, PublicEvent, PublicEventKind};

/// The effects of an event; `payment` is the payment after it.
#[must_use]
pub fn effects(payment: &Payment, event: &PaymentEvent) -> Vec<Effect> {
    let notify = |kind, minor| {
        Effect::Notify(PublicEvent {
            kind,
            biller: payment.biller.clone(),
            bill: payment.bill,
            payment: Some(payment.id),
            minor,
        })
    };
    match event {
        // One event tells the start; what follows in the same breath is not news. A payment whose rail is asked has
        // its own timer.
        PaymentEvent::Created { .. } if payment.remote.is_none() => vec![Effect::Schedule {
            payment: payment.id,
            at: payment.expires_at,
        }],
        PaymentEvent::Presented => {
            vec![notify(
                PublicEventKind::PaymentStarted,
                Some(payment.amount.minor()),
            )]
        }
        PaymentEvent::Settled { minor, .. }
        | PaymentEvent::FundsArrivedLate { minor, .. }
        | PaymentEvent::PaidAgain { minor, .. } => {
            vec![notify(PublicEventKind::PaymentSettled, Some(*minor))]
        }
        PaymentEvent::Declined { .. }
        | PaymentEvent::NotSent { .. }
        | PaymentEvent::NeverArrived
        | PaymentEvent::Dishonoured { .. }
        | PaymentEvent::ReturnedAfterHonour { .. }
        | PaymentEvent::FoundUnpaid { .. }
        | PaymentEvent::Expired
        | PaymentEvent::Cancelled => {
            vec![notify(PublicEventKind::PaymentEnded, None)]
        }
        PaymentEvent::WentUnclear { .. } => vec![notify(PublicEventKind::PaymentUnclear, None)],
        PaymentEvent::Accepted
        | PaymentEvent::FailedOver(_)
        | PaymentEvent::ReceivedConditionally { .. }
        | PaymentEvent::PayerActs
        | PaymentEvent::HandoverRefused { .. } => {
            vec![notify(PublicEventKind::PaymentProgressed, None)]
        }
        PaymentEvent::ChargedBack { minor, .. } => {
            vec![notify(PublicEventKind::PaymentChargedBack, Some(*minor))]
        }
        PaymentEvent::ChargebackReversed { minor } => {
            vec![notify(
                PublicEventKind::PaymentChargebackReversed,
                Some(*minor),
            )]
        }
        PaymentEvent::Created { .. }
        | PaymentEvent::Submitted
        | PaymentEvent::CaptureAsked { .. }
        | PaymentEvent::CloseAsked
        | PaymentEvent::VoidAsked
        | PaymentEvent::Unexpected { .. } => {
            vec![]
        }
    }
}
