//! What has become of the money: received, in part, or held.

use askama::Template;
use axum::response::Response;
use epay_money::Money;
use http::StatusCode;

use super::common::{Notice, Row};
use super::pay::{LiveMark, Seen};
use crate::format;
use crate::view::{Screen, Totals};
use crate::web::{Frame, Visit, page};

#[derive(Template)]
#[template(path = "result.html")]
struct ResultPage {
    page: Frame,
    live: LiveMark,
    good: bool,
    amount: Option<String>,
    reference: String,
    notices: Vec<Notice>,
    rows: Vec<Row>,
    next: Vec<String>,
    receipt: Option<String>,
}

/// Shows the result of a payment for which money arrived.
pub(super) fn show(visit: &Visit, seen: &Seen) -> Response {
    let text = visit.text;
    let payment = &seen.payment;
    let screen = seen.screen();
    let totals = payment
        .totals()
        .ok()
        .filter(|_| !payment.credits.is_empty());
    let title = match screen {
        Screen::Part => text.say("part-title"),
        // Money for a bill that had been paid is no mystery, and gets its own words.
        Screen::Held if totals.is_some_and(|totals| totals.unapplied.is_zero()) => {
            text.say("duplicate-title")
        }
        Screen::Held => text.say("held-title"),
        _ => text.say("received-title"),
    };
    let template = ResultPage {
        page: visit.frame(title),
        live: seen.live(visit),
        good: screen != Screen::Held,
        amount: totals
            .map(|totals| totals.received)
            .or(Some(payment.amount))
            .map(|amount| format::money(text.language, amount)),
        reference: payment.reference.clone(),
        notices: totals
            .map(|totals| notices(visit, seen, totals))
            .unwrap_or_default(),
        rows: rows(visit, seen),
        next: next(visit, seen),
        receipt: totals.map(|_| visit.href(&format!("/receipt/{}/{}", payment.biller, payment.id))),
    };
    page(StatusCode::OK, &template)
}

fn notices(visit: &Visit, seen: &Seen, totals: Totals) -> Vec<Notice> {
    let text = visit.text;
    let money = |amount: Money| format::money(text.language, amount);
    let mut notices = Vec::new();
    let mut add = |title: Option<String>, text| {
        notices.push(Notice {
            good: false,
            title,
            text,
        })
    };
    if seen.screen() == Screen::Part {
        let words = text.fill(
            "part-text",
            [
                ("received", money(totals.received)),
                ("asked", money(seen.payment.amount)),
            ],
        );
        add(None, words);
    }
    let nothing_applied = totals.applied.is_zero();
    if totals.duplicate.is_positive() {
        let title = (!nothing_applied || totals.unapplied.is_positive())
            .then(|| text.say("duplicate-title"));
        add(
            title,
            text.with("duplicate-text", "amount", money(totals.duplicate)),
        );
    }
    if totals.overpaid.is_positive() {
        let words = text.with("overpaid-text", "amount", money(totals.overpaid));
        add(Some(text.say("overpaid-title")), words);
    }
    if totals.unapplied.is_positive() && nothing_applied {
        let words = text.fill(
            "held-text",
            [
                ("amount", money(totals.unapplied)),
                ("reference", seen.payment.reference.clone()),
            ],
        );
        add(None, words);
    } else if totals.unapplied.is_positive() {
        let words = text.with("unapplied-text", "amount", money(totals.unapplied));
        add(Some(text.say("unapplied-title")), words);
    }
    notices
}

fn rows(visit: &Visit, seen: &Seen) -> Vec<Row> {
    let text = visit.text;
    let mut rows = seen.rows(visit);
    for credit in &seen.payment.credits {
        let time = format::date_and_time(text.language, credit.instructed_at);
        rows.push(Row::new(
            text.say("receipt-time"),
            text.with("receipt-hk-time", "time", time),
        ));
        rows.push(Row::new(
            text.say("receipt-rail-reference"),
            credit.rail_reference.clone(),
        ));
    }
    rows
}

fn next(visit: &Visit, seen: &Seen) -> Vec<String> {
    let text = visit.text;
    let department = text.pick(seen.kind.biller_name.as_ref());
    let dated = seen
        .payment
        .credits
        .last()
        .filter(|credit| credit.applied.is_positive());
    let records = dated.map(|credit| {
        text.fill(
            "received-next-department",
            [
                ("department", department),
                ("date", format::date(text.language, credit.business_date)),
            ],
        )
    });
    let rest = (seen.kind.part_payment_allowed && seen.screen() == Screen::Received)
        .then(|| text.say("received-next-rest"));
    let nothing = Some(text.say("received-next-nothing"));
    [records, rest, nothing].into_iter().flatten().collect()
}
