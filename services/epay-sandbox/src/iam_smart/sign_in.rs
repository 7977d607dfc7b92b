//! The page to which a browser is sent, with the person's telephone on it, and what the code is exchanged for.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::IamSmart;
use super::envelope::{Code, plain};
use crate::api::Problem;
use crate::books::{BooksError, Sql};
use crate::pages::view::{Refused, page};

/// For how long a code is good.
const CODE_SECONDS_MAX: i64 = 60;
/// Longest text of a query.
const TEXT_CHARS_MAX: usize = 1_024;

pub(super) fn routes() -> Router<IamSmart> {
    Router::new()
        .route("/api/v1/auth/getQR", get(begin))
        .route("/sign-ins/{sign_in}", get(show).post(answer))
        .route("/api/v1/auth/getToken", post(token))
}

/// What a service sends along with the browser.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(rename = "clientID")]
    client_id: String,
    response_type: String,
    #[serde(rename = "redirectURI")]
    redirect: String,
    scope: String,
    state: String,
}

/// Keeps the sign-in and shows the telephone. A service that is not known, or an address that is not its own, ends here: nobody is
/// sent anywhere.
async fn begin(
    State(house): State<IamSmart>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    let texts = [&asked.redirect, &asked.scope, &asked.state];
    let known = asked.client_id == house.settings.client_id
        && asked.response_type == "code"
        && texts.iter().all(|text| text.len() <= TEXT_CHARS_MAX)
        && house.settings.may_return_to(&asked.redirect);
    if !known {
        let words = "This service is not known here, or the address of its return is not its own.";
        return Err(Problem::bad_form(400, words.to_owned()).into());
    }
    let id = Uuid::new_v4().simple().to_string();
    let sql = "INSERT INTO iam_smart_sign_ins (sign_in_id, client_id, redirect, state, scope, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let client = house.frame.client().await.map_err(Problem::from)?;
    client
        .execute(
            sql,
            &[
                &id,
                &asked.client_id,
                &asked.redirect,
                &asked.state,
                &asked.scope,
                &house.frame.now(),
            ],
        )
        .await
        .map_err(|cause| Problem::from(BooksError::from(cause)))?;
    Ok(Redirect::to(&format!("/iam-smart/sign-ins/{id}")).into_response())
}

#[derive(Template)]
#[template(path = "iam_smart/sign_in.html")]
struct SignInPage<'a> {
    service: &'a str,
    sign_in: &'a str,
    people: &'a [String],
    wants_form: bool,
}

struct SignIn {
    redirect: String,
    state: String,
    scope: String,
}

impl IamSmart {
    async fn sign_in(&self, id: &str) -> Result<SignIn, Refused> {
        let sql = "SELECT redirect, state, scope FROM iam_smart_sign_ins WHERE sign_in_id = $1 AND ended_at IS NULL";
        let client = self.frame.client().await.map_err(Problem::from)?;
        let read = async || {
            let row = client.query_opt(sql, &[&id]).await?;
            row.map(|row| {
                Ok::<_, BooksError>(SignIn {
                    redirect: row.try_get(0)?,
                    state: row.try_get(1)?,
                    scope: row.try_get(2)?,
                })
            })
            .transpose()
        };
        let found = read().await.map_err(Problem::from)?;
        let absent = "There is no such sign-in, or it has ended.".to_owned();
        Ok(found.ok_or_else(|| Problem::bad_form(404, absent))?)
    }
}

async fn show(State(house): State<IamSmart>, Path(id): Path<String>) -> Result<Response, Refused> {
    let sign_in = house.sign_in(&id).await?;
    Ok(page(
        StatusCode::OK,
        &SignInPage {
            service: &house.settings.service_name,
            sign_in: &id,
            people: &house.settings.people,
            wants_form: sign_in.scope.contains("formFilling"),
        },
    ))
}

