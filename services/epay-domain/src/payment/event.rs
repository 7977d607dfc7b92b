//! What can happen to a payment. Stored as JSON; fields may be added, never renamed.

use epay_money::ReceiptId;
use serde::{Deserialize, Serialize};

/// Something that happened to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaymentEvent {
    /// It was started.
    Created {
        /// Minor units that the payer was asked for.
        minor: i64,
        /// The rail.
        rail: String,
        /// The reference.
        reference: String,
    },
    /// The payer was shown what to do.
    Presented,
    /// An order went to the rail.
    Submitted,
    /// The rail took responsibility.
    Accepted,
    /// The funds are here.
    Settled {
        /// The receipt that proves it.
        receipt: ReceiptId,
        /// Minor units.
        minor: i64,
    },
    /// The funds came after the payment had ended.
    FundsArrivedLate {
        /// The receipt that proves it.
        receipt: ReceiptId,
        /// Minor units.
        minor: i64,
    },
    /// The payer paid the same code again.
    PaidAgain {
        /// The receipt that proves it.
        receipt: ReceiptId,
        /// Minor units.
        minor: i64,
    },
    /// The rail said no; no funds moved.
    Declined {
        /// The rail's reason.
        reason: String,
    },
    /// The outcome is not known: money may have moved.
    WentUnclear,
    /// The time to pay ran out.
    Expired,
    /// Given up by request.
    Cancelled,
    /// A fact that does not fit the state; recorded for a person to look at.
    Unexpected {
        /// The fact, as a word.
        fact: String,
    },
}

impl PaymentEvent {
    /// A stable word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Presented => "presented",
            Self::Submitted => "submitted",
            Self::Accepted => "accepted",
            Self::Settled { .. } => "settled",
            Self::FundsArrivedLate { .. } => "funds_arrived_late",
            Self::PaidAgain { .. } => "paid_again",
            Self::Declined { .. } => "declined",
            Self::WentUnclear => "went_unclear",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Unexpected { .. } => "unexpected",
        }
    }
}
