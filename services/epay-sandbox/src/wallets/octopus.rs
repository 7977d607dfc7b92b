//! An acquirer's words for Octopus, as `docs/octopus-redirect.md` has them.
#![expect(
    clippy::indexing_slicing,
    reason = "an index into a JSON value reads null where there is nothing, and adds a field to an object"
)]

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Wallets;
use super::desk::{By, Closed, Made, New};
use super::kind::Wallet;
use super::proofs::hmac_sign;
use super::refunds::Asked;
use super::rows::{Payment, Refund, State};
use super::web::{Answer, Incoming, path_of};
use crate::books::BooksError;
use crate::frame::{Attempt, Header};
use crate::hk_time::offset_text;

const WALLET: Wallet = Wallet::Octopus;
/// Octopus knows no smaller coin, in cents.
const STEP: i64 = 10;

impl Wallets {
    pub(super) async fn octopus(&self, incoming: &Incoming) -> Result<Answer, BooksError> {
        let bearer = format!("Bearer {}", self.secret("octopus-api-key"));
        if incoming.header("authorization") != bearer {
            return Ok(fault(401, "unauthorised"));
        }
        let segments: Vec<&str> = incoming.path().trim_matches('/').split('/').collect();
        let body = incoming.json();
        let by = |reference| By::Reference(WALLET, reference);
        match (incoming.method.as_str(), segments.as_slice()) {
            ("POST", ["payments"]) => self.octopus_create(incoming, &body).await,
            ("GET", ["payments", reference]) => Ok(match self.find(by(reference)).await? {
                Some(payment) if payment.told(self.frame.now()) == State::Unknown => {
                    fault(500, "unknown")
                }
                Some(payment) => self.octopus_answer(200, incoming, &payment),
                None => fault(404, "not_found"),
            }),
            ("POST", ["payments", reference, "close"]) => {
                Ok(match self.close(WALLET, by(reference)).await? {
                    Closed::Done(payment) => self.octopus_answer(200, incoming, &payment),
                    Closed::Paid(payment) if payment.told(self.frame.now()) == State::Paid => {
                        self.octopus_answer(200, incoming, &payment)
                    }
                    Closed::TooEarly | Closed::Paid(_) => fault(409, "already_paid"),
                    Closed::Unknown => fault(404, "not_found"),
                })
            }
            ("POST", ["payments", reference, "refunds"]) => {
                let key = body["refund_id"].as_str().unwrap_or_default();
                let cents = body["amount_cents"].as_i64().unwrap_or(0);
                Ok(
                    match self.refund(WALLET, by(reference), key, cents).await? {
                        Asked::Refund(refund, payment) => {
                            Answer::json(202, &told_refund(&payment, &refund))
                        }
                        Asked::TooMuch => fault(422, "amount_too_large"),
                        Asked::Unknown => fault(404, "not_found"),
                    },
                )
            }
            ("GET", ["payments", _reference, "refunds", key]) => {
                Ok(match self.find_refund(WALLET, key).await? {
                    Some((refund, payment)) => Answer::json(200, &told_refund(&payment, &refund)),
                    None => fault(404, "not_found"),
                })
            }
            _ => Ok(fault(404, "not_found")),
        }
    }

    async fn octopus_create(
        &self,
        incoming: &Incoming,
        body: &Value,
    ) -> Result<Answer, BooksError> {
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let cents = body["amount_cents"].as_i64().unwrap_or(0);
        let (Ok(expires_at), true) = (text("expires_at").parse(), cents % STEP == 0) else {
            return Ok(fault(400, "invalid_request"));
        };
        let notify_path = path_of(text("notify_url"));
        let new = New {
            wallet: WALLET,
            reference: text("reference"),
            merchant: text("merchant"),
            amount_cents: cents,
            description: text("description"),
            notify_path: &notify_path,
            return_url: body["return_url"].as_str(),
            expires_at,
        };
        Ok(match self.create(&new).await? {
            Made::Payment(payment) => self.octopus_answer(201, incoming, &payment),
            Made::Differs | Made::Refused => fault(400, "invalid_request"),
        })
    }

    fn octopus_answer(&self, status: u16, incoming: &Incoming, payment: &Payment) -> Answer {
        let mut told = told_payment(payment, self.frame.now());
        told["redirect_url"] = incoming.app_url(&payment.token).into();
        Answer::json(status, &told)
    }

    pub(super) fn octopus_payment_notice(&self, payment: &Payment, at: Timestamp) -> String {
        let at = at.max(self.frame.now());
        json!({ "type": "payment", "payment": told_payment(payment, at) }).to_string()
    }

    pub(super) fn octopus_refund_notice(payment: &Payment, refund: &Refund) -> String {
        json!({ "type": "refund", "refund": told_refund(payment, refund) }).to_string()
    }

    pub(super) fn octopus_signed(&self, attempt: &Attempt<'_>, next: bool) -> Option<Vec<Header>> {
        let key = if next {
            "octopus-webhook-secret-next"
        } else {
            "octopus-webhook-secret"
        };
        let (id, at) = (attempt.message_id, attempt.machine_now.as_second());
        let mut text = format!("{id}.{at}.").into_bytes();
        text.extend_from_slice(attempt.body);
        let signature = hmac_sign(&self.secret(key), &text)?;
        let headers = [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", format!("v1,{signature}")),
        ];
        Some(
            headers
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
        )
    }
}

fn told_payment(payment: &Payment, now: Timestamp) -> Value {
    let status = match payment.told(now) {
        State::Open => "created",
        State::Unknown => "pending",
        State::Declined => "failed",
        State::Paid => "paid",
        State::Expired => "expired",
        State::Closed => "closed",
    };
    let mut told = json!({
        "merchant": payment.merchant,
        "reference": payment.reference,
        "payment_id": payment.movement(),
        "status": status,
        "amount_cents": payment.cents(),
        "currency": "HKD",
    });
    if let (Some(at), "paid") = (payment.paid_at, status) {
        told["paid_at"] = offset_text(at).into();
        told["payer"] = payment.masked_payer().into();
    }
    told
}

fn told_refund(payment: &Payment, refund: &Refund) -> Value {
    let status = if refund.state == "done" {
        "completed"
    } else {
        refund.state.as_str()
    };
    json!({
        "merchant": payment.merchant,
        "reference": payment.reference,
        "refund_id": refund.key,
        "octopus_refund_id": refund.movement(),
        "status": status,
        "amount_cents": refund.amount_cents,
        "currency": "HKD",
        "updated_at": offset_text(refund.updated_at),
    })
}

fn fault(status: u16, code: &str) -> Answer {
    Answer::json(status, &json!({ "code": code, "message": code }))
}