/// What the person presses.
#[derive(Deserialize)]
struct Pressed {
    #[serde(default)]
    person: String,
    #[serde(rename = "do")]
    button: String,
}

async fn answer(
    State(house): State<IamSmart>,
    Path(id): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, Refused> {
    let sign_in = house.sign_in(&id).await?;
    let person = house
        .settings
        .people
        .iter()
        .find(|person| **person == pressed.person);
    let (code, query) = match (pressed.button.as_str(), person) {
        ("approve", Some(_)) => {
            // A plus and a slash, as real codes have them: a service must cope with both.
            let code = format!("{}+/{}", Uuid::new_v4().simple(), &id);
            let query = format!("code={}", escaped(&code));
            (Some(code), query)
        }
        ("refuse", _) => (None, "error_code=D40001".to_owned()),
        _ => (None, "error_code=D40000".to_owned()),
    };
    let sql = "UPDATE iam_smart_sign_ins SET code = $2, person = $3, ended_at = $4 WHERE sign_in_id = $1 AND ended_at IS NULL";
    let person = code.as_ref().and(person);
    let client = house.frame.client().await.map_err(Problem::from)?;
    let ended = client
        .execute(sql, &[&id, &code, &person, &house.frame.now()])
        .await
        .map_err(|cause| Problem::from(BooksError::from(cause)))?;
    if ended == 0 {
        let words = "This sign-in was answered before.".to_owned();
        return Err(Problem::bad_form(409, words).into());
    }
    let joint = if sign_in.redirect.contains('?') {
        '&'
    } else {
        '?'
    };
    let state = escaped(&sign_in.state);
    let back = format!("{}{joint}{query}&state={state}", sign_in.redirect);
    Ok(Redirect::to(&back).into_response())
}

/// A text for a query.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Asks for a token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenAsked {
    code: String,
    grant_type: String,
}

async fn token(
    State(house): State<IamSmart>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    let opened = match house.opened::<TokenAsked>(&headers, &body).await? {
        Ok(opened) => opened,
        Err(answer) => return Ok(answer),
    };
    let now = house.frame.now();
    let oldest = now
        .saturating_sub(SignedDuration::from_secs(CODE_SECONDS_MAX))
        .unwrap_or(now);
    // Used in the same statement that finds it, so that a code is good once whoever asks at the same time.
    let sql = "UPDATE iam_smart_sign_ins SET used_at = $2
               WHERE code = $1 AND client_id = $3 AND used_at IS NULL AND ended_at >= $4 RETURNING person, scope";
    let client = house.frame.client().await?;
    let row = client
        .query_opt(
            sql,
            &[&opened.asked.code, &now, &house.settings.client_id, &oldest],
        )
        .await
        .map_err(BooksError::from)?;
    let good = opened.asked.grant_type == "authorization_code";
    let Some(row) = row.filter(|_row| good) else {
        return Ok(plain(Code::NotGood, Value::Null));
    };
    let (person, scope): (String, String) = (
        row.try_get(0).map_err(BooksError::from)?,
        row.try_get(1).map_err(BooksError::from)?,
    );
    let token = Uuid::new_v4().simple().to_string();
    let life = SignedDuration::from_secs(house.settings.token_seconds);
    let sql = "INSERT INTO iam_smart_tokens (access_token, client_id, person, issued_at, expires_at, scope) VALUES ($1, $2, $3, $4, $5, $6)";
    let expires = now.saturating_add(life).unwrap_or(now);
    client
        .execute(
            sql,
            &[
                &token,
                &house.settings.client_id,
                &person,
                &now,
                &expires,
                &scope,
            ],
        )
        .await
        .map_err(BooksError::from)?;
    Ok(opened.answer(&json!({
        "accessToken": token,
        "tokenType": "Bearer",
        "issueAt": now.as_millisecond(),
        "expiresIn": house.settings.token_seconds.saturating_mul(1_000),
        "openID": house.settings.open_id(&person),
        "scope": scope,
    })))
}
