//! Takes what the payer hands over: a signed cheque as a file, or a token of the payer's device as a form.
//!
//! The bytes go to the gateway untouched; whether they are genuine, and for this payment, is judged by the rail. What is
//! refused is told beside the field, in the payer's language where the rule has words of its own, and the payment stays
//! payable. The same thing handed over twice is one request, because its key is its digest.

use askama::Template;
use aws_lc_rs::digest::{Context, SHA256};
use axum::Form;
use axum::extract::Path;
use axum::extract::multipart::{Field, Multipart, MultipartRejection};
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epay_money::{BillerId, PaymentId};
use http::StatusCode;
use serde::Deserialize;

use super::common::{Row, fields, payment_of};
use super::leave::allowing_form_to;
use super::pay::{LiveMark, Seen};
use crate::format;
use crate::gateway::Failure;
use crate::pages::Problem;
use crate::view::{Handover, Next, Screen};
use crate::web::{Fault, Frame, Visit, page};

/// Largest thing that is taken, in bytes; the gateway takes no larger one.
pub(crate) const INSTRUMENT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Largest body of an upload: the thing, and room for the form around it.
pub(crate) const UPLOAD_BYTES_MAX: usize = INSTRUMENT_BYTES_MAX + 64 * 1024;
/// Largest form with a token: a token has some kilobytes, and a form writes a character as three.
pub(crate) const TOKEN_FORM_BYTES_MAX: usize = 128 * 1024;
/// Most parts of an upload that are looked at.
const UPLOAD_PARTS_MAX: usize = 8;
/// Name of the field with the file, and its id in the page.
const FILE_FIELD: &str = "instrument";
/// Bytes of a mebibyte, as people are told a limit.
const MEBIBYTE: usize = 1024 * 1024;

/// A token as a device's page sends it back.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct TokenForm {
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "hand.html")]
struct FilePage {
    page: Frame,
    live: LiveMark,
    next: String,
    rows: Vec<Row>,
    field: &'static str,
    label: String,
    hint: String,
    accept: String,
    address: String,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    page: Frame,
    live: LiveMark,
    next: String,
    rows: Vec<Row>,
    /// Where the demonstration's device wallet is; unset where there is none.
    wallet: Option<String>,
    what: String,
    request_json: String,
    reference: String,
    return_to: String,
    button: String,
    address: String,
}

/// Shows how to hand it over.
pub(super) fn show(
    visit: &Visit,
    seen: &Seen,
    handover: &Handover,
    fault: Option<Fault>,
) -> Response {
    if handover.media_type == "application/pdf" {
        file(visit, seen, handover, fault)
    } else {
        device(visit, seen, handover, fault)
    }
}

fn status(fault: Option<&Fault>) -> StatusCode {
    if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    }
}

fn file(visit: &Visit, seen: &Seen, handover: &Handover, fault: Option<Fault>) -> Response {
    let text = visit.text;
    let status = status(fault.as_ref());
    let mebibytes = bytes_max(handover)
        .checked_div(MEBIBYTE)
        .unwrap_or(1)
        .max(1);
    let amount = format::money(text.language, seen.payment.amount);
    let template = FilePage {
        page: visit
            .frame(text.with("hand-title", "amount", amount))
            .with_fault(fault),
        live: seen.live(visit),
        next: text.method(&seen.payment.method, "do"),
        rows: seen.all_rows(visit),
        field: FILE_FIELD,
        label: text.say("hand-file-label"),
        hint: text.with("hand-file-hint", "size", mebibytes),
        accept: handover.media_type.clone(),
        address: seen.address(visit),
    };
    page(status, &template)
}

fn device(visit: &Visit, seen: &Seen, handover: &Handover, fault: Option<Fault>) -> Response {
    let text = visit.text;
    let status = status(fault.as_ref());
    let address = seen.address(visit);
    let method = text.method(&seen.payment.method, "name");
    let amount = format::money(text.language, seen.payment.amount);
    let wallet = visit
        .portal
        .device_wallet_url
        .as_ref()
        .map(|wallet| format!("{wallet}/{}", handover.what));
    let template = DevicePage {
        page: visit
            .frame(text.fill(
                "device-title",
                [("amount", amount), ("method", method.clone())],
            ))
            .with_fault(fault),
        live: seen.live(visit),
        next: text.method(&seen.payment.method, "do"),
        rows: seen.all_rows(visit),
        what: handover.what.clone(),
        request_json: handover.request_json.clone(),
        reference: seen.payment.reference.clone(),
        return_to: format!("{}{address}/token", visit.portal.public_url),
        button: text.with("device-button", "method", method),
        wallet: wallet.clone(),
        address,
    };
    let response = page(status, &template);
    match wallet {
        Some(wallet) => allowing_form_to(response, &wallet),
        None => response,
    }
}

