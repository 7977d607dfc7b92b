//! Following a payment whose rail can be asked: questions, closing, letting go, and the timer behind them.
//!
//! Nothing here concludes anything from silence. A time that ran out leads to a question, or to an order that makes the
//! collection unpayable; only the answers end a payment.

use epay_domain::payment::{
    self, Doubt, Ending, Payment, PaymentFact, PaymentState, next_question,
};
use epay_rail::{OrderKind, Patience, Profile, Question};
use epay_store::{PaymentKey, StoredAsk};
use jiff::{SignedDuration, Timestamp};

use super::book::Book;
use super::decide::{Context, Decided};
use super::pay;
use crate::error::EngineError;

/// A rail is not asked about one payment more often than this, whoever says that there is news.
const CHECK_PAUSE: SignedDuration = SignedDuration::from_secs(2);

fn profile<'a>(payment: &Payment, context: Context<'a>) -> Option<&'a Profile> {
    Some(context.rails.get(&payment.rail)?.rail.profile())
}

fn patience(payment: &Payment, context: Context<'_>) -> Option<Patience> {
    profile(payment, context).map(|profile| profile.patience)
}

/// When the rail is asked after `asked` questions.
fn next_at(payment: &Payment, asked: u32, context: Context<'_>) -> Option<Timestamp> {
    let patience = patience(payment, context)?;
    Some(next_question(patience, asked, payment.id, context.now))
}

/// The time to pay and the rail's grace after it are over: silence and "not yet" may now be acted upon.
pub(crate) fn grace_is_over(payment: &Payment, context: Context<'_>) -> bool {
    grace_end(payment, context).is_some_and(|end| context.now >= end)
}

fn grace_end(payment: &Payment, context: Context<'_>) -> Option<Timestamp> {
    let secs = i64::from(profile(payment, context)?.grace_secs);
    payment
        .expires_at
        .checked_add(SignedDuration::from_secs(secs))
        .ok()
}

/// Queues a question about a payment, and sets the time of the next.
pub(crate) fn ask(book: &mut Book, payment: &mut Payment, context: Context<'_>) {
    let question = payment
        .remote
        .as_ref()
        .and_then(|remote| remote.doubt.as_ref())
        .map_or(Question::Collection, |doubt| doubt.question.clone());
    let asked = payment
        .remote
        .as_ref()
        .and_then(|remote| remote.doubt.as_ref())
        .map_or(0, |doubt| doubt.asked);
    let next = next_at(payment, asked.saturating_add(1), context);
    if let Some(remote) = &mut payment.remote {
        remote.asked_at = Some(context.now);
        remote.next_at = next;
        if let Some(doubt) = &mut remote.doubt {
            doubt.asked = doubt.asked.saturating_add(1);
        }
    }
    book.order(
        payment,
        StoredAsk::Query { question },
        context.now,
        None,
        context.ids,
    );
}

/// A payment's outcome is not known: it goes to the board, and the rail is asked after its first pause.
pub(crate) fn went_unclear(
    book: &mut Book,
    mut payment: Payment,
    why: &str,
    question: Question,
    context: Context<'_>,
) -> Payment {
    let fact = PaymentFact::Unclear {
        why: why.to_owned(),
    };
    let events = payment::told(&payment, &fact);
    if !payment.state.is_final() {
        // Doubt about the closing of a payment does not hide why it was closed; other doubt begins anew.
        if payment.state != PaymentState::Unclear
            && let Some(remote) = &mut payment.remote
        {
            remote.doubt = None;
        }
        pay::doubt(book, &mut payment, why, question, context);
        let next = next_at(&payment, 0, context);
        if let Some(remote) = &mut payment.remote
            && remote.askable
        {
            remote.next_at = remote
                .next_at
                .filter(|at| *at > context.now)
                .or(next)
                .min(next);
        }
    }
    book.change_payment(payment, &events)
}

/// Queues the order that makes a payment unpayable, not before the rail takes it. Its state is the caller's business.
pub(crate) fn close(book: &mut Book, payment: &mut Payment, why: &str, context: Context<'_>) {
    let wait = profile(payment, context).map_or(0, |profile| i64::from(profile.close_after_secs));
    let began_at = payment
        .remote
        .as_ref()
        .map_or(payment.created_at, |remote| remote.collect.asked_at);
    let first = began_at
        .checked_add(SignedDuration::from_secs(wait))
        .unwrap_or(context.now)
        .max(context.now);
    let after = first.duration_since(context.now);
    book.order(payment, StoredAsk::Close, first, None, context.ids);
    await_end(payment, why, after, context);
}

/// Queues the order that lets go of what was authorised.
pub(crate) fn void(book: &mut Book, payment: &mut Payment, why: &str, context: Context<'_>) {
    book.order(payment, StoredAsk::Void, context.now, None, context.ids);
    await_end(payment, why, SignedDuration::ZERO, context);
}

/// The end of a payment is waited for: the rail is asked if it does not come.
fn await_end(payment: &mut Payment, why: &str, after: SignedDuration, context: Context<'_>) {
    let asked = payment
        .remote
        .as_ref()
        .and_then(|remote| remote.doubt.as_ref())
        .map_or(0, |doubt| doubt.asked);
    let next = next_at(payment, asked, context).and_then(|at| at.checked_add(after).ok());
    if let Some(remote) = &mut payment.remote {
        let doubt = remote
            .doubt
            .get_or_insert_with(|| Doubt::new(why, context.now, Question::Collection));
        doubt.question = Question::Collection;
        remote.next_at = next;
        remote.evidence(context.now, why.to_owned());
    }
}

/// The rail took responsibility and will say the last word later: it is asked for it.
pub(crate) fn await_final(payment: &mut Payment, context: Context<'_>) {
    let why = "taken in by the rail, and not final";
    await_end(payment, why, SignedDuration::ZERO, context);
}

