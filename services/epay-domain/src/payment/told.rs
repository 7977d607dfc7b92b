//! What a payment can be told. Facts are never refused: one that does not fit is recorded as unexpected.

use epay_money::ReceiptId;

use super::{Ending, Failover, Payment, PaymentEvent, PaymentState};

/// Something that is true whether the payment likes it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentFact {
    /// An order went to the rail.
    OrderSent,
    /// The rail said what the payer is to be shown.
    Shown,
    /// The rail has it; the payer has not acted yet.
    Waiting,
    /// The rail took responsibility.
    Accepted,
    /// A signed promise was taken in.
    Conditional {
        /// Minor units promised.
        minor: i64,
    },
    /// The rail is told to make it unpayable, because its time is over.
    CloseSent,
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
    /// The order was certainly not sent.
    NotSent {
        /// Why.
        reason: String,
    },
    /// The order that begins it was certainly not sent, and another rail can carry it.
    FailedOver(Failover),
    /// The rail never heard of an order whose answer was lost.
    NeverArrived,
    /// A conditional receipt was returned unpaid.
    Dishonoured {
        /// Minor units that were promised.
        minor: i64,
        /// The rail's reason.
        reason: String,
    },
    /// It can no longer be paid, or what was authorised was let go of; no money moved.
    Closed,
    /// Nobody knows: the rail does not, or its answer never came.
    Unclear {
        /// Why.
        why: String,
    },
    /// The time to pay, or to answer, ran out.
    DeadlinePassed,
    /// Two people found that no money came.
    FoundUnpaid {
        /// What they went by.
        evidence: String,
    },
    /// Money was taken back by a dispute.
    ChargedBack {
        /// Minor units taken back.
        minor: i64,
        /// Minor units that the dispute cost beside.
        fee_minor: i64,
        /// The rail's reason.
        reason: String,
    },
    /// A dispute's money came back.
    ChargebackReversed {
        /// Minor units that came back.
        minor: i64,
    },
}

impl PaymentFact {
    /// A stable word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::OrderSent => "order_sent",
            Self::Shown => "shown",
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Conditional { .. } => "conditional",
            Self::CloseSent => "close_sent",
            Self::Settled { .. } => "settled",
            Self::Declined { .. } => "declined",
            Self::NotSent { .. } => "not_sent",
            Self::FailedOver(_) => "failed_over",
            Self::NeverArrived => "never_arrived",
            Self::Dishonoured { .. } => "dishonoured",
            Self::Closed => "closed",
            Self::Unclear { .. } => "unclear",
            Self::DeadlinePassed => "deadline_passed",
            Self::FoundUnpaid { .. } => "found_unpaid",
            Self::ChargedBack { .. } => "charged_back",
            Self::ChargebackReversed { .. } => "chargeback_reversed",
        }
    }
}

/// Records a fact.
#[must_use]
pub fn told(payment: &Payment, fact: &PaymentFact) -> Vec<PaymentEvent> {
    use PaymentFact as F;
    match fact {
        F::Settled { receipt, minor } => vec![settled(payment, *receipt, *minor)],
        F::ChargedBack {
            minor,
            fee_minor,
            reason,
        } => vec![PaymentEvent::ChargedBack {
            minor: *minor,
            fee_minor: *fee_minor,
            reason: reason.clone(),
        }],
        F::ChargebackReversed { minor } => {
            vec![PaymentEvent::ChargebackReversed { minor: *minor }]
        }
        F::OrderSent | F::Shown | F::Waiting | F::Accepted | F::Conditional { .. } => {
            onward(payment, fact)
        }
        F::Declined { .. }
        | F::NotSent { .. }
        | F::FailedOver(_)
        | F::NeverArrived
        | F::Dishonoured { .. }
        | F::FoundUnpaid { .. } => unpaid(payment, fact),
        F::CloseSent | F::Closed | F::Unclear { .. } | F::DeadlinePassed => {
            over_or_unknown(payment, fact)
        }
    }
}

fn settled(payment: &Payment, receipt: ReceiptId, minor: i64) -> PaymentEvent {
    use PaymentState as S;
    match payment.state {
        S::Created | S::AwaitingPayer | S::Submitting | S::Unclear | S::Accepted | S::Closing => {
            PaymentEvent::Settled { receipt, minor }
        }
        S::Settled => PaymentEvent::PaidAgain { receipt, minor },
        S::Failed | S::Expired | S::Cancelled => PaymentEvent::FundsArrivedLate { receipt, minor },
    }
}

fn unexpected(fact: &PaymentFact) -> Vec<PaymentEvent> {
    vec![PaymentEvent::Unexpected {
        fact: fact.as_str().to_owned(),
    }]
}

