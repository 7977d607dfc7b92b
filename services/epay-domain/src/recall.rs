//! A recall: somebody asks for a payment back after it was made.
//!
//! Either a payer's bank wants money of a receipt, or we want back what a refund of ours paid by mistake. A recall never
//! moves money. What is wanted of us waits for a person, who declines it or asks for a refund of the receipt, which a
//! second person must agree to; only then is the answer that we agree. What we asked for comes back, when it does, as
//! the credit of a refund that came back.

use epay_money::{BillerId, Money, PaymentId, RailId, RecallId, ReceiptId, RefundId};
use epay_rail::Recall as Words;
use jiff::Timestamp;

use crate::refund::{Refund, RefundState};
use crate::{Reference, Refusal};

/// Who asks whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Money is wanted of us.
    Wanted,
    /// We asked for money.
    Asked,
}

impl Direction {
    /// Both, for tables and tests.
    pub const ALL: [Self; 2] = [Self::Wanted, Self::Asked];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Asked => "asked",
        }
    }
}

/// What has been decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecallState {
    /// Nothing: a person of ours, or the other side, has it.
    Waiting,
    /// A refund was asked for because of it, and a second person has not decided.
    Returning,
    /// The money is given back.
    Agreed,
    /// It is not.
    Declined,
}

impl RecallState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Returning, Self::Agreed, Self::Declined];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Returning => "returning",
            Self::Agreed => "agreed",
            Self::Declined => "declined",
        }
    }
}

/// A recall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    /// Its id.
    pub id: RecallId,
    /// The department in whose book the money is, or was.
    pub biller: BillerId,
    /// Who asks whom.
    pub direction: Direction,
    /// The rail that carries the messages.
    pub rail: RailId,
    /// The name under which it was asked: the other side's, or the key of our order.
    pub case: String,
    /// The payment that is wanted back, where one is known.
    pub payment: Option<PaymentId>,
    /// The receipt that is wanted back, where one is known.
    pub receipt: Option<ReceiptId>,
    /// The refund that gives the money back, or that is wanted back.
    pub refund: Option<RefundId>,
    /// The key of the order that is wanted back.
    pub order_key: Option<String>,
    /// How much.
    pub amount: Money,
    /// Why, in the words of whoever asks.
    pub why: String,
    /// What has been decided.
    pub state: RecallState,
    /// Why, in the words of whoever decided.
    pub answer: Option<String>,
    /// The person of ours who asked or decided.
    pub by: Option<String>,
    /// When the other side took our request or answer.
    pub told_at: Option<Timestamp>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Changes so far.
    pub version: i32,
}

/// Our name for what we say about a recall: `RC`, the eighteen characters of its own reference, and `-1`.
#[must_use]
pub fn order_key(recall: RecallId) -> String {
    let reference = Reference::of(PaymentId::new(recall.uuid())).to_string();
    let body = reference.strip_prefix("EP").unwrap_or(&reference);
    format!("RC{body}-1")
}

/// Asks for what a refund's last order paid.
///
/// # Errors
/// [`Refusal::NothingToRecall`] unless an order of a payout may have paid.
pub fn ask(
    id: RecallId,
    refund: &Refund,
    why: String,
    by: String,
    at: Timestamp,
) -> Result<Recall, Refusal> {
    let may_have_paid = matches!(
        refund.state,
        RefundState::Submitting
            | RefundState::InTransit
            | RefundState::Unclear
            | RefundState::Refunded
    );
    let route = refund
        .route
        .as_ref()
        .filter(|route| may_have_paid && !route.original)
        .ok_or(Refusal::NothingToRecall)?;
    Ok(Recall {
        id,
        biller: refund.biller.clone(),
        direction: Direction::Asked,
        rail: route.rail.clone(),
        case: order_key(id),
        payment: refund.payment,
        receipt: Some(refund.receipt),
        refund: Some(refund.id),
        order_key: Some(route.order_key.clone()),
        amount: refund.amount,
        why,
        state: RecallState::Waiting,
        answer: None,
        by: Some(by),
        told_at: None,
        created_at: at,
        changed_at: at,
        version: 1,
    })
}

