//! What a bill can be told. Facts are never refused.

use epay_money::{Money, ReceiptId};

use super::{Allocation, Bill, BillEvent, allocate};
use crate::Policy;

/// Something that is true whether the bill likes it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BillFact {
    /// Money came for it.
    Credited {
        /// The receipt that records it.
        receipt: ReceiptId,
        /// What came.
        amount: Money,
        /// The payer gave the instruction by the end of the due date.
        on_time: bool,
    },
    /// A promise that had counted was returned unpaid: what was applied of it never came.
    Returned {
        /// The receipt that recorded it.
        receipt: ReceiptId,
        /// Minor units that had been applied.
        minor: i64,
    },
}

/// Records a fact: one event for each part of the credit.
#[must_use]
pub fn told(bill: &Bill, policy: Policy, fact: &BillFact) -> Vec<BillEvent> {
    match fact {
        BillFact::Credited {
            receipt,
            amount,
            on_time,
        } => {
            let parts = allocate(bill, policy, *amount);
            credited(&parts, *receipt, *on_time)
        }
        BillFact::Returned { receipt, minor } => vec![BillEvent::ReceiptReturned {
            receipt: *receipt,
            minor: *minor,
        }],
    }
}

fn credited(parts: &Allocation, receipt: ReceiptId, on_time: bool) -> Vec<BillEvent> {
    let mut events = Vec::with_capacity(2);
    if parts.applied > 0 {
        events.push(BillEvent::ReceiptApplied {
            receipt,
            minor: parts.applied,
            on_time,
        });
    }
    if parts.overpaid > 0 {
        events.push(BillEvent::OverpaymentHeld {
            receipt,
            minor: parts.overpaid,
        });
    }
    if parts.forwarded > 0 {
        events.push(BillEvent::CreditForwarded {
            receipt,
            minor: parts.forwarded,
        });
    }
    if parts.duplicate > 0 {
        events.push(BillEvent::DuplicateHeld {
            receipt,
            minor: parts.duplicate,
        });
    }
    if let Some(reason) = parts.reason {
        events.push(BillEvent::HeldInSuspense {
            receipt,
            minor: parts.unapplied,
            reason,
        });
    }
    events
}
