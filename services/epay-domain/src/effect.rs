//! What the world must hear or do after an event. Closed: a new kind is a design change.

use epay_money::{BillId, BillerId, PaymentId};
use jiff::Timestamp;

/// Something to be done outside the transaction, at least once, after it committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Look at the payment again at this time.
    Schedule {
        /// The payment.
        payment: PaymentId,
        /// When its time to pay has run out.
        at: Timestamp,
    },
    /// An order for a rail waits to be sent.
    SendOrder {
        /// The payment that it is about.
        payment: PaymentId,
    },
    /// Tell whoever listens.
    Notify(PublicEvent),
}

/// An event as the outside may see it: what changed, never who paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicEvent {
    /// What happened.
    pub kind: PublicEventKind,
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// The payment, where there is one.
    pub payment: Option<PaymentId>,
    /// Minor units that moved, where some did.
    pub minor: Option<i64>,
}

/// What happened, as a stable word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicEventKind {
    /// A bill was issued.
    BillIssued,
    /// Money was applied to a bill and something is still due.
    BillPartPaid,
    /// Nothing is due any more.
    BillPaid,
    /// Money was held instead of applied, in part or whole.
    MoneyHeld,
    /// Money that had been applied to a bill was returned unpaid, and is due again.
    BillReopened,
    /// The department replaced what the bill says.
    BillRevised,
    /// The department withdrew the bill.
    BillWithdrawn,
    /// A payment was started.
    PaymentStarted,
    /// A payment's money is here.
    PaymentSettled,
    /// A payment will not happen.
    PaymentEnded,
    /// A payment's outcome is not known.
    PaymentUnclear,
    /// Two people agreed to give money back.
    RefundApproved,
    /// Money that was given back has reached the payer.
    RefundPaid,
    /// Money that was given back came back to us.
    RefundCameBack,
    /// A payment moved on and is not at its end.
    PaymentProgressed,
    /// A payment's money was taken back by a dispute.
    PaymentChargedBack,
    /// A dispute's money came back.
    PaymentChargebackReversed,
}

impl PublicEventKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::BillIssued,
        Self::BillPartPaid,
        Self::BillPaid,
        Self::MoneyHeld,
        Self::BillReopened,
        Self::BillRevised,
        Self::BillWithdrawn,
        Self::PaymentStarted,
        Self::PaymentSettled,
        Self::PaymentEnded,
        Self::PaymentUnclear,
        Self::RefundApproved,
        Self::RefundPaid,
        Self::RefundCameBack,
        Self::PaymentProgressed,
        Self::PaymentChargedBack,
        Self::PaymentChargebackReversed,
    ];

    /// The word, for instance `bill.paid`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BillIssued => "bill.issued",
            Self::BillPartPaid => "bill.part_paid",
            Self::BillPaid => "bill.paid",
            Self::MoneyHeld => "money.held",
            Self::BillReopened => "bill.reopened",
            Self::BillRevised => "bill.revised",
            Self::BillWithdrawn => "bill.withdrawn",
            Self::PaymentStarted => "payment.started",
            Self::PaymentSettled => "payment.settled",
            Self::PaymentEnded => "payment.ended",
            Self::PaymentUnclear => "payment.unclear",
            Self::RefundApproved => "refund.approved",
            Self::RefundPaid => "refund.paid",
            Self::RefundCameBack => "refund.came_back",
            Self::PaymentProgressed => "payment.progressed",
            Self::PaymentChargedBack => "payment.charged_back",
            Self::PaymentChargebackReversed => "payment.chargeback_reversed",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}
