//! A payment: one attempt of a payer to pay one bill by one rail.
//!
//! States say where the money is; events say why. The whole matrix of states against requests and facts is
//! written to `docs/payment-states.md` by a test, so that a change here shows as a change to that table.

mod apply;
mod asked;
mod effects;
mod event;
mod told;

pub use apply::{apply, created};
pub use asked::{NewPayment, PaymentAsk, asked, create};
pub use effects::effects;
pub use event::PaymentEvent;
pub use told::{PaymentFact, told};

use epay_money::{BillId, BillerId, Money, PaymentId, RailId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Reference;

/// Where the money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Recorded; nothing promised.
    Created,
    /// The payer must act: the money is still with the payer.
    AwaitingPayer,
    /// An order is in the outbox or on the wire.
    Submitting,
    /// Money may have moved; only evidence leaves this.
    Unclear,
    /// The rail took responsibility; not final.
    Accepted,
    /// The funds are here.
    Settled,
    /// No funds moved.
    Failed,
    /// The time to pay ran out.
    Expired,
    /// Given up by request.
    Cancelled,
}

impl PaymentState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::AwaitingPayer,
        Self::Submitting,
        Self::Unclear,
        Self::Accepted,
        Self::Settled,
        Self::Failed,
        Self::Expired,
        Self::Cancelled,
    ];

    /// Nothing more is expected. Facts are recorded all the same.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Settled | Self::Failed | Self::Expired | Self::Cancelled => true,
            Self::Created
            | Self::AwaitingPayer
            | Self::Submitting
            | Self::Unclear
            | Self::Accepted => false,
        }
    }

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::AwaitingPayer => "awaiting_payer",
            Self::Submitting => "submitting",
            Self::Unclear => "unclear",
            Self::Accepted => "accepted",
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One attempt to pay one bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// The number that the payer keeps.
    pub reference: Reference,
    /// The rail.
    pub rail: RailId,
    /// What the payer was asked to pay.
    pub amount: Money,
    /// Where the money is.
    pub state: PaymentState,
    /// Minor units that arrived for it, whatever became of them.
    pub received_minor: i64,
    /// The payee's identifier on the rail.
    pub payee: String,
    /// What the payer was shown: the text of the code.
    pub presentation: String,
    /// The payer's app lets the amount be changed.
    pub amount_editable: bool,
    /// When it was started.
    pub created_at: Timestamp,
    /// When the code stops being shown.
    pub expires_at: Timestamp,
    /// Events so far.
    pub version: i32,
}
