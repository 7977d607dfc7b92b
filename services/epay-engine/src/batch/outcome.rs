//! What became of an order: answered, certainly not sent, or not known.
//!
//! An answer's reports are decided like those of any message ([`super::finding`]); here is what the answer says beside
//! them, and what its silence means.

use epay_domain::payment::{self, Payment, PaymentEvent, PaymentFact};
use epay_rail::{OrderKind, Presentation};
use epay_store::{OrderEnd, OrderState, PaymentKey, StoredOrder};
use jiff::Timestamp;

use super::book::Book;
use super::decide::{Context, Decided};
use super::{failover, follow};
use crate::error::EngineError;

/// What became of an order.
#[derive(Debug, Clone)]
pub(crate) struct OrderCommand {
    pub(crate) of: PaymentKey,
    pub(crate) key: String,
    pub(crate) kind: OrderKind,
    pub(crate) outcome: Outcome,
}

/// How an order ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The rail answered.
    Answered {
        /// What the payer is to be shown.
        presentation: Option<Presentation>,
        /// What to hand back with later orders.
        keep: Option<String>,
        /// The answer says nothing else: no report is in it.
        silent: bool,
    },
    /// The rail answered in words that nobody can read.
    Unreadable {
        /// What is wrong with them.
        why: String,
    },
    /// Certainly nothing left the house.
    NotSent {
        /// Why.
        why: String,
        /// When it is tried again; given up when unset.
        again_at: Option<Timestamp>,
        /// Under which claim it was not sent.
        claim: Claim,
    },
    /// It may have left the house, and no answer came.
    Unknown {
        /// Why.
        why: String,
    },
}

/// What makes one claim of an order another claim than the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    tries: u32,
    left_house: bool,
}

impl Claim {
    pub(crate) const fn of(order: &StoredOrder) -> Self {
        Self {
            tries: order.tries,
            left_house: order.left_house,
        }
    }

    /// Whether whoever made the claim still has the order. Otherwise somebody else took it up, and it may be on the wire.
    fn holds(self, book: &Book, command: &OrderCommand) -> bool {
        let key = (command.of.biller.clone(), command.key.clone());
        let order = book.snapshot.orders.get(&key);
        order.is_some_and(|order| order.state == OrderState::Sent && Self::of(order) == self)
    }
}

/// Takes what became of an order.
pub(crate) fn order_ended(
    book: &mut Book,
    command: &OrderCommand,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let payment = book
        .payment(&command.of.biller, command.of.payment)?
        .clone();
    if command.kind == OrderKind::Collect && command.key != payment.collect_key() {
        left_behind(book, payment, command, context);
        return Ok(Decided::Done);
    }
    match &command.outcome {
        Outcome::Answered {
            presentation,
            keep,
            silent,
        } => answered(
            book,
            payment,
            command,
            (presentation.as_ref(), keep.as_ref(), *silent),
            context,
        ),
        Outcome::Unreadable { why } => {
            let why = format!("the answer cannot be read: {why}");
            no_news(book, payment, command, &why, context);
        }
        Outcome::NotSent {
            why,
            again_at,
            claim,
        } => {
            if claim.holds(book, command) {
                not_sent(book, payment, command, why, *again_at, context)?;
            }
        }
        Outcome::Unknown { why } => {
            end(book, command, OrderState::Unknown, context.now, why);
            no_news(book, payment, command, why, context);
        }
    }
    Ok(Decided::Done)
}

/// The order that began a payment by a rail that was left since: its end is noted, and says nothing of the rail that
/// carries the payment now.
fn left_behind(book: &mut Book, payment: Payment, command: &OrderCommand, context: Context<'_>) {
    match &command.outcome {
        // The same end told again.
        Outcome::NotSent { .. } => {}
        Outcome::Unknown { why } => {
            end(book, command, OrderState::Unknown, context.now, why);
            let fact = format!("{} may have been sent", command.key);
            book.change_payment(payment, &[PaymentEvent::Unexpected { fact }]);
        }
        Outcome::Answered { .. } | Outcome::Unreadable { .. } => {
            let fact = format!("{} was answered", command.key);
            book.change_payment(payment, &[PaymentEvent::Unexpected { fact }]);
        }
    }
}

fn end(
    book: &mut Book,
    command: &OrderCommand,
    state: OrderState,
    next_at: Timestamp,
    detail: &str,
) {
    book.writes.order_ends.push(OrderEnd {
        biller: command.of.biller.clone(),
        key: command.key.clone(),
        state,
        next_at,
        detail: detail.to_owned(),
    });
}

fn answered(
    book: &mut Book,
    mut payment: Payment,
    command: &OrderCommand,
    (presentation, keep, silent): (Option<&Presentation>, Option<&String>, bool),
    context: Context<'_>,
) {
    if let (Some(keep), Some(remote)) = (keep, &mut payment.remote) {
        remote.kept = Some(keep.clone());
    }
    if let Some(shown) = presentation {
        let events = payment::told(&payment, &PaymentFact::Shown);
        if !payment.state.is_final() {
            payment.presentation = Some(shown.clone());
        }
        book.change_payment(payment, &events);
    } else if silent {
        no_news(book, payment, command, "the answer says nothing", context);
    } else if keep.is_some() {
        book.keep_payment(payment);
    }
}

/// No answer, or one that says nothing: where money may have moved, the outcome is not known.
fn no_news(
    book: &mut Book,
    mut payment: Payment,
    command: &OrderCommand,
    why: &str,
    context: Context<'_>,
) {
    let kind = command.kind;
    let what = format!("{}: {why}", kind.as_str());
    match kind {
        OrderKind::Collect | OrderKind::Tender | OrderKind::Capture => {
            let question = follow::question_about(kind, &command.key);
            follow::went_unclear(book, payment, &what, question, context);
        }
        // Nothing moved by them; the timer of the payment leads to the next question.
        OrderKind::Query | OrderKind::Void | OrderKind::Close => {
            if let Some(remote) = &mut payment.remote {
                remote.evidence(context.now, what);
            }
            book.keep_as_it_is(payment);
        }
        // A refund or recall is not the payment's own outcome: its own aggregate hears of it.
        OrderKind::Refund | OrderKind::Recall => {}
    }
}

fn not_sent(
    book: &mut Book,
    mut payment: Payment,
    command: &OrderCommand,
    why: &str,
    again_at: Option<Timestamp>,
    context: Context<'_>,
) -> Result<(), EngineError> {
    if let Some(at) = again_at {
        end(book, command, OrderState::Queued, at, why);
        return Ok(());
    }
    end(book, command, OrderState::NotSent, context.now, why);
    if failover::go_on(book, &payment, command, why, context)? {
        return Ok(());
    }
    match command.kind {
        OrderKind::Collect | OrderKind::Tender => {
            let fact = PaymentFact::NotSent {
                reason: why.to_owned(),
            };
            let events = payment::told(&payment, &fact);
            book.change_payment(payment, &events);
        }
        OrderKind::Capture | OrderKind::Query | OrderKind::Void | OrderKind::Close => {
            if let Some(remote) = &mut payment.remote {
                let what = format!("{} was not sent: {why}", command.kind.as_str());
                remote.evidence(context.now, what);
                if command.kind == OrderKind::Capture {
                    remote.capturing = None;
                }
            }
            book.keep_as_it_is(payment);
        }
        OrderKind::Refund | OrderKind::Recall => {}
    }
    Ok(())
}
