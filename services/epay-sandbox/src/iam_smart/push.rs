//! Messages to people's telephones, as the gateway's `docs/iam-smart-push.md` has it: no shape is public.
//!
//! In this order: seal and signature; the message's shape; a repeat by its name, which is answered as the first time; the faults; then the
//! message and its receipt are kept in one commit. A message that is not taken leaves nothing behind, and may come again.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{Code, plain};
use super::menu::{PUSH_MENU, RAIL, SWITCHED_OFF};
use super::{IamSmart, NAME};
use crate::api::{Problem, broken_off};
use crate::arrivals::receipt::{self, Carrier};
use crate::arrivals::rules::{BUSY, LOST_ANSWER, fate};
use crate::arrivals::store::{self, Kept, New};
use crate::books::BooksError;
use crate::channel::signature::sha256_hex;
use crate::faults::Chosen;

/// Longest texts of a message.
const TITLE_CHARS_MAX: usize = 200;
const BODY_CHARS_MAX: usize = 2_000;
const NAME_BYTES_MAX: usize = 36;
const CARRIER: Carrier = Carrier {
    name: NAME,
    prefix: "PUSH",
    path: "/channels/iam-smart/receipts",
};

pub(super) fn routes() -> Router<IamSmart> {
    Router::new().route("/api/v1/push/send", post(send))
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

impl Message {
    fn fits(&self) -> bool {
        let name = self.business_id.as_bytes();
        self.title.chars().count() <= TITLE_CHARS_MAX
            && (1..=BODY_CHARS_MAX).contains(&self.body.chars().count())
            && (1..=NAME_BYTES_MAX).contains(&name.len())
            && name.iter().all(u8::is_ascii_graphic)
    }

    /// Of everything but its name.
    fn digest(&self) -> String {
        let parts = [&self.open_id, &self.title, &self.body, &self.lang];
        sha256_hex(parts.map(String::as_str).join("\0").as_bytes())
    }
}

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
    if !message.fits() {
        return Ok(plain(Code::Unreadable, Value::Null));
    }
    let Some(person) = house.settings.person(&message.open_id) else {
        return Ok(plain(Code::NotGood, Value::Null));
    };
    let known = {
        let client = house.frame.client().await?;
        store::is_known(&client, NAME, &message.business_id).await?
    };
    let faults = if known {
        Chosen::default()
    } else {
        let texts = [person, message.title.as_str()];
        house.frame.faults.take(RAIL, PUSH_MENU, &texts).await?
    };
    if faults.on(&BUSY).is_some() {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    if faults.on(&SWITCHED_OFF).is_some() {
        return Ok(plain(Code::SwitchedOff, Value::Null));
    }
    let kept = house.keep_push(message, person, &faults).await?;
    if !kept.is_same {
        return Ok(plain(Code::NameReused, Value::Null));
    }
    if faults.on(&LOST_ANSWER).is_some() {
        return Ok(broken_off());
    }
    Ok(opened.answer(&json!({ "messageID": reference(kept.sequence) })))
}

impl IamSmart {
    /// Keeps a message with its receipt. One whose name another message has is left alone.
    async fn keep_push(
        &self,
        message: &Message,
        person: &str,
        faults: &Chosen,
    ) -> Result<Kept, BooksError> {
        let new = New {
            channel: NAME,
            name: &message.business_id,
            sender: &self.settings.service_name,
            recipient: person,
            language: &message.lang,
            title: &message.title,
            body: &message.body,
            order_sha256: &message.digest(),
            fate: fate(faults),
        };
        let told = |sequence, completed_at: String| {
            json!({
                "businessID": message.business_id,
                "messageID": reference(sequence),
                "status": new.fate,
                "completedAt": completed_at,
            })
        };
        receipt::keep(&self.frame, &CARRIER, &new, faults, told).await
    }
}

/// Our name for a message.
fn reference(sequence: i64) -> String {
    format!("P-{sequence:09}")
}
