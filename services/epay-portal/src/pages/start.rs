//! The first page: what are you paying?

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use super::common::fields;
use crate::pages::Problem;
use crate::web::{Fault, Frame, Visit, page};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct KindForm {
    #[serde(default)]
    bill_type: String,
}

struct Choice {
    id: String,
    code: String,
    name: String,
    department: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    page: Frame,
    kinds: Vec<Choice>,
}

/// Shows the kinds of bill.
pub(crate) async fn start(visit: Visit) -> Response {
    visit.answer(ask(&visit, false).await)
}

/// Goes on to the kind that was chosen.
pub(crate) async fn choose_kind(
    visit: Visit,
    form: Result<Form<KindForm>, FormRejection>,
) -> Response {
    visit.answer(choose(&visit, form).await)
}

async fn choose(
    visit: &Visit,
    form: Result<Form<KindForm>, FormRejection>,
) -> Result<Response, Problem> {
    let chosen = fields(form)?.bill_type;
    let kinds = visit.portal.gateway.bill_kinds().await?;
    if kinds.iter().any(|kind| kind.code == chosen) {
        let address = visit.href(&format!("/find/{chosen}"));
        return Ok(Redirect::to(&address).into_response());
    }
    ask(visit, true).await
}

async fn ask(visit: &Visit, nothing_chosen: bool) -> Result<Response, Problem> {
    let text = visit.text;
    let kinds = visit.portal.gateway.bill_kinds().await?;
    let kinds: Vec<Choice> = kinds
        .iter()
        .enumerate()
        .map(|(index, kind)| Choice {
            // The first one has the name that the error summary links to.
            id: if index == 0 {
                "bill_type".to_owned()
            } else {
                format!("bill_type-{index}")
            },
            code: kind.code.clone(),
            name: text.pick(kind.name.as_ref()),
            department: text.pick(kind.biller_name.as_ref()),
            chosen: false,
        })
        .collect();
    let fault = nothing_chosen.then(|| Fault {
        field: "bill_type".to_owned(),
        text: text.say("start-error"),
    });
    let status = if nothing_chosen {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let frame = visit.frame(text.say("start-title")).with_fault(fault);
    Ok(page(status, &StartPage { page: frame, kinds }))
}
