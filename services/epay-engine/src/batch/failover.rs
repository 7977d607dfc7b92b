//! Going on by another rail, when the one that was chosen was certainly not reached.
//!
//! In this order: only the order that begins a payment, only while nothing else can have begun it, only where the payer
//! asked for the method and not for the rail, and only while the payer is still there; at most [`FAILOVERS_MAX`] times.
//! Rails that were tried are passed over, and so are those that cannot put the order into words. The bills are judged
//! again, because a code may have paid them meanwhile. The new rail's order is queued in the commit that ends the first.
//!
//! What a rail says after it was left is no fact about the rail that carries the payment now. Money is taken like any
//! other money; a promise is put before a person, because it contradicts what was certain.

use epay_domain::bill::Bill;
use epay_domain::payment::{
    self, FAILOVERS_MAX, Failover, NewPayment, Payment, PaymentEvent, PaymentFact, PaymentState,
    Remote,
};
use epay_domain::routing::{Judged, Reason, Wanted};
use epay_domain::{BillType, Refusal};
use epay_money::RailId;
use epay_rail::{Collect, Finding, Order, OrderKind, Outbound};

use super::book::Book;
use super::decide::{Context, kind_of};
use super::finding::set_apart;
use super::{CreditCommand, OrderCommand, pay};
use crate::catalogue::OpenRail;
use crate::error::EngineError;
use crate::order::collect_of;
use crate::route;

/// A rail that takes the payment over, and what it says to the new collection.
struct Onward<'a> {
    failover: Failover,
    open: &'a OpenRail,
    collect: Collect,
    outbound: Outbound,
}

/// Goes on by the next rail that fits. Answers whether there was one.
pub(crate) fn go_on(
    book: &mut Book,
    payment: &Payment,
    command: &OrderCommand,
    why: &str,
    context: Context<'_>,
) -> Result<bool, EngineError> {
    let key = (command.of.biller.clone(), command.key.clone());
    let order = book.snapshot.orders.get(&key);
    let never_left = order.is_some_and(|order| !order.left_house);
    let Some(remote) = payment.remote.as_ref().filter(|remote| {
        let at_its_start = command.kind == OrderKind::Collect
            && never_left
            && payment.state == PaymentState::Submitting
            && !payment.awaits_handover();
        let allowed = remote.any_rail && remote.passed.len() < FAILOVERS_MAX;
        at_its_start && allowed && context.now < payment.expires_at
    }) else {
        return Ok(false);
    };
    let bills = book.bills_of(payment)?;
    let Some(first) = bills.first() else {
        return Ok(false);
    };
    let kind = kind_of(context, &first.bill_type)?;
    let Some(onward) = next(payment, remote, &bills, &kind, why, context) else {
        return Ok(false);
    };
    let events = payment::told(payment, &PaymentFact::FailedOver(onward.failover.clone()));
    if events.is_empty() {
        return Ok(false);
    }
    carry(book, payment, remote, onward, events, context);
    Ok(true)
}

