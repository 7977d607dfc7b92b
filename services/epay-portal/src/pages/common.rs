//! What several pages show in the same way.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Response};
use epay_money::{BillerId, PaymentId};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use super::Problem;
use crate::view::Bill;
use crate::view::BillKind;
use crate::web::Visit;
use crate::{format, text::Text};

/// A line of a summary list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) value: String,
    /// The line that matters most.
    pub(crate) strong: bool,
    /// A word of warning beside the value.
    pub(crate) tag: Option<String>,
}

impl Row {
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            ..Self::default()
        }
    }

    pub(crate) fn strong(mut self) -> Self {
        self.strong = true;
        self
    }

    pub(crate) fn tagged(mut self, tag: Option<String>) -> Self {
        self.tag = tag;
        self
    }
}

/// A box with something that the visitor must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) good: bool,
    pub(crate) title: Option<String>,
    pub(crate) text: String,
}

/// A file to keep: no cache keeps it, and a browser saves it under its name instead of showing it.
pub(crate) fn file_of_json(name: &str, json: Vec<u8>) -> Result<Response, Problem> {
    let named = format!("attachment; filename=\"{name}.json\"");
    let named = HeaderValue::from_str(&named).map_err(|_unwritable| Problem::Down)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CONTENT_DISPOSITION, named),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers, json).into_response())
}

/// Which payment an address names; an address that names none is no page.
pub(crate) fn payment_of(biller: &str, payment: &str) -> Result<(BillerId, PaymentId), Problem> {
    let biller = BillerId::new(biller).map_err(|_malformed| Problem::NotFound)?;
    let payment = payment.parse().map_err(|_malformed| Problem::NotFound)?;
    Ok((biller, payment))
}

/// Path of a payment's page, without its language.
pub(crate) fn payment_path(biller: &BillerId, payment: PaymentId) -> String {
    format!("/pay/{biller}/{payment}")
}

/// What a form said. A form that cannot be read says nothing, so the page asks again; one that is too large is
/// not read at all.
pub(crate) fn fields<T: Default>(form: Result<Form<T>, FormRejection>) -> Result<T, Problem> {
    match form {
        Ok(Form(fields)) => Ok(fields),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Problem::TooLarge)
        }
        Err(_unreadable) => Ok(T::default()),
    }
}

/// The lines that say which bill this is.
pub(crate) fn bill_rows(text: Text, kind: &BillKind, bill: &Bill) -> Vec<Row> {
    let number = Row::new(text.pick(kind.number_label.as_ref()), bill.number.clone());
    let described = !bill.description.is_empty();
    let description =
        described.then(|| Row::new(text.say("bill-description"), bill.description.clone()));
    kind_rows(text, kind)
        .into_iter()
        .chain([number])
        .chain(description)
        .collect()
}

/// The lines that say which kind of bill this is.
pub(crate) fn kind_rows(text: Text, kind: &BillKind) -> Vec<Row> {
    vec![
        Row::new(
            text.say("bill-department"),
            text.pick(kind.biller_name.as_ref()),
        ),
        Row::new(text.say("bill-type"), text.pick(kind.name.as_ref())),
    ]
}

/// The day until which the bill is paid on time.
pub(crate) fn due_row(text: Text, bill: &Bill) -> Row {
    let overdue = bill.overdue.then(|| text.say("bill-overdue-tag"));
    Row::new(
        text.say("bill-due"),
        format::date(text.language, bill.next_due_date),
    )
    .tagged(overdue)
}

/// A label as it stands inside an English sentence: `Account number` becomes `account number`, while a name in
/// capitals such as `Shroff Account Number` stays.
pub(crate) fn label_in_sentence(visit: &Visit, label: &str) -> String {
    let capitals = label.chars().filter(|c| c.is_uppercase()).count();
    let mut characters = label.chars();
    match characters.next() {
        Some(first)
            if capitals == 1 && first.is_ascii_uppercase() && visit.text.language.is_english() =>
        {
            let mut lowered = first.to_ascii_lowercase().to_string();
            lowered.push_str(characters.as_str());
            lowered
        }
        _ => label.to_owned(),
    }
}
