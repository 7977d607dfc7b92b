//! What departments' systems are told, and how it is put: one pure mapping from news to events.
//!
//! An event is made once, its bytes are kept, and every delivery of it sends the same ones under the same id.

mod body;
mod endpoint;

pub use body::{
    BillFacts, BodyFault, Happening, Told, WebhookEvent, suspension_event, test_event,
    webhook_event,
};
pub use endpoint::{
    ENDPOINTS_MAX, Endpoint, EndpointChange, EndpointState, KEY_OVERLAP_MAX, KEYS_MAX, REPLAY_MAX,
};

use crate::PublicEventKind;

/// What an event is about, as a stable word. Part of the interface: never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// A bill was issued.
    BillIssued,
    /// Money was applied to a bill and something is still due.
    BillPartPaid,
    /// Nothing is due any more.
    BillPaid,
    /// Money that had been applied was returned unpaid, and is due again.
    BillReopened,
    /// What a bill says was replaced.
    BillRevised,
    /// The bill was withdrawn.
    BillWithdrawn,
    /// A payment was started.
    PaymentStarted,
    /// A payment's money is here.
    PaymentSettled,
    /// Money is held instead of applied, in part or whole.
    PaymentHeld,
    /// A payment will not happen.
    PaymentEnded,
    /// A payment's outcome is not known.
    PaymentUnclear,
    /// A payment's money was taken back by a dispute.
    PaymentChargedBack,
    /// A dispute's money came back.
    PaymentChargebackReversed,
    /// Two people agreed to give money back.
    RefundApproved,
    /// Money that was given back has reached the payer.
    RefundSent,
    /// Money that was given back came back to us.
    RefundRejected,
    /// Somebody tries whether a receiver hears us.
    WebhookTest,
    /// A receiver has failed for so long that it is only probed.
    WebhookSuspended,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 18] = [
        Self::BillIssued,
        Self::BillPartPaid,
        Self::BillPaid,
        Self::BillReopened,
        Self::BillRevised,
        Self::BillWithdrawn,
        Self::PaymentStarted,
        Self::PaymentSettled,
        Self::PaymentHeld,
        Self::PaymentEnded,
        Self::PaymentUnclear,
        Self::PaymentChargedBack,
        Self::PaymentChargebackReversed,
        Self::RefundApproved,
        Self::RefundSent,
        Self::RefundRejected,
        Self::WebhookTest,
        Self::WebhookSuspended,
    ];

    /// The word, for instance `bill.paid`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BillIssued => "bill.issued",
            Self::BillPartPaid => "bill.part_paid",
            Self::BillPaid => "bill.paid",
            Self::BillReopened => "bill.reopened",
            Self::BillRevised => "bill.revised",
            Self::BillWithdrawn => "bill.withdrawn",
            Self::PaymentStarted => "payment.started",
            Self::PaymentSettled => "payment.settled",
            Self::PaymentHeld => "payment.held",
            Self::PaymentEnded => "payment.ended",
            Self::PaymentUnclear => "payment.unclear",
            Self::PaymentChargedBack => "payment.charged_back",
            Self::PaymentChargebackReversed => "payment.chargeback_reversed",
            Self::RefundApproved => "refund.approved",
            Self::RefundSent => "refund.sent",
            Self::RefundRejected => "refund.rejected",
            Self::WebhookTest => "webhook.test",
            Self::WebhookSuspended => "webhook.suspended",
        }
    }

    /// The type of a word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// What departments hear of a piece of news; nothing of a payment that only moved on.
    #[must_use]
    pub const fn of(kind: PublicEventKind) -> Option<Self> {
        Some(match kind {
            PublicEventKind::BillIssued => Self::BillIssued,
            PublicEventKind::BillPartPaid => Self::BillPartPaid,
            PublicEventKind::BillPaid => Self::BillPaid,
            PublicEventKind::MoneyHeld => Self::PaymentHeld,
            PublicEventKind::BillReopened => Self::BillReopened,
            PublicEventKind::BillRevised => Self::BillRevised,
            PublicEventKind::BillWithdrawn => Self::BillWithdrawn,
            PublicEventKind::PaymentStarted => Self::PaymentStarted,
            PublicEventKind::PaymentSettled => Self::PaymentSettled,
            PublicEventKind::PaymentEnded => Self::PaymentEnded,
            PublicEventKind::PaymentUnclear => Self::PaymentUnclear,
            PublicEventKind::RefundApproved => Self::RefundApproved,
            PublicEventKind::RefundPaid => Self::RefundSent,
            PublicEventKind::RefundCameBack => Self::RefundRejected,
            PublicEventKind::PaymentChargedBack => Self::PaymentChargedBack,
            PublicEventKind::PaymentChargebackReversed => Self::PaymentChargebackReversed,
            PublicEventKind::PaymentProgressed => return None,
        })
    }

    /// Whether receivers choose it. What is about the receiver itself comes whatever it chose.
    #[must_use]
    pub const fn is_chosen(self) -> bool {
        !matches!(self, Self::WebhookTest | Self::WebhookSuspended)
    }
}
