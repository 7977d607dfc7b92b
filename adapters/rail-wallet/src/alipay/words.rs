//! Our orders in AlipayHK's words.

use epay_money::{Money, hong_kong_zone};
use epay_rail::{Ask, Call, Collect, HttpMethod, Order, Profile, Refusal, Seal};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::config::Account;
use super::sign;
use crate::facts::{Subject, subject};
use crate::reading::is_name;

/// `orderDescription` and `refundReason` hold 256 characters.
const TEXT_CHARS_MAX: usize = 256;

/// The request that an order becomes.
pub(super) fn call(profile: &Profile, account: &Account, order: &Order) -> Result<Call, Refusal> {
    let collect = &order.collect;
    let taken = || Refusal::OrderNotTaken { kind: order.kind() };
    let body = match &order.ask {
        Ask::Collect => {
            profile.check_collect(collect)?;
            pay(account, collect)?
        }
        Ask::Query(question) => match subject(question)? {
            Subject::Collection => json!({ "paymentRequestId": collect.reference }),
            Subject::Refund(key) => json!({ "refundRequestId": key }),
        },
        Ask::Close => json!({ "paymentRequestId": collect.reference }),
        Ask::Refund(refund) => json!({
            "refundRequestId": order.header.key,
            "paymentId": refund.original_rail_reference,
            "refundAmount": amount(refund.amount),
            "refundReason": cut(&refund.reason),
            "refundNotifyUrl": account.notify_url,
        }),
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => return Err(taken()),
    };
    let path = sign::path(account, &order.ask).ok_or_else(taken)?;
    let (body, time) = (body.to_string(), hong_kong(order.header.at));
    let signature = sign::signature(account, &path, &time, &body)?;
    Ok(Call {
        method: HttpMethod::Post,
        url: format!("{}{path}", account.url),
        headers: vec![
            ("client-id", account.client_id.clone()),
            ("request-time", time),
            ("signature", signature),
            ("content-type", "application/json; charset=UTF-8".to_owned()),
        ],
        body: body.into_bytes(),
        seal: Seal::None,
        uses_once: vec![],
    })
}

fn pay(account: &Account, collect: &Collect) -> Result<Value, Refusal> {
    if !is_name(&collect.payee) {
        return Err(Refusal::BadPayee {
            problem: "it is a merchant id of 1 to 64 visible characters".to_owned(),
        });
    }
    Ok(json!({
        "productCode": "CASHIER_PAYMENT",
        "paymentRequestId": collect.reference,
        "order": {
            "referenceOrderId": collect.reference,
            "orderDescription": cut(&collect.description),
            "orderAmount": amount(collect.amount),
            "merchant": { "referenceMerchantId": collect.payee },
        },
        "paymentAmount": amount(collect.amount),
        "paymentMethod": { "paymentMethodType": "ALIPAY_HK" },
        "settlementStrategy": { "settlementCurrency": collect.amount.currency().code() },
        "paymentExpiryTime": hong_kong(collect.expires_at),
        // Somebody must be shown something after paying: our page, or nothing but the wallet's own.
        "paymentRedirectUrl": collect.return_url.as_deref().unwrap_or(&account.notify_url),
        "paymentNotifyUrl": account.notify_url,
        "env": { "terminalType": "WEB" },
    }))
}

/// Amounts are whole numbers of minor units, as texts.
fn amount(money: Money) -> Value {
    json!({ "currency": money.currency().code(), "value": money.minor().to_string() })
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// A moment to the second, with Hong Kong's offset.
fn hong_kong(at: Timestamp) -> String {
    at.to_zoned(hong_kong_zone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}
