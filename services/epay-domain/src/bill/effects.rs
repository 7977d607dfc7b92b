//! What the world must hear after something happened to a bill.

use super::{Bill, BillEvent, BillState};
use crate::{Effect, PublicEvent, PublicEventKind};

/// The effects of an event; `bill` is the bill after it.
#[must_use]
pub fn effects(bill: &Bill, event: &BillEvent) -> Vec<Effect> {
    let (kind, minor) = match event {
        BillEvent::Issued { minor, .. } => (PublicEventKind::BillIssued, Some(*minor)),
        BillEvent::ReceiptApplied { minor, .. } => match bill.state {
            BillState::Paid => (PublicEventKind::BillPaid, Some(*minor)),
            BillState::Open | BillState::PartPaid | BillState::Withdrawn => {
                (PublicEventKind::BillPartPaid, Some(*minor))
            }
        },
        BillEvent::OverpaymentHeld { minor, .. }
        | BillEvent::CreditForwarded { minor, .. }
        | BillEvent::DuplicateHeld { minor, .. }
        | BillEvent::HeldInSuspense { minor, .. } => (PublicEventKind::MoneyHeld, Some(*minor)),
        BillEvent::ReceiptReturned { minor, .. } => (PublicEventKind::BillReopened, Some(*minor)),
        BillEvent::Revised { minor, .. } => (PublicEventKind::BillRevised, Some(*minor)),
        BillEvent::Withdrawn { .. } => (PublicEventKind::BillWithdrawn, None),
    };
    vec![Effect::Notify(PublicEvent {
        kind,
        biller: bill.biller.clone(),
        bill: bill.id,
        payment: None,
        minor,
    })]
}
