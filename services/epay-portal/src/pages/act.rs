//! The buttons of a payment's page: another attempt, in the same way or another, and giving up. Each ends at a
//! payment's page.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;

use super::begin::{Intent, NotBegun, begin};
use super::common::{fields, payment_of, payment_path};
use super::method::{self, Choice, Closed, MethodForm};
use super::pay::Seen;
use crate::format;
use crate::gateway::Failure;
use crate::pages::Problem;
use crate::web::{Fault, Frame, Visit, page};

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage {
    page: Frame,
    amount: String,
    choices: Vec<Choice>,
    closed: Vec<Closed>,
    address: String,
}

/// Another attempt in the same way, for the same bill and amount.
pub(crate) async fn renew(visit: Visit, Path(ids): Path<(String, String)>) -> Response {
    let answer = async {
        let seen = over(&visit, &ids).await?;
        match seen {
            Ok(seen) => {
                let method = seen.payment.method.clone();
                once_more(&visit, &seen, &method).await
            }
            Err(address) => Ok(Redirect::to(&address).into_response()),
        }
    };
    visit.answer(answer.await)
}

/// Asks in which way to try again.
pub(crate) async fn again(visit: Visit, Path(ids): Path<(String, String)>) -> Response {
    let answer = async {
        match over(&visit, &ids).await? {
            Ok(seen) => ask(&visit, &seen, None).await,
            Err(address) => Ok(Redirect::to(&address).into_response()),
        }
    };
    visit.answer(answer.await)
}

/// Another attempt in the way that was chosen.
pub(crate) async fn choose_again(
    visit: Visit,
    Path(ids): Path<(String, String)>,
    form: Result<Form<MethodForm>, FormRejection>,
) -> Response {
    let answer = async {
        let chosen = fields(form)?.method;
        let seen = match over(&visit, &ids).await? {
            Ok(seen) => seen,
            Err(address) => return Ok(Redirect::to(&address).into_response()),
        };
        let methods =
            method::offered(&visit, &seen.payment.bill_names(), seen.payment.amount).await?;
        if methods
            .iter()
            .any(|method| method.open && method.word == chosen)
        {
            once_more(&visit, &seen, &chosen).await
        } else {
            ask(&visit, &seen, Some(method::fault(visit.text, &chosen))).await
        }
    };
    visit.answer(answer.await)
}

/// The payment, if its attempt is over; else the address of its page, which says what it is.
async fn over(
    visit: &Visit,
    (biller, payment): &(String, String),
) -> Result<Result<Seen, String>, Problem> {
    let (biller, id) = payment_of(biller, payment)?;
    let seen = Seen::look(visit, &biller, id).await?;
    if seen.screen().is_over() {
        Ok(Ok(seen))
    } else {
        Ok(Err(seen.address(visit)))
    }
}

async fn ask(visit: &Visit, seen: &Seen, fault: Option<Fault>) -> Result<Response, Problem> {
    let text = visit.text;
    let methods = method::offered(visit, &seen.payment.bill_names(), seen.payment.amount).await?;
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let template = AgainPage {
        page: visit
            .frame(text.say("method-choose-title"))
            .with_fault(fault),
        amount: format::money(text.language, seen.payment.amount),
        choices: method::choices(text, &methods),
        closed: method::closed(text, &methods),
        address: seen.address(visit),
    };
    Ok(page(status, &template))
}

/// The key is made of the old payment and the way, so a second press starts nothing.
async fn once_more(visit: &Visit, seen: &Seen, method: &str) -> Result<Response, Problem> {
    let address = seen.address(visit);
    let segment = visit.language().segment();
    let intent = Intent {
        bills: &seen.payment.bill_names(),
        method,
        amount: seen.payment.amount,
        key: format!("again-{}-{method}-{segment}", seen.payment.id),
        language: visit.language(),
        again: address.clone(),
    };
    match begin(visit, intent).await {
        Ok(response) => Ok(response),
        // The payment's page cannot say how the bill changed; nobody is led to pay twice.
        Err(NotBegun::BillChanged) => Err(Problem::Refused),
        Err(NotBegun::Problem(problem)) => Err(problem),
    }
}

/// Gives the payment up, if that is still possible, and shows what it is now.
pub(crate) async fn cancel(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        match visit.portal.gateway.cancel_payment(&biller, id).await {
            // Refused: it is past giving up, and its page says what it is.
            Ok(_) | Err(Failure::Refused { .. }) => {
                Ok(Redirect::to(&visit.href(&payment_path(&biller, id))).into_response())
            }
            Err(failure) => Err(Problem::of_payment(failure)),
        }
    };
    visit.answer(answer.await)
}

/// Someone followed the address of a button: the payment's page is what they want.
pub(crate) async fn back_to_payment(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
) -> Response {
    let answer = payment_of(&biller, &payment)
        .map(|(biller, id)| Redirect::to(&visit.href(&payment_path(&biller, id))).into_response());
    visit.answer(answer)
}
