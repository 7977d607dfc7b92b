//! The receipt: printable, and at an address that does not end.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use epay_money::Money;
use http::StatusCode;

use super::common::{Row, payment_of};
use super::pay::Seen;
use crate::format;
use crate::pages::Problem;
use crate::view::{Credit, Screen};
use crate::web::{Frame, Visit, page};

struct CreditBlock {
    title: Option<String>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    page: Frame,
    received: String,
    /// Said of an acknowledgement: that it is not a receipt.
    not_yet: Option<String>,
    rows: Vec<Row>,
    credits: Vec<CreditBlock>,
    permanent: String,
    /// Where the proof of a receipt is; an acknowledgement has none.
    proof: Option<String>,
}

/// Shows the receipt; a payment for which nothing arrived goes to its own page instead.
pub(crate) async fn receipt(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    visit.answer(show(&visit, &biller, &payment).await)
}

async fn show(visit: &Visit, biller: &str, payment: &str) -> Result<Response, Problem> {
    let (biller, id) = payment_of(biller, payment)?;
    let seen = Seen::look(visit, &biller, id).await?;
    Ok(render(visit, &seen).unwrap_or_else(|| Redirect::to(&seen.address(visit)).into_response()))
}

/// The receipt of what arrived, or the acknowledgement of a promise that the bank has not honoured yet; `None` where
/// neither did.
pub(super) fn render(visit: &Visit, seen: &Seen) -> Option<Response> {
    if seen.screen() == Screen::Clearing {
        return Some(acknowledgement(visit, seen));
    }
    let credits = &seen.payment.credits;
    let totals = seen.payment.totals().ok().filter(|_| !credits.is_empty())?;
    let text = visit.text;
    let mut rows = vec![Row::new(
        text.say("receipt-reference"),
        seen.payment.reference.clone(),
    )];
    rows.extend(seen.rows(visit));
    let several = credits.len() > 1;
    let blocks = credits
        .iter()
        .zip(1_u32..)
        .map(|(credit, number)| CreditBlock {
            title: several.then(|| text.with("receipt-number", "number", number)),
            rows: of_bill(visit, seen, credit)
                .into_iter()
                .chain(credit_rows(visit, &seen.payment.method, credit))
                .collect(),
        })
        .collect();
    let path = format!("/receipt/{}/{}", seen.payment.biller, seen.payment.id);
    let template = ReceiptPage {
        page: visit.frame(text.say("receipt-title")),
        received: format::money_with_code(totals.received),
        not_yet: None,
        rows,
        credits: blocks,
        permanent: format!("{}{}", visit.portal.public_url, visit.href(&path)),
        proof: Some(visit.href(&format!("{path}/proof.json"))),
    };
    Some(page(StatusCode::OK, &template))
}

/// What a payer holds until a promise is honoured. It says itself that it is no receipt.
fn acknowledgement(visit: &Visit, seen: &Seen) -> Response {
    let text = visit.text;
    let payment = &seen.payment;
    let mut rows = vec![Row::new(
        text.say("receipt-reference"),
        payment.reference.clone(),
    )];
    rows.extend(seen.rows(visit));
    let method = text.method(&payment.method, "name");
    rows.push(Row::new(text.say("receipt-method"), method));
    if let Some(at) = payment.created_at {
        let time = format::date_and_time(text.language, at);
        let time = text.with("receipt-hk-time", "time", time);
        rows.push(Row::new(text.say("receipt-time"), time));
    }
    let path = format!("/receipt/{}/{}", payment.biller, payment.id);
    let template = ReceiptPage {
        page: visit.frame(text.say("acknowledgement-title")),
        received: format::money_with_code(payment.amount),
        not_yet: Some(text.say("acknowledgement-text")),
        rows,
        credits: Vec::new(),
        permanent: format!("{}{}", visit.portal.public_url, visit.href(&path)),
        proof: None,
    };
    page(StatusCode::OK, &template)
}

/// Which of several bills a credit went to.
fn of_bill(visit: &Visit, seen: &Seen, credit: &Credit) -> Option<Row> {
    let bills = &seen.payment.bills;
    let bill = bills.iter().find(|bill| bill.name == credit.bill)?;
    let label = visit.text.pick(seen.kind.number_label.as_ref());
    (bills.len() > 1).then(|| Row::new(label, bill.number.clone()))
}

fn credit_rows(visit: &Visit, method: &str, credit: &Credit) -> Vec<Row> {
    let text = visit.text;
    let time = format::date_and_time(text.language, credit.instructed_at);
    let late = (!credit.on_time && credit.applied.is_positive()).then(|| text.say("receipt-late"));
    let mut rows = vec![
        Row::new(text.say("receipt-method"), text.method(method, "name")),
        Row::new(
            text.say("receipt-rail-reference"),
            credit.rail_reference.clone(),
        ),
        Row::new(
            text.say("receipt-time"),
            text.with("receipt-hk-time", "time", time),
        )
        .tagged(late),
        Row::new(
            text.say("receipt-business-date"),
            format::date(text.language, credit.business_date),
        ),
    ];
    let parts: [(&str, Money); 5] = [
        ("receipt-received", credit.amount),
        ("receipt-applied", credit.applied),
        ("receipt-overpaid", credit.overpaid),
        ("receipt-duplicate", credit.duplicate),
        ("receipt-unapplied", credit.unapplied),
    ];
    for (part_key, amount) in parts {
        if amount.is_positive() {
            let row = Row::new(text.say(part_key), format::money_with_code(amount));
            rows.push(if part_key == "receipt-received" {
                row.strong()
            } else {
                row
            });
        }
    }
    rows
}
