//! `POST /rails/{rail}/notices`: the door for what rails and banks tell us.
//!
//! Order: is there such a door, is the media type one that it takes, does the body fit, is the signature right and
//! fresh; only then is the message stored, raw, and only after that acknowledged. Nothing is decoded here.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use epay_engine::{Engine, EngineError, ReceivedMessage};
use epay_money::RailId;
use epay_rail_kit::channel::{self, BODY_BYTES_MAX, ChannelError, TOLERANCE_SECONDS, Verified};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;

use super::problem::Problem;
use crate::config::RailDoor;
use crate::fault::RETRY_AFTER;

/// The doors, and the engine behind them.
#[derive(Debug, Clone)]
pub(crate) struct Doors {
    pub(crate) engine: Engine,
    pub(crate) doors: Arc<BTreeMap<RailId, RailDoor>>,
}

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
    let message = match admit(&doors, &rail, &parts, body).await {
        Ok(message) => message,
        Err(turned) => return turned.into_response(&parts.headers),
    };
    match doors.engine.receive(message).await {
        Ok(stored) => {
            let answer = Stored {
                stored: true,
                duplicate: stored.duplicate,
            };
            (StatusCode::ACCEPTED, Json(answer)).into_response()
        }
        Err(error) => not_stored(&rail, &error, &parts.headers),
    }
}

/// Everything that is checked before a notice is stored.
async fn admit(
    doors: &Doors,
    rail: &str,
    parts: &Parts,
    body: Body,
) -> Result<ReceivedMessage, Turned> {
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
    if !door.content_types.contains(&given) {
        let words = format!(
            "The body must be one of: {}.",
            door.content_types.join(", ")
        );
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Turned::new(status, "UNSUPPORTED_MEDIA_TYPE", words));
    }
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_unread| {
        let words = format!("The body broke off, or has more than {BODY_BYTES_MAX} bytes.");
        Turned::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", words)
    })?;
    let verified = verify(door, parts, &body).map_err(|error| {
        tracing::warn!(%rail, code = error.code(), "A notice was refused: it is not signed as the channel asks");
        Turned {
            status: StatusCode::UNAUTHORIZED,
            reason: "NOTICE_SIGNATURE",
            words: format!("The notice is not accepted: {error}. Nothing was stored."),
            cause: Some(error.code()),
        }
    })?;
    Ok(ReceivedMessage {
        rail: rail.clone(),
        channel_key: verified.key_id,
        message_id: verified.message_id,
        digest: verified.body_digest,
        body: body.to_vec(),
    })
}

/// Verifies the signature. A header that is there twice counts as missing, so that there is one
/// reading of it.
fn verify(door: &RailDoor, parts: &Parts, body: &[u8]) -> Result<Verified, ChannelError> {
    let request = channel::Request {
        method: parts.method.as_str(),
        path: parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str()),
        body,
    };
    let header = |name: &str| {
        let mut values = parts.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    };
    channel::verify(
        &door.keys.load(),
        header,
        &request,
        Timestamp::now(),
        TOLERANCE_SECONDS,
    )
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
