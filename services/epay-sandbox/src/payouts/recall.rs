//! A payment is asked back: by the payer's bank, which the customer is told (camt.056), and by the customer, which the payee is
//! asked and the answer told (camt.029).
//!
//! `POST /payouts/recalls` plays the payer's bank. Nothing moves because somebody asks: a customer that agrees sends a
//! payment order of its own; a payee that agrees has the payment returned.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::Row;

use super::investigation::{self, Asked, Resolved};
use super::store;
use super::{NAME, NOTICES_PATH, Payouts, RECALL_REFUSED, settle};
use crate::api::Problem;
use crate::api::problem::Body;
use crate::bank::message_id;
use crate::books::{BooksError, Sql, interbank_account};
use crate::frame::{Alarm, DueWork, NewNotice, Start, Writing};

/// The work that answers a customer.
pub(super) const ANSWER: &str = "recall";
/// The reason of a return after a recall: following a cancellation request (`ExternalReturnReason1Code`).
const GIVEN_BACK: &str = "FOCR";

pub(super) fn routes() -> Router<Payouts> {
    Router::new().route("/recalls", post(ask))
}

/// What a payer's bank wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The credit, by the bank's reference.
    bank_reference: String,
    /// A code of `ExternalCancellationReason1Code`; `DUPL` when absent.
    reason: Option<String>,
}

/// The case that was opened.
#[derive(Debug, Serialize)]
struct Opened {
    case_id: String,
}

async fn ask(
    State(payouts): State<Payouts>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Opened>, Problem> {
    let reason = wanted.reason.as_deref().unwrap_or("DUPL");
    if !investigation::is_code(reason) {
        return Err(Problem::bad_request(
            "reason",
            "a reason is 1 to 4 capital letters or digits",
        ));
    }
    let now = payouts.frame.now();
    let mut client = payouts.frame.client().await?;
    let Some(credit) = credit(&client, &wanted.bank_reference).await? else {
        return Err(Problem::not_found(
            "there is no payment with this reference",
        ));
    };
    let case_id = message_id(&mut rand::rng());
    let body = investigation::request(&case_id, &credit, reason, now).map_err(BooksError::from)?;
    let writing = Writing::begin(&mut client, NAME, now).await?;
    let case = Case {
        case_id: case_id.clone(),
        direction: "to_customer".to_owned(),
        bank_reference: wanted.bank_reference,
        reason: reason.to_owned(),
        answer: None,
        answer_reason: None,
    };
    open(writing.sql(), &case, now).await?;
    tell(&writing, &case_id, &case_id, &body).await?;
    writing.commit().await?;
    payouts.frame.wake();
    Ok(Json(Opened { case_id }))
}

/// A customer wants what an order sent. The payee is asked at once; `false` when the case is open already.
pub(super) async fn take(
    writing: &Writing<'_>,
    asked: &Asked,
    bank_reference: &str,
) -> Result<bool, BooksError> {
    let case = Case {
        case_id: asked.case_id.clone(),
        direction: "from_customer".to_owned(),
        bank_reference: bank_reference.to_owned(),
        reason: asked.reason.clone(),
        answer: None,
        answer_reason: None,
    };
    if !open(writing.sql(), &case, writing.now()).await? {
        return Ok(false);
    }
    let order = Value::from(asked.order_id.as_str());
    writing
        .timer(ANSWER, &asked.case_id, writing.now(), &order)
        .await?;
    Ok(true)
}

/// Asks the payee, gives the payment back where they agree, and tells the customer.
pub(super) async fn answer(work: &DueWork, alarm: Alarm<'_>) -> Result<(), BooksError> {
    let mut client = alarm.frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
    if !writing.finish(work).await? {
        return Ok(());
    }
    let order_id = work.body.as_str().unwrap_or_default();
    if let Some(order) = store::order(writing.sql(), order_id).await? {
        let payee = store::creditor(writing.sql(), &order.creditor_account).await?;
        let refused = match order.faults.on(&RECALL_REFUSED) {
            Some(fault) => fault.value.clone(),
            // Already returned, or spent.
            None if order.state != "PAID" => Some("ARDT".to_owned()),
            None => payee
                .as_ref()
                .filter(|held| held.balance_cents < order.amount_cents)
                .map(|_spent| "AM04".to_owned()),
        };
        let word = if refused.is_some() { "RJCR" } else { "CNCL" };
        close(writing.sql(), &work.subject, word, refused.as_deref()).await?;
        let resolved = Resolved {
            case_id: work.subject.clone(),
            answer: word.to_owned(),
            reason: refused.clone(),
        };
        let id = message_id(&mut rand::rng());
        let body = investigation::resolution(&id, &resolved, &order, alarm.now)?;
        tell(&writing, &id, &work.subject, &body).await?;
        if refused.is_none() {
            let interbank = interbank_account(&order.currency);
            let from = payee.map_or(interbank, |held| held.account);
            settle::credit_again(&writing, &order, &from, GIVEN_BACK).await?;
        }
    }
    writing.commit().await?;
    alarm.frame.wake();
    Ok(())
}

async fn tell(
    writing: &Writing<'_>,
    message_id: &str,
    case_id: &str,
    body: &str,
) -> Result<(), BooksError> {
    writing
        .notice(&NewNotice {
            message_id,
            path: NOTICES_PATH,
            content_type: "application/xml",
            body,
            subject: Some(case_id),
            extra: Value::Null,
            start: Start::At(writing.now()),
        })
        .await
}

/// A credit that is wanted back.
#[derive(Debug, Clone)]
pub(super) struct Credit {
    pub(super) bank_reference: String,
    pub(super) fps_reference: String,
    pub(super) end_to_end_id: String,
    pub(super) transaction_id: String,
    pub(super) payer_name: String,
    pub(super) account: String,
    pub(super) amount_cents: i64,
    pub(super) currency: String,
    pub(super) reference: Option<String>,
    pub(super) booked_at: Timestamp,
}

async fn credit(client: &impl Sql, bank_reference: &str) -> Result<Option<Credit>, BooksError> {
    let sql = "SELECT bank_reference, fps_reference, end_to_end_id, transaction_id, payer_name, payee_account, amount_cents,
                   currency, reference, booked_at
               FROM transactions WHERE bank_reference = $1 AND kind = 'payment'";
    let row = client.query_opt(sql, &[&bank_reference]).await?;
    row.map(|row| {
        Ok(Credit {
            bank_reference: row.try_get(0)?,
            fps_reference: row.try_get(1)?,
            end_to_end_id: row.try_get(2)?,
            transaction_id: row.try_get(3)?,
            payer_name: row.try_get(4)?,
            account: row.try_get(5)?,
            amount_cents: row.try_get(6)?,
            currency: row.try_get(7)?,
            reference: row.try_get(8)?,
            booked_at: row.try_get(9)?,
        })
    })
    .transpose()
}

/// A request to have a payment back, as the bank keeps it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) case_id: String,
    pub(super) direction: String,
    pub(super) bank_reference: String,
    pub(super) reason: String,
    pub(super) answer: Option<String>,
    pub(super) answer_reason: Option<String>,
}

