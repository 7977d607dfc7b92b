//! The collecting bank's drop box: a cheque is put under the payment's reference, and asked about there.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router};
use deadpool_postgres::Client;
use jiff::civil::{Date, Weekday, time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::store::{self, Presentment};
use super::{ECheque, MENU, NAME, RAIL};
use crate::api::Problem;
use crate::books::BooksError;
use crate::faults::Chosen;
use crate::faults::menu::{DECLINED, UNKNOWN};
use crate::frame::Writing;
use crate::hk_time::{business_date, offset_text};
use crate::money::format_cents;

/// Bytes of a cheque.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(super) fn routes() -> Router<ECheque> {
    Router::new()
        .route("/drop-box/presentments/{reference}", put(present).get(ask))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// A request with everything that the channel signs.
type Sealed = (Method, OriginalUri, HeaderMap);

async fn present(
    State(echeque): State<ECheque>,
    Path(reference): Path<String>,
    sealed: Sealed,
    body: Bytes,
) -> Result<Response, Problem> {
    if !echeque.believes(&sealed, &body) {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    }
    let now = echeque.frame.now();
    let mut client = echeque.frame.client().await?;
    let file_sha256 = crate::channel::signature::sha256_hex(&body);
    if let Some(there) = store::presentment(&client, &reference).await? {
        return Ok(if there.file_sha256 == file_sha256 {
            answer(&there, now, StatusCode::OK)
        } else {
            StatusCode::CONFLICT.into_response()
        });
    }
    let (_method, _uri, headers) = &sealed;
    let said = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let mut new = Presentment {
        reference,
        item: said("echeque-item"),
        account: said("echeque-account"),
        file_sha256,
        amount_cents: 0,
        state: "RECEIVED".to_owned(),
        reason: None,
        faults: Chosen::default(),
        received_at: now,
        presentation_date: presented_on(now),
    };
    if let Some(reason) = echeque.refuses(&client, &mut new).await? {
        new.state = "REFUSED".to_owned();
        new.reason = Some(reason);
    }
    let writing = Writing::begin(&mut client, NAME, now).await?;
    if !store::add_presentment(writing.sql(), &new).await? {
        // Somebody put it there a moment ago: the sender asks again and is told.
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    if new.state == "RECEIVED" {
        let at = cleared_at(new.presentation_date);
        writing
            .timer("clear", &new.reference, at, &Value::Null)
            .await?;
    }
    writing.commit().await?;
    echeque.frame.wake();
    Ok(answer(&new, now, StatusCode::CREATED))
}

async fn ask(
    State(echeque): State<ECheque>,
    Path(reference): Path<String>,
    sealed: Sealed,
    body: Bytes,
) -> Result<Response, Problem> {
    if !echeque.believes(&sealed, &body) {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    }
    let client = echeque.frame.client().await?;
    Ok(match store::presentment(&client, &reference).await? {
        Some(there) => answer(&there, echeque.frame.now(), StatusCode::OK),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

impl ECheque {
    fn believes(&self, (method, uri, headers): &Sealed, body: &[u8]) -> bool {
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        // The seal bears the machine's time, whatever the sandbox's clock shows.
        let machine_now = Timestamp::now();
        self.frame
            .channel
            .verifies(headers, method, target, body, machine_now)
    }

    /// Fills in what is known of the cheque; the reason when it is not taken.
    async fn refuses(
        &self,
        client: &Client,
        new: &mut Presentment,
    ) -> Result<Option<String>, BooksError> {
        let Some(issued) = store::issued_as(client, &new.file_sha256).await? else {
            return Ok(Some("the paying bank did not issue this file".to_owned()));
        };
        new.amount_cents = issued.amount_cents;
        if issued.item != new.item {
            return Ok(Some("the file is another cheque".to_owned()));
        }
        if !store::is_payee(client, &new.account).await? {
            return Ok(Some("there is no such account".to_owned()));
        }
        if store::was_presented(client, &issued.item).await? {
            return Ok(Some("the cheque was presented before".to_owned()));
        }
        let texts = [new.reference.as_str(), &issued.payer_name, &issued.note];
        new.faults = self.frame.faults.take(RAIL, MENU, &texts).await?;
        Ok(new.faults.on(&DECLINED).map(|fault| {
            let why = fault.value.as_deref();
            why.unwrap_or("the clearing house does not take it")
                .to_owned()
        }))
    }
}

/// The state as the drop box says it; nothing for a while when the outcome is to be unknown.
fn answer(there: &Presentment, now: Timestamp, fresh: StatusCode) -> Response {
    if let Some(fault) = there.faults.on(&UNKNOWN) {
        let known_at = there
            .received_at
            .saturating_add(SignedDuration::from_secs(fault.number()));
        if known_at.is_ok_and(|at| now < at) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let mut body = json!({
        "state": state(there, now),
        "account": there.account,
        "item": there.item,
        "amount": format_cents(there.amount_cents),
        "currency": "HKD",
        "received_at": offset_text(there.received_at),
        "presentation_date": there.presentation_date.to_string(),
    });
    if let (Some(fields), Some(reason)) = (body.as_object_mut(), &there.reason) {
        fields.insert("reason".to_owned(), Value::from(reason.as_str()));
    }
    let status = if there.state == "REFUSED" {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        fresh
    };
    (status, Json(body)).into_response()
}

/// What is in the box is presented at the day's cut-off.
fn state(there: &Presentment, now: Timestamp) -> &str {
    if there.state == "RECEIVED" && now >= at(there.presentation_date, CUT_OFF) {
        "PRESENTED"
    } else {
        &there.state
    }
}

/// The drop box's cut-off, and the hour at which returns are known.
const CUT_OFF: jiff::civil::Time = time(17, 30, 0, 0);
const CLEARED: jiff::civil::Time = time(10, 0, 0, 0);

/// The day on which a cheque that comes now is presented.
fn presented_on(now: Timestamp) -> Date {
    let today = business_date(now);
    if is_business_day(today) && now < at(today, CUT_OFF) {
        today
    } else {
        next_business_day(today)
    }
}

/// When it is known whether a cheque is honoured.
fn cleared_at(presented: Date) -> Timestamp {
    at(next_business_day(presented), CLEARED)
}

fn at(day: Date, time: jiff::civil::Time) -> Timestamp {
    let local = day.to_datetime(time);
    let at = Offset::constant(8).to_timestamp(local);
    at.unwrap_or(Timestamp::MAX)
}

/// Monday to Friday: the sandbox's bank knows no holidays.
fn is_business_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn next_business_day(after: Date) -> Date {
    let mut day = after.tomorrow().unwrap_or(after);
    while !is_business_day(day) {
        day = day.tomorrow().unwrap_or(Date::MIN);
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cheque_is_presented_by_half_past_five_and_cleared_on_the_next_business_day() {
        let rows = [
            // Tuesday, Thursday after the cut-off, Friday, Saturday.
            ("2026-01-20T09:29:59Z", "2026-01-20", "2026-01-21T02:00:00Z"),
            ("2026-01-22T09:30:00Z", "2026-01-23", "2026-01-26T02:00:00Z"),
            ("2026-01-23T01:00:00Z", "2026-01-23", "2026-01-26T02:00:00Z"),
            ("2026-01-24T01:00:00Z", "2026-01-26", "2026-01-27T02:00:00Z"),
        ];
        for (now, presented, cleared) in rows {
            let day = presented_on(now.parse().unwrap());
            assert_eq!(day.to_string(), presented, "{now}");
            assert_eq!(cleared_at(day).to_string(), cleared, "{now}");
        }
    }
}
