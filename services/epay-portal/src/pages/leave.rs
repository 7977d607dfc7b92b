//! The visitor goes on to a page of the rail, by a link or by a form.
//!
//! With script the visitor who has just pressed "Continue" is taken on at once; without, and after coming back, there is
//! a button. The page keeps asking what became of the payment, so a visitor who paid and comes back by any way sees it.

use askama::Template;
use axum::response::Response;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, StatusCode};

use super::common::Row;
use super::pay::{Came, LiveMark, Seen};
use crate::web::{Frame, Refresh, Visit, origin_of, page, policy_with_form};

/// Seconds after which a page without script asks again.
const REFRESH_SECONDS: u32 = 10;

#[derive(Template)]
#[template(path = "leave.html")]
struct LeavePage {
    page: Frame,
    live: LiveMark,
    next: String,
    notice: Option<String>,
    rows: Vec<Row>,
    go: bool,
    link: Option<String>,
    form: Option<Form>,
    address: String,
}

struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

/// By a link.
pub(super) fn to_page(visit: &Visit, seen: &Seen, url: &str, came: &Came) -> Response {
    page(
        StatusCode::OK,
        &template(visit, seen, came, Some(url.to_owned()), None),
    )
}

/// By a form. The page may post to the rail's origin, and to nobody else's.
pub(super) fn by_form(
    visit: &Visit,
    seen: &Seen,
    action: &str,
    fields: &[(String, String)],
    came: &Came,
) -> Response {
    let form = Form {
        action: action.to_owned(),
        fields: fields.to_vec(),
    };
    let response = page(
        StatusCode::OK,
        &template(visit, seen, came, None, Some(form)),
    );
    allowing_form_to(response, action)
}

/// The answer with a policy that lets its form go to the origin of an address.
pub(super) fn allowing_form_to(mut response: Response, address: &str) -> Response {
    let policy = origin_of(address).map(policy_with_form);
    if let Some(policy) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn template(
    visit: &Visit,
    seen: &Seen,
    came: &Came,
    link: Option<String>,
    form: Option<Form>,
) -> LeavePage {
    let text = visit.text;
    let address = seen.address(visit);
    let notice = if came.came_back() {
        Some(text.say("leave-back"))
    } else if came.asks() {
        Some(text.say("pay-not-yet"))
    } else {
        None
    };
    let amount = crate::format::money(text.language, seen.payment.amount);
    LeavePage {
        page: visit
            .frame(text.with("leave-title", "amount", amount))
            .with_refresh(Some(Refresh {
                seconds: REFRESH_SECONDS,
                href: address.clone(),
            })),
        live: seen.live(visit),
        next: text.method(&seen.payment.method, "do"),
        notice,
        rows: seen.all_rows(visit),
        go: came.goes_on(),
        link,
        form,
        address,
    }
}
