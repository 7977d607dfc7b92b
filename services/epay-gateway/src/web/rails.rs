//! `POST /rails/{rail}/notices`: the door for what rails and banks tell us.
//!
//! Order: is there such a door, is the media type one that it takes, does the body fit, is the message genuine; only
//! then is it stored, raw, and only after that acknowledged. Nothing is decoded here.
//!
//! A message that carries a header of our bank channel is judged by that channel alone, where the rail has keys for it.
//! Every other message is judged by the rail's own proof ([`Rail::authenticate`]), and acknowledged in the rail's own
//! words. So nobody can choose the weaker of two proofs: each is whole.
//!
//! [`Rail::authenticate`]: epay_rail::Rail::authenticate

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use epay_engine::{Engine, EngineError, ReceivedMessage};
use epay_money::RailId;
use epay_rail::{Acknowledgement, Door, NotGenuine, Unverified};
use epay_rail_kit::channel::{self, BODY_BYTES_MAX, KeyRing, TOLERANCE_SECONDS};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::problem::Problem;
use crate::config::RailDoor;
use crate::fault::RETRY_AFTER;

/// The doors, and the engine behind them.
#[derive(Debug, Clone)]
pub(crate) struct Doors {
    pub(crate) engine: Engine,
    pub(crate) doors: Arc<BTreeMap<RailId, RailDoor>>,
}

/// The headers of our bank channel: one of them is enough to be judged by it.
const CHANNEL_HEADERS: [&str; 4] = [
    channel::KEY_HEADER,
    channel::TIMESTAMP_HEADER,
    channel::MESSAGE_ID_HEADER,
    channel::SIGNATURE_HEADER,
];

/// What a sender is told when its message is safe.
#[derive(Debug, Serialize)]
struct Stored {
    stored: bool,
    duplicate: bool,
}

/// Why a notice was turned away; nothing was stored.
struct Turned {
    status: StatusCode,
    reason: &'static str,
    words: String,
    cause: Option<&'static str>,
}

impl Turned {
    fn new(status: StatusCode, reason: &'static str, words: impl Into<String>) -> Self {
        Self {
            status,
            reason,
            words: words.into(),
            cause: None,
        }
    }

    fn into_response(self, headers: &HeaderMap) -> Response {
        let problem = Problem::new(self.status, self.reason, &self.words, headers);
        match self.cause {
            Some(cause) => problem.fact("cause", cause).into_response(),
            None => problem.into_response(),
        }
    }
}

/// Takes one notice.
pub(crate) async fn take(
    State(doors): State<Doors>,
    Path(rail): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let admitted = match admit(&doors, &rail, &parts, body).await {
        Ok(admitted) => admitted,
        Err(turned) => return turned.into_response(&parts.headers),
    };
    match doors.engine.receive(admitted.message).await {
        Ok(stored) => match admitted.acknowledgement {
            Some(words) => acknowledge(&words),
            None => {
                let answer = Stored {
                    stored: true,
                    duplicate: stored.duplicate,
                };
                (StatusCode::ACCEPTED, Json(answer)).into_response()
            }
        },
        Err(error) => not_stored(&rail, &error, &parts.headers),
    }
}

/// A message that is genuine, and how its sender wants to hear that it is safe; our channel's own answer when unset.
struct Admitted {
    message: ReceivedMessage,
    acknowledgement: Option<Acknowledgement>,
}

/// A rail's own words, to the letter: a sender that does not read them sends the same message for days.
fn acknowledge(words: &Acknowledgement) -> Response {
    let status = StatusCode::from_u16(words.status).unwrap_or(StatusCode::OK);
    let mut response = (status, words.body).into_response();
    if words.content_type.is_empty() {
        response.headers_mut().remove(CONTENT_TYPE);
    } else {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(words.content_type));
    }
    response
}

