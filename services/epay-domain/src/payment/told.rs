//! What a payment can be told. Facts are never refused: one that does not fit is recorded as unexpected.

use epay_money::ReceiptId;

use super::{Payment, PaymentEvent, PaymentState};

/// Something that is true whether the payment likes it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentFact {
    /// An order went to the rail.
    OrderSent,
    /// The rail took responsibility.
    Accepted,
    /// The funds are here. A receipt that was seen before is dropped before it gets here.
    Settled {
        /// The receipt that proves it.
        receipt: ReceiptId,
        /// Minor units.
        minor: i64,
    },
    /// The rail said no.
    Declined {
        /// The rail's reason.
        reason: String,
    },
    /// The rail does not know.
    Unclear,
    /// The time to pay, or to answer, ran out.
    DeadlinePassed,
}

impl PaymentFact {
    /// A stable word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::OrderSent => "order_sent",
            Self::Accepted => "accepted",
            Self::Settled { .. } => "settled",
            Self::Declined { .. } => "declined",
            Self::Unclear => "unclear",
            Self::DeadlinePassed => "deadline_passed",
        }
    }
}

/// Records a fact.
#[must_use]
pub fn told(payment: &Payment, fact: &PaymentFact) -> Vec<PaymentEvent> {
    use PaymentFact as F;
    use PaymentState as S;
    let event = match (payment.state, fact) {
        (
            S::Created | S::AwaitingPayer | S::Submitting | S::Unclear | S::Accepted,
            F::Settled { receipt, minor },
        ) => PaymentEvent::Settled {
            receipt: *receipt,
            minor: *minor,
        },
        (S::Settled, F::Settled { receipt, minor }) => PaymentEvent::PaidAgain {
            receipt: *receipt,
            minor: *minor,
        },
        (S::Failed | S::Expired | S::Cancelled, F::Settled { receipt, minor }) => {
            PaymentEvent::FundsArrivedLate {
                receipt: *receipt,
                minor: *minor,
            }
        }

        (S::Created | S::AwaitingPayer, F::OrderSent) => PaymentEvent::Submitted,

        (S::Created | S::AwaitingPayer | S::Submitting | S::Unclear, F::Accepted) => {
            PaymentEvent::Accepted
        }

        (
            S::Created | S::AwaitingPayer | S::Submitting | S::Unclear | S::Accepted,
            F::Declined { reason },
        ) => PaymentEvent::Declined {
            reason: reason.clone(),
        },

        // A time-out before anything was sent ends the attempt; after that it is never a failure.
        (S::Created | S::AwaitingPayer, F::DeadlinePassed) => PaymentEvent::Expired,
        (S::Submitting | S::Accepted, F::DeadlinePassed) => PaymentEvent::WentUnclear,
        (S::AwaitingPayer | S::Submitting | S::Accepted, F::Unclear) => PaymentEvent::WentUnclear,

        // Told what is already so: no news.
        (S::Submitting, F::OrderSent)
        | (S::Accepted, F::Accepted)
        | (S::Failed, F::Declined { .. })
        | (S::Unclear, F::Unclear | F::DeadlinePassed)
        | (S::Settled | S::Failed | S::Expired | S::Cancelled, F::DeadlinePassed) => {
            return vec![];
        }

        (
            S::Unclear | S::Accepted | S::Settled | S::Failed | S::Expired | S::Cancelled,
            F::OrderSent,
        )
        | (S::Settled | S::Failed | S::Expired | S::Cancelled, F::Accepted)
        | (S::Settled | S::Expired | S::Cancelled, F::Declined { .. })
        | (S::Created | S::Settled | S::Failed | S::Expired | S::Cancelled, F::Unclear) => {
            PaymentEvent::Unexpected {
                fact: fact.as_str().to_owned(),
            }
        }
    };
    vec![event]
}
