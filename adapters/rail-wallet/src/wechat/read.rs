//! WeChat Pay's answers and notices as reports.

use epay_rail::{
    Ask, Decoded, Finding, Inbound, Order, Origin, Presentation, Question, Unreadable,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::codes::CODES;
use super::config::Account;
use super::sign::{self, Resource};
use crate::facts::{self, Fact, Subject, outcome, subject};
use crate::reading::{address, code, escaped, json, moment, money, name, wrong};
use crate::settlement;

#[derive(Deserialize)]
struct Notice {
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Native {
    code_url: String,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
}

#[derive(Deserialize)]
struct Transaction {
    sp_mchid: String,
    sub_mchid: String,
    out_trade_no: String,
    trade_state: String,
    id: Option<String>,
    amount: Option<Total>,
    success_time: Option<String>,
    payer: Option<Payer>,
}

#[derive(Deserialize)]
struct Total {
    total: i64,
    currency: String,
}

#[derive(Deserialize)]
struct Payer {
    sp_openid: Option<String>,
}

#[derive(Deserialize)]
struct Return {
    sub_mchid: Option<String>,
    out_trade_no: Option<String>,
    out_refund_no: String,
    id: Option<String>,
    #[serde(alias = "refund_status")]
    status: Option<String>,
    success_time: Option<String>,
    create_time: Option<String>,
    amount: Option<ReturnAmount>,
}

#[derive(Deserialize)]
struct ReturnAmount {
    refund: i64,
    currency: String,
}

/// Reads whatever WeChat Pay, or its bank, told us.
pub(super) fn decode(account: &Account, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
    let (body, at) = (inbound.body, inbound.received_at);
    match inbound.origin {
        Origin::Notice if settlement::is_settlement(body) => settlement::read(body),
        Origin::Notice => notice(account, body, at),
        Origin::Reply { order, status } if (200..300).contains(&status) => {
            answer(account, order, body, at)
        }
        Origin::Reply { order, .. } => {
            let fault: Fault = json(body)?;
            Ok(facts::error(CODES, &fault.code, order, at))
        }
    }
}

fn notice(account: &Account, body: &[u8], at: Timestamp) -> Result<Decoded, Unreadable> {
    let notice: Notice = json(body)?;
    let plain = sign::opened(account, &notice.resource)?;
    if notice.event_type.starts_with("TRANSACTION.") {
        transaction(account, &json(&plain)?, None, at)
    } else if notice.event_type.starts_with("REFUND.") {
        give_back(&json(&plain)?, None, at)
    } else {
        Err(wrong("/event_type", "it is neither a payment nor a refund"))
    }
}

fn answer(
    account: &Account,
    order: &Order,
    body: &[u8],
    at: Timestamp,
) -> Result<Decoded, Unreadable> {
    match &order.ask {
        Ask::Collect => {
            let native: Native = json(body)?;
            let payload = address("/code_url", Some(&native.code_url))?;
            let app_link = account
                .app_link_prefix
                .as_ref()
                .map(|prefix| prefix.clone() + &escaped(payload));
            let waiting = outcome(order, Finding::Waiting, "NOTPAY".to_owned(), at);
            Ok(Decoded {
                reports: vec![waiting],
                presentation: Some(Presentation::Qr {
                    payload: payload.to_owned(),
                    app_link,
                }),
                ..Decoded::default()
            })
        }
        Ask::Query(question) => match about(question) {
            Some(Subject::Collection) => transaction(account, &json(body)?, Some(order), at),
            Some(Subject::Refund(_)) => give_back(&json(body)?, Some(order), at),
            None => Err(wrong(
                "/",
                "it answers an order that this rail does not take",
            )),
        },
        // The answer to a close has no body.
        Ask::Close => Ok(Decoded {
            reports: vec![outcome(order, Finding::Closed, "CLOSED".to_owned(), at)],
            ..Decoded::default()
        }),
        Ask::Refund(_) => give_back(&json(body)?, Some(order), at),
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => Err(wrong(
            "/",
            "it answers an order that this rail does not take",
        )),
    }
}

fn about(question: &Question) -> Option<Subject<'_>> {
    subject(question).ok()
}

/// A payment's state: of our merchant, and in an answer of the order that was asked about.
fn transaction(
    account: &Account,
    told: &Transaction,
    order: Option<&Order>,
    at: Timestamp,
) -> Result<Decoded, Unreadable> {
    if told.sp_mchid != account.sp_mchid {
        return Err(wrong("/sp_mchid", "it speaks of another merchant"));
    }
    let payee = name("/sub_mchid", Some(&told.sub_mchid))?;
    let reference = name("/out_trade_no", Some(&told.out_trade_no))?;
    let same = |order: &Order| order.collect.payee == payee && order.collect.reference == reference;
    if order.is_some_and(|order| !same(order)) {
        return Err(wrong("/out_trade_no", "it speaks of another order"));
    }
    let finding = facts::find(CODES, &told.trade_state, |row| row.payment);
    let amount = match (&told.amount, order) {
        (Some(total), _) => money("/amount/total", total.total, &total.currency)?,
        (None, Some(order)) if finding != Finding::Settled => order.collect.amount,
        (None, _) => return Err(wrong("/amount", "it is needed")),
    };
    let rail_reference = match (&told.id, finding) {
        (None, Finding::Settled) => return Err(wrong("/id", "it is needed")),
        (None, _) => reference,
        (Some(id), _) => name("/id", Some(id))?,
    };
    let fact = Fact {
        account: payee,
        rail_reference,
        reference,
        order_key: reference,
        amount,
        finding,
        reason: code(&told.trade_state),
        at: moment("/success_time", told.success_time.as_deref(), at)?,
        payer: told
            .payer
            .as_ref()
            .and_then(|payer| payer.sp_openid.clone()),
    };
    Ok(fact.alone())
}

/// A refund's state; one that was just taken in has none yet.
fn give_back(told: &Return, order: Option<&Order>, at: Timestamp) -> Result<Decoded, Unreadable> {
    let key = name("/out_refund_no", Some(&told.out_refund_no))?;
    let finding = told
        .status
        .as_deref()
        .map_or(Finding::RefundAccepted, |status| {
            facts::find(CODES, status, |row| row.refund)
        });
    if order.is_some_and(|order| facts::order_key(order) != key) {
        return Err(wrong("/out_refund_no", "it speaks of another refund"));
    }
    let collect = order.map(|order| &order.collect);
    let payee = told
        .sub_mchid
        .as_deref()
        .or(collect.map(|collect| collect.payee.as_str()));
    let reference = told
        .out_trade_no
        .as_deref()
        .or(collect.map(|collect| collect.reference.as_str()));
    let amount = match (&told.amount, order.map(|order| &order.ask)) {
        (Some(amount), _) => money("/amount/refund", amount.refund, &amount.currency)?,
        (None, Some(Ask::Refund(refund))) => refund.amount,
        (None, _) => return Err(wrong("/amount", "it is needed")),
    };
    let time = told.success_time.as_deref().or(told.create_time.as_deref());
    let fact = Fact {
        account: name("/sub_mchid", payee)?,
        rail_reference: name("/id", told.id.as_deref().or(Some(key)))?,
        reference: reference.unwrap_or_default(),
        order_key: key,
        amount,
        finding,
        reason: told
            .status
            .as_deref()
            .map_or_else(|| "PROCESSING".to_owned(), code),
        at: moment("/success_time", time, at)?,
        payer: None,
    };
    Ok(fact.alone())
}
