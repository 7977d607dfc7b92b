//! Messages to people's telephones. The shape is ours, and in the README: none is public.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::IamSmart;
use super::envelope::{Code, plain};
use super::menu::{BUSY, LOST_ANSWER, RAIL};
use crate::api::{Problem, broken_off};
use crate::books::BooksError;
use crate::pages::view::{Refused, page};

/// Most messages on the page.
const SHOWN_MAX: i64 = 100;
/// Longest texts of a message.
const TITLE_CHARS_MAX: usize = 200;
const BODY_CHARS_MAX: usize = 2_000;

pub(super) fn routes() -> Router<IamSmart> {
    Router::new()
        .route("/api/v1/push/send", post(send))
        .route("/messages", get(messages))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(rename = "businessID")]
    business_id: String,
    #[serde(rename = "openID")]
    open_id: String,
    title: String,
    body: String,
    lang: String,
}

/// Takes a message. The same name again is the same message and has the same answer.
async fn send(
    State(house): State<IamSmart>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    let opened = match house.opened::<Message>(&headers, &body).await? {
        Ok(opened) => opened,
        Err(answer) => return Ok(answer),
    };
    let message = &opened.asked;
    let now = house.frame.now();
    let faults = house
        .frame
        .faults
        .take(RAIL, &[BUSY, LOST_ANSWER], &[&message.title])
        .await?;
    if faults.on(&BUSY).is_some() {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    let fits = message.title.chars().count() <= TITLE_CHARS_MAX
        && message.body.chars().count() <= BODY_CHARS_MAX
        && (1..=36).contains(&message.business_id.len());
    if !fits {
        return Ok(plain(Code::Unreadable, Value::Null));
    }
    let Some(person) = house.settings.person(&message.open_id) else {
        return Ok(plain(Code::NotGood, Value::Null));
    };
    let sql = "INSERT INTO iam_smart_pushes (client_id, business_id, message_id, person, title, body, language, taken_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (client_id, business_id) DO UPDATE SET times_sent = iam_smart_pushes.times_sent + 1 RETURNING message_id";
    let client = house.frame.client().await?;
    let row = client
        .query_one(
            sql,
            &[
                &house.settings.client_id,
                &message.business_id,
                &Uuid::new_v4().simple().to_string(),
                &person,
                &message.title,
                &message.body,
                &message.lang,
                &now,
            ],
        )
        .await
        .map_err(BooksError::from)?;
    let id: String = row.try_get(0).map_err(BooksError::from)?;
    let answer = opened.answer(&json!({ "messageID": id }));
    if faults.on(&LOST_ANSWER).is_some() {
        return Ok(broken_off());
    }
    Ok(answer)
}

struct Shown {
    person: String,
    title: String,
    body: String,
    language: String,
    taken_at: Timestamp,
    times_sent: i32,
}

#[derive(Template)]
#[template(path = "iam_smart/messages.html")]
struct MessagesPage {
    messages: Vec<Shown>,
}

async fn messages(State(house): State<IamSmart>) -> Result<Response, Refused> {
    let read = async || {
        let sql = "SELECT person, title, body, language, taken_at, times_sent FROM iam_smart_pushes ORDER BY taken_at DESC LIMIT $1";
        let client = house.frame.client().await?;
        let rows = client.query(sql, &[&SHOWN_MAX]).await?;
        rows.iter()
            .map(|row| {
                Ok::<_, BooksError>(Shown {
                    person: row.try_get(0)?,
                    title: row.try_get(1)?,
                    body: row.try_get(2)?,
                    language: row.try_get(3)?,
                    taken_at: row.try_get(4)?,
                    times_sent: row.try_get(5)?,
                })
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let messages = read().await.map_err(Problem::from)?;
    Ok(page(StatusCode::OK, &MessagesPage { messages }))
}
