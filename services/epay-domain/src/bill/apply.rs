//! Folds an event into a bill. Total: whatever was recorded can be replayed.

use epay_money::Money;
use jiff::Timestamp;

use super::{Bill, BillEvent, BillState};

/// The bill after the event.
#[must_use]
pub fn apply(mut bill: Bill, event: &BillEvent, at: Timestamp) -> Bill {
    bill.version = bill.version.saturating_add(1);
    match event {
        BillEvent::Issued { .. } => {
            bill.state = if bill.amount.is_zero() {
                BillState::Paid
            } else {
                BillState::Open
            };
            bill.created_at = at;
        }
        BillEvent::ReceiptApplied { minor, on_time, .. } => {
            bill.instalment_missed |= !bill.instalments.is_empty() && !on_time;
            bill.applied_minor = bill.applied_minor.saturating_add(*minor);
            if bill.applied_minor >= bill.amount.minor() {
                bill.state = BillState::Paid;
                bill.paid_at = Some(at);
            } else {
                bill.state = BillState::PartPaid;
            }
        }
        BillEvent::ReceiptReturned { minor, .. } => {
            bill.applied_minor = bill.applied_minor.saturating_sub(*minor).max(0);
            bill.paid_at = None;
            bill.state = match bill.state {
                BillState::Withdrawn => BillState::Withdrawn,
                BillState::Open | BillState::PartPaid | BillState::Paid
                    if bill.applied_minor > 0 =>
                {
                    BillState::PartPaid
                }
                BillState::Open | BillState::PartPaid | BillState::Paid => BillState::Open,
            };
        }
        BillEvent::Revised {
            revision,
            minor,
            due_date,
            description,
            lines,
            parts,
            instalments,
            licence,
        } => {
            if bill.instalments != *instalments {
                bill.instalments.clone_from(instalments);
                bill.instalment_missed = false;
            }
            bill.revision = *revision;
            bill.amount = Money::new(*minor, bill.amount.currency());
            bill.due_date = *due_date;
            bill.description.clone_from(description);
            bill.lines.clone_from(lines);
            bill.parts.clone_from(parts);
            bill.licence.clone_from(licence);
            // Only a bill without money on it gets another amount.
            if bill.applied_minor == 0 {
                bill.state = if bill.amount.is_zero() {
                    BillState::Paid
                } else {
                    BillState::Open
                };
            }
        }
        BillEvent::Withdrawn { .. } => bill.state = BillState::Withdrawn,
        BillEvent::OverpaymentHeld { .. }
        | BillEvent::CreditForwarded { .. }
        | BillEvent::DuplicateHeld { .. }
        | BillEvent::HeldInSuspense { .. } => {}
    }
    bill
}
