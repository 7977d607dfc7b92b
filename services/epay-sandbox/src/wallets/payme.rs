//! PayMe's words: access tokens, payment requests, refunds; requests and notices signed over their headers.
#![expect(
    clippy::indexing_slicing,
    reason = "an index into a JSON value reads null where there is nothing, and adds a field to an object"
)]

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Wallets;
use super::desk::{By, Closed, Made, New, number_in};
use super::kind::Wallet;
use super::proofs::{digest, hmac_sign, hmac_verify};
use super::refunds::Asked;
use super::rows::{Payment, Refund, State};
use super::web::{Answer, Incoming, path_of};
use crate::books::BooksError;
use crate::frame::{Attempt, Header};
use crate::hk_time::offset_text;
use crate::money::{format_cents, parse_cents};

const WALLET: Wallet = Wallet::PayMe;
const TOLERANCE_SECONDS: i64 = 300;
const TOKEN_SECONDS: i64 = 3_600;
const TARGET: &str = "(request-target)";

impl Wallets {
    pub(super) async fn payme(&self, incoming: &Incoming) -> Result<Answer, BooksError> {
        if incoming.path() == "/oauth2/token" {
            return Ok(self.payme_token(incoming));
        }
        if !self.payme_verified(incoming) {
            return Ok(fault(401, "EB001"));
        }
        let segments: Vec<&str> = incoming.path().trim_matches('/').split('/').collect();
        let body = incoming.json();
        let by_order = incoming
            .query("orderId")
            .map(|order| By::Reference(WALLET, order));
        match (incoming.method.as_str(), segments.as_slice(), by_order) {
            ("POST", ["payments", "paymentrequests"], _) => {
                self.payme_create(incoming, &body).await
            }
            ("GET", ["payments", "paymentrequests", id], _) => {
                self.payme_state(By::Token(id)).await
            }
            ("GET", ["payments", "paymentrequests"], Some(by)) => self.payme_state(by).await,
            ("PUT", ["payments", "paymentrequests", "cancel"], Some(by)) => {
                self.payme_cancel(by).await
            }
            ("PUT", ["payments", "paymentrequests", id, "cancel"], _) => {
                self.payme_cancel(By::Token(id)).await
            }
            ("POST", ["payments", "transactions", id, "refunds"], _) => {
                self.payme_refund(id, &body).await
            }
            ("GET", ["payments", "refunds"], _) => {
                let key = incoming.query("merchantRefundId").unwrap_or_default();
                Ok(match self.find_refund(WALLET, key).await? {
                    Some((refund, _payment)) => Answer::json(200, &told_refund(&refund)),
                    None => fault(404, "EB002"),
                })
            }
            _ => Ok(fault(404, "EB001")),
        }
    }

    /// A token is the moment of its end, and a proof of it by the client's secret.
    fn payme_token(&self, incoming: &Incoming) -> Answer {
        let secret = self.secret("payme-client-secret");
        let client = &self.settings.payme_client_id;
        let expected =
            format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        if incoming.body != expected {
            return fault(401, "EB001");
        }
        let end = Timestamp::now().as_second().saturating_add(TOKEN_SECONDS);
        let proof = self.payme_token_proof(end).unwrap_or_default();
        Answer::json(
            200,
            &json!({ "accessToken": format!("{end}.{proof}"), "tokenType": "Bearer" }),
        )
    }

    fn payme_token_proof(&self, end: i64) -> Option<String> {
        hmac_sign(
            &self.secret("payme-signing-key"),
            format!("token {end}").as_bytes(),
        )
    }

    fn payme_verified(&self, incoming: &Incoming) -> bool {
        let token = incoming
            .header("authorization")
            .strip_prefix("Bearer ")
            .unwrap_or_default();
        let (end, proof) = token.split_once('.').unwrap_or_default();
        let end: i64 = end.parse().unwrap_or(0);
        let alive = end > Timestamp::now().as_second()
            && self.payme_token_proof(end).is_some_and(|own| own == proof);
        let signature = incoming.header("signature");
        let part = |name: &str| {
            let rest = signature
                .split_once(&format!("{name}=\""))
                .map_or("", |(_, rest)| rest);
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        let lines: Vec<String> = part("headers")
            .split(' ')
            .map(|name| {
                if name == TARGET {
                    format!(
                        "{TARGET}: {} {}",
                        incoming.method.to_lowercase(),
                        incoming.target
                    )
                } else {
                    format!("{name}: {}", incoming.header(name))
                }
            })
            .collect();
        let fresh = incoming
            .header("request-date-time")
            .parse::<Timestamp>()
            .is_ok_and(|at| {
                Timestamp::now().duration_since(at).as_secs().abs() <= TOLERANCE_SECONDS
            });
        let text = lines.join("\n");
        let covered =
            lines.len() == 8 && incoming.header("digest") == digest(incoming.body.as_bytes());
        let key = self.secret("payme-signing-key");
        alive && fresh && covered && hmac_verify(&key, text.as_bytes(), &part("signature"))
    }

    async fn payme_create(&self, incoming: &Incoming, body: &Value) -> Result<Answer, BooksError> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let data = &body["merchantData"];
        let (reference, merchant) = (text(&data["orderId"]), text(&data["additionalData"]));
        let notify_path = path_of(&text(&body["notificationUri"]));
        let seconds = body["effectiveDuration"].as_i64().unwrap_or(600);
        let (now, machine) = (self.frame.now(), Timestamp::now());
        let description = text(&data["orderDescription"]);
        let new = New {
            wallet: WALLET,
            reference: &reference,
            merchant: &merchant,
            amount_cents: parse_cents(&body["totalAmount"].to_string()).unwrap_or(0),
            description: &description,
            notify_path: &notify_path,
            return_url: body["appSuccessCallback"].as_str(),
            expires_at: machine
                .saturating_add(SignedDuration::from_secs(seconds))
                .unwrap_or(machine),
        };
        Ok(match self.create(&new).await? {
            Made::Payment(payment) => {
                let url = incoming.app_url(&payment.token);
                Answer::json(201, &Self::payme_payment(&payment, now, Some(&url)))
            }
            Made::Differs => fault(409, "EB011"),
            Made::Refused => fault(400, "EB001"),
        })
    }

