//! `GET /api/notices`, one notice's document, `POST /api/notices/release` and `/redeliver`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::problem::Body;
use super::{Problem, cursor, page_size};
use crate::bank::Bank;
use crate::books::NoticeRow;

/// The query of the notice list; every field is optional.
#[derive(Debug, Deserialize)]
pub(super) struct NoticeQuery {
    status: Option<String>,
    bank_reference: Option<String>,
    cursor: Option<String>,
    page_size: Option<i64>,
}

/// A page of notices.
#[derive(Debug, Serialize)]
pub(super) struct Notices {
    notices: Vec<NoticeRow>,
    next_cursor: Option<String>,
}

/// What to release: a group, a transaction's notices, or with neither all that is held.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    group: Option<String>,
    bank_reference: Option<String>,
}

/// What to send again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redeliver {
    bank_reference: Option<String>,
    #[serde(default)]
    include_delivered: bool,
}

/// How many notices were queued.
#[derive(Debug, Serialize)]
pub(super) struct Queued {
    queued: u64,
}

pub(super) async fn list(
    State(bank): State<Bank>,
    query: Result<Query<NoticeQuery>, QueryRejection>,
) -> Result<Json<Notices>, Problem> {
    let Query(query) = query?;
    let (after, size) = (cursor(query.cursor.as_deref())?, page_size(query.page_size));
    let (status, reference) = (query.status.as_deref(), query.bank_reference.as_deref());
    let mut notices = bank
        .books
        .list_notices(status, reference, after, size.saturating_add(1))
        .await?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = notices.len() > size;
    notices.truncate(size);
    let next_cursor = notices
        .last()
        .filter(|_| more)
        .map(|notice| notice.sequence.to_string());
    Ok(Json(Notices {
        notices,
        next_cursor,
    }))
}

pub(super) async fn body(
    State(bank): State<Bank>,
    Path(message_id): Path<String>,
) -> Result<Response, Problem> {
    let body = bank.books.notice_body(&message_id).await?;
    let (content_type, body) = body.ok_or_else(|| Problem::not_found("There is no such notice"))?;
    Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
}

pub(super) async fn release(
    State(bank): State<Bank>,
    Body(what): Body<Release>,
) -> Result<Json<Queued>, Problem> {
    let (group, reference) = (what.group.as_deref(), what.bank_reference.as_deref());
    let queued = bank
        .books
        .release_notices(group, reference, bank.books.clock().now())
        .await?;
    bank.wake_sender();
    Ok(Json(Queued { queued }))
}

pub(super) async fn redeliver(
    State(bank): State<Bank>,
    Body(what): Body<Redeliver>,
) -> Result<Json<Queued>, Problem> {
    let reference = what.bank_reference.as_deref();
    let queued = bank
        .books
        .redeliver_notices(reference, what.include_delivered, bank.books.clock().now())
        .await?;
    bank.wake_sender();
    Ok(Json(Queued { queued }))
}
