//! The page of payment orders and recalls, newest first.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::Payouts;
use super::recall::{self, Case};
use super::store::{self, Kept};
use crate::pages::view::{Refused, money, page};

/// Rows of each list.
const ROWS_MAX: i64 = 50;

pub(super) fn routes() -> Router<Payouts> {
    Router::new().route("/book", get(show))
}

#[derive(Template)]
#[template(path = "payouts.html")]
struct Book {
    orders: Vec<Kept>,
    cases: Vec<Case>,
}

async fn show(State(payouts): State<Payouts>) -> Result<Response, Refused> {
    let client = payouts.frame.client().await?;
    let book = Book {
        orders: store::newest(&client, ROWS_MAX).await?,
        cases: recall::newest(&client, ROWS_MAX).await?,
    };
    Ok(page(StatusCode::OK, &book))
}
