//! `POST /api/scan`, `/api/pay` and `/api/pay-many`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Problem;
use super::problem::Body;
use crate::bank::{Bank, Booking, DirectInstruction, ImageSource, PayRequest, Scanned};
use crate::books::NoticeState;
use crate::frame::Start;
use crate::hk_time::offset_text;

/// What a payment answers, one a transaction.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Paid {
    bank_reference: String,
    fps_reference: String,
    end_to_end_id: String,
    account: String,
    amount_cents: i64,
    currency: String,
    reference: Option<String>,
    bill_number: Option<String>,
    instructed_at: String,
    booked_at: String,
    /// The first notice, as it was queued.
    notice: Option<NoticeState>,
    /// All notices: two when the fault `duplicate` is on.
    notices: Vec<NoticeState>,
}

/// The answer of a payment.
#[derive(Debug, Serialize)]
pub(super) struct PaidAll {
    transactions: Vec<Paid>,
}

/// The body of `pay-many`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PayMany {
    instructions: Vec<DirectInstruction>,
}

pub(super) async fn scan(
    State(bank): State<Bank>,
    Body(source): Body<ImageSource>,
) -> Result<Json<Scanned>, Problem> {
    Ok(Json(bank.scan(source).await?))
}

pub(super) async fn pay(
    State(bank): State<Bank>,
    Body(request): Body<PayRequest>,
) -> Result<Json<PaidAll>, Problem> {
    Ok(Json(paid_all(bank.pay(request).await?)))
}

pub(super) async fn pay_many(
    State(bank): State<Bank>,
    Body(list): Body<PayMany>,
) -> Result<Json<PaidAll>, Problem> {
    Ok(Json(paid_all(bank.pay_many(list.instructions).await?)))
}

fn paid_all(bookings: Vec<Booking>) -> PaidAll {
    PaidAll {
        transactions: bookings.into_iter().map(paid).collect(),
    }
}

fn paid(booking: Booking) -> Paid {
    let transaction = booking.transaction;
    let notices: Vec<NoticeState> = booking
        .notices
        .into_iter()
        .map(|notice| NoticeState {
            message_id: notice.message_id,
            status: match notice.start {
                Start::At(_) => "queued".to_owned(),
                Start::Held { .. } => "held".to_owned(),
            },
        })
        .collect();
    Paid {
        bank_reference: transaction.bank_reference,
        fps_reference: transaction.fps_reference,
        end_to_end_id: transaction.end_to_end_id,
        account: transaction.payee_account,
        amount_cents: transaction.amount_cents,
        currency: transaction.currency,
        reference: transaction.reference,
        bill_number: transaction.bill_number,
        instructed_at: offset_text(transaction.instructed_at),
        booked_at: offset_text(transaction.booked_at),
        notice: notices.first().cloned(),
        notices,
    }
}
