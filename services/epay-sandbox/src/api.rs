//! The JSON door: scan, pay, books, notices.
//!
//! Shapes are in the README. Refusals are RFC 9457 problem documents with `code` and `money_moved`. Bodies are capped at
//! `BODY_BYTES_MAX`; lists at [`PAGE_SIZE_MAX`] rows.

mod books;
mod frame;
mod notices;
mod pay;
pub(crate) mod problem;

use std::io;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

pub(crate) use frame::{FrameDoor, frame_routes, menus};
pub use problem::Problem;

use crate::bank::Bank;
use crate::qr::image::IMAGE_BYTES_MAX;

/// An image in base 64 takes four thirds of its size; the rest is room for the other fields.
const BODY_BYTES_MAX: usize = IMAGE_BYTES_MAX / 3 * 4 + 65_536;

/// The most rows in one answer.
pub const PAGE_SIZE_MAX: i64 = 500;

/// Rows in an answer when the caller does not say.
const PAGE_SIZE_DEFAULT: i64 = 100;

/// The routes of the JSON door.
pub(crate) fn routes() -> Router<Bank> {
    Router::new()
        .route("/api/scan", post(pay::scan))
        .route("/api/pay", post(pay::pay))
        .route("/api/pay-many", post(pay::pay_many))
        .route("/api/books/transactions", get(books::transactions))
        .route(
            "/api/books/transactions/{bank_reference}/{message}",
            get(books::message),
        )
        .route("/api/books/accounts", get(books::accounts))
        .route("/api/books/summary", get(books::summary))
        .route("/api/notices", get(notices::list))
        .route("/api/notices/{message_id}", get(notices::body))
        .route("/api/notices/release", post(notices::release))
        .route("/api/notices/redeliver", post(notices::redeliver))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// The page size to use for what the caller asked.
fn page_size(asked: Option<i64>) -> i64 {
    asked.unwrap_or(PAGE_SIZE_DEFAULT).clamp(1, PAGE_SIZE_MAX)
}

/// The row to continue after.
fn cursor(asked: Option<&str>) -> Result<i64, Problem> {
    match asked.map(str::parse) {
        None => Ok(0),
        Some(Ok(after)) => Ok(after),
        Some(Err(_)) => Err(Problem::bad_request(
            "cursor",
            "The cursor is not one that this service gave",
        )),
    }
}

/// An answer that breaks off before anything of it can be read.
pub(crate) fn broken_off() -> Response {
    let cut: Result<Bytes, io::Error> = Err(io::Error::other("lost on the way"));
    let body = Body::from_stream(futures_util::stream::once(std::future::ready(cut)));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
