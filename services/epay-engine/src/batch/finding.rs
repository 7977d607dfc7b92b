//! What a rail reported, finding by finding: money, promises, refusals, and the answers to questions.

use epay_domain::payment::{
    self, Ending, Payment, PaymentAsk, PaymentEvent, PaymentFact, PaymentState, read_order_key,
};
use epay_rail::{Finding, OrderKind, Question};
use epay_store::{OrderEnd, OrderState, QuarantineEntry};

use super::book::Book;
use super::decide::{Context, Decided};
use super::{CreditCommand, credit, failover, follow, movement, pay, promise};
use crate::error::EngineError;

impl CreditCommand {
    /// Which kind of order the report is the outcome of.
    pub(crate) fn order_kind(&self) -> Option<OrderKind> {
        let key = self.report.order_key.as_deref()?;
        read_order_key(key).map(|(_reference, kind)| kind)
    }
}

/// Decides a report, or sets it apart. The same report told again is no news.
pub(crate) fn report(
    book: &mut Book,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    match command.report.finding {
        Finding::Settled => credit::settled(book, command, context)?,
        Finding::ChargedBack | Finding::ChargebackReversed => {
            movement::chargeback(book, command, context)?;
        }
        // Money that left again, and what becomes of refunds.
        Finding::RefundAccepted
        | Finding::Refunded
        | Finding::RefundRejected
        | Finding::Returned => {
            let code = command.report.finding.as_str();
            let detail = "this finding needs a person".to_owned();
            set_apart(book, command, code, detail);
        }
        Finding::Accepted
        | Finding::Conditional
        | Finding::Waiting
        | Finding::Declined
        | Finding::Closed
        | Finding::Voided
        | Finding::Dishonoured
        | Finding::NotFound
        | Finding::Unclear => about_payment(book, command, context)?,
    }
    if command.completes_message {
        book.writes.finished_messages.push(command.message);
    }
    Ok(Decided::Done)
}

/// The payment that a report is about.
pub(crate) fn payment_of(book: &Book, command: &CreditCommand) -> Option<Payment> {
    let key = (command.book.clone(), command.payment?);
    book.snapshot.payments.get(&key).cloned()
}

pub(crate) fn set_apart(book: &mut Book, command: &CreditCommand, code: &str, detail: String) {
    book.writes.quarantine.push(QuarantineEntry {
        message: command.message,
        entry: command.entry,
        path: format!(
            "{}/{}",
            command.report.rail_account, command.report.rail_reference
        ),
        code: code.to_owned(),
        detail,
    });
}

fn about_payment(
    book: &mut Book,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let finding = command.report.finding;
    let Some(mut payment) = payment_of(book, command) else {
        let detail = "no payment has this reference".to_owned();
        set_apart(book, command, finding.as_str(), detail);
        return Ok(());
    };
    // The answer to a question about a refund says nothing of the payment.
    if command.order_kind() == Some(OrderKind::Refund) {
        return Ok(());
    }
    if payment.rail != command.rail {
        failover::from_another_rail(book, payment, command, context);
        return Ok(());
    }
    if let Some(remote) = &mut payment.remote {
        remote.evidence(context.now, format!("the rail says: {finding}"));
    }
    match finding {
        Finding::Accepted => accepted(book, payment, command, context)?,
        Finding::Conditional => promise::conditional(book, payment, command, context)?,
        Finding::Dishonoured => promise::dishonoured(book, payment, command, context)?,
        Finding::Declined => declined(book, payment, command, context)?,
        Finding::Closed | Finding::Voided => closed(book, payment, context)?,
        Finding::Waiting => waiting(book, payment, command, context),
        Finding::NotFound => not_found(book, payment, command, context)?,
        _ => {
            let why = command
                .report
                .reason
                .clone()
                .unwrap_or_else(|| "the rail's words are not in our table".to_owned());
            follow::went_unclear(book, payment, &why, Question::Collection, context);
        }
    }
    Ok(())
}

