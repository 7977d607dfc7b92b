//! What every request passes, from the outside in: request id, trace, admission, deadline, then authentication.
//!
//! Nothing here knows an RPC. Each bound is in [`Limits`](crate::config::Limits).

use std::any::Any;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue};
use tonic::Status;
use tracing::Span;
use uuid::Uuid;

use crate::auth::Method;
use crate::config::Limits;
use crate::web::bills::is_import;
use crate::web::problem::{Problem, REQUEST_ID};
use crate::{fault, surface};

/// Longest request id that is taken from a caller, in characters.
const REQUEST_ID_CHARS_MAX: usize = 64;

/// Gives every request an id, the caller's own where it is short and plain, and says it in the answer.
pub(crate) async fn name_request(mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .filter(|id| is_plain(id))
        .cloned();
    let id = given.or_else(|| HeaderValue::from_str(&Uuid::now_v7().to_string()).ok());
    if let Some(id) = &id {
        request.headers_mut().insert(REQUEST_ID, id.clone());
    }
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn is_plain(id: &HeaderValue) -> bool {
    (1..=REQUEST_ID_CHARS_MAX).contains(&id.len())
        && id
            .as_bytes()
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The span of a request: its method, path and id. No query, no header: they may say who somebody is.
pub(crate) fn span<B>(request: &http::Request<B>) -> Span {
    let id = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

/// How long calls may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    usual: Duration,
    upload: Duration,
}

impl Deadlines {
    pub(crate) const fn of(limits: &Limits) -> Self {
        Self {
            usual: limits.deadline,
            upload: limits.upload_deadline,
        }
    }

    /// An upload is answered when its last byte is stored, and lasts as long as its bytes need.
    fn longest(self, path: &str) -> Duration {
        let uploads = [
            Method::UploadStatement,
            Method::UploadRailFile,
            Method::ImportBills,
        ];
        if is_import(path)
            || uploads
                .iter()
                .any(|method| path.strip_prefix('/') == Some(method.full_name()))
        {
            self.upload
        } else {
            self.usual
        }
    }
}

/// Ends a call at the caller's deadline (`grpc-timeout`), or at the gateway's own where that is sooner.
///
/// Only the time to the beginning of the answer counts: a stream lasts as long as its caller listens.
pub(crate) async fn deadline(
    State(deadlines): State<Deadlines>,
    request: Request,
    next: Next,
) -> Response {
    let asked = match timeout(request.headers()) {
        Ok(asked) => asked,
        Err(status) => return surface::answer(request.headers(), status),
    };
    let longest = deadlines.longest(request.uri().path());
    let limit = asked.map_or(longest, |asked| asked.min(longest));
    let mut headers = HeaderMap::new();
    for name in [http::header::CONTENT_TYPE, REQUEST_ID] {
        if let Some(value) = request.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => surface::answer(&headers, fault::deadline()),
    }
}

/// The value of `grpc-timeout`: up to eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get("grpc-timeout") else {
        return Ok(None);
    };
    value
        .to_str()
        .ok()
        .and_then(read_timeout)
        .map(Some)
        .ok_or_else(|| {
            fault::invalid_field(
                "grpc-timeout",
                "FIELD_MALFORMED",
                "must be digits and one of H M S m u n",
            )
        })
}

fn read_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count.saturating_mul(3_600))),
        "M" => Some(Duration::from_secs(count.saturating_mul(60))),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// Answers for a handler that panicked, on the gRPC side.
pub(crate) fn panicked_grpc(panic: Box<dyn Any + Send>) -> Response {
    log_panic(&panic);
    fault::internal().into_http::<Body>()
}

/// Answers for a handler that panicked, everywhere else.
pub(crate) fn panicked_http(panic: Box<dyn Any + Send>) -> Response {
    log_panic(&panic);
    Problem::from_status(&fault::internal(), &HeaderMap::new()).into_response()
}

fn log_panic(panic: &Box<dyn Any + Send>) {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words");
    tracing::error!(
        panic = words,
        "A handler panicked; its caller was told INTERNAL"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_the_grpc_protocol_writes_them() {
        let table = [
            ("1S", Some(Duration::from_secs(1))),
            ("250m", Some(Duration::from_millis(250))),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3_600))),
            ("5u", Some(Duration::from_micros(5))),
            ("5n", Some(Duration::from_nanos(5))),
            ("2M", Some(Duration::from_secs(120))),
            ("", None),
            ("S", None),
            ("1", None),
            ("123456789S", None),
            ("-1S", None),
            ("1X", None),
            ("1é", None),
        ];
        for (text, expected) in table {
            assert_eq!(read_timeout(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_short_plain_request_ids_are_taken_from_callers() {
        let long = "a".repeat(REQUEST_ID_CHARS_MAX + 1);
        let table = [
            ("abc-1_2.3", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            (long.as_str(), false),
        ];
        for (id, plain) in table {
            assert_eq!(
                is_plain(&HeaderValue::from_str(id).unwrap()),
                plain,
                "{id:?}"
            );
        }
    }
}
