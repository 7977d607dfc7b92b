//! The bank app: choose a code, confirm, done.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::forms::{Confirm, filled, read_upload};
use super::view::{Refused, money, page};
use crate::api::Problem;
use crate::bank::{Bank, ImageSource, Scanned};
use crate::books::{BooksError, Filter, TransactionRow};
use crate::config::Payer;
use crate::hk_time::people_text;
use crate::money::format_cents;

/// What a link into the app may carry.
#[derive(Debug, Deserialize)]
pub(super) struct StartQuery {
    /// The address of an image to fetch straight away.
    scan: Option<String>,
}

#[derive(Template)]
#[template(path = "app.html")]
struct StartPage<'a> {
    payers: &'a [Payer],
    can_fetch: bool,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    scanned: &'a Scanned,
    scan_id: Uuid,
    payers: &'a [Payer],
    chosen: &'a str,
    amount: String,
    amount_text: String,
    expires_at: Option<String>,
}

/// A line of the done page.
struct Line {
    row: TransactionRow,
    amount: String,
    booked_at: String,
    told: &'static str,
}

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage {
    lines: Vec<Line>,
    payee: String,
}

pub(super) async fn start(
    State(bank): State<Bank>,
    Query(query): Query<StartQuery>,
) -> Result<Response, Refused> {
    match query.scan.as_deref().and_then(filled) {
        Some(url) => {
            let source = ImageSource {
                url: Some(url.to_owned()),
                image_base64: None,
            };
            let scanned = bank.scan(source).await?;
            confirm(&bank, &scanned, "").await
        }
        None => Ok(page(
            StatusCode::OK,
            &StartPage {
                payers: &bank.config().payers,
                can_fetch: bank.can_fetch(),
            },
        )),
    }
}

pub(super) async fn scan(State(bank): State<Bank>, form: Multipart) -> Result<Response, Refused> {
    let upload = read_upload(form).await?;
    let scanned = if upload.image.is_empty() {
        let url = filled(&upload.url).map(str::to_owned);
        if url.is_none() {
            return Err(Problem::bad_form(
                422,
                "Choose an image of a QR code, or enter its address".to_owned(),
            )
            .into());
        }
        bank.scan(ImageSource {
            url,
            image_base64: None,
        })
        .await?
    } else {
        bank.scan_bytes(upload.image).await?
    };
    confirm(&bank, &scanned, &upload.payer).await
}

async fn confirm(bank: &Bank, scanned: &Scanned, chosen: &str) -> Result<Response, Refused> {
    let scan_id = bank
        .books
        .remember_scan(&scanned.payload, bank.books.clock().now())
        .await?;
    let template = ConfirmPage {
        scanned,
        scan_id,
        payers: &bank.config().payers,
        chosen,
        amount: scanned.amount_cents.map(format_cents).unwrap_or_default(),
        amount_text: scanned
            .amount_cents
            .map(|cents| money(&scanned.currency, cents))
            .unwrap_or_default(),
        expires_at: scanned
            .expires_at
            .as_deref()
            .and_then(|text| text.parse().ok())
            .map(people_text),
    };
    Ok(page(StatusCode::OK, &template))
}

pub(super) async fn pay(
    State(bank): State<Bank>,
    form: Result<Form<Confirm>, FormRejection>,
) -> Result<Redirect, Refused> {
    let Form(form) =
        form.map_err(|error| Problem::bad_form(error.status().as_u16(), error.body_text()))?;
    let payload = bank.books.scan_payload(form.scan_id).await?;
    let payload =
        payload.ok_or_else(|| Problem::bad_form(404, "Scan the QR code again".to_owned()))?;
    let scanned = bank.read_code(payload)?;
    let faults = form.faults()?;
    let (amount, payer) = (form.amount_cents()?, filled(&form.payer));
    match bank
        .pay_scanned(&scanned, amount, payer, Some(&faults), Some(form.scan_id))
        .await
    {
        // A second press of the button: the first payment is the answer.
        Ok(_) | Err(crate::bank::BankError::Books(BooksError::ScanUsed)) => {
            Ok(Redirect::to(&format!("/app/done/{}", form.scan_id)))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn done(
    State(bank): State<Bank>,
    Path(scan_id): Path<Uuid>,
) -> Result<Response, Refused> {
    let filter = Filter {
        scan_id: Some(scan_id),
        ..Filter::default()
    };
    let rows = bank
        .books
        .list_transactions(&filter, 10)
        .await?
        .transactions;
    let Some(first) = rows.first() else {
        return Err(Problem::bad_form(404, "No payment was made from this scan".to_owned()).into());
    };
    let payees = &bank.config().payees;
    let payee = payees.iter().find(|payee| payee.account == first.account);
    let payee = payee.map_or_else(
        || first.account.clone(),
        |payee| payee.registered_name.clone(),
    );
    let lines = rows.into_iter().map(line).collect();
    Ok(page(StatusCode::OK, &DonePage { lines, payee }))
}

fn line(row: TransactionRow) -> Line {
    let lost = row.faults.get("lost_reference").is_some();
    let told = match (lost, row.bill_number.is_some() || row.reference.is_some()) {
        (true, _) => "the amount only: the bill number and the reference were lost on the way",
        (false, true) => "the amount, the bill number and the reference shown above",
        (false, false) => "the amount; the code held no bill number and no reference",
    };
    Line {
        amount: money(&row.currency, row.amount_cents),
        booked_at: people_text(row.booked_at),
        told,
        row,
    }
}
