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
use super::common::{Row, bill_rows, due_row};
use crate::format;
use crate::language::Language;
use crate::pages::Problem;
use crate::seal::{AmountLink, BillLink, IntentLink};
use crate::view::{Bill, BillKind, BillState};
use crate::web::{Frame, Visit, page};

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    page: Frame,
    rows: Vec<Row>,
    part: bool,
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
    bill: Bill,
    amount: Money,
}

/// Shows what is about to be paid.
pub(crate) async fn review(visit: Visit, Path(sealed): Path<String>) -> Response {
    let answer = async {
        match open(&visit, &sealed).await? {
            Ok(ready) => show(&visit, &sealed, &ready),
            Err(link) => back_to_bill(&visit, &link),
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
        Err(link) => return back_to_bill(visit, &link),
    };
    let intent = Intent {
        bill: &ready.bill.name,
        method: &ready.intent.method,
        amount: ready.amount,
        key: ready.intent.nonce.clone(),
        language: Language::from_segment(&ready.intent.language).unwrap_or(visit.language()),
        again: visit.href(&format!("/review/{sealed}")),
    };
    match begin(visit, intent).await {
        Ok(response) => Ok(response),
        Err(NotBegun::BillChanged) => back_to_bill(visit, &ready.intent.bill),
        Err(NotBegun::Problem(problem)) => Err(problem),
    }
}

/// What the link leads to; or, where the bill no longer fits the intent, the link to look at the bill again.
async fn open(visit: &Visit, sealed: &str) -> Result<Result<Ready, BillLink>, Problem> {
    let intent: IntentLink = visit
        .portal
        .sealer
        .open(sealed, Timestamp::now())
        .ok_or(Problem::LinkOver)?;
    let gateway = &visit.portal.gateway;
    let kind = gateway.bill_kind(&intent.bill.bill_type).await?;
    let bill = gateway.find_bill(&intent.bill, &visit.visitor).await?;
    let amount = Money::new(intent.amount_minor, bill.outstanding.currency());
    let fits = bill.state == BillState::Payable && amount.minor() <= bill.outstanding.minor();
    if !fits {
        return Ok(Err(intent.bill));
    }
    Ok(Ok(Ready {
        intent,
        kind,
        bill,
        amount,
    }))
}

fn back_to_bill(visit: &Visit, link: &BillLink) -> Result<Response, Problem> {
    let address = bill_address(visit, link)?;
    Ok(Redirect::to(&format!("{address}?changed=1")).into_response())
}

fn bill_address(visit: &Visit, link: &BillLink) -> Result<String, Problem> {
    let sealed = visit.portal.sealer.seal(link, Timestamp::now())?;
    Ok(visit.href(&format!("/bill/{sealed}")))
}

/// Address of the page on which the way to pay is chosen.
fn method_address(visit: &Visit, intent: &IntentLink) -> Result<String, Problem> {
    let link = AmountLink {
        bill: intent.bill.clone(),
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
    rows.extend(bill_rows(text, &ready.kind, &ready.bill));
    rows.push(due_row(text, &ready.bill));
    let template = ReviewPage {
        page: visit.frame(text.with("review-title", "amount", amount)),
        rows,
        part: ready.kind.part_payment_allowed,
        next: text.method(&ready.intent.method, "next"),
        button: text.method(&ready.intent.method, "button"),
        action: visit.href(&format!("/review/{sealed}")),
        bill: bill_address(visit, &ready.intent.bill)?,
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
            bill,
            amount,
        },
    ))
}
