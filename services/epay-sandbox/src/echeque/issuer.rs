//! The issuer's page: a person writes a cheque, the bank signs it, the browser downloads it.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use serde::Deserialize;
use tracing::error;

use super::pdf::{self, Cheque};
use super::store::{self, Issued};
use super::{ECheque, NAME};
use crate::api::Problem;
use crate::channel::sender::chain;
use crate::channel::signature::sha256_hex;
use crate::config::Payer;
use crate::frame::Writing;
use crate::hk_time::business_date;
use crate::money::{format_cents, parse_cents};
use crate::pages::view::page;

/// Characters of a name or note.
const TEXT_CHARS_MAX: usize = 140;

pub(super) fn routes() -> Router<ECheque> {
    Router::new().route("/issue", get(show).post(issue))
}

/// What a link to the page may fill in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    amount: String,
    note: String,
}

/// The form.
#[derive(Debug, Deserialize)]
struct Wanted {
    payer: String,
    amount: String,
    #[serde(default)]
    payee: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    note: String,
}

#[derive(Template)]
#[template(path = "echeque.html")]
struct IssuePage<'a> {
    bank: &'a str,
    payers: Vec<&'a Payer>,
    payee: &'a str,
    amount: &'a str,
    note: &'a str,
    today: String,
}

async fn show(State(echeque): State<ECheque>, Query(asked): Query<Asked>) -> Response {
    let template = IssuePage {
        bank: &echeque.settings.bank_name,
        payers: echeque.payers().collect(),
        payee: &echeque.settings.payee_name,
        amount: &asked.amount,
        note: &asked.note,
        today: business_date(echeque.frame.now()).to_string(),
    };
    page(StatusCode::OK, &template)
}

async fn issue(
    State(echeque): State<ECheque>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Problem> {
    let now = echeque.frame.now();
    let bad = |detail: &str| Problem::bad_request("bad-cheque", detail);
    let payer = echeque
        .payers()
        .find(|payer| payer.account == wanted.payer || payer.name == wanted.payer)
        .ok_or_else(|| bad("the payer has no account at this bank"))?;
    let amount_cents =
        parse_cents(wanted.amount.trim()).map_err(|error| bad(&error.to_string()))?;
    if amount_cents < 1 {
        return Err(bad("the amount must be more than nothing"));
    }
    let given = |text: &str, usual: &str| {
        let text = text.trim();
        if text.is_empty() { usual } else { text }.to_owned()
    };
    let payee = given(&wanted.payee, &echeque.settings.payee_name);
    let today = business_date(now).to_string();
    let date: Date = given(&wanted.date, &today)
        .parse()
        .map_err(|_not_one| bad("the date is not like 2026-01-20"))?;
    for text in [&payee, &wanted.note] {
        if text.chars().count() > TEXT_CHARS_MAX || text.chars().any(char::is_control) {
            return Err(bad("a text is too long, or holds control characters"));
        }
    }
    let mut client = echeque.frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, now).await?;
    let number = store::next_number(writing.sql()).await?;
    let cheque = Cheque {
        bank: echeque.settings.bank_code.clone(),
        branch: echeque.settings.branch.clone(),
        account: payer.account.clone(),
        number: format!("{number:06}"),
        date: date.to_string(),
        amount: format_cents(amount_cents),
        payee,
        payer: payer.name.clone(),
    };
    let body = echeque.make(&cheque, now)?;
    let issued = Issued {
        item: cheque.item(),
        payer: payer.account.clone(),
        payer_name: payer.name.clone(),
        amount_cents,
        note: wanted.note.clone(),
        file_sha256: sha256_hex(&body),
    };
    store::add_issued(writing.sql(), &issued, now).await?;
    writing.commit().await?;
    let name = format!("attachment; filename=\"echeque-{}.pdf\"", cheque.number);
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, body).into_response())
}

impl ECheque {
    /// The people who have an account at the paying bank.
    fn payers(&self) -> impl Iterator<Item = &Payer> {
        let own = |payer: &&Payer| payer.bank_code == self.settings.bank_code;
        self.frame.config.payers.iter().filter(own)
    }

    fn make(&self, cheque: &Cheque, now: jiff::Timestamp) -> Result<Vec<u8>, Problem> {
        let made = self
            .authority
            .payer(&cheque.payer)
            .and_then(|payer| pdf::make(cheque, &payer, &self.authority.bank, now));
        made.map_err(|cause| {
            error!(error = %chain(&cause), "A cheque could not be made");
            Problem::bad_request("not-made", "the cheque could not be made")
        })
    }
}
