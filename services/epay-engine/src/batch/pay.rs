//! Payments: started, given up, handed something, captured.

use std::sync::Arc;

use epay_domain::bill::Bill;
use epay_domain::payment::{
    self, Doubt, Ending, NewPayment, Payment, PaymentAsk, PaymentEvent, PaymentState, Presentation,
    Remote,
};
use epay_domain::routing::{Judged, Wanted};
use epay_domain::{BillType, Refusal};
use epay_money::{Money, PaymentId};
use epay_rail::{Capture, Order, OrderKind, Outbound, Profile, Question};
use epay_store::{PaymentKey, StoredAsk};
use jiff::{SignedDuration, Timestamp};

use super::book::Book;
use super::decide::{Context, Decided, kind_of};
use super::follow;
use crate::PaymentView;
use crate::command::{CancelPayment, CapturePayment, CreatePayment, Keyed, SubmitInstrument};
use crate::error::EngineError;
use crate::order::collect_of;
use crate::route;

/// Starts a payment: shows the payer what to do in the same commit, or queues the order that asks the rail for it.
pub(crate) fn create_payment(
    book: &mut Book,
    command: &CreatePayment,
    keyed: &Keyed,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let bills = command
        .bills
        .iter()
        .map(|id| book.bill(&command.biller, *id).cloned())
        .collect::<Result<Vec<Bill>, EngineError>>()?;
    let first = bills
        .first()
        .ok_or(EngineError::Refused(Refusal::BillCount {
            max: payment::BILLS_MAX,
        }))?;
    let kind = kind_of(context, &first.bill_type)?;
    let all_due = bills
        .iter()
        .skip(1)
        .try_fold(first.outstanding(), |sum, bill| {
            sum.checked_add(bill.outstanding())
                .map_err(|_other_currency| EngineError::Refused(Refusal::WrongCurrency))
        })?;
    let wanted = Wanted {
        method: command.method.as_deref(),
        rail: command.rail.as_ref(),
        tried: &[],
        amount: command.amount.unwrap_or(all_due),
        bills: u32::try_from(bills.len()).unwrap_or(u32::MAX),
        at: context.now,
    };
    let route = route::choose(context.rails, context.health, &kind, wanted)
        .map_err(EngineError::Refused)?;
    let profile = route.rail.rail.profile();
    let new = NewPayment {
        id: PaymentId::new(context.ids.next()),
        rail: route.id,
        method: route.method,
        amount: command.amount,
        asked_at: context.now,
        expires_at: later(context.now, profile.presentation_ttl_secs)?,
    };
    let all: Vec<&Bill> = bills.iter().collect();
    let due = payment::create_for(&all, &kind, &new).map_err(EngineError::Refused)?;
    refuse_if_open(book, &bills)?;
    let mut payment = payment::created(first, &kind, &new, due, context.now);
    let collect = collect_of(&payment, first, command.return_url.clone());
    let outbound = route
        .rail
        .rail
        .encode(&Order::collect(collect.clone()))
        .map_err(|refusal| refused_by_rail(&refusal))?;
    let mut remote = Remote::new(collect, profile);
    remote.capture_by_hand = command.capture_by_hand;
    remote.any_rail = command.rail.is_none();
    if matches!(outbound, Outbound::Call(_)) || is_followed(profile) {
        payment.remote = Some(Box::new(remote));
    }
    let second = begin(book, &mut payment, outbound, context);
    let first = started(&payment, route.candidates);
    let payment = book.add_payment(payment, &[first, second]);
    answer(book, payment, kind, keyed)
}

/// Shows the payer what the rail has to show, or queues the order that asks the rail for it.
pub(crate) fn begin(
    book: &mut Book,
    payment: &mut Payment,
    outbound: Outbound,
    context: Context<'_>,
) -> PaymentEvent {
    match outbound {
        Outbound::Present(shown) => {
            payment.presentation = Some(shown);
            PaymentEvent::Presented
        }
        Outbound::Call(_made_again_when_sent) => {
            let ask = StoredAsk::Collect;
            book.order(payment, ask, context.now, None, context.ids);
            PaymentEvent::Submitted
        }
    }
}

/// A rail that can be asked, handed things or told to let go has more to say after the payer was shown something.
fn is_followed(profile: &Profile) -> bool {
    let more = [
        OrderKind::Query,
        OrderKind::Tender,
        OrderKind::Close,
        OrderKind::Capture,
        OrderKind::Void,
    ];
    more.into_iter().any(|kind| profile.takes(kind))
}