    async fn payme_state(&self, by: By<'_>) -> Result<Answer, BooksError> {
        let now = self.frame.now();
        Ok(match self.find(by).await? {
            Some(payment) if payment.told(now) == State::Unknown => fault(500, "EB099"),
            Some(payment) => Answer::json(200, &Self::payme_payment(&payment, now, None)),
            None => fault(404, "EB002"),
        })
    }

    async fn payme_cancel(&self, by: By<'_>) -> Result<Answer, BooksError> {
        Ok(match self.close(WALLET, by).await? {
            Closed::Done(_) => Answer::empty(204),
            Closed::TooEarly | Closed::Paid(_) => fault(409, "EB011"),
            Closed::Unknown => fault(404, "EB002"),
        })
    }

    async fn payme_refund(&self, transaction: &str, body: &Value) -> Result<Answer, BooksError> {
        let key = body["merchantRefundId"].as_str().unwrap_or_default();
        let cents = parse_cents(&body["amount"].to_string()).unwrap_or(0);
        let Some(number) = number_in(WALLET, transaction) else {
            return Ok(fault(404, "EB002"));
        };
        Ok(
            match self
                .refund(WALLET, By::Number(WALLET, number), key, cents)
                .await?
            {
                Asked::Refund(refund, _payment) => Answer::json(200, &told_refund(&refund)),
                Asked::TooMuch => fault(403, "EB009"),
                Asked::Unknown => fault(404, "EB002"),
            },
        )
    }

    /// A request's state, as answers and notices tell it.
    pub(super) fn payme_payment(payment: &Payment, now: Timestamp, link: Option<&str>) -> Value {
        let code = match payment.told(now) {
            State::Open | State::Unknown => "PR001",
            State::Declined => "PR004",
            State::Paid => "PR005",
            State::Expired => "PR007",
            State::Closed => "PR008",
        };
        let mut told = json!({
            "paymentRequestId": payment.token,
            "totalAmount": number(payment.cents()),
            "currencyCode": "HKD",
            "statusCode": code,
            "merchantData": { "orderId": payment.reference, "additionalData": payment.merchant },
        });
        if let Some(link) = link {
            told["webLink"] = link.into();
            told["appLink"] = link.into();
        }
        if let (Some(at), "PR005") = (payment.paid_at, code) {
            told["transactionId"] = payment.movement().into();
            told["transactionTime"] = offset_text(at).into();
            told["payerName"] = payment.masked_payer().into();
        }
        told
    }

    pub(super) fn payme_signed(&self, attempt: &Attempt<'_>, next: bool) -> Option<Vec<Header>> {
        let [current, following] = &self.settings.payme_key_ids;
        let (key_id, key) = if next {
            (following, "payme-signing-key-next")
        } else {
            (current, "payme-signing-key")
        };
        let time = offset_text(attempt.machine_now);
        let digest = digest(attempt.body);
        let text = format!(
            "{TARGET}: post {}\nrequest-date-time: {time}\ndigest: {digest}",
            attempt.path
        );
        let signature = hmac_sign(&self.secret(key), text.as_bytes())?;
        let value = format!(
            "keyId=\"{key_id}\",algorithm=\"hmac-sha256\",headers=\"{TARGET} request-date-time digest\",\
             signature=\"{signature}\""
        );
        let headers = [
            ("request-date-time", time),
            ("digest", digest),
            ("signature", value),
        ];
        Some(
            headers
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
        )
    }
}

/// An amount that becomes a JSON number, digit by digit,.
fn number(cents: i64) -> Value {
    format_cents(cents)
        .parse::<serde_json::Number>()
        .map_or(Value::Null, Value::Number)
}

fn told_refund(refund: &Refund) -> Value {
    let code = match refund.state.as_str() {
        "done" => "RF005",
        "pending" => "RF001",
        _ => "RF007",
    };
    json!({
        "refundId": refund.movement(),
        "merchantRefundId": refund.key,
        "statusCode": code,
        "amount": number(refund.amount_cents),
        "currencyCode": "HKD",
        "refundTime": offset_text(refund.updated_at),
    })
}

fn fault(status: u16, code: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "errors": [{ "errorCode": code, "errorDescription": code }] }),
    )
}
