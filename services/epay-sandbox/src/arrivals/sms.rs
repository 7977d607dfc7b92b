//! The SMS gateway's door, as the gateway's `docs/sms-gateway.md` has it.
//!
//! In this order: the seal; the order's shape; a repeat by its name, which is answered as the first time; the faults; then the message
//! and its receipt are kept in one commit. A message that is not taken leaves nothing behind, and may come again.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::receipt::{self, Carrier};
use super::rules::{BUSY, LOST_ANSWER, RATE_LIMITED, REFUSED, SMS_RAIL, fate, faults};
use super::rules::{is_number, is_sender};
use super::store::{self, Kept, New};
use super::{Arrivals, NAME};
use crate::api::{Problem, broken_off};
use crate::books::BooksError;
use crate::channel::signature::sha256_hex;
use crate::faults::Chosen;

/// Bytes of one order.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// Characters of a text: as many joined parts as telephones put together.
const TEXT_CHARACTERS_MAX: usize = 1_530;
const CARRIER: Carrier = Carrier {
    name: NAME,
    prefix: "SMS",
    path: "/channels/sms/receipts",
};

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Order {
    client_reference: uuid::Uuid,
    sender: String,
    to: String,
    language: String,
    text: String,
}

pub(super) fn routes() -> Router<Arrivals> {
    Router::new()
        .route("/sms/v1/messages", post(take))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

async fn take(
    State(arrivals): State<Arrivals>,
    (method, OriginalUri(uri), headers): (Method, OriginalUri, HeaderMap),
    body: Bytes,
) -> Result<Response, Problem> {
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    // The seal bears the machine's time, whatever the sandbox's clock shows.
    let believed = arrivals
        .sms_key()
        .is_some_and(|key| key.verifies(&headers, &method, target, &body, Timestamp::now()));
    if !believed {
        return Ok(refusal(StatusCode::UNAUTHORIZED, "not_signed"));
    }
    let order: Order = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(_unread) => return Ok(refusal(StatusCode::BAD_REQUEST, "malformed")),
    };
    if !is_sender(&order.sender) {
        return Ok(refusal(StatusCode::BAD_REQUEST, "sender_not_registered"));
    }
    if !(1..=TEXT_CHARACTERS_MAX).contains(&order.text.chars().count()) {
        return Ok(refusal(StatusCode::BAD_REQUEST, "malformed"));
    }
    let name = order.client_reference.to_string();
    let known = {
        let client = arrivals.frame.client().await?;
        store::is_known(&client, SMS_RAIL, &name).await?
    };
    let chosen = if known {
        Chosen::default()
    } else {
        faults(&arrivals.frame, SMS_RAIL, &order.to).await?
    };
    let not_taken = [
        (&BUSY, StatusCode::SERVICE_UNAVAILABLE, "busy"),
        (&RATE_LIMITED, StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
        (&REFUSED, StatusCode::UNPROCESSABLE_ENTITY, "number_refused"),
    ];
    if let Some((_, status, code)) = not_taken
        .iter()
        .find(|(item, ..)| chosen.on(item).is_some())
    {
        return Ok(refusal(*status, code));
    }
    if !is_number(&order.to) {
        return Ok(refusal(StatusCode::UNPROCESSABLE_ENTITY, "number_refused"));
    }
    let kept = arrivals.keep_sms(&order, &name, &body, &chosen).await?;
    Ok(match kept {
        Kept { is_same: false, .. } => refusal(StatusCode::CONFLICT, "reference_reused"),
        Kept { is_new: true, .. } if chosen.on(&LOST_ANSWER).is_some() => broken_off(),
        Kept {
            sequence, is_new, ..
        } => {
            let status = if is_new {
                StatusCode::ACCEPTED
            } else {
                StatusCode::OK
            };
            let answer = json!({ "providerReference": reference(sequence) });
            (status, Json(answer)).into_response()
        }
    })
}

impl Arrivals {
    /// Keeps a message with its receipt. One whose name another message has is left alone.
    async fn keep_sms(
        &self,
        order: &Order,
        name: &str,
        body: &[u8],
        faults: &Chosen,
    ) -> Result<Kept, BooksError> {
        let new = New {
            channel: SMS_RAIL,
            name,
            sender: &order.sender,
            recipient: &order.to,
            language: &order.language,
            title: "",
            body: &order.text,
            order_sha256: &sha256_hex(body),
            fate: fate(faults),
        };
        let told = |sequence, completed_at: String| {
            json!({
                "clientReference": name,
                "providerReference": reference(sequence),
                "status": new.fate,
                "completedAt": completed_at,
            })
        };
        receipt::keep(&self.frame, &CARRIER, &new, faults, told).await
    }
}

/// The gateway's name for a message.
fn reference(sequence: i64) -> String {
    format!("S-{sequence:09}")
}

fn refusal(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({ "code": code }))).into_response()
}
