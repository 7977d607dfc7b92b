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
        // One event tells the start; what follows in the same breath is not news.
        PaymentEvent::Created { .. } => vec![Effect::Schedule {
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
        PaymentEvent::Declined { .. } | PaymentEvent::Expired | PaymentEvent::Cancelled => {
            vec![notify(PublicEventKind::PaymentEnded, None)]
        }
        PaymentEvent::WentUnclear => vec![notify(PublicEventKind::PaymentUnclear, None)],
        PaymentEvent::Submitted | PaymentEvent::Accepted | PaymentEvent::Unexpected { .. } => {
            vec![]
        }
    }
}
