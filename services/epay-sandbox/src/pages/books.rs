//! The books: accounts, the newest transactions, the newest notices, and two buttons for the outbox.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};

use super::forms::{Button, filled};
use super::view::{Refused, money, page};
use crate::bank::Bank;
use crate::books::{AccountRow, NoticeRow, Summary, TransactionRow};
use crate::hk_time::people_text;

/// Rows of each list on the page; the API pages through all of them.
const ROWS_MAX: i64 = 50;

#[derive(Template)]
#[template(path = "books.html")]
struct BooksPage {
    summary: Summary,
    sum: String,
    accounts: Vec<AccountRow>,
    transactions: Vec<TransactionRow>,
    notices: Vec<NoticeRow>,
}

pub(super) async fn show(State(bank): State<Bank>) -> Result<Response, Refused> {
    let summary = bank.books.summary().await?;
    let template = BooksPage {
        sum: money("HKD", summary.sum_cents),
        summary,
        accounts: bank.books.list_accounts().await?,
        transactions: bank.books.newest_transactions(ROWS_MAX).await?,
        notices: bank.books.newest_notices(ROWS_MAX).await?,
    };
    Ok(page(StatusCode::OK, &template))
}

pub(super) async fn release(
    State(bank): State<Bank>,
    Form(button): Form<Button>,
) -> Result<Redirect, Refused> {
    let (group, reference) = (filled(&button.group), filled(&button.bank_reference));
    bank.books
        .release_notices(group, reference, bank.books.clock().now())
        .await?;
    bank.wake_sender();
    Ok(Redirect::to("/books"))
}

pub(super) async fn redeliver(
    State(bank): State<Bank>,
    Form(button): Form<Button>,
) -> Result<Redirect, Refused> {
    bank.books
        .redeliver_notices(
            filled(&button.bank_reference),
            false,
            bank.books.clock().now(),
        )
        .await?;
    bank.wake_sender();
    Ok(Redirect::to("/books"))
}