/// The time is over and the rail says that nothing was paid: it is made unpayable, or it ends here where the rail has
/// no such order and does not know of it.
pub(crate) fn close_or_end(
    book: &mut Book,
    mut payment: Payment,
    unknown_to_rail: bool,
    context: Context<'_>,
) -> Payment {
    let closable = payment
        .remote
        .as_ref()
        .is_some_and(|remote| remote.closable);
    let fact = if closable {
        PaymentFact::CloseSent
    } else if unknown_to_rail {
        PaymentFact::Closed
    } else {
        return book.keep_payment(payment);
    };
    let events = payment::told(&payment, &fact);
    if let Some(remote) = &mut payment.remote {
        remote.ending.get_or_insert(Ending::Expired);
    }
    if closable && !events.is_empty() {
        close(book, &mut payment, "closed after its time", context);
    }
    book.change_payment(payment, &events)
}

/// Somebody says that there is news: the rail is asked at once, within reason.
pub(crate) fn check(
    book: &mut Book,
    of: &PaymentKey,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let mut payment = book.payment(&of.biller, of.payment)?.clone();
    let asks = match payment.state {
        PaymentState::AwaitingPayer => !payment.awaits_handover(),
        PaymentState::Unclear | PaymentState::Closing => true,
        PaymentState::Accepted => payment
            .remote
            .as_ref()
            .is_some_and(|remote| remote.authorised.is_none() && remote.conditional.is_none()),
        PaymentState::Created
        | PaymentState::Submitting
        | PaymentState::Settled
        | PaymentState::Failed
        | PaymentState::Expired
        | PaymentState::Cancelled => false,
    };
    let rested = payment.remote.as_ref().is_some_and(|remote| {
        remote.askable
            && remote
                .asked_at
                .is_none_or(|at| context.now.duration_since(at) >= CHECK_PAUSE)
    });
    if asks && rested {
        ask(book, &mut payment, context);
        book.keep_payment(payment);
    } else if asks {
        ask_after_pause(book, payment, context);
    }
    Ok(Decided::Done)
}

/// News that comes within the pause is not forgotten: the question waits for the pause's end.
fn ask_after_pause(book: &mut Book, mut payment: Payment, context: Context<'_>) {
    let Some(remote) = payment.remote.as_mut().filter(|remote| remote.askable) else {
        return;
    };
    let end = remote
        .asked_at
        .and_then(|at| at.checked_add(CHECK_PAUSE).ok())
        .unwrap_or(context.now);
    if remote.next_at.is_none_or(|next| next > end) {
        remote.next_at = Some(end);
        book.keep_as_it_is(payment);
    }
}

/// It is time to look at a payment again.
pub(crate) fn tick(
    book: &mut Book,
    of: &PaymentKey,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let mut payment = book.payment(&of.biller, of.payment)?.clone();
    let Some(remote) = &payment.remote else {
        return Ok(Decided::Done);
    };
    if remote.next_at.is_none_or(|at| at > context.now) {
        return Ok(Decided::Done);
    }
    let askable = remote.askable;
    let in_time = context.now < payment.expires_at;
    match payment.state {
        // The timer was set before the time ran out, because somebody said that there is news.
        PaymentState::AwaitingPayer if askable && in_time && !payment.awaits_handover() => {
            ask(book, &mut payment, context);
            book.keep_payment(payment);
        }
        PaymentState::AwaitingPayer => silent_payer(book, payment, context),
        PaymentState::Unclear | PaymentState::Closing | PaymentState::Accepted if askable => {
            ask(book, &mut payment, context);
            book.keep_payment(payment);
        }
        PaymentState::Closing => {
            // Nobody can be asked: the order is given again.
            close(book, &mut payment, "told again to close", context);
            book.keep_payment(payment);
        }
        PaymentState::Created
        | PaymentState::Submitting
        | PaymentState::Unclear
        | PaymentState::Accepted
        | PaymentState::Settled
        | PaymentState::Failed
        | PaymentState::Expired
        | PaymentState::Cancelled => {
            if let Some(remote) = &mut payment.remote {
                remote.next_at = None;
            }
            book.keep_payment(payment);
        }
    }
    Ok(Decided::Done)
}

/// The payer's time has run out. Where nothing was handed to us, or nobody can be asked and nothing closed, that is an
/// end; otherwise money may have moved.
fn silent_payer(book: &mut Book, mut payment: Payment, context: Context<'_>) {
    let (askable, closable) = payment
        .remote
        .as_ref()
        .map_or((false, false), |remote| (remote.askable, remote.closable));
    if payment.awaits_handover() || !(askable || closable) {
        let events = payment::told(&payment, &PaymentFact::DeadlinePassed);
        book.change_payment(payment, &events);
    } else if askable {
        let why = "the time to pay ran out without news";
        let mut payment = went_unclear(book, payment, why, Question::Collection, context);
        ask(book, &mut payment, context);
        book.keep_payment(payment);
    } else if grace_is_over(&payment, context) {
        close_or_end(book, payment, false, context);
    } else {
        let end = grace_end(&payment, context);
        if let Some(remote) = &mut payment.remote {
            remote.next_at = end;
        }
        book.keep_as_it_is(payment);
    }
}

/// Whether an order of this kind may be asked about by itself.
pub(crate) fn question_about(kind: OrderKind, key: &str) -> Question {
    match kind {
        OrderKind::Collect
        | OrderKind::Query
        | OrderKind::Void
        | OrderKind::Close
        | OrderKind::Recall => Question::Collection,
        OrderKind::Tender | OrderKind::Capture | OrderKind::Refund => Question::Order {
            key: key.to_owned(),
            kind,
        },
    }
}
