//! The page on which a person pays a bill at PPS, and the same by JSON for tests; the files, and making one now.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::{Deserialize, Serialize};

use super::desk::{Asked, Paid};
use super::settings::Merchant;
use super::{CURRENCY, Pps, calendar};
use crate::api::Problem;
use crate::api::problem::Body;
use crate::books::{BooksError, Sql};
use crate::config::Payer;
use crate::money::parse_cents;
use crate::pages::view::{Refused, money, page};

/// The routes.
pub(super) fn routes() -> Router<Pps> {
    Router::new()
        .route("/pay", get(show).post(pay))
        .route("/api/pay", post(pay_json))
        .route("/api/file", post(make_file))
        .route("/api/files/{file_id}", get(file))
}

#[derive(Template)]
#[template(path = "pps/pay.html")]
struct PayPage<'a> {
    merchants: &'a [Merchant],
    payers: &'a [Payer],
    bill_number: &'a str,
}

#[derive(Template)]
#[template(path = "pps/done.html")]
struct DonePage {
    paid: Paid,
    amount: String,
}

async fn show(State(pps): State<Pps>) -> Response {
    let template = PayPage {
        merchants: &pps.settings.merchants,
        payers: &pps.frame.config.payers,
        bill_number: "",
    };
    page(StatusCode::OK, &template)
}

/// What the page's form holds.
#[derive(Deserialize)]
struct PayForm {
    merchant_code: String,
    bill_number: String,
    amount: String,
    payer: String,
}

async fn pay(State(pps): State<Pps>, Form(form): Form<PayForm>) -> Result<Response, Refused> {
    let amount_cents = parse_cents(&form.amount.trim().replace(',', ""))
        .map_err(|error| Problem::bad_form(422, format!("Enter another amount: {error}")))?;
    let paid = pps
        .pay(Asked {
            merchant_code: form.merchant_code.trim().to_owned(),
            bill_number: form.bill_number.trim().to_owned(),
            amount_cents,
            payer: form.payer,
        })
        .await?;
    let amount = money(CURRENCY, paid.amount_cents);
    Ok(page(StatusCode::OK, &DonePage { paid, amount }))
}

/// The same in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayBody {
    merchant_code: String,
    bill_number: String,
    amount_cents: i64,
    #[serde(default)]
    payer: String,
}

async fn pay_json(
    State(pps): State<Pps>,
    Body(body): Body<PayBody>,
) -> Result<Json<Paid>, Problem> {
    let asked = Asked {
        merchant_code: body.merchant_code,
        bill_number: body.bill_number,
        amount_cents: body.amount_cents,
        payer: body.payer,
    };
    Ok(Json(pps.pay(asked).await?))
}

/// The file that was made, when there was anything to tell.
#[derive(Serialize)]
struct Made {
    file_id: Option<String>,
}

/// Makes a file of everything that was paid and not told, without waiting for 19:00.
async fn make_file(State(pps): State<Pps>) -> Result<Json<Made>, Problem> {
    let now = pps.frame.now();
    let day = calendar::business_day(now);
    let file_id = pps.file_up_to(day, now).await?;
    Ok(Json(Made { file_id }))
}

async fn file(State(pps): State<Pps>, Path(file_id): Path<String>) -> Result<Response, Problem> {
    let client = pps.frame.client().await?;
    let sql = "SELECT body FROM pps_files WHERE file_id = $1";
    let row = client
        .query_opt(sql, &[&file_id])
        .await
        .map_err(BooksError::from)?
        .ok_or_else(|| Problem::not_found("There is no such file"))?;
    let body: String = row.try_get(0).map_err(BooksError::from)?;
    Ok((
        [(header::CONTENT_TYPE, "text/plain; charset=us-ascii")],
        body,
    )
        .into_response())
}
