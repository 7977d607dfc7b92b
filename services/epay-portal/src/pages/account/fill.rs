//! Having iAM Smart fill in where a person is reached.
//!
//! 1. The person signs in once more, and allows forms to be filled in: a sign-in alone never asks for that.
//! 2. The gateway notes that the person is asked; then iAM Smart is, for the two fields by name, and asks the person.
//! 3. What the person gives comes to the gateway, sealed. Here it is looked for when the browser is back, [`LOOKS_MAX`] times, and put into the fields of the
//!    form, where its person reads it. It is kept when that form is saved, like anything that is typed, and forgotten in any case.

use core::time::Duration;

use askama::Template;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::{Redirect, Response};
use epay_iamsmart::{FormField, FormRequest, TokenAnswer};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::form::Filled;
use super::{ask_to_sign_in, show_noted};
use crate::pages::Problem;
use crate::pages::sign_in::{ACCOUNT_PATH, SOURCE, iam_smart, leave, with_cookies};
use crate::seal::new_intent;
use crate::session::{FormUnderWay, Kept as _, SignInUnderWay};
use crate::view::GivenForm;
use crate::web::{Frame, Refresh, Visit, page};

/// Where a browser comes back, below the language.
const FILLED_PATH: &str = "/account/filled";
/// The form's number, as iAM Smart shows it to the person.
const FORM_NUMBER: &str = "EPAY-1";
/// How often one page looks for what iAM Smart told.
const LOOKS_MAX: usize = 8;
/// Between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(400);
/// After how many seconds a page without script looks again.
const REFRESH_SECONDS: u32 = 5;

#[derive(Template)]
#[template(path = "filling.html")]
struct FillingPage {
    page: Frame,
    again: String,
    account: String,
}

/// Sends the browser off to allow it.
pub(crate) async fn fill_in(visit: Visit) -> Response {
    let begun = || {
        if visit.session.is_none() {
            return ask_to_sign_in(&visit, ACCOUNT_PATH);
        }
        leave(&visit, ACCOUNT_PATH, true)
    };
    visit.answer(begun())
}

/// Asks for the fields, now that it is allowed.
pub(crate) async fn ask_form(visit: &Visit, token: &TokenAnswer) -> Result<Response, Problem> {
    let session = visit.session.as_ref();
    // Whoever allowed it must be who is signed in.
    let session = session.filter(|session| session.person == token.open_id);
    let person = &session.ok_or(Problem::SignInOver)?.person;
    let iam_smart = iam_smart(visit)?;
    let state = new_intent()?;
    let name = visit.portal.gateway.ask_form(person, &state).await?;
    let request = FormRequest {
        request: name.rsplit('/').next().unwrap_or_default().to_owned(),
        access_token: token.access_token.expose_secret().to_owned(),
        open_id: person.clone(),
        source: SOURCE.to_owned(),
        redirect: format!("{}{}", visit.portal.public_url, visit.href(FILLED_PATH)),
        state: state.clone(),
        form_name: visit.text.say("account-title"),
        form_num: FORM_NUMBER.to_owned(),
        form_desc: visit.text.say("fill-purpose"),
        profile_fields: vec![],
        own_fields: vec![FormField::MobileNumber, FormField::EmailAddress],
    };
    let answer = iam_smart.fill(&request).await.map_err(|fault| {
        tracing::warn!(%fault, "A form could not be asked for");
        Problem::SignInDown
    })?;
    let address = iam_smart.form_address(&answer.ticket);
    let address = address.ok_or(Problem::SignInDown)?;
    let under_way = FormUnderWay {
        name,
        state,
        person: person.clone(),
    };
    let (sealer, secure) = (&visit.portal.sealer, visit.portal.is_secure());
    let cookies = [
        under_way.kept(sealer, Timestamp::now(), secure)?,
        SignInUnderWay::forgotten(secure)?,
    ];
    Ok(with_cookies(cookies, Redirect::to(address.as_str())))
}

/// With what a browser comes back.
#[derive(Debug, Deserialize)]
pub(crate) struct FormBack {
    state: String,
    error_code: Option<String>,
}

/// Shows what iAM Smart filled in.
pub(crate) async fn filled(
    visit: Visit,
    headers: HeaderMap,
    back: Result<Query<FormBack>, QueryRejection>,
) -> Response {
    visit.answer(Box::pin(look(&visit, &headers, back)).await)
}

async fn look(
    visit: &Visit,
    headers: &HeaderMap,
    back: Result<Query<FormBack>, QueryRejection>,
) -> Result<Response, Problem> {
    let Some(session) = &visit.session else {
        return ask_to_sign_in(visit, ACCOUNT_PATH);
    };
    let under_way = FormUnderWay::of(headers, &visit.portal.sealer, Timestamp::now());
    let under_way = under_way.filter(|form| form.person == session.person);
    let under_way = under_way.ok_or(Problem::FormOver)?;
    let Query(back) = back.map_err(|_unread| Problem::FormOver)?;
    if back.state != under_way.state {
        return Err(Problem::FormOver);
    }
    let form = if back.error_code.is_some() {
        GivenForm::Refused
    } else {
        answered(visit, &under_way).await?
    };
    let person = visit.portal.gateway.person(&session.person).await?;
    let person = person.as_ref();
    match form {
        GivenForm::Asked => Ok(wait(visit)),
        GivenForm::Refused => {
            forget(visit, &under_way).await;
            let note = visit.text.say("fill-refused");
            show_noted(visit, person, (Filled::of(visit, person), None), Some(note)).await
        }
        GivenForm::Filled { sms, email } => {
            let note = if sms.is_some() || email.is_some() {
                visit.text.say("fill-done")
            } else {
                visit.text.say("fill-nothing")
            };
            let given = Filled::given(visit, person, (sms, email));
            show_noted(visit, person, (given, None), Some(note)).await
        }
    }
}

/// The form as soon as it is answered, or as it is after some looks.
async fn answered(visit: &Visit, under_way: &FormUnderWay) -> Result<GivenForm, Problem> {
    let gateway = &visit.portal.gateway;
    for _look in 1..LOOKS_MAX {
        let form = gateway.form(&under_way.name, &under_way.person).await?;
        match form {
            Some(GivenForm::Asked) => tokio::time::sleep(LOOK_PAUSE).await,
            Some(form) => return Ok(form),
            None => return Err(Problem::FormOver),
        }
    }
    let last = gateway.form(&under_way.name, &under_way.person).await?;
    last.ok_or(Problem::FormOver)
}

fn wait(visit: &Visit) -> Response {
    let again = visit.href(&visit.place);
    let refresh = Refresh {
        seconds: REFRESH_SECONDS,
        href: again.clone(),
    };
    let frame = visit.frame(visit.text.say("fill-waiting-title"));
    page(
        StatusCode::OK,
        &FillingPage {
            page: frame.with_refresh(Some(refresh)),
            again,
            account: visit.href(ACCOUNT_PATH),
        },
    )
}

/// Removes what iAM Smart told, once it is read and saved, or not wanted. It ends by itself where this fails.
pub(super) async fn forget(visit: &Visit, under_way: &FormUnderWay) {
    let gateway = &visit.portal.gateway;
    let gone = gateway.discard_form(&under_way.name, &under_way.person);
    if let Err(failure) = gone.await {
        tracing::warn!(?failure, "A form was not removed; it ends by itself");
    }
}
