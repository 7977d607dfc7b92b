//! The pages: a menu, the bank app (choose, confirm, done) and the books.
//!
//! Rendered on the server, usable without script, on a phone's width. A confirm page names a stored scan, so pressing its button
//! twice shows the first payment instead of making a second.

mod app;
mod books;
mod forms;
pub(crate) mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::bank::Bank;
use crate::frame::Door;
use crate::qr::image::IMAGE_BYTES_MAX;

/// An image and the form's other fields with their boundaries.
const FORM_BYTES_MAX: usize = IMAGE_BYTES_MAX + 65_536;

const STYLE: &str = include_str!("../static/sandbox.css");

/// The routes of the pages.
pub(crate) fn routes(doors: Vec<Door>) -> Router<Bank> {
    let doors: Arc<[Door]> = doors.into();
    Router::new()
        .route("/", get(async move || view::menu(&doors)))
        .route("/app", get(app::start))
        .route("/app/scan", post(app::scan))
        .route("/app/pay", post(app::pay))
        .route("/app/done/{scan_id}", get(app::done))
        .route("/books", get(books::show))
        .route("/books/release", post(books::release))
        .route("/books/redeliver", post(books::redeliver))
        .route("/static/sandbox.css", get(style))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

async fn style() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, "max-age=3600"),
        ],
        STYLE,
    )
}
