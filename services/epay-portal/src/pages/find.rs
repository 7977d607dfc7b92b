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
use crate::view::BillKind;
use crate::web::{Fault, Frame, Visit, page};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct NumberForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    second_factor: String,
}

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
struct Factor {
    label: String,
    typed: String,
    wrong: bool,
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
    label: String,
    digits: u32,
    typed: String,
    number_wrong: bool,
    factor: Option<Factor>,
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
    let form = fields(form)?;
    let typed = Typed {
        number: form.number,
        second_factor: form
            .second_factor
            .chars()
            .take(TYPED_CHARACTERS_MAX)
            .collect(),
    };
    let gateway = &visit.portal.gateway;
    let kind = gateway.bill_kind(kind).await?;
    let number = clean_number(&typed.number);
    let again = |wrong| Ok(ask(visit, &kind, typed.clone(), Some(wrong)));
    match check_number(&number, kind.number_digits) {
        Ok(()) => {}
        Err(NumberFault::Empty) => return again(Wrong::Empty),
        Err(NumberFault::Length) => return again(Wrong::Length),
    }
    let second_factor = match &kind.second_factor {
        Some(_label) if typed.second_factor.trim().is_empty() => return again(Wrong::NoFactor),
        Some(_label) => typed.second_factor.trim().to_owned(),
        None => String::new(),
    };
    let link = BillLink {
        bill_type: kind.code.clone(),
        number,
        second_factor,
    };
    match gateway.find_bill(&link, &visit.visitor).await {
        Ok(_bill) => {}
        Err(failure) => return wrong(&failure).map_or_else(|| Err(failure.into()), again),
    }
    let sealed = visit.portal.sealer.seal(&link, Timestamp::now())?;
    Ok(Redirect::to(&visit.href(&format!("/bill/{sealed}"))).into_response())
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

pub(super) fn ask(visit: &Visit, kind: &BillKind, typed: Typed, wrong: Option<Wrong>) -> Response {
    let text = visit.text;
    let label = text.pick(kind.number_label.as_ref());
    let inside = label_in_sentence(visit, &label);
    let factor_wrong = matches!(wrong, Some(Wrong::NoFactor));
    let factor = kind.second_factor.as_ref().map(|asked_for| Factor {
        label: text.pick(Some(asked_for)),
        typed: typed.second_factor,
        wrong: factor_wrong,
    });
    let factor_inside = || {
        let label = text.pick(kind.second_factor.as_ref());
        label_in_sentence(visit, &label)
    };
    let fault = wrong.map(|wrong| Fault {
        field: if factor_wrong {
            "second-factor"
        } else {
            "number"
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
    });
    let status = match wrong {
        None => StatusCode::OK,
        Some(Wrong::NotFound) => StatusCode::NOT_FOUND,
        Some(Wrong::Empty | Wrong::Length | Wrong::CheckDigit | Wrong::NoFactor) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let template = FindPage {
        page: visit.frame(text.say("find-title")).with_fault(fault),
        department: text.pick(kind.biller_name.as_ref()),
        kind_name: text.pick(kind.name.as_ref()),
        label,
        digits: kind.number_digits,
        typed: typed.number,
        number_wrong: wrong.is_some() && !factor_wrong,
        factor,
        action: visit.href(&format!("/find/{}", kind.code)),
    };
    page(status, &template)
}
