//! AlipayHK's words, new form: pay, inquire, cancel, refund; signed both ways.
#![expect(
    clippy::indexing_slicing,
    reason = "an index into a JSON value reads null where there is nothing, and adds a field to an object"
)]

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Wallets;
use super::desk::{By, Closed, Made, New, number_in};
use super::kind::Wallet;
use super::proofs::{rsa_sign, rsa_verify};
use super::refunds::Asked;
use super::rows::{Payment, Refund, State};
use super::web::{Answer, Incoming, path_of};
use crate::books::BooksError;
use crate::frame::{Attempt, Header};
use crate::hk_time::offset_text;

const WALLET: Wallet = Wallet::Alipay;
const TOLERANCE_SECONDS: i64 = 300;

impl Wallets {
    /// Answers a merchant, signed.
    pub(super) async fn alipay(&self, incoming: &Incoming) -> Result<Answer, BooksError> {
        let body = incoming.json();
        let told = if !self.alipay_verified(incoming) {
            result("F", "INVALID_SIGNATURE")
        } else {
            match incoming.path().rsplit('/').next().unwrap_or_default() {
                "pay" => self.alipay_pay(incoming, &body).await?,
                "inquiryPayment" => self.alipay_inquire(&body).await?,
                "cancel" => self.alipay_cancel(&body).await?,
                "refund" => self.alipay_refund(&body).await?,
                "inquiryRefund" => {
                    let key = body["refundRequestId"].as_str().unwrap_or_default();
                    match self.find_refund(WALLET, key).await? {
                        Some((refund, payment)) => told_refund("S", &payment, &refund),
                        None => result("F", "REFUND_NOT_EXIST"),
                    }
                }
                _ => result("F", "PARAM_ILLEGAL"),
            }
        };
        let mut answer = Answer::json(200, &told);
        let time = offset_text(Timestamp::now());
        let headers = self.alipay_headers(incoming.path(), &time, answer.body.as_bytes(), false);
        answer.headers.push(("response-time".to_owned(), time));
        answer.headers.extend(headers);
        Ok(answer)
    }

    fn alipay_verified(&self, incoming: &Incoming) -> bool {
        let client = incoming.header("client-id");
        let time = incoming.header("request-time");
        let signature = incoming
            .header("signature")
            .split("signature=")
            .nth(1)
            .unwrap_or_default();
        let signature = signature
            .replace("%2B", "+")
            .replace("%2F", "/")
            .replace("%3D", "=");
        let text = format!(
            "POST {}\n{client}.{time}.{}",
            incoming.path(),
            incoming.body
        );
        let fresh = time.parse::<Timestamp>().is_ok_and(|at| {
            Timestamp::now().duration_since(at).as_secs().abs() <= TOLERANCE_SECONDS
        });
        let key = self.secret("alipay-merchant.pub.pem");
        client == self.settings.alipay_client_id
            && fresh
            && incoming.method == "POST"
            && rsa_verify(&key, text.as_bytes(), &signature)
    }