/// The next rail that fits, has not been tried and can put the order into words.
fn next<'a>(
    payment: &Payment,
    remote: &Remote,
    bills: &[Bill],
    kind: &BillType,
    why: &str,
    context: Context<'a>,
) -> Option<Onward<'a>> {
    let first = bills.first()?;
    let mut tried = remote.passed.clone();
    tried.push(payment.rail.clone());
    let mut wordless: Vec<RailId> = vec![];
    // Every turn that does not end it passes one more rail over.
    for _rail in context.rails.iter() {
        let passed: Vec<RailId> = tried.iter().chain(&wordless).cloned().collect();
        let wanted = Wanted {
            method: Some(&payment.method),
            rail: None,
            tried: &passed,
            amount: payment.amount,
            bills: u32::try_from(bills.len()).unwrap_or(u32::MAX),
            at: context.now,
        };
        let route = route::choose(context.rails, context.health, kind, wanted).ok()?;
        if !route.fits {
            return None;
        }
        let profile = route.rail.rail.profile();
        let new = NewPayment {
            id: payment.id,
            rail: route.id.clone(),
            method: payment.method.clone(),
            amount: Some(payment.amount),
            asked_at: context.now,
            expires_at: pay::later(context.now, profile.presentation_ttl_secs).ok()?,
        };
        still_due(bills, kind, &new).ok()?;
        let failover = Failover {
            from: payment.rail.clone(),
            reason: why.to_owned(),
            to: route.id.clone(),
            payee: kind.payee(&route.id)?.identifier.clone(),
            expires_at: new.expires_at,
            candidates: judged(route.candidates, &wordless),
        };
        let collect = collect_again(payment, remote, first, &failover, context);
        match route.rail.rail.encode(&Order::collect(collect.clone())) {
            Ok(outbound) => {
                return Some(Onward {
                    failover,
                    open: route.rail,
                    collect,
                    outbound,
                });
            }
            Err(_refusal) => wordless.push(route.id),
        }
    }
    None
}

/// Whether the bills still want this money.
fn still_due(bills: &[Bill], kind: &BillType, new: &NewPayment) -> Result<(), Refusal> {
    let all: Vec<&Bill> = bills.iter().collect();
    payment::create_for(&all, kind, new).map(|_due| ())
}

/// A rail that had no words for the order is told so, and not as one that was tried.
fn judged(mut candidates: Vec<Judged>, wordless: &[RailId]) -> Vec<Judged> {
    for one in &mut candidates {
        if wordless.contains(&one.rail) {
            one.reasons = vec![Reason::Refused];
        }
    }
    candidates
}

/// The collection in the new rail's terms: its payee, and its own time.
fn collect_again(
    payment: &Payment,
    remote: &Remote,
    first: &Bill,
    failover: &Failover,
    context: Context<'_>,
) -> Collect {
    let mut as_new = payment.clone();
    as_new.remote = None;
    as_new.payee.clone_from(&failover.payee);
    as_new.expires_at = failover.expires_at;
    let mut collect = collect_of(&as_new, first, remote.collect.return_url.clone());
    collect.asked_at = context.now;
    collect
}

fn carry(
    book: &mut Book,
    payment: &Payment,
    remote: &Remote,
    onward: Onward<'_>,
    mut events: Vec<PaymentEvent>,
    context: Context<'_>,
) {
    let mut new = Remote::new(onward.collect, onward.open.rail.profile());
    new.any_rail = true;
    new.capture_by_hand = remote.capture_by_hand;
    // Orders are numbered through, so that no name is used twice.
    new.orders = remote.orders;
    new.passed.clone_from(&remote.passed);
    new.passed.push(payment.rail.clone());
    let mut payment = payment.clone();
    payment.rail = onward.failover.to;
    payment.presentation = None;
    payment.remote = Some(Box::new(new));
    events.push(pay::begin(book, &mut payment, onward.outbound, context));
    book.change_payment(payment, &events);
}

/// What a rail says of a payment that another one carries.
pub(crate) fn from_another_rail(
    book: &mut Book,
    mut payment: Payment,
    command: &CreditCommand,
    context: Context<'_>,
) {
    let (finding, rail) = (command.report.finding, &command.rail);
    if let Some(remote) = &mut payment.remote {
        remote.evidence(context.now, format!("{rail} says: {finding}"));
    }
    // That nothing happened there is what was known already; that something did is for a person.
    if matches!(
        finding,
        Finding::Accepted | Finding::Conditional | Finding::Unclear
    ) {
        let carries = &payment.rail;
        let detail = format!("{rail} says {finding} of a payment that {carries} carries");
        set_apart(book, command, "other_rail", detail);
        let event = PaymentEvent::Unexpected {
            fact: format!("{finding} by {rail}"),
        };
        book.change_payment(payment, &[event]);
    } else if payment.remote.is_some() {
        book.keep_as_it_is(payment);
    }
}
