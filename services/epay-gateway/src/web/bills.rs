//! `POST /v1/billers/{biller}/bills:import`: a file of bills as the body of a request, for callers without gRPC.
//!
//! The same rows, the same code and the same report as `BillService.ImportBills`. The body is taken piece by piece, so that
//! its size costs no memory; the media type says how its rows are written down.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use epay_bill_file::Format;
use epay_engine::Engine;
use epay_proto::v1;
use futures_util::StreamExt as _;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use tonic::{Request, Status};

use super::problem::Problem;
use crate::auth::{Method, authorise};
use crate::fault;
use crate::service::bill::import::Upload;

/// Where files of bills are posted.
pub(crate) const IMPORT_ROUTE: &str = "/v1/billers/{biller}/bills:import";

/// Whether a path is [`IMPORT_ROUTE`]: an upload lasts as long as its bytes need.
pub(crate) fn is_import(path: &str) -> bool {
    path.starts_with("/v1/billers/") && path.ends_with("/bills:import")
}

/// Takes a file of bills.
pub(crate) async fn import(
    State(engine): State<Engine>,
    Path(biller): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(format) = format_of(&headers) else {
        let words = "The body must be text/csv or application/x-ndjson.";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Problem::new(status, "UNSUPPORTED_MEDIA_TYPE", words, &headers).into_response();
    };
    match take(&engine, &biller, format, body).await {
        Ok(done) => Json(done).into_response(),
        Err(status) => Problem::from_status(&status, &headers).into_response(),
    }
}

async fn take(
    engine: &Engine,
    biller: &str,
    format: Format,
    body: Body,
) -> Result<v1::ImportBillsResponse, Status> {
    let caller = authorise(&Request::new(()), Method::ImportBills)?;
    let parent = format!("billers/{biller}");
    let mut upload = Upload::begin(engine, &caller, "parent", &parent, format)?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_broken_off| {
            let words = "the body broke off; send the file again from the front";
            fault::invalid_field("body", "FIELD_MALFORMED", words)
        })?;
        upload.feed(&piece).await?;
    }
    upload.end().await
}

/// How the rows are written down, by the media type without its parameters.
fn format_of(headers: &HeaderMap) -> Option<Format> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let named = value.split(';').next()?.trim().to_ascii_lowercase();
    match named.as_str() {
        "text/csv" => Some(Format::Csv),
        "application/x-ndjson" | "application/jsonl" => Some(Format::Ndjson),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_media_type_says_how_rows_are_written() {
        let table = [
            ("text/csv", Some(Format::Csv)),
            ("Text/CSV; charset=utf-8", Some(Format::Csv)),
            ("application/x-ndjson", Some(Format::Ndjson)),
            ("application/jsonl", Some(Format::Ndjson)),
            ("application/json", None),
            ("", None),
        ];
        for (value, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(format_of(&headers), expected, "{value:?}");
        }
        assert_eq!(format_of(&HeaderMap::new()), None);
    }

    #[test]
    fn the_route_is_an_upload() {
        assert!(is_import("/v1/billers/rvd/bills:import"));
        assert!(!is_import("/v1/billers/rvd/bills"));
    }
}
