//! JSON over HTTP: the generated transcoder over the same services, and its errors as problem+json.
//!
//! The transcoder writes an error as `{"code", "message", "details"}` with the `google.rpc` details in base64;
//! [`problems`] turns that into a [`Problem`]. Answers that are no error pass untouched, streams too.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use tonic::{Code, Status};

use super::problem::{Problem, REQUEST_ID};

/// Longest error body that the transcoder writes, in bytes: a few field violations.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// How the transcoder labels the details that it carries over.
const DETAILS_KIND: &str = "grpc-status-details-bin";

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    code: Option<i32>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    value: String,
}

/// Turns the transcoder's errors into problems.
pub(crate) async fn problems(request: Request, next: Next) -> Response {
    let mut asked = HeaderMap::new();
    if let Some(id) = request.headers().get(REQUEST_ID) {
        asked.insert(REQUEST_ID, id.clone());
    }
    let response = next.run(request).await;
    let json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !json || !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let http = response.status();
    match to_bytes(response.into_body(), ERROR_BYTES_MAX).await {
        Ok(body) => problem(http, &body, &asked).into_response(),
        Err(_) => {
            let mut bare = Response::new(Body::empty());
            *bare.status_mut() = http;
            bare
        }
    }
}

fn problem(http: StatusCode, body: &Bytes, asked: &HeaderMap) -> Problem {
    let Ok(error) = serde_json::from_slice::<ErrorBody>(body) else {
        return Problem::new(http, "INTERNAL", "The answer could not be written.", asked);
    };
    let Some(code) = error.code else {
        // The transcoder's own refusals of a body: too large, or broken off.
        let reason = if http == StatusCode::PAYLOAD_TOO_LARGE {
            "BODY_TOO_LARGE"
        } else {
            "MALFORMED_REQUEST"
        };
        return Problem::new(http, reason, &error.message, asked);
    };
    let details = error
        .details
        .iter()
        .find(|detail| detail.kind == DETAILS_KIND)
        .and_then(|detail| STANDARD.decode(&detail.value).ok())
        .unwrap_or_default();
    Problem::from_status(
        &Status::with_details(Code::from_i32(code), error.message, details.into()),
        asked,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fault;

    async fn as_problem(status: &Status) -> (StatusCode, Value) {
        let body = json!({
            "code": i32::from(status.code()),
            "message": status.message(),
            "details": [{"kind": DETAILS_KIND, "encoding": "base64", "value": STANDARD.encode(status.details())}],
        });
        let http = super::super::problem::http_status(status.code());
        let response = problem(http, &body.to_string().into(), &HeaderMap::new()).into_response();
        let http = response.status();
        let bytes = to_bytes(response.into_body(), ERROR_BYTES_MAX)
            .await
            .unwrap();
        (http, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn field_violations_arrive_as_errors_with_their_reasons() {
        let (http, body) = as_problem(&fault::invalid_field(
            "bill.number",
            "NUMBER_LENGTH",
            "must be 11 digits",
        ))
        .await;
        assert_eq!(http, StatusCode::BAD_REQUEST);
        assert_eq!(
            body,
            json!({
                "type": "/docs#INVALID_REQUEST",
                "title": "Bad Request",
                "status": 400,
                "detail": "bill.number: must be 11 digits. Nothing was done; correct the request.",
                "reason": "INVALID_REQUEST",
                "errors": [{"field": "bill.number", "reason": "NUMBER_LENGTH", "detail": "must be 11 digits"}],
            })
        );
    }

    #[tokio::test]
    async fn a_refusal_keeps_its_reason_and_its_facts() {
        let facts = [("max_minor_units".to_owned(), "100".to_owned())].into();
        let (http, body) = as_problem(&fault::refused(
            "AMOUNT_TOO_HIGH",
            "amount",
            "too much",
            facts,
        ))
        .await;
        assert_eq!(http, StatusCode::BAD_REQUEST);
        assert_eq!(body["reason"], "AMOUNT_TOO_HIGH");
        assert_eq!(body["metadata"]["max_minor_units"], "100");
    }

    #[test]
    fn bodies_of_the_transcoder_without_a_code_keep_their_status() {
        let problem = problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            &Bytes::from_static(br#"{"message":"request body exceeds the configured size limit"}"#),
            &HeaderMap::new(),
        );
        assert_eq!(
            problem.into_response().status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }
}
