//! `GET /api/books/…`: transactions, the messages of one, accounts, the summary.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Problem, cursor, page_size};
use crate::bank::Bank;
use crate::books::{AccountRow, Filter, Page, Summary};

/// The query of the transaction list; every field is optional.
#[derive(Debug, Deserialize)]
pub(super) struct TransactionQuery {
    reference: Option<String>,
    bill_number: Option<String>,
    bank_reference: Option<String>,
    cursor: Option<String>,
    page_size: Option<i64>,
}

/// The answer of the account list.
#[derive(Debug, Serialize)]
pub(super) struct Accounts {
    accounts: Vec<AccountRow>,
}

pub(super) async fn transactions(
    State(bank): State<Bank>,
    query: Result<Query<TransactionQuery>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let Query(query) = query?;
    let filter = Filter {
        after: cursor(query.cursor.as_deref())?,
        reference: query.reference,
        bill_number: query.bill_number,
        bank_reference: query.bank_reference,
        scan_id: None,
    };
    Ok(Json(
        bank.books
            .list_transactions(&filter, page_size(query.page_size))
            .await?,
    ))
}

pub(super) async fn message(
    State(bank): State<Bank>,
    Path((bank_reference, message)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let messages = bank.books.interbank_messages(&bank_reference).await?;
    let body = match (messages, message.as_str()) {
        (Some((transfer, _)), "pacs008") => transfer,
        (Some((_, answer)), "pacs002") => answer,
        _ => return Err(Problem::not_found("There is no such message")),
    };
    Ok(([(header::CONTENT_TYPE, "application/xml")], body).into_response())
}

pub(super) async fn accounts(State(bank): State<Bank>) -> Result<Json<Accounts>, Problem> {
    Ok(Json(Accounts {
        accounts: bank.books.list_accounts().await?,
    }))
}

pub(super) async fn summary(State(bank): State<Bank>) -> Result<Json<Summary>, Problem> {
    Ok(Json(bank.books.summary().await?))
}
