//! The checkout page and the query interface, in the form of `PayDollar`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::attempt::Choice;
use super::hash::secure_hash;
use super::{CURRENCY, PASSWORD, Pps, SECRET};
use crate::api::Problem;
use crate::books::{BooksError, Sql};
use crate::config::Payer;
use crate::hk_time::offset_text;
use crate::money::{format_cents, parse_cents};
use crate::pages::view::{Refused, money, page};

/// The gateway's code of the currency.
const CURRENCY_CODE: &str = "344";

/// The routes, as the gateway names them.
pub(super) fn routes() -> Router<Pps> {
    Router::new()
        .route("/b2c/payForm.jsp", post(show))
        .route("/b2c/pay", post(decide))
        .route("/b2c/orderApi.jsp", post(query))
}

/// What the merchant's form holds; other fields are left out.
#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "merchantId")]
    merchant_id: String,
    #[serde(rename = "orderRef")]
    order_ref: String,
    #[serde(rename = "currCode")]
    currency: String,
    amount: String,
    #[serde(rename = "payType")]
    pay_type: String,
    #[serde(rename = "successUrl")]
    back: String,
    #[serde(rename = "secureHash")]
    hash: String,
}

#[derive(Template)]
#[template(path = "pps/checkout.html")]
struct CheckoutPage<'a> {
    merchant_name: &'a str,
    amount: String,
    order_ref: &'a str,
    pay_ref: i64,
    payers: &'a [Payer],
}

fn refused(detail: &str) -> Problem {
    Problem::bad_form(422, detail.to_owned())
}

async fn show(State(pps): State<Pps>, Form(asked): Form<Asked>) -> Result<Response, Refused> {
    let merchant = pps
        .settings
        .by_checkout(&asked.merchant_id)
        .ok_or_else(|| refused("there is no such merchant"))?;
    let secret = pps.frame.secrets.read(SECRET);
    let secret = secret.ok_or_else(|| refused("the checkout page has no secret"))?;
    let signed = [
        asked.merchant_id.as_str(),
        &asked.order_ref,
        &asked.currency,
        &asked.amount,
        &asked.pay_type,
    ];
    if secure_hash(&signed, &secret) != asked.hash {
        return Err(refused("the secure hash does not fit").into());
    }
    let web = asked.back.starts_with("https://") || asked.back.starts_with("http://");
    if asked.currency != CURRENCY_CODE || asked.order_ref.len() > 35 || !web {
        return Err(refused("the currency, the reference or the way back is not taken").into());
    }
    let amount_cents = parse_cents(&asked.amount)
        .map_err(|error| refused(&format!("the amount is not taken: {error}")))?;
    let client = pps.frame.client().await?;
    let sql = "INSERT INTO pps_attempts (merchant_id, order_ref, amount_cents, back, status)
               VALUES ($1, $2, $3, $4, 'Shown') RETURNING pay_ref";
    let row = client
        .query_one(
            sql,
            &[
                &asked.merchant_id,
                &asked.order_ref,
                &amount_cents,
                &asked.back,
            ],
        )
        .await
        .map_err(BooksError::from)?;
    let template = CheckoutPage {
        merchant_name: &merchant.name,
        amount: money(CURRENCY, amount_cents),
        order_ref: &asked.order_ref,
        pay_ref: row.try_get(0).map_err(BooksError::from)?,
        payers: &pps.frame.config.payers,
    };
    Ok(page(StatusCode::OK, &template))
}

/// What the payer did on the page.
#[derive(Deserialize)]
struct Decided {
    pay_ref: i64,
    #[serde(default)]
    payer: String,
    #[serde(rename = "do")]
    choice: Choice,
}

async fn decide(State(pps): State<Pps>, Form(decided): Form<Decided>) -> Result<Redirect, Refused> {
    let back = pps
        .decide(decided.pay_ref, decided.choice, &decided.payer)
        .await?;
    Ok(Redirect::to(&back))
}

/// Answers a query with every attempt that was made for an order.
async fn query(
    State(pps): State<Pps>,
    Form(asked): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let field = |name: &str| asked.get(name).map_or("", String::as_str);
    let password = pps.frame.secrets.read(PASSWORD);
    let known = pps.settings.by_checkout(field("merchantId")).is_some();
    let right = password.is_some_and(|secret| secret.expose_secret() == field("password"));
    if !known || !right || field("actionType") != "Query" {
        return Ok((
            StatusCode::FORBIDDEN,
            "resultCode=-1&errMsg=Authentication failed",
        )
            .into_response());
    }
    let client = pps.frame.client().await?;
    let sql = "SELECT pay_ref, amount_cents, status, holder, prc, src, done_at FROM pps_attempts
               WHERE merchant_id = $1 AND order_ref = $2 AND status <> 'Shown' ORDER BY pay_ref";
    let rows = client
        .query(sql, &[&field("merchantId"), &field("orderRef")])
        .await
        .map_err(BooksError::from)?;
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<records>");
    for row in rows {
        text.push_str(&record(&row, field("orderRef")).map_err(BooksError::from)?);
    }
    text.push_str("</records>\n");
    Ok(([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response())
}

fn record(row: &tokio_postgres::Row, order_ref: &str) -> Result<String, tokio_postgres::Error> {
    let done_at: Option<Timestamp> = row.try_get(6)?;
    let time = done_at.map(offset_text).unwrap_or_default();
    let time = time.get(..19).unwrap_or_default().replace('T', " ");
    let mut text = String::from("<record>");
    let fields = [
        ("orderStatus", row.try_get::<_, String>(2)?),
        ("ref", order_ref.to_owned()),
        ("payRef", row.try_get::<_, i64>(0)?.to_string()),
        ("amt", format_cents(row.try_get(1)?)),
        ("cur", CURRENCY_CODE.to_owned()),
        ("prc", row.try_get(4)?),
        ("src", row.try_get(5)?),
        ("holder", row.try_get(3)?),
        ("payMethod", "PPS".to_owned()),
        ("txTime", time),
    ];
    for (name, value) in fields {
        let value = quick_xml::escape::escape(value.as_str());
        // Writing into a String cannot fail.
        let _written = write!(text, "<{name}>{value}</{name}>");
    }
    text.push_str("</record>");
    Ok(text)
}