/// Another attempt that may still take money for one of the bills must end first.
fn refuse_if_open(book: &Book, bills: &[Bill]) -> Result<(), EngineError> {
    let open = bills.iter().find_map(|bill| {
        bill.under_way
            .iter()
            .filter_map(|id| book.snapshot.payments.get(&(bill.biller.clone(), *id)))
            .find(|other| other.blocks_others())
    });
    open.map_or(Ok(()), |other| {
        Err(EngineError::Refused(Refusal::PaymentOpen {
            reference: other.reference.to_string(),
            state: other.state,
            can_be_cancelled: other.state == PaymentState::AwaitingPayer,
        }))
    })
}

fn started(payment: &Payment, candidates: Vec<Judged>) -> PaymentEvent {
    PaymentEvent::Created {
        minor: payment.amount.minor(),
        rail: payment.rail.to_string(),
        reference: payment.reference.to_string(),
        route: vec![],
        candidates,
    }
}

pub(crate) fn refused_by_rail(refusal: &epay_rail::Refusal) -> EngineError {
    EngineError::Refused(match refusal {
        epay_rail::Refusal::BadInstrument { code, problem } => Refusal::BadInstrument {
            code: (*code).to_owned(),
            reason: problem.clone(),
        },
        other => Refusal::RailRefused {
            reason: other.to_string(),
        },
    })
}

pub(crate) fn later(from: Timestamp, secs: u32) -> Result<Timestamp, EngineError> {
    from.checked_add(SignedDuration::from_secs(i64::from(secs)))
        .map_err(|error| EngineError::Broken(error.to_string()))
}

/// Keeps the first answer, and gives it.
fn answer(
    book: &mut Book,
    payment: Payment,
    kind: Arc<BillType>,
    keyed: &Keyed,
) -> Result<Decided, EngineError> {
    book.answered(keyed, payment.id.uuid(), payment.version);
    let bills = book.bills_of(&payment)?;
    let bill = bills
        .first()
        .cloned()
        .ok_or(EngineError::NotFound { what: "the bill" })?;
    Ok(Decided::Payment(Box::new(PaymentView {
        payment,
        bill,
        bills,
        kind,
        receipts: vec![],
    })))
}

fn known(
    book: &Book,
    of: &PaymentKey,
    context: Context<'_>,
) -> Result<(Payment, Arc<BillType>), EngineError> {
    let payment = book.payment(&of.biller, of.payment)?.clone();
    let bill = book.bill(&of.biller, payment.bill)?;
    Ok((payment, kind_of(context, &bill.bill_type)?))
}

/// Gives a payment up: at once where the money is certainly with the payer, by the rail where it must agree.
pub(crate) fn cancel_payment(
    book: &mut Book,
    _command: &CancelPayment,
    of: &PaymentKey,
    keyed: &Keyed,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let (mut payment, kind) = known(book, of, context)?;
    let ask = way_out(&payment, context);
    let events = payment::asked(&payment, ask).map_err(EngineError::Refused)?;
    if !events.is_empty()
        && let Some(remote) = &mut payment.remote
    {
        remote.ending = Some(Ending::Cancelled);
    }
    if !events.is_empty() {
        match ask {
            PaymentAsk::Close => follow::close(book, &mut payment, "given up by request", context),
            PaymentAsk::Void => follow::void(book, &mut payment, "given up by request", context),
            PaymentAsk::Cancel | PaymentAsk::Capture { .. } | PaymentAsk::Submit => {}
        }
    }
    let payment = book.change_payment(payment, &events);
    answer(book, payment, kind, keyed)
}

fn way_out(payment: &Payment, context: Context<'_>) -> PaymentAsk {
    let Some(remote) = &payment.remote else {
        return PaymentAsk::Cancel;
    };
    let voids = context
        .rails
        .get(&payment.rail)
        .is_some_and(|rail| rail.rail.profile().takes(OrderKind::Void));
    match payment.state {
        PaymentState::AwaitingPayer if remote.closable && !payment.awaits_handover() => {
            PaymentAsk::Close
        }
        PaymentState::Accepted
            if voids && remote.authorised.is_some() && remote.capturing.is_none() =>
        {
            PaymentAsk::Void
        }
        _ => PaymentAsk::Cancel,
    }
}

