//! Filling in a form: a service asks for fields by name, the person sees which and says yes or no, and what was given goes to the
//! service's callback, sealed with a key that the callback brings along.
//!
//! Where a browser goes with a ticket, and the frame of the callback, are ours: neither is public.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::envelope::{Code, plain, seal};
use super::menu::{FORM_MENU, RAIL, WRONG_STATE};
use super::sign_in::escaped;
use super::{IamSmart, NAME};
use crate::api::Problem;
use crate::books::{BooksError, Sql};
use crate::faults::Chosen;
use crate::faults::menu::TWICE;
use crate::frame::{NewNotice, Start, Writing};
use crate::pages::view::{Refused, page};

/// Most bytes of a service's name for a request.
const NAME_BYTES_MAX: usize = 36;
/// Most fields of a request.
const FIELDS_MAX: usize = 20;
/// Longest text of a request.
const TEXT_CHARS_MAX: usize = 1_024;
/// Where callbacks are posted.
const CALLBACK_PATH: &str = "/channels/iam-smart/forms";

pub(super) fn routes() -> Router<IamSmart> {
    Router::new()
        .route("/api/v1/formFilling/initiateRequest", post(ask))
        .route("/api/v1/formFilling/getQR", get(begin))
        .route("/forms/{ticket}", get(show).post(answer))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(rename = "businessID")]
    business_id: String,
    access_token: String,
    #[serde(rename = "openID")]
    open_id: String,
    #[serde(rename = "redirectURI")]
    redirect: String,
    state: String,
    form_name: String,
    form_desc: String,
    profile_fields: Vec<String>,
    #[serde(rename = "eMEFields")]
    own_fields: Vec<String>,
}

impl Asked {
    fn fits(&self) -> bool {
        let name = self.business_id.as_bytes();
        let texts = [
            &self.redirect,
            &self.state,
            &self.form_name,
            &self.form_desc,
        ];
        let fields = self.fields();
        (1..=NAME_BYTES_MAX).contains(&name.len())
            && name.iter().all(u8::is_ascii_graphic)
            && texts.iter().all(|text| text.len() <= TEXT_CHARS_MAX)
            && (1..=FIELDS_MAX).contains(&fields.len())
            && fields.iter().all(|field| field.len() <= NAME_BYTES_MAX)
    }

    fn fields(&self) -> Vec<&str> {
        let fields = self.profile_fields.iter().chain(&self.own_fields);
        fields.map(String::as_str).collect()
    }
}

/// Takes a request. The same name again is the same request.
async fn ask(
    State(house): State<IamSmart>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Problem> {
    let opened = match house.opened::<Asked>(&headers, &body).await? {
        Ok(opened) => opened,
        Err(answer) => return Ok(answer),
    };
    let asked = &opened.asked;
    if !asked.fits() || !house.settings.may_return_to(&asked.redirect) {
        return Ok(plain(Code::Unreadable, Value::Null));
    }
    let client = house.frame.client().await?;
    let (id, now) = (&house.settings.client_id, house.frame.now());
    // The token must be of this person, good, and for filling in forms.
    let sql = "SELECT person FROM iam_smart_tokens WHERE access_token = $1 AND client_id = $2 AND expires_at > $3 AND scope LIKE '%formFilling%'";
    let row = client
        .query_opt(sql, &[&asked.access_token, id, &now])
        .await
        .map_err(BooksError::from)?;
    let person: Option<String> = row
        .map(|row| row.try_get(0))
        .transpose()
        .map_err(BooksError::from)?;
    let person = person.filter(|person| house.settings.open_id(person) == asked.open_id);
    let Some(person) = person else {
        return Ok(plain(Code::NotGood, Value::Null));
    };
    let sql = "INSERT INTO iam_smart_forms (ticket_id, client_id, business_id, person, redirect, state, form_name, description, fields, asked_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               ON CONFLICT (client_id, business_id) DO UPDATE SET client_id = iam_smart_forms.client_id RETURNING ticket_id";
    let ticket = Uuid::new_v4().simple().to_string();
    let row = client
        .query_one(
            sql,
            &[
                &ticket,
                id,
                &asked.business_id,
                &person,
                &asked.redirect,
                &asked.state,
                &asked.form_name,
                &asked.form_desc,
                &asked.fields(),
                &now,
            ],
        )
        .await
        .map_err(BooksError::from)?;
    let ticket: String = row.try_get(0).map_err(BooksError::from)?;
    Ok(opened.answer(&json!({ "ticketID": ticket, "authByQR": true })))
}

#[derive(Deserialize)]
struct Ticket {
    #[serde(rename = "ticketID")]
    ticket: String,
}

async fn begin(Query(asked): Query<Ticket>) -> Redirect {
    Redirect::to(&format!("/iam-smart/forms/{}", escaped(&asked.ticket)))
}

struct FormRow {
    business_id: String,
    person: String,
    redirect: String,
    state: String,
    form_name: String,
    description: String,
    fields: Vec<String>,
}

#[derive(Template)]
#[template(path = "iam_smart/form.html")]
struct FormPage<'a> {
    service: &'a str,
    ticket: &'a str,
    person: &'a str,
    form_name: &'a str,
    description: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

impl IamSmart {
    async fn form(&self, ticket: &str) -> Result<FormRow, Refused> {
        let sql = "SELECT business_id, person, redirect, state, form_name, description, fields FROM iam_smart_forms
                   WHERE ticket_id = $1 AND answer IS NULL";
        let client = self.frame.client().await.map_err(Problem::from)?;
        let read = async || {
            let row = client.query_opt(sql, &[&ticket]).await?;
            row.map(|row| {
                Ok::<_, BooksError>(FormRow {
                    business_id: row.try_get(0)?,
                    person: row.try_get(1)?,
                    redirect: row.try_get(2)?,
                    state: row.try_get(3)?,
                    form_name: row.try_get(4)?,
                    description: row.try_get(5)?,
                    fields: row.try_get(6)?,
                })
            })
            .transpose()
        };
        let found = read().await.map_err(Problem::from)?;
        let absent = "There is no such form, or it was answered.".to_owned();
        Ok(found.ok_or_else(|| Problem::bad_form(404, absent))?)
    }

    /// What a person has for a field; nothing for most.
    fn field<'a>(&'a self, person: &str, field: &str) -> &'a str {
        let own = self.settings.own_fields.get(person);
        own.and_then(|fields| fields.get(field))
            .map_or("", String::as_str)
    }
}

