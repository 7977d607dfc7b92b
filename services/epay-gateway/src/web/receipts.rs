//! `POST /channels/sms/receipts`, `POST /channels/iam-smart/receipts`: the doors for what channels tell of messages that they took.
//!
//! Order: is there such a door, does the body fit, is its sender proved; only then is it decoded, written, and after that acknowledged. A receipt
//! of a message that nobody here knows is acknowledged as well: its sender could do nothing about it.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use epay_channels::receipt::{Outcome, RECEIPT_BYTES_MAX, Receipt, ReceiptError, push, sms};
use epay_engine::{Engine, MessageReceipt};
use epay_rail_kit::channel;
use http::header::RETRY_AFTER as RETRY_AFTER_HEADER;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;

use super::problem::Problem;
use crate::config::ReceiptDoors;
use crate::fault::RETRY_AFTER;

/// The doors, and the engine behind them.
#[derive(Debug, Clone)]
pub(crate) struct Letterbox {
    pub(crate) engine: Engine,
    pub(crate) doors: ReceiptDoors,
}

/// Why something was turned away; nothing was written.
pub(super) struct Turned(
    pub(super) StatusCode,
    pub(super) &'static str,
    pub(super) String,
);

/// Takes one receipt of the SMS gateway.
pub(crate) async fn take_sms(State(letterbox): State<Letterbox>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read = read_sms(&letterbox.doors, &parts, body).await;
    take(&letterbox.engine, &parts, read).await
}

/// Takes one receipt of iAM Smart.
pub(crate) async fn take_push(State(letterbox): State<Letterbox>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read = read_push(&letterbox.doors, &parts, body).await;
    take(&letterbox.engine, &parts, read).await
}

/// Writes what was told, and acknowledges it.
async fn take(engine: &Engine, parts: &Parts, read: Result<Receipt, Turned>) -> Response {
    let receipt = match read {
        Ok(receipt) => receipt,
        Err(Turned(status, reason, words)) => {
            tracing::warn!(reason, "A receipt of a message was refused");
            return Problem::new(status, reason, &words, &parts.headers).into_response();
        }
    };
    let heard = MessageReceipt {
        message: receipt.message,
        outcome: match receipt.outcome {
            Outcome::Delivered => Ok(()),
            Outcome::Failed(failure) => Err(failure),
        },
        reference: receipt.provider_reference,
    };
    match engine.hear_receipt(heard).await {
        Ok(effect) => {
            tracing::debug!(?effect, "A receipt of a message was taken");
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "A receipt of a message was not written"
            );
            not_written("The receipt was not written. Send it again.", parts)
        }
    }
}

/// Asks to be told again.
pub(super) fn not_written(words: &str, parts: &Parts) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = Problem::new(status, "UNAVAILABLE", words, &parts.headers).into_response();
    let seconds = HeaderValue::from(RETRY_AFTER.as_secs().max(1));
    response.headers_mut().insert(RETRY_AFTER_HEADER, seconds);
    response
}

async fn read_sms(doors: &ReceiptDoors, parts: &Parts, body: Body) -> Result<Receipt, Turned> {
    let keys = doors.sms.as_ref().ok_or_else(no_door)?;
    let body = whole(body, RECEIPT_BYTES_MAX).await?;
    let request = channel::Request {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        body: &body,
    };
    sms(keys, |name| header(parts, name), &request, Timestamp::now()).map_err(turned)
}

async fn read_push(doors: &ReceiptDoors, parts: &Parts, body: Body) -> Result<Receipt, Turned> {
    let credentials = doors.iam_smart.as_ref().ok_or_else(no_door)?;
    let body = whole(body, RECEIPT_BYTES_MAX).await?;
    let header = |name: &str| header(parts, name);
    push(credentials, header, &body, Timestamp::now()).map_err(turned)
}

fn no_door() -> Turned {
    let words = "There is no door for receipts of this channel.".to_owned();
    Turned(StatusCode::NOT_FOUND, "NOT_FOUND", words)
}

/// The whole body, where it fits.
pub(super) async fn whole(body: Body, most: usize) -> Result<Bytes, Turned> {
    to_bytes(body, most).await.map_err(|_unread| {
        let words = format!("The body broke off, or has more than {most} bytes.");
        Turned(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", words)
    })
}

/// A header by its name. One that is there twice counts as missing, so that there is one reading of it.
pub(super) fn header<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn turned(error: ReceiptError) -> Turned {
    let (status, reason) = match error {
        ReceiptError::Long => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
        ReceiptError::Signature(_) | ReceiptError::PushSignature(_) => {
            (StatusCode::UNAUTHORIZED, "RECEIPT_SIGNATURE")
        }
        ReceiptError::Form(_) => (StatusCode::BAD_REQUEST, "RECEIPT_FORM"),
    };
    Turned(status, reason, format!("{error}. Nothing was written."))
}