/// Queues what the payer handed over. It was found genuine before it came here.
pub(crate) fn submit_instrument(
    book: &mut Book,
    command: &SubmitInstrument,
    of: &PaymentKey,
    keyed: &Keyed,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let (mut payment, kind) = known(book, of, context)?;
    check_handover(&payment, command).map_err(EngineError::Refused)?;
    let events = payment::asked(&payment, PaymentAsk::Submit).map_err(EngineError::Refused)?;
    let ask = StoredAsk::Tender {
        instrument: command.kind.clone(),
    };
    let bytes = Some(command.bytes.clone());
    book.order(&mut payment, ask, context.now, bytes, context.ids)
        .ok_or(EngineError::Refused(Refusal::NothingToHandOver))?;
    let payment = book.change_payment(payment, &events);
    answer(book, payment, kind, keyed)
}

/// Whether the payment waits for what was handed over.
pub(crate) fn check_handover(payment: &Payment, command: &SubmitInstrument) -> Result<(), Refusal> {
    let Some(Presentation::Handover {
        what, bytes_max, ..
    }) = &payment.presentation
    else {
        return Err(Refusal::NothingToHandOver);
    };
    if payment.state != PaymentState::AwaitingPayer {
        return Err(Refusal::NothingToHandOver);
    }
    let fits = u32::try_from(command.bytes.len()).is_ok_and(|bytes| bytes <= *bytes_max);
    if *what != command.kind || !fits || command.bytes.is_empty() {
        return Err(Refusal::WrongHandover {
            what: what.clone(),
            bytes_max: *bytes_max,
        });
    }
    Ok(())
}

/// Captures by hand what was authorised.
pub(crate) fn capture_payment(
    book: &mut Book,
    command: &CapturePayment,
    of: &PaymentKey,
    keyed: &Keyed,
    context: Context<'_>,
) -> Result<Decided, EngineError> {
    let (payment, kind) = known(book, of, context)?;
    let authorised = payment
        .remote
        .as_ref()
        .filter(|remote| remote.capturing.is_none())
        .and_then(|remote| remote.authorised.as_ref())
        .map(|promise| promise.amount)
        .ok_or(EngineError::Refused(Refusal::NotCapturable))?;
    let amount = command.amount.unwrap_or(authorised);
    let refusal = if amount.currency() != authorised.currency() {
        Some(Refusal::WrongCurrency)
    } else if !amount.is_positive() {
        Some(Refusal::AmountNotPositive)
    } else if amount.minor() > authorised.minor() {
        Some(Refusal::AmountTooHigh { max: authorised })
    } else {
        None
    };
    if let Some(refusal) = refusal {
        return Err(EngineError::Refused(refusal));
    }
    let payment = capture(book, payment, amount, context)?;
    answer(book, payment, kind, keyed)
}

/// Queues the order that takes what was authorised.
pub(crate) fn capture(
    book: &mut Book,
    mut payment: Payment,
    amount: Money,
    context: Context<'_>,
) -> Result<Payment, EngineError> {
    let ask = PaymentAsk::Capture {
        minor: amount.minor(),
    };
    let events = payment::asked(&payment, ask).map_err(EngineError::Refused)?;
    if let Some(remote) = &mut payment.remote {
        remote.capturing = Some(amount);
    }
    let ask = StoredAsk::Capture { amount };
    book.order(&mut payment, ask, context.now, None, context.ids);
    Ok(book.change_payment(payment, &events))
}

/// Whether a rail takes money by an order of its own.
pub(crate) fn captures_apart(payment: &Payment, context: Context<'_>) -> bool {
    context
        .rails
        .get(&payment.rail)
        .is_some_and(|rail| rail.rail.profile().capture == Capture::Apart)
}

/// Doubt about a payment that has no remote side yet: a rail that only shows things said something that no table
/// lists. It is put on the board like any other.
pub(crate) fn doubt(
    book: &Book,
    payment: &mut Payment,
    why: &str,
    question: Question,
    context: Context<'_>,
) {
    if payment.remote.is_none()
        && let Ok(bill) = book.bill(&payment.biller, payment.bill)
        && let Some(rail) = context.rails.get(&payment.rail)
    {
        let collect = collect_of(payment, bill, None);
        payment.remote = Some(Box::new(Remote::new(collect, rail.rail.profile())));
    }
    if let Some(remote) = &mut payment.remote
        && remote.doubt.is_none()
    {
        remote.doubt = Some(Doubt::new(why, context.now, question));
    }
    if let Some(remote) = &mut payment.remote {
        remote.evidence(context.now, why.to_owned());
    }
}