/// Everything that is checked before a notice is stored.
async fn admit(doors: &Doors, rail: &str, parts: &Parts, body: Body) -> Result<Admitted, Turned> {
    let known = RailId::new(rail)
        .ok()
        .and_then(|rail| doors.doors.get_key_value(&rail));
    let (rail, door) = known.ok_or_else(|| {
        Turned::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "There is no door for this rail.",
        )
    })?;
    let given = media_type(&parts.headers).unwrap_or_default();
    let types = door.rail.profile().notice_types;
    if !types.contains(&given.as_str()) {
        let words = format!("The body must be one of: {}.", types.join(", "));
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Turned::new(status, "UNSUPPORTED_MEDIA_TYPE", words));
    }
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_unread| {
        let words = format!("The body broke off, or has more than {BODY_BYTES_MAX} bytes.");
        Turned::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", words)
    })?;
    let by_channel = CHANNEL_HEADERS
        .iter()
        .any(|name| parts.headers.contains_key(*name));
    match &door.keys {
        Some(keys) if by_channel => by_our_channel(rail, &keys.load(), parts, &body),
        _ => by_own_proof(rail, door, parts, &body),
    }
    .inspect_err(|turned| {
        let code = turned.cause.unwrap_or_default();
        tracing::warn!(%rail, code, "A notice was refused: it is not proven to be genuine");
    })
}

fn not_genuine(words: &dyn std::fmt::Display, code: &'static str) -> Turned {
    Turned {
        status: StatusCode::UNAUTHORIZED,
        reason: "NOTICE_SIGNATURE",
        words: format!("The notice is not accepted: {words}. Nothing was stored."),
        cause: Some(code),
    }
}

/// Judged by our bank channel. A header that is there twice counts as missing, so that there is one reading of it.
fn by_our_channel(
    rail: &RailId,
    keys: &KeyRing,
    parts: &Parts,
    body: &[u8],
) -> Result<Admitted, Turned> {
    let request = channel::Request {
        method: parts.method.as_str(),
        path: target(parts),
        body,
    };
    let header = |name: &str| {
        let mut values = parts.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    };
    let verified = channel::verify(keys, header, &request, Timestamp::now(), TOLERANCE_SECONDS)
        .map_err(|error| not_genuine(&error, error.code()))?;
    let message = ReceivedMessage {
        rail: rail.clone(),
        channel_key: verified.key_id,
        message_id: verified.message_id,
        digest: verified.body_digest,
        body: body.to_vec(),
    };
    Ok(Admitted {
        message,
        acknowledgement: None,
    })
}

/// Judged by the rail. A header whose value is not text is left out: no rail's proof is in one.
fn by_own_proof(
    rail: &RailId,
    door: &RailDoor,
    parts: &Parts,
    body: &[u8],
) -> Result<Admitted, Turned> {
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let message = Unverified {
        door: Door::Notice {
            target: target(parts),
        },
        headers: &headers,
        body,
        received_at: Timestamp::now(),
    };
    let refused = |error: NotGenuine| not_genuine(&error, error.code());
    let genuine = door.rail.authenticate(&message).map_err(refused)?;
    let message = ReceivedMessage {
        rail: rail.clone(),
        channel_key: genuine.key_id,
        message_id: genuine.message_id,
        digest: Sha256::digest(body).into(),
        body: body.to_vec(),
    };
    Ok(Admitted {
        message,
        acknowledgement: Some(genuine.acknowledgement),
    })
}

/// The request's target as it was sent: path and query.
fn target(parts: &Parts) -> &str {
    parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
}

/// The media type in lower case, without parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

fn not_stored(rail: &str, error: &EngineError, headers: &HeaderMap) -> Response {
    let busy = |retry_after| {
        let words = "The gateway is busy or stopping. Send the same message again.";
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "OVERLOADED",
            words,
            headers,
        )
        .retry_after(retry_after)
        .into_response()
    };
    match error {
        EngineError::MessageIdReused => {
            let words = "This message id was used before with another body. Nothing was stored; the first one stands.";
            Turned::new(StatusCode::CONFLICT, "NOTICE_ID_REUSED", words).into_response(headers)
        }
        EngineError::Overloaded { retry_after } => busy(*retry_after),
        EngineError::Stopping | EngineError::Unavailable => busy(RETRY_AFTER),
        other => {
            tracing::error!(
                rail,
                error = other as &dyn std::error::Error,
                "A notice could not be stored"
            );
            let words =
                "The notice could not be stored because of a fault of the gateway. Send it again.";
            Turned::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", words).into_response(headers)
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn media_types_are_compared_without_case_and_parameters() {
        let table = [
            ("application/xml", Some("application/xml")),
            ("Application/XML; charset=utf-8", Some("application/xml")),
            ("", Some("")),
        ];
        for (value, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(media_type(&headers).as_deref(), expected, "{value:?}");
        }
        assert_eq!(media_type(&HeaderMap::new()), None);
    }
}
