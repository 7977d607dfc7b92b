//! The number on the bill.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::common::{fields, label_in_sentence};
use crate::gateway::Failure;
use crate::input::{NumberFault, TYPED_CHARACTERS_MAX, check_number, clean_number};
use crate::pages::Problem;
use crate::seal::BillLink;
use crate::view::{Bill, BillKind};
use crate::web::{Fault, Frame, Visit, page};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct NumberForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    second_factor: String,
}

impl NumberForm {
    /// What was typed, cut to what is looked at.
    pub(super) fn typed(self) -> Typed {
        Typed {
            number: self.number,
            second_factor: self
                .second_factor
                .chars()
                .take(TYPED_CHARACTERS_MAX)
                .collect(),
        }
    }
}

/// Names of the fields, which the error summary links to.
pub(super) const NUMBER: &str = "number";
const SECOND_FACTOR: &str = "second-factor";

/// What is wrong with the number, in the words of a page.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    Empty,
    Length,
    CheckDigit,
    NotFound,
    /// Nothing was typed where something is asked beside the number.
    NoFactor,
}

#[cfg(test)]
impl Wrong {
    pub(super) const ALL: [Self; 5] = [
        Self::Empty,
        Self::Length,
        Self::CheckDigit,
        Self::NotFound,
        Self::NoFactor,
    ];
}

/// What is asked beside the number.
pub(super) struct Factor {
    pub(super) label: String,
    pub(super) typed: String,
    pub(super) wrong: bool,
}

/// The fields of a form that asks for a bill, as `templates/number_fields.html` shows them.
pub(super) struct NumberFields {
    pub(super) label: String,
    pub(super) digits: u32,
    pub(super) typed: String,
    pub(super) number_wrong: bool,
    pub(super) factor: Option<Factor>,
}

/// What was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub(super) number: String,
    pub(super) second_factor: String,
}

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    page: Frame,
    department: String,
    kind_name: String,
    fields: NumberFields,
    action: String,
}

/// Asks for the number.
pub(crate) async fn find(visit: Visit, Path(kind): Path<String>) -> Response {
    let answer = async {
        let kind = visit.portal.gateway.bill_kind(&kind).await?;
        Ok(ask(&visit, &kind, Typed::default(), None))
    };
    visit.answer(answer.await)
}

/// Looks the bill up and goes on to it.
pub(crate) async fn look_up(
    visit: Visit,
    Path(kind): Path<String>,
    form: Result<Form<NumberForm>, FormRejection>,
) -> Response {
    visit.answer(search(&visit, &kind, form).await)
}

async fn search(
    visit: &Visit,
    kind: &str,
    form: Result<Form<NumberForm>, FormRejection>,
) -> Result<Response, Problem> {
    let typed = fields(form)?.typed();
    let kind = visit.portal.gateway.bill_kind(kind).await?;
    match seek(visit, &kind, &typed).await? {
        Ok((link, _bill)) => {
            let sealed = visit.portal.sealer.seal(&link, Timestamp::now())?;
            Ok(Redirect::to(&visit.href(&format!("/bill/{sealed}"))).into_response())
        }
        Err(wrong) => Ok(ask(visit, &kind, typed, Some(wrong))),
    }
}

/// The bill that was typed, and what is needed to look it up again; or what is wrong with what was typed.
pub(super) async fn seek(
    visit: &Visit,
    kind: &BillKind,
    typed: &Typed,
) -> Result<Result<(BillLink, Bill), Wrong>, Problem> {
    let number = clean_number(&typed.number);
    match check_number(&number, kind.number_digits) {
        Ok(()) => {}
        Err(NumberFault::Empty) => return Ok(Err(Wrong::Empty)),
        Err(NumberFault::Length) => return Ok(Err(Wrong::Length)),
    }
    let second_factor = match &kind.second_factor {
        Some(_label) if typed.second_factor.trim().is_empty() => return Ok(Err(Wrong::NoFactor)),
        Some(_label) => typed.second_factor.trim().to_owned(),
        None => String::new(),
    };
    let link = BillLink {
        bill_type: kind.code.clone(),
        number,
        second_factor,
    };
    match visit.portal.gateway.find_bill(&link, &visit.visitor).await {
        Ok(bill) => Ok(Ok((link, bill))),
        Err(failure) => wrong(&failure).map_or_else(|| Err(failure.into()), |wrong| Ok(Err(wrong))),
    }
}

