//! What a refund can be told. Facts are never refused: one that does not fit is recorded as unexpected.

use jiff::Timestamp;

use super::{Refund, RefundEvent, RefundState, Route};

/// Something that is true whether the refund likes it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundFact {
    /// The second person agreed.
    Approved {
        /// Who.
        by: String,
    },
    /// The second person said no.
    Refused {
        /// Who.
        by: String,
    },
    /// An order is about to leave the house.
    Submitted {
        /// Which way.
        route: Route,
    },
    /// No rail can carry it as it is.
    NoWay {
        /// Why.
        why: String,
    },
    /// The order certainly did not leave the house.
    NotSent {
        /// Why.
        why: String,
    },
    /// The rail took the order.
    TakenOn,
    /// The payer has the money.
    Refunded {
        /// The rail's own reference of the movement.
        rail_reference: String,
        /// When it was heard.
        at: Timestamp,
    },
    /// The rail or the payee's bank said no.
    Rejected {
        /// The rail's words.
        why: String,
    },
    /// Nobody knows.
    Unclear {
        /// What was said, or not said.
        why: String,
    },
}

impl RefundFact {
    /// A stable word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
            Self::Submitted { .. } => "submitted",
            Self::NoWay { .. } => "no_way",
            Self::NotSent { .. } => "not_sent",
            Self::TakenOn => "taken_on",
            Self::Refunded { .. } => "refunded",
            Self::Rejected { .. } => "rejected",
            Self::Unclear { .. } => "unclear",
        }
    }
}

/// Records a fact.
#[must_use]
pub fn told(refund: &Refund, fact: &RefundFact) -> Vec<RefundEvent> {
    use RefundFact as F;
    use RefundState as S;
    let event = match (refund.state, fact) {
        (S::Proposed, F::Approved { by }) => RefundEvent::Approved { by: by.clone() },
        (S::Proposed, F::Refused { by }) => RefundEvent::Refused { by: by.clone() },

        (S::Approved, F::Submitted { route }) => RefundEvent::Submitted {
            route: route.clone(),
        },
        (S::Approved, F::NoWay { why }) => RefundEvent::NoWay { why: why.clone() },

        (S::Submitting, F::NotSent { why }) => RefundEvent::NotSent { why: why.clone() },
        (S::Submitting | S::Unclear, F::TakenOn) => RefundEvent::TakenOn,
        (S::Submitting | S::InTransit | S::Unclear, F::Refunded { rail_reference, at }) => {
            RefundEvent::Refunded {
                rail_reference: rail_reference.clone(),
                at: *at,
            }
        }
        // A bank may debit us first and send the money back when the payee's bank says no.
        (S::Submitting | S::InTransit | S::Unclear | S::Refunded, F::Rejected { why }) => {
            RefundEvent::Rejected { why: why.clone() }
        }
        (S::Submitting | S::InTransit, F::Unclear { why }) => {
            RefundEvent::WentUnclear { why: why.clone() }
        }

        // Told what is already so, or what is less than what is known: no news.
        (S::InTransit | S::Refunded, F::TakenOn)
        | (S::Refunded, F::Refunded { .. } | F::Unclear { .. })
        | (S::Queued, F::Rejected { .. })
        | (S::Unclear, F::Unclear { .. })
        | (S::Approved, F::Approved { .. })
        | (S::Refused, F::Refused { .. }) => return vec![],

        (
            S::Approved
            | S::Submitting
            | S::InTransit
            | S::Unclear
            | S::Refunded
            | S::Queued
            | S::Refused,
            F::Approved { .. } | F::Refused { .. },
        )
        | (
            S::Proposed
            | S::Submitting
            | S::InTransit
            | S::Unclear
            | S::Refunded
            | S::Queued
            | S::Refused,
            F::Submitted { .. } | F::NoWay { .. },
        )
        | (
            S::Proposed
            | S::Approved
            | S::InTransit
            | S::Unclear
            | S::Refunded
            | S::Queued
            | S::Refused,
            F::NotSent { .. },
        )
        | (
            S::Proposed | S::Approved | S::Queued | S::Refused,
            F::TakenOn | F::Refunded { .. } | F::Unclear { .. },
        )
        | (S::Proposed | S::Approved | S::Refused, F::Rejected { .. }) => RefundEvent::Unexpected {
            fact: fact.as_str().to_owned(),
        },
    };
    vec![event]
}
