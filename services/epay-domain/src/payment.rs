//! A payment: one attempt of a payer to pay one bill, or several of one department, by one rail.
//!
//! States say where the money is; events say why. The whole matrix of states against requests and facts is
//! written to `docs/payment-states.md` by a test, so that a change here shows as a change to that table.

mod apply;
mod asked;
mod effects;
mod event;
mod remote;
mod told;

pub use apply::{apply, created};
pub use asked::{BILLS_MAX, NewPayment, PaymentAsk, asked, create, create_for};
pub use effects::effects;
pub use epay_rail::Presentation;
pub use event::{Failover, PaymentEvent};
pub use remote::{
    Doubt, EVIDENCE_MAX, Ending, Evidence, FAILOVERS_MAX, Promise, Remote, next_question,
    order_key, read_order_key,
};
pub use told::{PaymentFact, told};

use epay_money::{BillId, BillerId, Money, PaymentId, RailId};
use epay_rail::OrderKind;
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
    /// The rail was told to let go of it and has not confirmed.
    Closing,
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
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::AwaitingPayer,
        Self::Submitting,
        Self::Unclear,
        Self::Accepted,
        Self::Closing,
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
            | Self::Accepted
            | Self::Closing => false,
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
            Self::Closing => "closing",
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What one of several bills is paid in one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentPart {
    /// The bill.
    pub bill: BillId,
    /// Minor units asked for it.
    pub minor: i64,
}

/// One attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The department.
    pub biller: BillerId,
    /// The bill; the first, where there are several.
    pub bill: BillId,
    /// Every bill and its share, in the order in which money is applied; empty where there is one bill.
    pub parts: Vec<PaymentPart>,
    /// The number that the payer keeps.
    pub reference: Reference,
    /// The rail.
    pub rail: RailId,
    /// The method that the payer chose on it.
    pub method: String,
    /// What the payer was asked to pay.
    pub amount: Money,
    /// Where the money is.
    pub state: PaymentState,
    /// Minor units that arrived for it, whatever became of them.
    pub received_minor: i64,
    /// The payee's identifier on the rail.
    pub payee: String,
    /// What the payer is shown, or asked to do, once the rail has said so.
    pub presentation: Option<Presentation>,
    /// The payer's app lets the amount be changed.
    pub amount_editable: bool,
    /// When it was started.
    pub created_at: Timestamp,
    /// When the presentation stops being valid.
    pub expires_at: Timestamp,
    /// Events so far.
    pub version: i32,
    /// What is known of it where its rail is asked over a network.
    pub remote: Option<Box<Remote>>,
}

impl Payment {
    /// Every bill that it pays, in order.
    pub fn bills(&self) -> impl Iterator<Item = BillId> {
        let alone = self.parts.is_empty().then_some(self.bill);
        alone
            .into_iter()
            .chain(self.parts.iter().map(|part| part.bill))
    }

    /// The name of the order that began it, or that begins it again by the rail that carries it now.
    #[must_use]
    pub fn collect_key(&self) -> String {
        let passed = self.remote.as_ref().map_or(0, |remote| remote.passed.len());
        let number = u32::try_from(passed).unwrap_or(u32::MAX);
        order_key(self.reference.as_str(), OrderKind::Collect, number)
    }

    /// The payer hands something over to us instead of acting elsewhere: until then no money can move.
    #[must_use]
    pub const fn awaits_handover(&self) -> bool {
        matches!(self.presentation, Some(Presentation::Handover { .. }))
    }

    /// Whether another attempt on its bills must wait: this one may still take money, or it can be closed first.
    #[must_use]
    pub fn blocks_others(&self) -> bool {
        let closable = self.remote.as_ref().is_some_and(|remote| remote.closable);
        match self.state {
            PaymentState::Submitting
            | PaymentState::Unclear
            | PaymentState::Accepted
            | PaymentState::Closing => true,
            PaymentState::AwaitingPayer => closable && !self.awaits_handover(),
            PaymentState::Created
            | PaymentState::Settled
            | PaymentState::Failed
            | PaymentState::Expired
            | PaymentState::Cancelled => false,
        }
    }

    /// What its state says of doubt and of the next look at it: nothing is in doubt where the state is plain, nothing
    /// needs a look that is at its end, and a payer is waited for until the presentation ends.
    #[must_use]
    pub fn with_plain_timer(mut self) -> Self {
        let expires_at = self.expires_at;
        if let Some(remote) = &mut self.remote {
            match self.state {
                PaymentState::AwaitingPayer => {
                    remote.doubt = None;
                    remote.next_at = Some(expires_at);
                }
                PaymentState::Accepted
                    if remote.askable
                        && remote.authorised.is_none()
                        && remote.conditional.is_none() => {}
                PaymentState::Created
                | PaymentState::Submitting
                | PaymentState::Accepted
                | PaymentState::Settled
                | PaymentState::Failed
                | PaymentState::Expired
                | PaymentState::Cancelled => {
                    remote.doubt = None;
                    remote.next_at = None;
                }
                PaymentState::Unclear | PaymentState::Closing => {}
            }
        }
        self
    }

    /// Splits money over the bills: each takes its share in order, the last takes what is left. A bill that nothing
    /// is left for is not in the answer.
    #[must_use]
    pub fn shares(&self, minor: i64) -> Vec<PaymentPart> {
        let mut left = minor;
        let mut shares = Vec::with_capacity(self.parts.len().max(1));
        let last = self.parts.len().saturating_sub(1);
        for (place, part) in self.parts.iter().enumerate() {
            let share = if place == last {
                left
            } else {
                left.min(part.minor)
            };
            left = left.saturating_sub(share);
            if share > 0 {
                shares.push(PaymentPart {
                    bill: part.bill,
                    minor: share,
                });
            }
        }
        if self.parts.is_empty() {
            shares.push(PaymentPart {
                bill: self.bill,
                minor,
            });
        }
        shares
    }
}
