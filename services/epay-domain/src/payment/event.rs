//! What can happen to a payment. Stored as JSON; fields may be added, never renamed.

use epay_money::{RailId, ReceiptId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::routing::Judged;

/// A payment goes on by another rail, because the first was certainly not reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failover {
    /// The rail that was not reached.
    pub from: RailId,
    /// Why not.
    pub reason: String,
    /// The rail that carries it from now on.
    pub to: RailId,
    /// The payee's identifier on that rail.
    pub payee: String,
    /// When its presentation stops being valid.
    pub expires_at: Timestamp,
    /// What was judged of each rail.
    pub candidates: Vec<Judged>,
}

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
        /// One line of reasons for each rail that there was: how older payments tell it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        route: Vec<String>,
        /// What was judged of each rail that there was.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        candidates: Vec<Judged>,
    },
    /// It goes on by another rail.
    FailedOver(Failover),
    /// The payer was shown what to do.
    Presented,
    /// An order went to the rail.
    Submitted,
    /// The rail has it, and the payer has not acted yet.
    PayerActs,
    /// The rail took responsibility.
    Accepted,
    /// A signed promise was taken in; it counts when it is honoured.
    ReceivedConditionally {
        /// Minor units promised.
        minor: i64,
    },
    /// Money that was authorised is to be taken.
    CaptureAsked {
        /// Minor units.
        minor: i64,
    },
    /// The rail is to make it unpayable.
    CloseAsked,
    /// The rail is to let go of what it authorised.
    VoidAsked,
    /// The funds are here.
    Settled {
        /// The receipt that proves it; the first, where several bills were paid.
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
    /// The order was certainly not sent; no funds moved.
    NotSent {
        /// Why.
        reason: String,
    },
    /// What the payer handed over was not sent on; the payer may hand over another.
    HandoverRefused {
        /// Why.
        reason: String,
    },
    /// The rail never heard of the order; no funds moved.
    NeverArrived,
    /// A conditional receipt was returned unpaid.
    Dishonoured {
        /// The rail's reason.
        reason: String,
    },
    /// A promise that had been honoured was returned unpaid after all: its money has left again.
    ReturnedAfterHonour {
        /// Minor units that left.
        minor: i64,
        /// The rail's reason.
        reason: String,
    },
    /// The outcome is not known: money may have moved.
    WentUnclear {
        /// Why.
        #[serde(default)]
        why: String,
    },
    /// The time to pay ran out.
    Expired,
    /// Given up by request.
    Cancelled,
    /// Two people found, with evidence, that no money came.
    FoundUnpaid {
        /// What they went by.
        evidence: String,
    },
    /// The payer's bank took the money back by a dispute. The bill does not open again by itself.
    ChargedBack {
        /// Minor units taken back.
        minor: i64,
        /// Minor units that the dispute cost beside.
        fee_minor: i64,
        /// The rail's reason.
        reason: String,
    },
    /// A dispute ended in our favour and its money came back.
    ChargebackReversed {
        /// Minor units that came back.
        minor: i64,
    },
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
            Self::FailedOver(_) => "failed_over",
            Self::Presented => "presented",
            Self::Submitted => "submitted",
            Self::PayerActs => "payer_acts",
            Self::Accepted => "accepted",
            Self::ReceivedConditionally { .. } => "received_conditionally",
            Self::CaptureAsked { .. } => "capture_asked",
            Self::CloseAsked => "close_asked",
            Self::VoidAsked => "void_asked",
            Self::Settled { .. } => "settled",
            Self::FundsArrivedLate { .. } => "funds_arrived_late",
            Self::PaidAgain { .. } => "paid_again",
            Self::Declined { .. } => "declined",
            Self::NotSent { .. } => "not_sent",
            Self::HandoverRefused { .. } => "handover_refused",
            Self::NeverArrived => "never_arrived",
            Self::Dishonoured { .. } => "dishonoured",
            Self::ReturnedAfterHonour { .. } => "returned_after_honour",
            Self::WentUnclear { .. } => "went_unclear",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::FoundUnpaid { .. } => "found_unpaid",
            Self::ChargedBack { .. } => "charged_back",
            Self::ChargebackReversed { .. } => "chargeback_reversed",
            Self::Unexpected { .. } => "unexpected",
        }
    }
}