    async fn alipay_pay(&self, incoming: &Incoming, body: &Value) -> Result<Value, BooksError> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (reference, notify) = (
            text(&body["paymentRequestId"]),
            text(&body["paymentNotifyUrl"]),
        );
        let (merchant, description) = (
            text(&body["order"]["merchant"]["referenceMerchantId"]),
            text(&body["order"]["orderDescription"]),
        );
        let Ok(expires_at) = text(&body["paymentExpiryTime"]).parse() else {
            return Ok(result("F", "PARAM_ILLEGAL"));
        };
        let notify_path = path_of(&notify);
        let new = New {
            wallet: WALLET,
            reference: &reference,
            merchant: &merchant,
            amount_cents: text(&body["paymentAmount"]["value"]).parse().unwrap_or(0),
            description: &description,
            notify_path: &notify_path,
            return_url: body["paymentRedirectUrl"].as_str(),
            expires_at,
        };
        Ok(match self.create(&new).await? {
            Made::Payment(payment) => {
                let url = incoming.app_url(&payment.token);
                let mut told = result("U", "PAYMENT_IN_PROCESS");
                told["paymentRequestId"] = payment.reference.clone().into();
                told["paymentId"] = payment.movement().into();
                told["paymentAmount"] = amount(payment.amount_cents);
                told["normalUrl"] = url.clone().into();
                told["applinkUrl"] = url.clone().into();
                told["orderCodeForm"] =
                    json!({ "codeDetails": [{ "codeValue": url, "displayType": "TEXT" }] });
                told
            }
            Made::Differs => result("F", "REPEAT_REQ_INCONSISTENT"),
            Made::Refused => result("F", "MERCHANT_NOT_REGISTERED"),
        })
    }

    async fn alipay_inquire(&self, body: &Value) -> Result<Value, BooksError> {
        let reference = body["paymentRequestId"].as_str().unwrap_or_default();
        let now = self.frame.now();
        let Some(payment) = self.find(By::Reference(WALLET, reference)).await? else {
            return Ok(result("F", "ORDER_NOT_EXIST"));
        };
        let status = match payment.told(now) {
            State::Unknown => return Ok(result("U", "UNKNOWN_EXCEPTION")),
            State::Open => "PROCESSING",
            State::Expired | State::Closed => "CANCELLED",
            State::Declined => "FAIL",
            State::Paid => "SUCCESS",
        };
        let mut told = told_payment(&payment, result("S", "SUCCESS"));
        told["paymentStatus"] = status.into();
        Ok(told)
    }

    async fn alipay_cancel(&self, body: &Value) -> Result<Value, BooksError> {
        let reference = body["paymentRequestId"].as_str().unwrap_or_default();
        Ok(
            match self.close(WALLET, By::Reference(WALLET, reference)).await? {
                Closed::Done(_) => result("S", "SUCCESS"),
                Closed::TooEarly | Closed::Paid(_) => result("F", "ORDER_STATUS_INVALID"),
                Closed::Unknown => result("F", "ORDER_NOT_EXIST"),
            },
        )
    }

    async fn alipay_refund(&self, body: &Value) -> Result<Value, BooksError> {
        let key = body["refundRequestId"].as_str().unwrap_or_default();
        let number = number_in(WALLET, body["paymentId"].as_str().unwrap_or_default());
        let cents = body["refundAmount"]["value"]
            .as_str()
            .and_then(|cents| cents.parse().ok());
        let (Some(number), Some(cents)) = (number, cents) else {
            return Ok(result("F", "PARAM_ILLEGAL"));
        };
        Ok(
            match self
                .refund(WALLET, By::Number(WALLET, number), key, cents)
                .await?
            {
                Asked::Refund(refund, payment) if refund.state == "done" => {
                    told_refund("S", &payment, &refund)
                }
                Asked::Refund(_, _) => result("U", "REFUND_IN_PROCESS"),
                Asked::TooMuch => result("F", "REFUND_AMOUNT_EXCEED"),
                Asked::Unknown => result("F", "ORDER_NOT_EXIST"),
            },
        )
    }

    pub(super) fn alipay_payment_notice(payment: &Payment) -> String {
        let outcome = if payment.paid_cents.is_some() {
            result("S", "SUCCESS")
        } else {
            result("F", "RISK_REJECT")
        };
        let mut told = told_payment(payment, outcome);
        told["notifyType"] = "PAYMENT_RESULT".into();
        told.to_string()
    }

    pub(super) fn alipay_refund_notice(payment: &Payment, refund: &Refund) -> String {
        let status = if refund.state == "done" { "S" } else { "F" };
        let mut told = told_refund(status, payment, refund);
        told["notifyType"] = "REFUND_RESULT".into();
        told.to_string()
    }

    pub(super) fn alipay_signed(&self, attempt: &Attempt<'_>, next: bool) -> Option<Vec<Header>> {
        let time = offset_text(attempt.machine_now);
        let mut headers = self.alipay_headers(attempt.path, &time, attempt.body, next);
        headers.push(("request-time".to_owned(), time));
        Some(headers)
    }

    fn alipay_headers(&self, path: &str, time: &str, body: &[u8], next: bool) -> Vec<Header> {
        let (version, key) = if next {
            ("2", "alipay-next.pem")
        } else {
            ("1", "alipay.pem")
        };
        let client = &self.settings.alipay_client_id;
        let mut text = format!("POST {path}\n{client}.{time}.").into_bytes();
        text.extend_from_slice(body);
        let signature = rsa_sign(&self.secret(key), &text).unwrap_or_default();
        let signature = signature
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let value = format!("algorithm=RSA256,keyVersion={version},signature={signature}");
        vec![
            ("client-id".to_owned(), client.clone()),
            ("signature".to_owned(), value),
        ]
    }
}

fn result(status: &str, code: &str) -> Value {
    json!({ "result": { "resultStatus": status, "resultCode": code, "resultMessage": code } })
}

fn amount(cents: i64) -> Value {
    json!({ "currency": "HKD", "value": cents.to_string() })
}

fn told_payment(payment: &Payment, mut told: Value) -> Value {
    told["paymentRequestId"] = payment.reference.clone().into();
    told["paymentId"] = payment.movement().into();
    told["paymentAmount"] = amount(payment.cents());
    told["acquirerInfo"] = json!({ "acquirerMerchantId": payment.merchant });
    if let Some(at) = payment.paid_at {
        told["paymentTime"] = offset_text(at).into();
        told["pspCustomerInfo"] = json!({ "displayCustomerId": payment.masked_payer() });
    }
    told
}

fn told_refund(status: &str, payment: &Payment, refund: &Refund) -> Value {
    let state = match refund.state.as_str() {
        "done" => "SUCCESS",
        "pending" => "PROCESSING",
        _ => "FAIL",
    };
    let mut told = result(
        status,
        if status == "S" {
            "SUCCESS"
        } else {
            "REFUND_REJECTED"
        },
    );
    told["refundStatus"] = state.into();
    told["refundRequestId"] = refund.key.clone().into();
    told["refundId"] = refund.movement().into();
    told["refundAmount"] = amount(refund.amount_cents);
    told["refundTime"] = offset_text(refund.updated_at).into();
    told["paymentRequestId"] = payment.reference.clone().into();
    told["acquirerInfo"] = json!({ "acquirerMerchantId": payment.merchant });
    told
}
