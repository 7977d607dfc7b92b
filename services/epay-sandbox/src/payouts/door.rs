//! Where customers post payment orders.
//!
//! In this order: the channel's seal; a repeat by its message id, which is answered as things stand and changes nothing; the
//! rules; the faults; then the order is kept, with the due work that pays it, in one commit. Under one message id with
//! other bytes nothing is said about the first one: `409`.

use std::io;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::order::{self, NoOrder, PaymentOrder};
use super::rules::{self, Known};
use super::store::{self, Kept};
use super::{MENU, NAME, Payouts, RAIL, Sealed, settle, status};
use crate::api::Problem;
use crate::bank::message_id;
use crate::books::BooksError;
use crate::channel::signature::sha256_hex;
use crate::faults::menu::{DECLINED, NEVER, UNKNOWN};
use crate::frame::Writing;
use crate::hk_time::business_date;

/// Bytes of one order.
const BODY_BYTES_MAX: usize = 64 * 1024;

pub(super) fn routes() -> Router<Payouts> {
    Router::new()
        .route("/orders", post(take))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

async fn take(
    State(payouts): State<Payouts>,
    sealed: Sealed,
    body: Bytes,
) -> Result<Response, Problem> {
    if !payouts.believes(&sealed, &body) {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    }
    let now = payouts.frame.now();
    let order = match order::read(&body) {
        Ok(order) => order,
        Err(NoOrder::Field {
            message_id: order_id,
            ..
        }) => {
            let id = message_id(&mut rand::rng());
            let report = status::refuse_whole(&id, &order_id, now).map_err(BooksError::from)?;
            return Ok(xml(report));
        }
        Err(unread) => return Err(Problem::bad_request("order", &unread.to_string())),
    };
    let sha256 = sha256_hex(&body);
    let client = payouts.frame.client().await?;
    if let Some(there) = store::order(&client, &order.message_id).await? {
        return if there.body_sha256 == sha256 {
            answer(&there, now)
        } else {
            Ok(StatusCode::CONFLICT.into_response())
        };
    }
    drop(client);
    let new = payouts.judge(&order, sha256, now).await?;
    if !payouts.keep(&new, now).await? {
        // The same order, or another for the same payment, came a moment ago: the sender asks again and is told.
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    answer(&new, now)
}

impl Payouts {
    async fn judge(
        &self,
        order: &PaymentOrder,
        body_sha256: String,
        now: Timestamp,
    ) -> Result<Kept, BooksError> {
        let client = self.frame.client().await?;
        let debtor = store::debtor(&client, order.debtor_scheme.as_deref(), &order.debtor).await?;
        let creditor = store::creditor(&client, &order.creditor_account).await?;
        let known = Known {
            debtor: debtor.as_ref(),
            creditor: creditor.as_ref(),
            closed: &self.settings.closed_accounts,
            repeated: store::is_ordered(&client, &order.end_to_end_id).await?,
            today: business_date(now),
        };
        drop(client);
        let texts = [
            order.creditor_name.as_str(),
            order.remittance.as_str(),
            order.end_to_end_id.as_str(),
        ];
        let faults = self.frame.faults.take(RAIL, MENU, &texts).await?;
        let ordered = faults.on(&DECLINED).map(|fault| fault.value.clone());
        let ordered = ordered.map(|reason| reason.unwrap_or_else(|| "AC04".to_owned()));
        let reason = rules::refuse(order, known).map(str::to_owned).or(ordered);
        Ok(Kept {
            message_id: order.message_id.clone(),
            end_to_end_id: order.end_to_end_id.clone(),
            body_sha256,
            debtor_account: debtor.map_or_else(|| order.debtor.clone(), |held| held.account),
            creditor_bank: order.creditor_bank.clone(),
            creditor_account: order.creditor_account.clone(),
            creditor_name: order.creditor_name.clone(),
            amount_cents: order.amount_cents,
            currency: order.currency.clone(),
            remittance: order.remittance.clone(),
            state: if reason.is_some() {
                "REJECTED"
            } else {
                "ACCEPTED"
            }
            .to_owned(),
            reason,
            bank_reference: None,
            faults,
            received_at: now,
        })
    }

    async fn keep(&self, new: &Kept, now: Timestamp) -> Result<bool, BooksError> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        if !store::keep(writing.sql(), new).await? {
            return Ok(false);
        }
        if new.state == "ACCEPTED" {
            let at = known_at(new);
            let nothing = Value::Null;
            writing
                .timer(settle::PAY, &new.message_id, at, &nothing)
                .await?;
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(true)
    }
}

/// When the outcome is known: at once, unless it is to be unknown for a while.
fn known_at(order: &Kept) -> Timestamp {
    let seconds = order.faults.on(&UNKNOWN).map_or(0, |fault| fault.number());
    let at = order
        .received_at
        .saturating_add(SignedDuration::from_secs(seconds));
    at.unwrap_or(order.received_at)
}

/// The order as it stands; nothing when nobody is to know.
fn answer(order: &Kept, now: Timestamp) -> Result<Response, Problem> {
    if order.faults.on(&NEVER).is_some() {
        return Ok(broken());
    }
    if now < known_at(order) {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    let word = match order.state.as_str() {
        "ACCEPTED" => "ACSP",
        "REJECTED" => "RJCT",
        _ => "ACSC",
    };
    let id = message_id(&mut rand::rng());
    let report = settle::report(order, &id, word, now).map_err(BooksError::from)?;
    Ok(xml(report))
}

fn xml(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

/// An answer that breaks off before anything of it can be read.
fn broken() -> Response {
    let cut: Result<Bytes, io::Error> = Err(io::Error::other("lost on the way"));
    Body::from_stream(futures_util::stream::once(std::future::ready(cut))).into_response()
}
