//! A refund: money of one receipt that is to be given back, whole or in part.
//!
//! It begins as a proposal and stands still until a second person agrees. What may still be refunded of a receipt is a
//! [`Pot`] that is taken from when the refund is asked for and given back only when the second person says no, so two
//! requests at once can never promise the same cent; what the payer's bank takes back is taken from it too. States say where the money is: held or due from the department
//! while proposed, in 2140 while approved or queued, in 2150 from the moment an order may have left the house.
//!
//! The whole matrix of states against requests and facts is written to `docs/refund-states.md` by a test.

mod apply;
mod asked;
mod books;
mod effects;
mod event;
mod pot;
mod told;
mod way;

pub use apply::apply;
pub use asked::{NewRefund, RefundAsk, asked, request};
pub use books::{Booking, journal, on_statement, source_account};
pub use effects::effects;
pub use event::RefundEvent;
pub use pot::{Pot, Unheld, even_out, is_short, pots, reclaim, restore};
pub use told::{RefundFact, told};
pub use way::{Ways, order_key, pays_out, way};

use epay_money::{
    BillId, BillerId, Money, PaymentId, PayoutAccountId, ProposalId, RailId, ReceiptId, RefundId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the money of a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// A second person has not decided yet.
    Proposed,
    /// Agreed; no order has left the house, or the last one certainly did not (2140).
    Approved,
    /// An order may have left the house (2150).
    Submitting,
    /// The rail took the order (2150).
    InTransit,
    /// The order's outcome is not known (2150); only evidence leaves this.
    Unclear,
    /// The payer has it.
    Refunded,
    /// It came back, or no rail can carry it: a person must say where it goes (2140).
    Queued,
    /// The second person said no.
    Refused,
}

impl RefundState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 8] = [
        Self::Proposed,
        Self::Approved,
        Self::Submitting,
        Self::InTransit,
        Self::Unclear,
        Self::Refunded,
        Self::Queued,
        Self::Refused,
    ];

    /// Nothing more is expected. Facts are recorded all the same.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Refunded | Self::Refused => true,
            Self::Proposed
            | Self::Approved
            | Self::Submitting
            | Self::InTransit
            | Self::Unclear
            | Self::Queued => false,
        }
    }

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Submitting => "submitting",
            Self::InTransit => "in_transit",
            Self::Unclear => "unclear",
            Self::Refunded => "refunded",
            Self::Queued => "queued",
            Self::Refused => "refused",
        }
    }
}

/// Which part of a receipt is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Money in suspense (2110).
    Unapplied,
    /// Money above what was due (2120).
    Overpaid,
    /// Money for a bill that had been paid already (2130).
    Duplicate,
    /// Money that was rightly applied to a bill: the department must consent (1230).
    Applied,
}

impl Source {
    /// Every source. The first one that holds money is meant when a request names none, so applied money comes last.
    pub const ALL: [Self; 4] = [
        Self::Duplicate,
        Self::Overpaid,
        Self::Unapplied,
        Self::Applied,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unapplied => "unapplied",
            Self::Overpaid => "overpaid",
            Self::Duplicate => "duplicate",
            Self::Applied => "applied",
        }
    }
}

/// How an order went, or will go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The rail that is asked.
    pub rail: RailId,
    /// It is the rail that brought the money, and gives it back along the same way.
    pub original: bool,
    /// Our name for the order.
    pub order_key: String,
    /// The moment that its words carry: a repeat has the same one.
    pub at: Timestamp,
    /// The random bytes that its words carry.
    pub nonce: [u8; 16],
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The department in whose book the money is.
    pub biller: BillerId,
    /// The receipt that it is money of.
    pub receipt: ReceiptId,
    /// The payment that brought it, where one is known.
    pub payment: Option<PaymentId>,
    /// The bill, where one is known.
    pub bill: Option<BillId>,
    /// Which part of the receipt.
    pub source: Source,
    /// How much.
    pub amount: Money,
    /// Why, in words that the payer may read.
    pub reason: String,
    /// The department's consent, in its own words or by its reference; always there for applied money.
    pub consent: Option<String>,
    /// The verified account to pay to, where it cannot go back along the way it came.
    pub account: Option<PayoutAccountId>,
    /// The proposal that stands for it.
    pub proposal: ProposalId,
    /// Where the money is.
    pub state: RefundState,
    /// The order that is under way, or was the last one.
    pub route: Option<Route>,
    /// Orders so far.
    pub attempts: i32,
    /// Why it is queued, for the person who decides where it goes.
    pub problem: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Events so far.
    pub version: i32,
}