async fn show(
    State(house): State<IamSmart>,
    Path(ticket): Path<String>,
) -> Result<Response, Refused> {
    let form = house.form(&ticket).await?;
    let fields = form.fields.iter();
    Ok(page(
        StatusCode::OK,
        &FormPage {
            service: &house.settings.service_name,
            ticket: &ticket,
            person: &form.person,
            form_name: &form.form_name,
            description: &form.description,
            fields: fields
                .map(|name| (name.as_str(), house.field(&form.person, name)))
                .collect(),
        },
    ))
}

#[derive(Deserialize)]
struct Pressed {
    #[serde(rename = "do")]
    button: String,
}

async fn answer(
    State(house): State<IamSmart>,
    Path(ticket): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, Refused> {
    let form = house.form(&ticket).await?;
    let (answer, code) = match pressed.button.as_str() {
        "approve" => ("approve", "D00000"),
        "refuse" => ("refuse", "D40001"),
        _ => ("cancel", "D40000"),
    };
    let texts = [form.person.as_str()];
    let faults = house.frame.faults.take(RAIL, FORM_MENU, &texts).await;
    let faults = faults.map_err(Problem::from)?;
    let callback = house.callback(&form, code, &faults);
    let told = house.tell((&ticket, answer), callback, &faults).await;
    if !told.map_err(Problem::from)? {
        let words = "This form was answered before.".to_owned();
        return Err(Problem::bad_form(409, words).into());
    }
    let joint = if form.redirect.contains('?') {
        '&'
    } else {
        '?'
    };
    let error = match code {
        "D00000" => String::new(),
        code => format!("&error_code={code}"),
    };
    let state = escaped(&form.state);
    Ok(Redirect::to(&format!("{}{joint}state={state}{error}", form.redirect)).into_response())
}

impl IamSmart {
    /// What the service is told; nothing where nothing can be sealed for it.
    fn callback(&self, form: &FormRow, code: &str, faults: &Chosen) -> Option<Value> {
        let state = if faults.on(&WRONG_STATE).is_some() {
            "another"
        } else {
            form.state.as_str()
        };
        let mut content =
            BTreeMap::from([("businessID", form.business_id.as_str()), ("state", state)]);
        if code == "D00000" {
            let fields = form.fields.iter().map(String::as_str);
            let given = fields.map(|field| (field, self.field(&form.person, field)));
            content.extend(given.filter(|(_field, value)| !value.is_empty()));
        }
        let key: [u8; 32] = rand::random();
        Some(json!({
            "txID": Uuid::new_v4().simple().to_string(),
            "code": code,
            "message": "",
            "secretKey": self.sealed_for_the_service(&key)?,
            "content": seal(&key, &serde_json::to_vec(&content).ok()?)?,
        }))
    }

    /// Keeps the answer with what is told of it, in one commit; whether it was the first.
    async fn tell(
        &self,
        (ticket, answer): (&str, &str),
        callback: Option<Value>,
        faults: &Chosen,
    ) -> Result<bool, BooksError> {
        let now = self.frame.now();
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        let sql = "UPDATE iam_smart_forms SET answer = $2, answered_at = $3 WHERE ticket_id = $1 AND answer IS NULL";
        let rows = writing
            .sql()
            .execute(sql, &[&ticket, &answer, &now])
            .await?;
        if rows == 0 {
            return Ok(false);
        }
        let copies = if faults.on(&TWICE).is_some() { 2 } else { 1 };
        for copy in 1..=copies {
            let Some(body) = &callback else { break };
            writing
                .notice(&NewNotice {
                    message_id: &format!("FORM-{ticket}-{copy}"),
                    path: CALLBACK_PATH,
                    content_type: "application/json",
                    body: &body.to_string(),
                    subject: Some(ticket),
                    extra: Value::Null,
                    start: Start::with(faults, now),
                })
                .await?;
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(true)
    }
}
