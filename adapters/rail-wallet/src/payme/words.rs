//! Our orders in PayMe's words.
//!
//! PayMe names a payment request itself; we keep its name. When the answer with the name was lost, we ask by our own
//! reference, which we gave as the order's id.

use epay_money::hong_kong_zone;
use epay_rail::{Ask, Call, Collect, HttpMethod, Order, Profile, Refund, Refusal, Seal};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::value::RawValue;

use super::config::Account;
use super::sign;
use crate::facts::{Subject, subject};
use crate::reading::{escaped, is_name};

/// What a payer reads of an order.
const DESCRIPTION_CHARS_MAX: usize = 100;
const REASON_CHARS_MAX: usize = 140;
const JSON: &str = "application/json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    total_amount: Box<RawValue>,
    currency_code: &'a str,
    effective_duration: i64,
    notification_uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_success_callback: Option<&'a str>,
    merchant_data: MerchantData<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MerchantData<'a> {
    order_id: &'a str,
    order_description: String,
    additional_data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Return<'a> {
    merchant_refund_id: &'a str,
    amount: Box<RawValue>,
    currency_code: &'a str,
    reason_message: String,
}

/// The call that asks for an access token; it lives sixty minutes.
pub(super) fn grant(account: &Account, nonce: [u8; 16]) -> Call {
    let secret = escaped(account.client_secret.expose_secret());
    let id = escaped(&account.client_id);
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    Call {
        method: HttpMethod::Post,
        url: format!("{}/oauth2/token", account.url),
        headers: vec![
            ("api-version", account.api_version.clone()),
            ("accept", JSON.to_owned()),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
            ("trace-id", trace_id(nonce)),
        ],
        body: body.into_bytes(),
        seal: Seal::None,
        uses_once: vec![],
    }
}

/// The request that an order becomes.
pub(super) fn call(profile: &Profile, account: &Account, order: &Order) -> Result<Call, Refusal> {
    let collect = &order.collect;
    let requests = "/payments/paymentrequests";
    let (method, target, body) = match &order.ask {
        Ask::Collect => {
            profile.check_collect(collect)?;
            let body = json(&request(account, collect)?)?;
            (HttpMethod::Post, requests.to_owned(), body)
        }
        Ask::Query(question) => {
            let target = match (subject(question)?, kept(order)?) {
                (Subject::Refund(key), _) => format!("/payments/refunds?merchantRefundId={key}"),
                (Subject::Collection, Some(id)) => format!("{requests}/{id}"),
                (Subject::Collection, None) => {
                    format!("{requests}?orderId={}", collect.reference)
                }
            };
            (HttpMethod::Get, target, String::new())
        }
        Ask::Close => {
            let target = match kept(order)? {
                Some(id) => format!("{requests}/{id}/cancel"),
                None => format!("{requests}/cancel?orderId={}", collect.reference),
            };
            (HttpMethod::Put, target, String::new())
        }
        Ask::Refund(refund) => {
            let transaction = escaped(&refund.original_rail_reference);
            let body = json(&give_back(&order.header.key, refund)?)?;
            let target = format!("/payments/transactions/{transaction}/refunds");
            (HttpMethod::Post, target, body)
        }
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => {
            return Err(Refusal::OrderNotTaken { kind: order.kind() });
        }
    };
    signed(account, order, method, &target, body)
}

fn signed(
    account: &Account,
    order: &Order,
    method: HttpMethod,
    target: &str,
    body: String,
) -> Result<Call, Refusal> {
    let bearer = order.header.bearer.as_deref().unwrap_or_default();
    let at = order.header.at.to_zoned(hong_kong_zone());
    let mut headers = vec![
        ("api-version", account.api_version.clone()),
        (
            "request-date-time",
            at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        ),
        ("content-type", JSON.to_owned()),
        ("digest", sign::digest_header(body.as_bytes())),
        ("accept", JSON.to_owned()),
        ("trace-id", trace_id(order.header.nonce)),
        ("authorization", format!("Bearer {bearer}")),
    ];
    headers.push((
        "signature",
        sign::signature(account, method, target, &headers)?,
    ));
    Ok(Call {
        method,
        url: format!("{}{target}", account.url),
        headers,
        body: body.into_bytes(),
        seal: Seal::None,
        uses_once: vec![],
    })
}

fn request<'a>(account: &'a Account, collect: &'a Collect) -> Result<Request<'a>, Refusal> {
    if !is_name(&collect.payee) {
        return Err(Refusal::BadPayee {
            problem: "it is a merchant's account of 1 to 64 visible characters".to_owned(),
        });
    }
    let seconds = collect
        .expires_at
        .duration_since(collect.asked_at)
        .as_secs();
    Ok(Request {
        total_amount: number(&collect.amount.to_decimal().to_string())?,
        currency_code: collect.amount.currency().code(),
        effective_duration: seconds.max(1),
        notification_uri: &account.notify_url,
        app_success_callback: collect.return_url.as_deref(),
        merchant_data: MerchantData {
            order_id: &collect.reference,
            order_description: collect
                .description
                .chars()
                .take(DESCRIPTION_CHARS_MAX)
                .collect(),
            additional_data: &collect.payee,
        },
    })
}

fn give_back<'a>(key: &'a str, refund: &'a Refund) -> Result<Return<'a>, Refusal> {
    Ok(Return {
        merchant_refund_id: key,
        amount: number(&refund.amount.to_decimal().to_string())?,
        currency_code: refund.amount.currency().code(),
        reason_message: refund.reason.chars().take(REASON_CHARS_MAX).collect(),
    })
}

/// PayMe's name for the request, as we kept it; it stands in an address.
fn kept(order: &Order) -> Result<Option<&str>, Refusal> {
    let kept = order.header.kept.as_deref();
    let plain = |id: &str| {
        id.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if kept.is_none_or(|id| is_name(id) && plain(id)) {
        return Ok(kept);
    }
    Err(Refusal::BadField {
        field: "kept",
        problem: "it is no payment request's id".to_owned(),
    })
}

/// Random bytes in the shape of a UUID of version 4.
fn trace_id(nonce: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(nonce)
        .into_uuid()
        .to_string()
}

/// A decimal as a JSON number, digit by digit: amounts meet no float.
fn number(decimal: &str) -> Result<Box<RawValue>, Refusal> {
    RawValue::from_string(decimal.to_owned()).map_err(|_fault| Refusal::BadField {
        field: "amount",
        problem: "it cannot be written as a number".to_owned(),
    })
}

fn json(body: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(body).map_err(|_fault| Refusal::BadField {
        field: "body",
        problem: "it cannot be written as JSON".to_owned(),
    })
}
