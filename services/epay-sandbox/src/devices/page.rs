//! The device's two pages: what is asked for, and the token on its way back.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Form, Router};
use jiff::Timestamp;
use serde::Deserialize;

use super::request::{Asked, CARD, Wallet, Wrong};
use super::{apple, google};
use crate::api::Problem;
use crate::pages::view::{Refused, money, page};

/// A request has some hundred bytes.
const FORM_BYTES_MAX: usize = 32 * 1024;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/{wallet}", post(show))
        .route("/{wallet}/token", post(make))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

/// What the merchant's page sends, and the payer's own wishes behind it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    request: String,
    reference: String,
    return_to: String,
    altered: Option<String>,
    for_another: Option<String>,
    old: Option<String>,
}

#[derive(Template)]
#[template(path = "device.html")]
struct AskPage<'a> {
    wallet: &'static str,
    word: &'static str,
    merchant: &'a str,
    amount: String,
    reference: &'a str,
    card: &'static str,
    request: &'a str,
    return_to: &'a str,
}

#[derive(Template)]
#[template(path = "device_token.html")]
struct TokenPage<'a> {
    wallet: &'static str,
    merchant: &'a str,
    amount: String,
    token: String,
    return_to: &'a str,
}

/// Reads what was sent; a merchant's mistake is said in words.
fn read(
    wallet: &str,
    form: Result<Form<Sent>, FormRejection>,
) -> Result<(Wallet, Sent, Asked), Refused> {
    let wrong = |words: &str| Refused::from(Problem::bad_request("device", words));
    let wallet =
        Wallet::of(wallet).ok_or_else(|| wrong("The device has Apple Pay and Google Pay."))?;
    let Form(sent) = form.map_err(|_bad| wrong("The merchant's form cannot be read."))?;
    let is_page = ["http://", "https://"]
        .iter()
        .any(|scheme| sent.return_to.starts_with(scheme));
    if !is_page {
        return Err(wrong("The merchant does not say where the token goes."));
    }
    let asked = Asked::read(wallet, &sent.request)
        .ok_or_else(|| wrong("The merchant's request cannot be read."))?;
    Ok((wallet, sent, asked))
}

async fn show(
    Path(wallet): Path<String>,
    form: Result<Form<Sent>, FormRejection>,
) -> Result<Response, Refused> {
    let (wallet, sent, asked) = read(&wallet, form)?;
    let template = AskPage {
        wallet: wallet.title(),
        word: wallet.word(),
        merchant: &asked.merchant,
        amount: money(&asked.currency, asked.cents),
        reference: &sent.reference,
        card: CARD.get(12..).unwrap_or_default(),
        request: &sent.request,
        return_to: &sent.return_to,
    };
    Ok(page(StatusCode::OK, &template))
}

async fn make(
    Path(wallet): Path<String>,
    form: Result<Form<Sent>, FormRejection>,
) -> Result<Response, Refused> {
    let (wallet, sent, asked) = read(&wallet, form)?;
    let wrong = Wrong {
        altered: sent.altered.is_some(),
        for_another: sent.for_another.is_some(),
        old: sent.old.is_some(),
    };
    let now = Timestamp::now();
    let token = match wallet {
        Wallet::Apple => apple::token(&asked, wrong, now),
        Wallet::Google => google::token(&asked, wrong, now),
    };
    let no_currency = || Problem::bad_request("device", "The device pays in HKD and CNY.");
    let template = TokenPage {
        wallet: wallet.title(),
        merchant: &asked.merchant,
        amount: money(&asked.currency, asked.cents),
        token: token.ok_or_else(no_currency)?.to_string(),
        return_to: &sent.return_to,
    };
    Ok(page(StatusCode::OK, &template))
}
