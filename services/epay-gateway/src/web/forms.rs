//! `POST /channels/iam-smart/forms`: the door for what iAM Smart tells of forms that it was to fill in.
//!
//! Order: is there such a door, does the body fit, is its sender proved; only then is it opened, judged, sealed again under a key of ours, and after that
//! acknowledged. What is told of a form that nobody asked for, or asked for too long ago, is acknowledged and forgotten.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use epay_contact::{Contacts, FormAnswer, Point};
use epay_engine::Engine;
use epay_iamsmart_client::{CallbackDoor, CallbackFault, FormTold};
use epay_notice::Channel;
use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::problem::Problem;
use super::receipts::{Turned, header, not_written, whole};

/// Where iAM Smart's callbacks of forms come in.
pub(crate) const FORMS_PATH: &str = "/channels/iam-smart/forms";
/// Most bytes of a callback: two addresses, and what seals them.
const CALLBACK_BYTES_MAX: usize = 16_384;

/// The door, and where forms are kept.
#[derive(Debug, Clone)]
pub(crate) struct FormBox {
    pub(crate) engine: Engine,
    pub(crate) contacts: Option<Contacts>,
    pub(crate) door: Option<Arc<CallbackDoor>>,
}

/// Takes what came of one form.
pub(crate) async fn take(State(forms): State<FormBox>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (contacts, answer) = match forms.read(&parts, body).await {
        Ok(read) => read,
        Err(Turned(status, reason, words)) => {
            tracing::warn!(reason, "What came of a form was refused");
            return Problem::new(status, reason, &words, &parts.headers).into_response();
        }
    };
    match contacts.hear_form(&answer, forms.engine.now()).await {
        Ok(effect) => {
            tracing::info!(form = %answer.id, ?effect, "What came of a form was heard");
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "What came of a form was not written");
            not_written("The form was not written. Send it again.", &parts)
        }
    }
}

impl FormBox {
    async fn read(&self, parts: &Parts, body: Body) -> Result<(&Contacts, FormAnswer), Turned> {
        let there = self.door.as_ref().zip(self.contacts.as_ref());
        let (door, contacts) = there.ok_or_else(|| {
            let words = "There is no door for forms.".to_owned();
            Turned(StatusCode::NOT_FOUND, "NOT_FOUND", words)
        })?;
        let body = whole(body, CALLBACK_BYTES_MAX).await?;
        let told = door.form(|name| header(parts, name), &body, Timestamp::now());
        Ok((contacts, answer(told.map_err(turned)?)?))
    }
}

fn turned(fault: CallbackFault) -> Turned {
    let (status, reason) = match fault {
        CallbackFault::Long => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
        CallbackFault::Signature(_) => (StatusCode::UNAUTHORIZED, "CALLBACK_SIGNATURE"),
        CallbackFault::Sealed => (StatusCode::BAD_REQUEST, "CALLBACK_SEALED"),
        CallbackFault::Form(_) => (StatusCode::BAD_REQUEST, "CALLBACK_FORM"),
    };
    Turned(status, reason, format!("{fault}. Nothing was written."))
}

/// What is kept of it: what can be an address. The person reads it, and may type another.
fn answer(told: FormTold) -> Result<FormAnswer, Turned> {
    let id = told.result.request.parse();
    let point =
        |channel, typed: Option<SecretString>| Point::read(channel, typed?.expose_secret()).ok();
    let given = [
        (Channel::Sms, told.result.mobile_number),
        (Channel::Email, told.result.email_address),
    ];
    Ok(FormAnswer {
        id: id.map_err(|_fault| turned(CallbackFault::Form("businessID")))?,
        state: told.result.state,
        given: told.agreed.then(|| {
            let given = given.into_iter();
            given
                .filter_map(|(channel, typed)| point(channel, typed))
                .collect()
        }),
    })
}