impl Recall {
    fn changed(mut self, state: RecallState, at: Timestamp) -> Self {
        self.state = state;
        self.changed_at = at;
        self.version = self.version.saturating_add(1);
        self
    }

    fn waits_for_us(&self) -> bool {
        self.direction == Direction::Wanted && self.state == RecallState::Waiting
    }

    /// A person says no.
    ///
    /// # Errors
    /// [`Refusal::RecallNotWaiting`].
    pub fn decline(self, why: String, by: String, at: Timestamp) -> Result<Self, Refusal> {
        if !self.waits_for_us() {
            return Err(Refusal::RecallNotWaiting);
        }
        let mut recall = self.changed(RecallState::Declined, at);
        recall.answer = Some(why);
        recall.by = Some(by);
        Ok(recall)
    }

    /// A person asked for a refund because of it.
    ///
    /// # Errors
    /// [`Refusal::RecallNotWaiting`].
    pub fn give_back(self, refund: &Refund, by: String, at: Timestamp) -> Result<Self, Refusal> {
        if !self.waits_for_us() {
            return Err(Refusal::RecallNotWaiting);
        }
        let mut recall = self.changed(RecallState::Returning, at);
        recall.refund = Some(refund.id);
        recall.receipt = Some(refund.receipt);
        recall.payment = refund.payment.or(recall.payment);
        recall.by = Some(by);
        Ok(recall)
    }

    /// What follows from the state of the refund; nothing while a second person has not decided it.
    #[must_use]
    pub fn after(self, refund: RefundState, at: Timestamp) -> Option<Self> {
        match (self.state, refund) {
            (RecallState::Returning, RefundState::Proposed) => None,
            (RecallState::Returning, RefundState::Refused) => {
                let mut recall = self.changed(RecallState::Waiting, at);
                recall.refund = None;
                Some(recall)
            }
            (RecallState::Returning, _) => {
                let mut recall = self.changed(RecallState::Agreed, at);
                recall.answer = Some("the money is given back".to_owned());
                Some(recall)
            }
            (RecallState::Waiting | RecallState::Agreed | RecallState::Declined, _) => None,
        }
    }

    /// The other side answered; nothing when it is no news.
    #[must_use]
    pub fn answered(self, agreed: bool, words: Option<String>, at: Timestamp) -> Option<Self> {
        if self.direction != Direction::Asked || self.state != RecallState::Waiting {
            return None;
        }
        let state = if agreed {
            RecallState::Agreed
        } else {
            RecallState::Declined
        };
        let mut recall = self.changed(state, at);
        recall.answer = words;
        // Whoever answers has heard the question.
        recall.told_at = recall.told_at.or(Some(at));
        Some(recall)
    }

    /// The other side took what we said.
    #[must_use]
    pub fn told(mut self, at: Timestamp) -> Self {
        self.told_at = Some(at);
        self.version = self.version.saturating_add(1);
        self
    }

    /// What is to be said to the other side; nothing when nothing is, or it was.
    #[must_use]
    pub fn to_tell(&self) -> Option<Words> {
        if self.told_at.is_some() {
            return None;
        }
        let answer = |agreed| {
            Some(Words::Answer {
                case: self.case.clone(),
                agreed,
                why: self.answer.clone().unwrap_or_default(),
            })
        };
        match (self.direction, self.state) {
            (Direction::Asked, RecallState::Waiting) => Some(Words::Want {
                order_key: self.order_key.clone()?,
                amount: self.amount,
                why: self.why.clone(),
            }),
            (Direction::Wanted, RecallState::Agreed) => answer(true),
            (Direction::Wanted, RecallState::Declined) => answer(false),
            (Direction::Wanted, RecallState::Waiting | RecallState::Returning)
            | (
                Direction::Asked,
                RecallState::Returning | RecallState::Agreed | RecallState::Declined,
            ) => None,
        }
    }
}
