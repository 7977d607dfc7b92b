//! What to type where the payer pays: at a terminal, by telephone, in another app.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::pay::{Came, LiveMark, Seen};
use crate::format;
use crate::text::Text;
use crate::web::{Frame, Visit, page};

struct Detail {
    name: String,
    value: String,
    strong: bool,
}

#[derive(Template)]
#[template(path = "instruct.html")]
struct InstructPage {
    page: Frame,
    live: LiveMark,
    next: String,
    checked: bool,
    details: Vec<Detail>,
    reference: String,
    address: String,
}

/// Shows the details to type.
pub(super) fn show(
    visit: &Visit,
    seen: &Seen,
    fields: &[(String, String)],
    came: &Came,
) -> Response {
    let text = visit.text;
    let amount = format::money(text.language, seen.payment.amount);
    let mut details: Vec<Detail> = fields
        .iter()
        .filter(|(word, _)| word != "amount")
        .map(|(word, value)| Detail {
            name: label(text, word),
            value: value.clone(),
            strong: true,
        })
        .collect();
    details.push(Detail {
        name: text.say("pay-amount"),
        value: amount.clone(),
        strong: true,
    });
    let method = text.method(&seen.payment.method, "name");
    let template = InstructPage {
        page: visit.frame(text.fill("instruct-title", [("amount", amount), ("method", method)])),
        live: seen.live(visit),
        next: text.method(&seen.payment.method, "do"),
        checked: came.asks(),
        details,
        reference: seen.payment.reference.clone(),
        address: seen.address(visit),
    };
    page(StatusCode::OK, &template)
}

/// What a detail is called. A word that the texts do not know is shown as it is, which is better than nothing.
fn label(text: Text, word: &str) -> String {
    match word {
        "merchant_code" => text.say("instruct-merchant-code"),
        "merchant_name" => text.say("pay-payee"),
        "bill_type" => text.say("bill-type"),
        "bill_number" => text.say("instruct-bill-number"),
        "reference" => text.say("pay-reference"),
        other => other.replace('_', " "),
    }
}