async fn open(client: &impl Sql, case: &Case, at: Timestamp) -> Result<bool, BooksError> {
    let sql = "INSERT INTO payout_recalls (case_id, direction, bank_reference, reason, asked_at)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (case_id) DO NOTHING";
    let Case {
        case_id,
        direction,
        bank_reference,
        reason,
        ..
    } = case;
    let added = client
        .execute(sql, &[case_id, direction, bank_reference, reason, &at])
        .await?;
    Ok(added > 0)
}

/// Notes an answer, once. `false` when there is no such case, or it was answered otherwise.
pub(super) async fn close(
    client: &impl Sql,
    case_id: &str,
    answer: &str,
    reason: Option<&str>,
) -> Result<bool, BooksError> {
    let sql = "UPDATE payout_recalls SET answer = $2, answer_reason = $3
               WHERE case_id = $1 AND coalesce(answer, $2) = $2";
    let closed = client.execute(sql, &[&case_id, &answer, &reason]).await?;
    Ok(closed > 0)
}

/// The newest cases, newest first.
pub(super) async fn newest(client: &impl Sql, limit: i64) -> Result<Vec<Case>, BooksError> {
    let sql = "SELECT case_id, direction, bank_reference, reason, answer, answer_reason FROM payout_recalls
               ORDER BY sequence DESC LIMIT $1";
    let rows = client.query(sql, &[&limit]).await?;
    let read = |row: &Row| {
        Ok(Case {
            case_id: row.try_get(0)?,
            direction: row.try_get(1)?,
            bank_reference: row.try_get(2)?,
            reason: row.try_get(3)?,
            answer: row.try_get(4)?,
            answer_reason: row.try_get(5)?,
        })
    };
    rows.iter().map(read).collect()
}
