//! The wallet app: what merchants ask for, and a person who pays, declines, or leaves it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::Wallets;
use super::desk::By;
use super::rows::{Payment, State as Told};
use crate::api::Problem;
use crate::config::Payer;
use crate::hk_time::people_text;
use crate::pages::view::{Refused, money, page};

pub(super) fn routes() -> Router<Arc<Wallets>> {
    Router::new()
        .route("/app", get(list))
        .route("/app/open", get(open))
        .route("/app/pay/{token}", get(show).post(pay))
        .route("/app/decline/{token}", post(decline))
}

/// A payment as the app shows it.
struct Line {
    token: String,
    wallet: &'static str,
    payee: String,
    description: String,
    reference: String,
    amount: String,
    until: String,
    state: &'static str,
    open: bool,
}

#[derive(Template)]
#[template(path = "wallet_list.html")]
struct List {
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "wallet_pay.html")]
struct Show<'a> {
    line: Line,
    payers: &'a [Payer],
    back: Option<String>,
}

/// The text of a code, as somebody scanned it.
#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Choice {
    /// The payer's account; the first payer's when absent.
    payer: Option<String>,
}

impl Wallets {
    fn line(&self, payment: &Payment) -> Line {
        let told = payment.told(self.frame.now());
        let known = self.merchant(payment.kind(), &payment.merchant);
        Line {
            token: payment.token.clone(),
            wallet: payment.kind().name(),
            payee: known.map_or_else(|| payment.merchant.clone(), |known| known.name.clone()),
            description: payment.description.clone(),
            reference: payment.reference.clone(),
            amount: money("HKD", payment.cents()),
            until: people_text(payment.expires_at),
            state: match told {
                Told::Open => "waiting for you",
                Told::Expired => "expired",
                Told::Closed => "closed by the merchant",
                Told::Declined => "declined",
                Told::Paid | Told::Unknown => "paid",
            },
            open: told == Told::Open,
        }
    }
}

async fn list(State(wallets): State<Arc<Wallets>>) -> Result<Response, Refused> {
    let payments = wallets.newest().await?;
    let lines = payments
        .iter()
        .map(|payment| wallets.line(payment))
        .collect();
    Ok(page(StatusCode::OK, &List { lines }))
}

/// From a code's text to its payment: the token stands at the end of all four kinds of code.
async fn open(Query(Code { code }): Query<Code>) -> Redirect {
    let token = code.trim().rsplit(['/', '=']).next().unwrap_or_default();
    let plain: String = token
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    Redirect::to(&format!("/wallets/app/pay/{plain}"))
}

async fn show(
    State(wallets): State<Arc<Wallets>>,
    Path(token): Path<String>,
) -> Result<Response, Refused> {
    let payment = wallets.find(By::Token(&token)).await?.ok_or_else(nothing)?;
    Ok(shown(&wallets, &payment))
}

async fn pay(
    State(wallets): State<Arc<Wallets>>,
    Path(token): Path<String>,
    Form(choice): Form<Choice>,
) -> Result<Response, Refused> {
    let payers = &wallets.frame.config.payers;
    let chosen = choice.payer.unwrap_or_default();
    let payer = payers
        .iter()
        .find(|payer| payer.account == chosen)
        .or(payers.first())
        .ok_or_else(nothing)?;
    let payment = wallets.pay(&token, payer).await?.ok_or_else(nothing)?;
    Ok(shown(&wallets, &payment))
}

async fn decline(
    State(wallets): State<Arc<Wallets>>,
    Path(token): Path<String>,
) -> Result<Response, Refused> {
    let payment = wallets.decline(&token).await?.ok_or_else(nothing)?;
    Ok(shown(&wallets, &payment).into_response())
}

fn shown(wallets: &Wallets, payment: &Payment) -> Response {
    let line = wallets.line(payment);
    let back = payment
        .return_url
        .clone()
        .filter(|url| url.starts_with("http"));
    let payers = &wallets.frame.config.payers;
    page(StatusCode::OK, &Show { line, payers, back })
}

fn nothing() -> Problem {
    Problem::not_found("No wallet was asked for this")
}
