//! One status, two ways to say it: as gRPC trailers to a gRPC caller, as problem+json to everybody else.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use tonic::Status;

use crate::web::problem::Problem;

/// Whether the caller speaks gRPC or gRPC-Web.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/grpc"))
}

/// Says `status` the way the request was asked.
pub(crate) fn answer(request: &HeaderMap, status: Status) -> Response {
    if is_grpc(request) {
        status.into_http::<Body>()
    } else {
        Problem::from_status(&status, request).into_response()
    }
}