/// Facts on the way to money.
fn onward(payment: &Payment, fact: &PaymentFact) -> Vec<PaymentEvent> {
    use PaymentFact as F;
    use PaymentState as S;
    let event = match (payment.state, fact) {
        (S::Created | S::AwaitingPayer, F::OrderSent) => PaymentEvent::Submitted,
        (S::Submitting, F::OrderSent) => return vec![],
        (_, F::OrderSent) => return unexpected(fact),

        (S::Created | S::Submitting | S::Unclear, F::Shown) => PaymentEvent::Presented,
        (S::Submitting, F::Waiting) => PaymentEvent::PayerActs,
        // A presentation that comes late, or a question that was answered out of order: no news.
        (_, F::Shown | F::Waiting) => return vec![],

        (S::Created | S::AwaitingPayer | S::Submitting | S::Unclear | S::Closing, F::Accepted) => {
            PaymentEvent::Accepted
        }
        (S::Accepted, F::Accepted | F::Conditional { .. }) => return vec![],

        // A promise that was taken in is a fact also after the time had run out. After a failure it is the older news:
        // the promise had been returned already.
        (
            S::Created
            | S::AwaitingPayer
            | S::Submitting
            | S::Unclear
            | S::Closing
            | S::Expired
            | S::Cancelled,
            F::Conditional { minor },
        ) => PaymentEvent::ReceivedConditionally { minor: *minor },
        _ => return unexpected(fact),
    };
    vec![event]
}

/// Facts that say that no money moved by the order.
fn unpaid(payment: &Payment, fact: &PaymentFact) -> Vec<PaymentEvent> {
    use PaymentFact as F;
    use PaymentState as S;
    let event = match (payment.state, fact) {
        (
            S::Created | S::AwaitingPayer | S::Submitting | S::Unclear | S::Accepted | S::Closing,
            F::Declined { reason },
        ) => PaymentEvent::Declined {
            reason: reason.clone(),
        },
        (S::Submitting, F::NotSent { reason }) if payment.awaits_handover() => {
            PaymentEvent::HandoverRefused {
                reason: reason.clone(),
            }
        }
        (S::Created | S::Submitting, F::NotSent { reason }) => PaymentEvent::NotSent {
            reason: reason.clone(),
        },
        // Only where nothing but the order that did not leave can have begun it.
        (S::Submitting, F::FailedOver(failover)) if !payment.awaits_handover() => {
            PaymentEvent::FailedOver(failover.clone())
        }
        (S::Submitting | S::Unclear, F::NeverArrived) => PaymentEvent::NeverArrived,
        (
            S::Created | S::AwaitingPayer | S::Submitting | S::Unclear | S::Accepted | S::Closing,
            F::Dishonoured { reason, .. },
        ) => PaymentEvent::Dishonoured {
            reason: reason.clone(),
        },
        // It had counted: its money has left again.
        (S::Settled, F::Dishonoured { minor, reason }) => PaymentEvent::ReturnedAfterHonour {
            minor: *minor,
            reason: reason.clone(),
        },
        (S::Unclear, F::FoundUnpaid { evidence }) => PaymentEvent::FoundUnpaid {
            evidence: evidence.clone(),
        },
        // That one order did not leave says nothing of the others; what is over is over.
        (_, F::NotSent { .. } | F::FailedOver(_) | F::NeverArrived)
        | (S::Failed, F::Declined { .. } | F::Dishonoured { .. } | F::FoundUnpaid { .. }) => {
            return vec![];
        }
        _ => return unexpected(fact),
    };
    vec![event]
}

/// Facts about an end, and the lack of facts.
fn over_or_unknown(payment: &Payment, fact: &PaymentFact) -> Vec<PaymentEvent> {
    use PaymentFact as F;
    use PaymentState as S;
    let event = match (payment.state, fact) {
        (S::AwaitingPayer | S::Unclear, F::CloseSent) => PaymentEvent::CloseAsked,
        (S::Closing, F::CloseSent) => return vec![],

        (
            S::Created | S::AwaitingPayer | S::Submitting | S::Unclear | S::Accepted | S::Closing,
            F::Closed,
        ) => match payment.remote.as_ref().and_then(|remote| remote.ending) {
            Some(Ending::Cancelled) => PaymentEvent::Cancelled,
            Some(Ending::Expired) | None => PaymentEvent::Expired,
        },

        // A time-out before anything was sent ends the attempt; after that it is never a failure.
        (S::Created | S::AwaitingPayer, F::DeadlinePassed) => PaymentEvent::Expired,
        (S::Submitting | S::Accepted, F::DeadlinePassed) => PaymentEvent::WentUnclear {
            why: "no answer in time".to_owned(),
        },
        (S::AwaitingPayer | S::Submitting | S::Accepted | S::Closing, F::Unclear { why }) => {
            PaymentEvent::WentUnclear { why: why.clone() }
        }

        // Told what is already so: no news.
        (S::Unclear, F::Unclear { .. } | F::DeadlinePassed)
        | (S::Failed | S::Expired | S::Cancelled, F::Closed)
        | (S::Closing | S::Settled | S::Failed | S::Expired | S::Cancelled, F::DeadlinePassed) => {
            return vec![];
        }
        _ => return unexpected(fact),
    };
    vec![event]
}
