//! What can happen to a refund. Stored as JSON; fields may be added, never renamed.

use epay_money::{PayoutAccountId, ReceiptId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Route, Source};

/// Something that happened to a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RefundEvent {
    /// Somebody asked for it.
    Proposed {
        /// The receipt.
        receipt: ReceiptId,
        /// Which part of it.
        source: Source,
        /// Minor units.
        minor: i64,
        /// Why.
        reason: String,
        /// The department's consent.
        consent: Option<String>,
    },
    /// A second person agreed.
    Approved {
        /// Who.
        by: String,
    },
    /// The second person said no; the receipt's part may be refunded again.
    Refused {
        /// Who.
        by: String,
    },
    /// An order was made; from here on money may move.
    Submitted {
        /// Which way.
        route: Route,
    },
    /// The order certainly did not leave the house; another one will.
    NotSent {
        /// Why.
        why: String,
    },
    /// The rail took the order.
    TakenOn,
    /// The outcome of the order is not known.
    WentUnclear {
        /// What was said, or not said.
        why: String,
    },
    /// The payer has the money.
    Refunded {
        /// The rail's own reference of the movement.
        rail_reference: String,
        /// When it was heard.
        at: Timestamp,
    },
    /// The rail or the payee's bank said no; the money is with us.
    Rejected {
        /// The rail's words.
        why: String,
    },
    /// No way is open: a person must say where it goes.
    NoWay {
        /// Why.
        why: String,
    },
    /// A person said where it goes; it will be sent again.
    Redirected {
        /// The account, where there is one.
        account: Option<PayoutAccountId>,
        /// Who.
        by: String,
    },
    /// A fact that does not fit the state; recorded for a person to look at.
    Unexpected {
        /// The fact, as a word.
        fact: String,
    },
}

impl RefundEvent {
    /// A stable word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "refund_proposed",
            Self::Approved { .. } => "refund_approved",
            Self::Refused { .. } => "refund_refused",
            Self::Submitted { .. } => "refund_submitted",
            Self::NotSent { .. } => "refund_not_sent",
            Self::TakenOn => "refund_taken_on",
            Self::WentUnclear { .. } => "refund_went_unclear",
            Self::Refunded { .. } => "refund_refunded",
            Self::Rejected { .. } => "refund_rejected",
            Self::NoWay { .. } => "refund_no_way",
            Self::Redirected { .. } => "refund_redirected",
            Self::Unexpected { .. } => "refund_unexpected",
        }
    }
}
