//! Errors of JSON over HTTP as RFC 9457 `application/problem+json`.
//!
//! A [`tonic::Status`] with its `google.rpc` details becomes one flat object: type, title, status, detail, reason,
//! field errors, metadata. `type` leads to the reason's line on the documentation page.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Names a request in answers and logs.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// One field that is wrong.
#[derive(Debug, Serialize)]
struct FieldError {
    field: String,
    reason: String,
    detail: String,
}

/// The body of an answer that is not a success.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    r#type: String,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    detail: String,
    reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem that is no gRPC status: the doors and pages make these.
    pub(crate) fn new(status: StatusCode, reason: &str, detail: &str, request: &HeaderMap) -> Self {
        Self {
            r#type: problem_type(reason),
            title: status.canonical_reason().unwrap_or("Problem"),
            status,
            detail: detail.to_owned(),
            reason: reason.to_owned(),
            errors: Vec::new(),
            metadata: BTreeMap::new(),
            request_id: request_id(request),
            retry_after: None,
        }
    }

    /// Asks the caller to wait.
    pub(crate) const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds a fact for programs.
    pub(crate) fn fact(mut self, name: &str, value: &str) -> Self {
        self.metadata.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The problem that a status tells of.
    pub(crate) fn from_status(status: &Status, request: &HeaderMap) -> Self {
        let details = status.get_error_details();
        let http = http_status(status.code());
        let (reason, metadata) = details.error_info().map_or_else(
            || (default_reason(status.code()).to_owned(), BTreeMap::new()),
            |info| {
                (
                    info.reason.clone(),
                    info.metadata.clone().into_iter().collect(),
                )
            },
        );
        let errors = details.bad_request().map_or_else(Vec::new, |request| {
            request
                .field_violations
                .iter()
                .map(|violation| FieldError {
                    field: violation.field.clone(),
                    reason: violation.reason.clone(),
                    detail: violation.description.clone(),
                })
                .collect()
        });
        Self {
            errors,
            metadata,
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
            ..Self::new(http, &reason, status.message(), request)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let body = serde_json::to_vec(&self).unwrap_or_else(|_| b"{}".to_vec());
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, MEDIA_TYPE);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

fn problem_type(reason: &str) -> String {
    format!("/docs#{reason}")
}

fn request_id(request: &HeaderMap) -> Option<String> {
    Some(request.get(REQUEST_ID)?.to_str().ok()?.to_owned())
}

/// The HTTP status of a gRPC code, as `google.rpc.Code` documents it.
pub(crate) fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Cancelled | Code::Unknown | Code::Internal | Code::DataLoss => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// The reason of a status that names none: the transcoder's own refusals.
const fn default_reason(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument | Code::OutOfRange => "MALFORMED_REQUEST",
        Code::NotFound => "NO_ROUTE",
        Code::Unauthenticated => "TOKEN_MISSING",
        Code::Unimplemented => "UNIMPLEMENTED",
        _ => "INTERNAL",
    }
}