/// The rail took responsibility. Where money is captured apart, it holds the payer's money now: that is booked as a
/// memorandum, and captured, or let go of where the payer gave the payment up in the meantime.
fn accepted(
    book: &mut Book,
    mut payment: Payment,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let before = payment.state;
    let events = payment::told(&payment, &PaymentFact::Accepted);
    let news = events.contains(&PaymentEvent::Accepted);
    if !pay::captures_apart(&payment, context) {
        if news && payment.remote.as_ref().is_some_and(|remote| remote.askable) {
            // Not final: the rail is asked until it is.
            follow::await_final(&mut payment, context);
        }
        book.change_payment(payment, &events);
        return Ok(());
    }
    if before.is_final() {
        // Authorised after its end: the payer's money is not kept.
        if before != PaymentState::Settled {
            follow::void(book, &mut payment, "authorised after its end", context);
        }
        book.change_payment(payment, &events);
        return Ok(());
    }
    if command.order_kind() == Some(OrderKind::Void) {
        // Letting go did not take: the timer asks before it is tried again.
        book.keep_as_it_is(payment);
        return Ok(());
    }
    let about_capture = !matches!(
        command.order_kind(),
        Some(OrderKind::Collect | OrderKind::Tender)
    );
    if !about_capture && capture_in_doubt(&payment).is_some() {
        // That the money was held says nothing of the capture that was asked for after it. An answer tells of both, and
        // the capture would be asked for again before it is read to its end.
        book.keep_as_it_is(payment);
        return Ok(());
    }
    if news
        && payment
            .remote
            .as_ref()
            .is_some_and(|remote| remote.authorised.is_none())
    {
        promise::authorised(book, &mut payment, command, context)?;
    }
    let lost_capture = capture_in_doubt(&payment);
    let payment = book.change_payment(payment, &events);
    if !news {
        return Ok(());
    }
    after_acceptance(book, payment, lost_capture, context)
}

/// The key of a capture whose outcome is not known.
fn capture_in_doubt(payment: &Payment) -> Option<String> {
    let doubt = payment.remote.as_ref()?.doubt.as_ref()?;
    match &doubt.question {
        Question::Order {
            key,
            kind: OrderKind::Capture,
        } => Some(key.clone()),
        Question::Order { .. } | Question::Collection => None,
    }
}

fn after_acceptance(
    book: &mut Book,
    mut payment: Payment,
    lost_capture: Option<String>,
    context: Context<'_>,
) -> Result<(), EngineError> {
    let Some(remote) = &payment.remote else {
        return Ok(());
    };
    let authorised = remote.authorised.as_ref().map(|promise| promise.amount);
    if remote.ending == Some(Ending::Cancelled) {
        follow::void(book, &mut payment, "given up by request", context);
        let events = payment::asked(&payment, PaymentAsk::Void).map_err(EngineError::Refused)?;
        book.change_payment(payment, &events);
    } else if let Some(key) = lost_capture {
        capture_again(book, &payment, key, context);
    } else if let Some(amount) = authorised
        && !remote.capture_by_hand
        && remote.capturing.is_none()
    {
        pay::capture(book, payment, amount, context)?;
    }
    Ok(())
}

/// The rail still holds the money: the capture did not arrive, and is sent again under its own key.
fn capture_again(book: &mut Book, payment: &Payment, key: String, context: Context<'_>) {
    book.writes.order_ends.push(OrderEnd {
        biller: payment.biller.clone(),
        key,
        state: OrderState::Queued,
        next_at: context.now,
        detail: "the rail had not seen it".to_owned(),
    });
    let effect = epay_domain::Effect::SendOrder {
        payment: payment.id,
    };
    book.effects(&payment.biller, vec![effect]);
}

/// The rail said no: to the payment, or only to its closing.
fn declined(
    book: &mut Book,
    mut payment: Payment,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    if matches!(
        command.order_kind(),
        Some(OrderKind::Close | OrderKind::Void)
    ) {
        book.keep_as_it_is(payment);
        return Ok(());
    }
    let fact = PaymentFact::Declined {
        reason: command
            .report
            .reason
            .clone()
            .unwrap_or_else(|| "declined by the rail".to_owned()),
    };
    let events = payment::told(&payment, &fact);
    if events
        .iter()
        .any(|event| matches!(event, PaymentEvent::Declined { .. }))
    {
        let held = promise::release(book, &mut payment, context)?;
        if held && command.order_kind() == Some(OrderKind::Capture) {
            // The rail would hold the payer's money until it lapses.
            follow::void(book, &mut payment, "its capture was declined", context);
        }
    }
    book.change_payment(payment, &events);
    Ok(())
}