/// What the gateway's refusal says about the number. The codes are the gateway's interface.
fn wrong(failure: &Failure) -> Option<Wrong> {
    match failure {
        Failure::NotFound => Some(Wrong::NotFound),
        failure if failure.has_code("NUMBER_EMPTY") => Some(Wrong::Empty),
        failure if failure.has_code("NUMBER_CHECK_DIGIT") => Some(Wrong::CheckDigit),
        Failure::Refused { .. } => Some(Wrong::Length),
        Failure::Later { .. } | Failure::Busy | Failure::Unreachable | Failure::Broken(_) => None,
    }
}

/// The fields of the form, with what was typed into them.
pub(super) fn number_fields(
    visit: &Visit,
    kind: &BillKind,
    typed: Typed,
    fault: Option<&Fault>,
) -> NumberFields {
    let text = visit.text;
    let on = |field: &str| fault.is_some_and(|fault| fault.field == field);
    NumberFields {
        label: text.pick(kind.number_label.as_ref()),
        digits: kind.number_digits,
        typed: typed.number,
        number_wrong: on(NUMBER),
        factor: kind.second_factor.as_ref().map(|asked_for| Factor {
            label: text.pick(Some(asked_for)),
            typed: typed.second_factor,
            wrong: on(SECOND_FACTOR),
        }),
    }
}

/// What is wrong, beside its field.
pub(super) fn told(visit: &Visit, kind: &BillKind, wrong: Wrong) -> Fault {
    let text = visit.text;
    let label = text.pick(kind.number_label.as_ref());
    let inside = label_in_sentence(visit, &label);
    let factor_inside = || {
        let label = text.pick(kind.second_factor.as_ref());
        label_in_sentence(visit, &label)
    };
    Fault {
        field: match wrong {
            Wrong::NoFactor => SECOND_FACTOR,
            Wrong::Empty | Wrong::Length | Wrong::CheckDigit | Wrong::NotFound => NUMBER,
        }
        .to_owned(),
        text: match wrong {
            Wrong::NoFactor => text.with("find-error-factor", "label", factor_inside()),
            Wrong::Empty => text.with("find-error-empty", "label", &inside),
            Wrong::Length => text.fill(
                "find-error-length",
                [
                    ("label", label.clone()),
                    ("digits", kind.number_digits.to_string()),
                ],
            ),
            Wrong::CheckDigit => text.with("find-error-check", "label", &inside),
            // Which of the two was wrong is not told, so both are to be looked at.
            Wrong::NotFound if kind.second_factor.is_some() => {
                text.with("find-error-not-found-factor", "label", factor_inside())
            }
            Wrong::NotFound => text.say("find-error-not-found"),
        },
    }
}

pub(super) fn ask(visit: &Visit, kind: &BillKind, typed: Typed, wrong: Option<Wrong>) -> Response {
    let text = visit.text;
    let fault = wrong.map(|wrong| told(visit, kind, wrong));
    let status = match wrong {
        None => StatusCode::OK,
        Some(Wrong::NotFound) => StatusCode::NOT_FOUND,
        Some(Wrong::Empty | Wrong::Length | Wrong::CheckDigit | Wrong::NoFactor) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let template = FindPage {
        department: text.pick(kind.biller_name.as_ref()),
        kind_name: text.pick(kind.name.as_ref()),
        fields: number_fields(visit, kind, typed, fault.as_ref()),
        action: visit.href(&format!("/find/{}", kind.code)),
        page: visit.frame(text.say("find-title")).with_fault(fault),
    };
    page(status, &template)
}
