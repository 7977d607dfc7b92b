//! WeChat Pay's words, API v3 (global): native orders, queries, closes, refunds; signed answers, encrypted notices.
#![expect(
    clippy::indexing_slicing,
    reason = "an index into a JSON value reads null where there is nothing, and adds a field to an object"
)]

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Wallets;
use super::desk::{By, Closed, Made, New, number_in};
use super::kind::Wallet;
use super::proofs::{rsa_sign, rsa_verify, sealed};
use super::refunds::Asked;
use super::rows::{Payment, Refund, State};
use super::web::{Answer, Incoming, path_of};
use crate::books::BooksError;
use crate::frame::{Attempt, Header};
use crate::hk_time::offset_text;

const WALLET: Wallet = Wallet::WeChat;
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// Signatures older or younger than this are refused.
const TOLERANCE_SECONDS: i64 = 300;

impl Wallets {
    /// Answers a merchant, signed.
    pub(super) async fn wechat(&self, incoming: &Incoming) -> Result<Answer, BooksError> {
        let mut answer = if self.wechat_verified(incoming) {
            match self.wechat_do(incoming).await {
                Ok(answer) => answer,
                Err(error) => {
                    tracing::warn!(%error, "WeChat Pay's desk failed");
                    fault(500, "SYSTEM_ERROR")
                }
            }
        } else {
            fault(401, "SIGN_ERROR")
        };
        let now = Timestamp::now();
        answer
            .headers
            .extend(self.wechat_headers(answer.body.as_bytes(), now, false));
        Ok(answer)
    }

    fn wechat_verified(&self, incoming: &Incoming) -> bool {
        let Some((SCHEME, fields)) = incoming.header("authorization").split_once(' ') else {
            return false;
        };
        let field = |name: &str| {
            let pairs = fields
                .split(',')
                .filter_map(|pair| pair.trim().split_once('='));
            let value = pairs.clone().find(|(given, _value)| *given == name);
            value.map_or("", |(_name, value)| value.trim_matches('"'))
        };
        let (timestamp, nonce) = (field("timestamp"), field("nonce_str"));
        let age = timestamp
            .parse::<i64>()
            .ok()
            .map(|at| Timestamp::now().as_second().abs_diff(at));
        let fresh = age.is_some_and(|age| age <= TOLERANCE_SECONDS.unsigned_abs());
        let Incoming {
            method,
            target,
            body,
            ..
        } = incoming;
        let text = format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n");
        let key = self.secret("wechat-merchant.pub.pem");
        let own = field("mchid") == self.settings.wechat_sp_mchid;
        own && fresh && rsa_verify(&key, text.as_bytes(), field("signature"))
    }

    async fn wechat_do(&self, incoming: &Incoming) -> Result<Answer, BooksError> {
        let segments: Vec<&str> = incoming.path().trim_matches('/').split('/').collect();
        let body = incoming.json();
        match (incoming.method.as_str(), segments.as_slice()) {
            ("POST", ["v3", "global", "transactions", "native"]) => self.wechat_create(&body).await,
            ("GET", ["v3", "global", "transactions", "out-trade-no", reference]) => {
                Ok(match self.find(By::Reference(WALLET, reference)).await? {
                    Some(payment) if payment.told(self.frame.now()) == State::Unknown => {
                        fault(500, "SYSTEM_ERROR")
                    }
                    Some(payment) => Answer::json(200, &self.wechat_transaction(&payment)),
                    None => fault(404, "ORDER_NOT_EXIST"),
                })
            }
            (
                "POST",
                [
                    "v3",
                    "global",
                    "transactions",
                    "out-trade-no",
                    reference,
                    "close",
                ],
            ) => Ok(
                match self.close(WALLET, By::Reference(WALLET, reference)).await? {
                    Closed::Done(_) => Answer::empty(204),
                    Closed::TooEarly => fault(400, "INVALID_REQUEST"),
                    Closed::Paid(_) => fault(400, "ORDER_PAID"),
                    Closed::Unknown => fault(404, "ORDER_NOT_EXIST"),
                },
            ),
            ("POST", ["v3", "global", "refunds"]) => self.wechat_refund(&body).await,
            ("GET", ["v3", "global", "refunds", "out-refund-no", key]) => {
                Ok(match self.find_refund(WALLET, key).await? {
                    Some((refund, payment)) => Answer::json(200, &give_back(&payment, &refund)),
                    None => fault(404, "RESOURCE_NOT_EXISTS"),
                })
            }
            _ => Ok(fault(404, "INVALID_REQUEST")),
        }
    }

    async fn wechat_create(&self, body: &Value) -> Result<Answer, BooksError> {
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let Ok(expires_at) = text("time_expire").parse() else {
            return Ok(fault(400, "PARAM_ERROR"));
        };
        let notify_path = path_of(text("notify_url"));
        let new = New {
            wallet: WALLET,
            reference: text("out_trade_no"),
            merchant: text("sub_mchid"),
            amount_cents: body["amount"]["total"].as_i64().unwrap_or(0),
            description: text("description"),
            notify_path: &notify_path,
            return_url: None,
            expires_at,
        };
        Ok(match self.create(&new).await? {
            Made::Payment(payment) => {
                let url = format!("weixin://wxpay/bizpayurl?pr={}", payment.token);
                Answer::json(200, &json!({ "code_url": url }))
            }
            Made::Differs => fault(403, "OUT_TRADE_NO_USED"),
            Made::Refused => fault(400, "PARAM_ERROR"),
        })
    }