fn bytes_max(handover: &Handover) -> usize {
    handover.bytes_max.min(INSTRUMENT_BYTES_MAX)
}

/// Takes a file.
pub(crate) async fn upload(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        let content = match upload {
            Ok(upload) => read(upload).await,
            Err(_not_an_upload) => Given::Nothing,
        };
        take(&visit, &biller, id, content).await
    };
    visit.answer(answer.await)
}

/// Takes a token.
pub(crate) async fn token(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        let content = match fields(form)?.token {
            token if token.is_empty() => Given::Nothing,
            token => Given::Bytes(token.into_bytes()),
        };
        take(&visit, &biller, id, content).await
    };
    visit.answer(answer.await)
}

/// What a visitor gave.
enum Given {
    Nothing,
    TooLarge,
    Bytes(Vec<u8>),
}

/// The file in an upload. Other parts are passed over.
async fn read(mut upload: Multipart) -> Given {
    for _ in 0..UPLOAD_PARTS_MAX {
        match upload.next_field().await {
            Ok(Some(field)) if field.name() == Some(FILE_FIELD) => return content(field).await,
            Ok(Some(_other)) => {}
            Ok(None) => return Given::Nothing,
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Given::TooLarge;
            }
            Err(_broken) => return Given::Nothing,
        }
    }
    Given::Nothing
}

async fn content(mut field: Field<'_>) -> Given {
    let mut bytes = Vec::new();
    loop {
        match field.chunk().await {
            Ok(Some(chunk)) if bytes.len().saturating_add(chunk.len()) > INSTRUMENT_BYTES_MAX => {
                return Given::TooLarge;
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) if bytes.is_empty() => return Given::Nothing,
            Ok(None) => return Given::Bytes(bytes),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Given::TooLarge;
            }
            Err(_broken) => return Given::Nothing,
        }
    }
}

async fn take(
    visit: &Visit,
    biller: &BillerId,
    id: PaymentId,
    given: Given,
) -> Result<Response, Problem> {
    let seen = Seen::look(visit, biller, id).await?;
    let to_page = |seen: &Seen| Redirect::to(&seen.address(visit)).into_response();
    let handover = match (seen.screen(), &seen.payment.next) {
        (Screen::Hand, Some(Next::Hand(handover))) => handover,
        // Handed over before, or over: its page says how it stands.
        _ => return Ok(to_page(&seen)),
    };
    let wrong = |text: String| {
        let fault = Fault {
            field: FILE_FIELD.to_owned(),
            text,
        };
        Ok(show(visit, &seen, handover, Some(fault)))
    };
    let bytes = match given {
        Given::Bytes(bytes) if bytes.len() <= bytes_max(handover) => bytes,
        Given::Bytes(_) | Given::TooLarge => return wrong(visit.text.say("hand-too-large")),
        Given::Nothing => return wrong(nothing(visit, handover)),
    };
    let key = key(id, &bytes);
    let gateway = &visit.portal.gateway;
    match gateway
        .submit_instrument(biller, id, &handover.what, bytes, key)
        .await
    {
        Ok(_) => Ok(to_page(&seen)),
        Err(failure) => match refusal(visit, &handover.what, &failure) {
            Some(words) => wrong(words),
            None if matches!(failure, Failure::Refused { .. }) => Ok(to_page(&seen)),
            None => Err(Problem::of_payment(failure)),
        },
    }
}

fn nothing(visit: &Visit, handover: &Handover) -> String {
    if handover.media_type == "application/pdf" {
        visit.text.say("hand-nothing")
    } else {
        visit.text.say("device-nothing")
    }
}

/// What is wrong with what was handed over: the rule's own words, or general ones.
fn refusal(visit: &Visit, what: &str, failure: &Failure) -> Option<String> {
    if !failure.has_code("BAD_INSTRUMENT") {
        return None;
    }
    let code = failure.fact("code").unwrap_or_default();
    Some(visit.text.instrument_fault(what, code))
}

/// The same thing for the same payment has the same key.
fn key(id: PaymentId, bytes: &[u8]) -> String {
    let mut digest = Context::new(&SHA256);
    digest.update(id.to_string().as_bytes());
    digest.update(bytes);
    format!("hand-{}", URL_SAFE_NO_PAD.encode(digest.finish()))
}
