//! Folds an event into a payment. Total: whatever was recorded can be replayed.

use jiff::Timestamp;

use super::{NewPayment, Payment, PaymentEvent, PaymentPart, PaymentState};
use crate::bill::Bill;
use crate::{BillType, Reference};
use epay_money::{Money, RailId};

/// A payment before its first event; `parts` is empty where it pays one bill.
#[must_use]
pub fn created(
    bill: &Bill,
    bill_type: &BillType,
    new: &NewPayment,
    (amount, parts): (Money, Vec<PaymentPart>),
    at: Timestamp,
) -> Payment {
    Payment {
        id: new.id,
        biller: bill.biller.clone(),
        bill: bill.id,
        reference: Reference::of(new.id),
        rail: new.rail.clone(),
        method: new.method.clone(),
        amount,
        state: PaymentState::Created,
        received_minor: 0,
        payee: bill_type
            .payee(&new.rail)
            .map(|payee| payee.identifier.clone())
            .unwrap_or_default(),
        presentation: None,
        // A payer who changes the sum of several bills would leave it open which of them is meant.
        amount_editable: bill_type.amount_editable() && parts.is_empty(),
        parts,
        created_at: at,
        expires_at: new.expires_at,
        version: 0,
        remote: None,
    }
}

/// The payment after the event.
#[must_use]
pub fn apply(mut payment: Payment, event: &PaymentEvent) -> Payment {
    payment.version = payment.version.saturating_add(1);
    match event {
        PaymentEvent::Created { rail, .. } => {
            payment.state = PaymentState::Created;
            // A payment that went on by another rail is told again from its beginning.
            payment.rail = RailId::new(rail).unwrap_or(payment.rail);
        }
        PaymentEvent::FailedOver(failover) => {
            payment.state = PaymentState::Created;
            payment.rail = failover.to.clone();
            payment.payee.clone_from(&failover.payee);
            payment.expires_at = failover.expires_at;
        }
        PaymentEvent::Presented
        | PaymentEvent::PayerActs
        | PaymentEvent::HandoverRefused { .. } => payment.state = PaymentState::AwaitingPayer,
        PaymentEvent::Submitted => payment.state = PaymentState::Submitting,
        PaymentEvent::Accepted | PaymentEvent::ReceivedConditionally { .. } => {
            payment.state = PaymentState::Accepted;
        }
        PaymentEvent::CloseAsked | PaymentEvent::VoidAsked => {
            payment.state = PaymentState::Closing;
        }
        PaymentEvent::Settled { minor, .. }
        | PaymentEvent::FundsArrivedLate { minor, .. }
        | PaymentEvent::PaidAgain { minor, .. } => {
            payment.state = PaymentState::Settled;
            payment.received_minor = payment.received_minor.saturating_add(*minor);
        }
        PaymentEvent::Declined { .. }
        | PaymentEvent::NotSent { .. }
        | PaymentEvent::NeverArrived
        | PaymentEvent::Dishonoured { .. }
        | PaymentEvent::FoundUnpaid { .. } => payment.state = PaymentState::Failed,
        PaymentEvent::ReturnedAfterHonour { minor, .. } => {
            payment.state = PaymentState::Failed;
            payment.received_minor = payment.received_minor.saturating_sub(*minor).max(0);
        }
        PaymentEvent::WentUnclear { .. } => payment.state = PaymentState::Unclear,
        PaymentEvent::Expired => payment.state = PaymentState::Expired,
        PaymentEvent::Cancelled => payment.state = PaymentState::Cancelled,
        PaymentEvent::CaptureAsked { .. }
        | PaymentEvent::ChargedBack { .. }
        | PaymentEvent::ChargebackReversed { .. }
        | PaymentEvent::Unexpected { .. } => {}
    }
    payment
}