    async fn wechat_refund(&self, body: &Value) -> Result<Answer, BooksError> {
        let key = body["out_refund_no"].as_str().unwrap_or_default();
        let amount = body["amount"]["refund"].as_i64().unwrap_or(0);
        let transaction = body["transaction_id"].as_str().unwrap_or_default();
        let Some(number) = number_in(WALLET, transaction) else {
            return Ok(fault(404, "RESOURCE_NOT_EXISTS"));
        };
        Ok(
            match self
                .refund(WALLET, By::Number(WALLET, number), key, amount)
                .await?
            {
                Asked::Refund(refund, payment) => Answer::json(200, &give_back(&payment, &refund)),
                Asked::TooMuch => fault(403, "NOT_ENOUGH"),
                Asked::Unknown => fault(404, "RESOURCE_NOT_EXISTS"),
            },
        )
    }

    /// An order's state, as queries and notices tell it.
    fn wechat_transaction(&self, payment: &Payment) -> Value {
        let state = match payment.told(payment.known_at.unwrap_or_else(|| self.frame.now())) {
            State::Open => "NOTPAY",
            State::Expired | State::Closed => "CLOSED",
            State::Declined => "PAYERROR",
            State::Paid => "SUCCESS",
            State::Unknown => "USERPAYING",
        };
        let mut told = json!({
            "sp_mchid": self.settings.wechat_sp_mchid,
            "sub_mchid": payment.merchant,
            "out_trade_no": payment.reference,
            "trade_type": "NATIVE",
            "trade_state": state,
            "trade_state_desc": state,
            "amount": { "total": payment.cents(), "currency": "HKD", "payer_total": payment.cents(), "payer_currency": "HKD" },
        });
        if let (Some(at), "SUCCESS") = (payment.paid_at, state) {
            told["id"] = payment.movement().into();
            told["success_time"] = offset_text(at).into();
            let payer = payment.payer_account.clone().unwrap_or_default();
            told["payer"] = json!({ "sp_openid": format!("o{payer}") });
        }
        told
    }

    pub(super) fn wechat_payment_notice(&self, payment: &Payment, id: &str) -> String {
        let plain = self.wechat_transaction(payment);
        self.wechat_notice(id, "TRANSACTION.SUCCESS", &plain)
    }

    pub(super) fn wechat_refund_notice(
        &self,
        payment: &Payment,
        refund: &Refund,
        id: &str,
    ) -> String {
        let event = if refund.state == "done" {
            "REFUND.SUCCESS"
        } else {
            "REFUND.CLOSED"
        };
        self.wechat_notice(id, event, &give_back(payment, refund))
    }

    /// A notice: what it tells is encrypted, once, under a nonce of its own.
    fn wechat_notice(&self, id: &str, event: &str, plain: &Value) -> String {
        let random = uuid::Uuid::now_v7().simple().to_string();
        let nonce = random.get(20..).unwrap_or_default();
        let data = "transaction";
        let key = self.secret("wechat-api-v3-key");
        let ciphertext =
            sealed(&key, nonce, data, plain.to_string().as_bytes()).unwrap_or_default();
        json!({
            "id": id,
            "create_time": offset_text(self.frame.now()),
            "event_type": event,
            "resource_type": "encrypt-resource",
            "summary": event,
            "resource": {
                "algorithm": "AEAD_AES_256_GCM",
                "original_type": data,
                "ciphertext": ciphertext,
                "associated_data": data,
                "nonce": nonce,
            },
        })
        .to_string()
    }

    pub(super) fn wechat_signed(&self, attempt: &Attempt<'_>, next: bool) -> Option<Vec<Header>> {
        Some(self.wechat_headers(attempt.body, attempt.machine_now, next))
    }

    fn wechat_headers(&self, body: &[u8], now: Timestamp, next: bool) -> Vec<Header> {
        let [current, following] = &self.settings.wechat_serials;
        let (serial, key) = if next {
            (following, "wechat-platform-next.pem")
        } else {
            (current, "wechat-platform.pem")
        };
        let (at, nonce) = (now.as_second(), uuid::Uuid::now_v7().simple());
        let mut text = format!("{at}\n{nonce}\n").into_bytes();
        text.extend_from_slice(body);
        text.push(b'\n');
        let signature = rsa_sign(&self.secret(key), &text).unwrap_or_default();
        [
            ("wechatpay-timestamp", at.to_string()),
            ("wechatpay-nonce", nonce.to_string()),
            ("wechatpay-serial", serial.clone()),
            ("wechatpay-signature", signature),
            ("wechatpay-signature-type", SCHEME.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

fn give_back(payment: &Payment, refund: &Refund) -> Value {
    let status = match refund.state.as_str() {
        "done" => "SUCCESS",
        "pending" => "PROCESSING",
        _ => "REFUNDCLOSE",
    };
    json!({
        "id": refund.movement(),
        "out_refund_no": refund.key,
        "transaction_id": payment.movement(),
        "out_trade_no": payment.reference,
        "sub_mchid": payment.merchant,
        "status": status,
        "success_time": offset_text(refund.updated_at),
        "amount": { "refund": refund.amount_cents, "total": payment.cents(), "currency": "HKD" },
    })
}

fn fault(status: u16, code: &str) -> Answer {
    Answer::json(status, &json!({ "code": code, "message": code }))
}