/// It can no longer be paid, and was not.
fn closed(book: &mut Book, mut payment: Payment, context: Context<'_>) -> Result<(), EngineError> {
    let events = payment::told(&payment, &PaymentFact::Closed);
    let ended = events
        .iter()
        .any(|event| matches!(event, PaymentEvent::Expired | PaymentEvent::Cancelled));
    if ended {
        promise::release(book, &mut payment, context)?;
    }
    book.change_payment(payment, &events);
    Ok(())
}

/// The payer has not acted yet.
fn waiting(book: &mut Book, mut payment: Payment, command: &CreditCommand, context: Context<'_>) {
    match payment.state {
        PaymentState::Submitting if payment.awaits_handover() => {
            let key = command.report.order_key.clone().unwrap_or_default();
            let question = follow::question_about(OrderKind::Tender, &key);
            let why = "the rail works on what was handed over";
            follow::went_unclear(book, payment, why, question, context);
        }
        PaymentState::Submitting => {
            let events = payment::told(&payment, &PaymentFact::Waiting);
            book.change_payment(payment, &events);
        }
        PaymentState::Unclear => {
            let about_all = about_collection(&payment);
            // The rail has it and the payer never saw it: nobody can pay it any more.
            let never_shown = payment.presentation.is_none()
                && payment
                    .remote
                    .as_ref()
                    .is_some_and(|remote| remote.closable);
            if about_all && (never_shown || follow::grace_is_over(&payment, context)) {
                follow::close_or_end(book, payment, false, context);
            } else {
                book.keep_as_it_is(payment);
            }
        }
        PaymentState::Closing => {
            let asked = command.order_kind() == Some(OrderKind::Query);
            let closable = payment
                .remote
                .as_ref()
                .is_some_and(|remote| remote.closable && remote.authorised.is_none());
            if asked && closable {
                follow::close(book, &mut payment, "not closed yet: told again", context);
            }
            book.keep_as_it_is(payment);
        }
        PaymentState::Created
        | PaymentState::AwaitingPayer
        | PaymentState::Accepted
        | PaymentState::Settled
        | PaymentState::Failed
        | PaymentState::Expired
        | PaymentState::Cancelled => {}
    }
}

fn about_collection(payment: &Payment) -> bool {
    payment
        .remote
        .as_ref()
        .and_then(|remote| remote.doubt.as_ref())
        .is_none_or(|doubt| doubt.question == Question::Collection)
}

/// The rail does not know what it was asked about.
fn not_found(
    book: &mut Book,
    payment: Payment,
    command: &CreditCommand,
    context: Context<'_>,
) -> Result<(), EngineError> {
    match payment.state {
        PaymentState::Unclear => {
            if let Some(key) = capture_in_doubt(&payment) {
                let events = payment::told(&payment, &PaymentFact::Accepted);
                let payment = book.change_payment(payment, &events);
                capture_again(book, &payment, key, context);
                return Ok(());
            }
            // The order whose answer was lost never reached the rail; or nobody ever saw the collection at the rail.
            if !about_collection(&payment) || payment.presentation.is_none() {
                let events = payment::told(&payment, &PaymentFact::NeverArrived);
                book.change_payment(payment, &events);
            } else if follow::grace_is_over(&payment, context) {
                follow::close_or_end(book, payment, true, context);
            } else {
                book.keep_as_it_is(payment);
            }
            Ok(())
        }
        PaymentState::Closing
            if payment
                .remote
                .as_ref()
                .is_some_and(|remote| remote.authorised.is_none()) =>
        {
            closed(book, payment, context)
        }
        PaymentState::Submitting
            if matches!(
                command.order_kind(),
                Some(OrderKind::Collect | OrderKind::Tender)
            ) =>
        {
            let events = payment::told(&payment, &PaymentFact::NeverArrived);
            book.change_payment(payment, &events);
            Ok(())
        }
        PaymentState::Created
        | PaymentState::AwaitingPayer
        | PaymentState::Submitting
        | PaymentState::Accepted
        | PaymentState::Closing
        | PaymentState::Settled
        | PaymentState::Failed
        | PaymentState::Expired
        | PaymentState::Cancelled => Ok(()),
    }
}
