//! "You are about to pay …": the last look before a payment is started.
//!
//! The sealed link of this page carries the amount and the idempotency key. So a reload, a double click and the
//! way back start one payment, and a change of language keeps the place.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use epay_money::Money;
use http::StatusCode;
use jiff::Timestamp;

use super::begin::{Intent, NotBegun, begin};
use super::common::{Row, bill_rows, due_row, kind_rows};
use super::together::{self, Together};
use crate::format;
use crate::language::Language;
use crate::pages::Problem;
#[cfg(test)]
use crate::seal::BillLink;
use crate::seal::{AmountLink, IntentLink};
#[cfg(test)]
use crate::view::Bill;
use crate::view::BillKind;
use crate::web::{Frame, Visit, page};

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    page: Frame,
    rows: Vec<Row>,
    part: bool,
    several: bool,
    next: String,
    button: String,
    action: String,
    bill: String,
    method: String,
}

/// A payment that is ready to be started.
struct Ready {
    intent: IntentLink,
    kind: BillKind,
    bills: Together,
    amount: Money,
}

/// Shows what is about to be paid.
pub(crate) async fn review(visit: Visit, Path(sealed): Path<String>) -> Response {
    let answer = async {
        match open(&visit, &sealed).await? {
            Ok(ready) => show(&visit, &sealed, &ready),
            Err(intent) => back_to_bills(&visit, &intent),
        }
    };
    visit.answer(answer.await)
}

/// Starts the payment and goes to its page.
pub(crate) async fn create(visit: Visit, Path(sealed): Path<String>) -> Response {
    visit.answer(start(&visit, &sealed).await)
}

async fn start(visit: &Visit, sealed: &str) -> Result<Response, Problem> {
    let ready = match open(visit, sealed).await? {
        Ok(ready) => ready,
        Err(intent) => return back_to_bills(visit, &intent),
    };
    let intent = Intent {
        bills: &ready.bills.names(),
        method: &ready.intent.method,
        amount: ready.amount,
        key: ready.intent.nonce.clone(),
        language: Language::from_segment(&ready.intent.language).unwrap_or(visit.language()),
        again: visit.href(&format!("/review/{sealed}")),
    };
    match begin(visit, intent).await {
        Ok(response) => Ok(response),
        Err(NotBegun::BillChanged) => back_to_bills(visit, &ready.intent),
        Err(NotBegun::Problem(problem)) => Err(problem),
    }
}

/// What the link leads to; or, where a bill no longer fits the intent, the intent, to look at its bills again.
async fn open(visit: &Visit, sealed: &str) -> Result<Result<Ready, IntentLink>, Problem> {
    let intent: IntentLink = visit
        .portal
        .sealer
        .open(sealed, Timestamp::now())
        .ok_or(Problem::LinkOver)?;
    let gateway = &visit.portal.gateway;
    let kind = gateway.bill_kind(&intent.bill.bill_type).await?;
    let bills = Together::look_up(visit, &intent.bill, &intent.more).await?;
    let amount = Money::new(intent.amount_minor, bills.first.outstanding.currency());
    if !bills.fit(amount) {
        return Ok(Err(intent));
    }
    Ok(Ok(Ready {
        intent,
        kind,
        bills,
        amount,
    }))
}

fn back_to_bills(visit: &Visit, intent: &IntentLink) -> Result<Response, Problem> {
    let address = together::address(visit, &intent.bill, &intent.more)?;
    Ok(Redirect::to(&format!("{address}?changed=1")).into_response())
}

/// Address of the page on which the way to pay is chosen.
fn method_address(visit: &Visit, intent: &IntentLink) -> Result<String, Problem> {
    let link = AmountLink {
        bill: intent.bill.clone(),
        more: intent.more.clone(),
        amount_minor: intent.amount_minor,
    };
    let sealed = visit.portal.sealer.seal(&link, Timestamp::now())?;
    Ok(visit.href(&format!("/method/{sealed}")))
}

fn show(visit: &Visit, sealed: &str, ready: &Ready) -> Result<Response, Problem> {
    let text = visit.text;
    let amount = format::money(text.language, ready.amount);
    let mut rows = vec![Row::new(text.say("review-amount"), amount.clone()).strong()];
    let method = text.method(&ready.intent.method, "name");
    rows.push(Row::new(text.say("review-method"), method));
    let several = ready.bills.rows(text, &ready.kind);
    if several.is_empty() {
        rows.extend(bill_rows(text, &ready.kind, &ready.bills.first));
        rows.push(due_row(text, &ready.bills.first));
    } else {
        rows.extend(kind_rows(text, &ready.kind));
        rows.extend(several);
    }
    let template = ReviewPage {
        page: visit.frame(text.with("review-title", "amount", amount)),
        rows,
        part: ready.kind.part_payment_allowed && ready.bills.others.is_empty(),
        several: !ready.bills.others.is_empty(),
        next: text.method(&ready.intent.method, "next"),
        button: text.method(&ready.intent.method, "button"),
        action: visit.href(&format!("/review/{sealed}")),
        bill: together::address(visit, &ready.intent.bill, &ready.intent.more)?,
        method: method_address(visit, &ready.intent)?,
    };
    Ok(page(StatusCode::OK, &template))
}

/// The page as a table test wants it: this bill, paid whole.
#[cfg(test)]
pub(super) fn shown_for_test(visit: &Visit, kind: BillKind, bill: Bill) -> Response {
    let link = BillLink {
        bill_type: kind.code.clone(),
        number: "000123456789011".to_owned(),
        second_factor: String::new(),
    };
    let amount = bill.outstanding;
    let intent = IntentLink {
        bill: link,
        more: vec![],
        amount_minor: amount.minor(),
        method: "some-method".to_owned(),
        language: "en".to_owned(),
        nonce: "nonce".to_owned(),
    };
    visit.answer(show(
        visit,
        "sealed",
        &Ready {
            intent,
            kind,
            bills: Together {
                first: bill,
                others: vec![],
            },
            amount,
        },
    ))
}
