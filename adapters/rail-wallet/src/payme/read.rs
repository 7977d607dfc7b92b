//! PayMe's answers and notices as reports.

use epay_money::{Currency, Money};
use epay_rail::{
    Ask, Decoded, Finding, Hint, Inbound, Order, Origin, Presentation, Unreadable, UnreadableKind,
    is_reference,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::codes::CODES;
use crate::facts::{self, Fact, Subject, outcome, subject};
use crate::reading::{address, code, json, moment, name, unreadable, wrong};
use crate::settlement;

/// A token lives sixty minutes; it is not used in its last one.
const TOKEN_SECS: u32 = 59 * 60;
/// No token is longer.
const TOKEN_BYTES_MAX: usize = 4_096;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    status_code: String,
    payment_request_id: Option<String>,
    #[serde(default)]
    total_amount: Option<Box<RawValue>>,
    currency_code: Option<String>,
    web_link: Option<String>,
    app_link: Option<String>,
    merchant_data: Option<MerchantData>,
    transaction_id: Option<String>,
    transaction_time: Option<String>,
    payer_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MerchantData {
    order_id: Option<String>,
    additional_data: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Return {
    status_code: String,
    refund_id: Option<String>,
    merchant_refund_id: Option<String>,
    #[serde(default)]
    amount: Option<Box<RawValue>>,
    currency_code: Option<String>,
    refund_time: Option<String>,
}

#[derive(Deserialize)]
struct Faults {
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fault {
    error_code: String,
}

/// The token in the answer to a grant.
pub(super) fn granted(status: u16, body: &[u8]) -> Result<(String, u32), Unreadable> {
    if status != 200 {
        return Err(wrong("/", "no token was given"));
    }
    let Token { access_token } = json(body)?;
    let printable = access_token.bytes().all(|byte| byte.is_ascii_graphic());
    if printable && (1..=TOKEN_BYTES_MAX).contains(&access_token.len()) {
        Ok((access_token, TOKEN_SECS))
    } else {
        Err(wrong("/accessToken", "it is not a token"))
    }
}

/// Reads whatever PayMe, or its bank, told us.
pub(super) fn decode(inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
    let (body, at) = (inbound.body, inbound.received_at);
    match inbound.origin {
        Origin::Notice if settlement::is_settlement(body) => settlement::read(body),
        Origin::Notice => notice(&json(body)?, at),
        Origin::Reply { order, status } if (200..300).contains(&status) => answer(order, body, at),
        Origin::Reply { order, .. } => {
            let faults: Faults = json(body)?;
            let word = faults.errors.first().map_or("", |fault| &fault.error_code);
            Ok(facts::error(CODES, word, order, at))
        }
    }
}

fn notice(told: &Told, at: Timestamp) -> Result<Decoded, Unreadable> {
    let data = told.merchant_data.as_ref();
    let reference = data.and_then(|data| data.order_id.as_deref());
    let reference = reference
        .filter(|reference| is_reference(reference))
        .ok_or_else(|| wrong("/merchantData/orderId", "it is no reference of ours"))?;
    match data.and_then(|data| data.additional_data.as_deref()) {
        Some(account) => request(told, account, reference, None, at),
        // Without the merchant nobody knows whose money it is: the rail is asked.
        None => Ok(Decoded {
            hints: vec![Hint {
                reference: reference.to_owned(),
            }],
            ..Decoded::default()
        }),
    }
}

fn answer(order: &Order, body: &[u8], at: Timestamp) -> Result<Decoded, Unreadable> {
    let (payee, reference) = (&order.collect.payee, &order.collect.reference);
    match &order.ask {
        Ask::Collect => begun(order, &json(body)?, at),
        Ask::Query(question) => match subject(question) {
            Ok(Subject::Collection) => request(&json(body)?, payee, reference, Some(order), at),
            Ok(Subject::Refund(_)) => give_back(&json(body)?, order, at),
            Err(_) => Err(wrong(
                "/",
                "it answers an order that this rail does not take",
            )),
        },
        // A close is answered without a body.
        Ask::Close => Ok(Decoded {
            reports: vec![outcome(order, Finding::Closed, "PR008".to_owned(), at)],
            ..Decoded::default()
        }),
        Ask::Refund(_) => give_back(&json(body)?, order, at),
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => Err(wrong(
            "/",
            "it answers an order that this rail does not take",
        )),
    }
}

/// A request was made: what to show, and PayMe's name for it, which we keep.
fn begun(order: &Order, told: &Told, at: Timestamp) -> Result<Decoded, Unreadable> {
    let id = name("/paymentRequestId", told.payment_request_id.as_deref())?;
    let payload = address("/webLink", told.web_link.as_deref())?.to_owned();
    let app_link = match told.app_link.as_deref() {
        Some(link) => Some(address("/appLink", Some(link))?.to_owned()),
        None => None,
    };
    let finding = facts::find(CODES, &told.status_code, |row| row.payment);
    Ok(Decoded {
        reports: vec![outcome(order, finding, code(&told.status_code), at)],
        presentation: Some(Presentation::Qr { payload, app_link }),
        keep: Some(id.to_owned()),
        ..Decoded::default()
    })
}

/// A request's state.
fn request(
    told: &Told,
    account: &str,
    reference: &str,
    order: Option<&Order>,
    at: Timestamp,
) -> Result<Decoded, Unreadable> {
    let data = told.merchant_data.as_ref();
    let named = data.and_then(|data| data.order_id.as_deref());
    let paid_to = data.and_then(|data| data.additional_data.as_deref());
    if named.is_some_and(|named| named != reference) {
        return Err(wrong("/merchantData/orderId", "it speaks of another order"));
    }
    if paid_to.is_some_and(|paid_to| paid_to != account) {
        return Err(wrong(
            "/merchantData/additionalData",
            "it speaks of another merchant",
        ));
    }
    let finding = facts::find(CODES, &told.status_code, |row| row.payment);
    let settled = finding == Finding::Settled;
    let otherwise = order.filter(|_| !settled).map(|order| order.collect.amount);
    let unpaid = (!settled).then_some(reference);
    let currency = told.currency_code.as_deref();
    let fact = Fact {
        account: name("/merchantData/additionalData", Some(account))?,
        rail_reference: name("/transactionId", told.transaction_id.as_deref().or(unpaid))?,
        reference,
        order_key: reference,
        amount: amount(
            "/totalAmount",
            told.total_amount.as_deref(),
            currency,
            otherwise,
        )?,
        finding,
        reason: code(&told.status_code),
        at: moment("/transactionTime", told.transaction_time.as_deref(), at)?,
        payer: told.payer_name.clone(),
    };
    let mut decoded = fact.alone();
    // An answer whose name we never got is kept from now on.
    decoded.keep = order
        .and(told.payment_request_id.clone())
        .filter(|id| crate::reading::is_name(id));
    Ok(decoded)
}

fn give_back(told: &Return, order: &Order, at: Timestamp) -> Result<Decoded, Unreadable> {
    let key = facts::order_key(order);
    if told
        .merchant_refund_id
        .as_deref()
        .is_some_and(|told| told != key)
    {
        return Err(wrong("/merchantRefundId", "it speaks of another refund"));
    }
    let otherwise = facts::refund_amount(order);
    let currency = told.currency_code.as_deref();
    let fact = Fact {
        account: &order.collect.payee,
        rail_reference: name("/refundId", told.refund_id.as_deref().or(Some(key)))?,
        reference: &order.collect.reference,
        order_key: key,
        amount: amount("/amount", told.amount.as_deref(), currency, otherwise)?,
        finding: facts::find(CODES, &told.status_code, |row| row.refund),
        reason: code(&told.status_code),
        at: moment("/refundTime", told.refund_time.as_deref(), at)?,
        payer: None,
    };
    Ok(fact.alone())
}

/// A JSON number as it stands there, digit by digit: amounts meet no float.
fn amount(
    path: &str,
    told: Option<&RawValue>,
    currency: Option<&str>,
    otherwise: Option<Money>,
) -> Result<Money, Unreadable> {
    let Some(told) = told else {
        return otherwise.ok_or_else(|| wrong(path, "it is needed"));
    };
    let currency: Currency = currency
        .unwrap_or_default()
        .parse()
        .map_err(|_unknown| wrong(path, "the currency is not one that we know"))?;
    let not = || {
        unreadable(
            UnreadableKind::WrongMessage,
            path,
            "it must be a positive number of dollars",
        )
    };
    let money = Money::parse(told.get(), currency).map_err(|_fault| not())?;
    if money.is_positive() {
        Ok(money)
    } else {
        Err(not())
    }
}
