//! AlipayHK's answers and notices as reports.
//!
//! A `result` speaks of the request; only with status `S` do the other fields speak of the payment. `U` is unknown: the
//! table lists the two codes that say with what AlipayHK is still busy, and every other one means that we must ask.

use epay_money::Money;
use epay_rail::{
    Ask, Decoded, Finding, Hint, Inbound, Order, Origin, Presentation, Unreadable, is_reference,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::codes::CODES;
use crate::facts::{self, Fact, Row, Subject, outcome, subject};
use crate::reading::{address, code, json, moment, money, name, wrong};
use crate::settlement;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    result: Outcome,
    notify_type: Option<String>,
    payment_request_id: Option<String>,
    payment_id: Option<String>,
    payment_status: Option<String>,
    payment_amount: Option<Amount>,
    payment_time: Option<String>,
    normal_url: Option<String>,
    applink_url: Option<String>,
    order_code_form: Option<CodeForm>,
    refund_request_id: Option<String>,
    refund_id: Option<String>,
    refund_status: Option<String>,
    refund_amount: Option<Amount>,
    refund_time: Option<String>,
    acquirer_info: Option<Acquirer>,
    psp_customer_info: Option<Customer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    result_status: String,
    result_code: String,
}

#[derive(Deserialize)]
struct Amount {
    currency: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CodeForm {
    code_details: Vec<CodeDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CodeDetail {
    code_value: String,
    display_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Acquirer {
    acquirer_merchant_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    display_customer_id: Option<String>,
}

/// Reads whatever AlipayHK, or its bank, told us.
pub(super) fn decode(inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
    let (body, at) = (inbound.body, inbound.received_at);
    match inbound.origin {
        Origin::Notice if settlement::is_settlement(body) => settlement::read(body),
        Origin::Notice => notice(&json(body)?, at),
        Origin::Reply { order, .. } => answer(order, &json(body)?, at),
    }
}

fn notice(told: &Told, at: Timestamp) -> Result<Decoded, Unreadable> {
    let account = told
        .acquirer_info
        .as_ref()
        .and_then(|acquirer| acquirer.acquirer_merchant_id.as_deref());
    let finding = |column: fn(&Row) -> Finding| match told.result.result_status.as_str() {
        "S" => facts::find(CODES, "SUCCESS", column),
        "F" => facts::find(CODES, "FAIL", column),
        _ => Finding::Unclear,
    };
    match (told.notify_type.as_deref(), account) {
        (Some("PAYMENT_RESULT"), Some(account)) => {
            payment(told, account, None, finding(|row| row.payment), at)
        }
        (Some("REFUND_RESULT"), Some(account)) => {
            give_back(told, account, None, finding(|row| row.refund), at)
        }
        // Without the merchant nobody knows whose money it is: the rail is asked. So it is while nothing is decided.
        (Some("PAYMENT_RESULT" | "PAYMENT_PENDING"), _) => {
            let reference = name("/paymentRequestId", told.payment_request_id.as_deref())?;
            if !is_reference(reference) {
                return Err(wrong("/paymentRequestId", "it is no reference of ours"));
            }
            let reference = reference.to_owned();
            Ok(Decoded {
                hints: vec![Hint { reference }],
                ..Decoded::default()
            })
        }
        (_, _) => Err(wrong("/notifyType", "it is neither a payment nor a refund")),
    }
}

fn answer(order: &Order, told: &Told, at: Timestamp) -> Result<Decoded, Unreadable> {
    let Outcome {
        result_status,
        result_code,
    } = &told.result;
    if let (Ask::Collect, true) = (
        &order.ask,
        told.normal_url.is_some() || told.order_code_form.is_some(),
    ) {
        return begun(order, told, at);
    }
    if result_status != "S" {
        // Only an outright `F` may say that nothing happened; `U` keeps what the table has for states under way.
        let decoded = facts::error(CODES, result_code, order, at);
        let final_word = decoded.reports.iter().any(|report| {
            !matches!(
                report.finding,
                Finding::Waiting | Finding::RefundAccepted | Finding::Unclear
            )
        });
        return Ok(if result_status == "U" && final_word {
            facts::error(CODES, "UNKNOWN_EXCEPTION", order, at)
        } else {
            decoded
        });
    }
    let payee = &order.collect.payee;
    match &order.ask {
        Ask::Query(question) => match subject(question) {
            Ok(Subject::Collection) => {
                let state = told.payment_status.as_deref().unwrap_or_default();
                let finding = facts::find(CODES, state, |row| row.payment);
                payment(told, payee, Some(order), finding, at)
            }
            Ok(Subject::Refund(_)) => {
                let state = told.refund_status.as_deref().unwrap_or_default();
                let finding = facts::find(CODES, state, |row| row.refund);
                give_back(told, payee, Some(order), finding, at)
            }
            Err(_) => Err(wrong(
                "/",
                "it answers an order that this rail does not take",
            )),
        },
        Ask::Close => Ok(Decoded {
            reports: vec![outcome(order, Finding::Closed, code(result_code), at)],
            ..Decoded::default()
        }),
        Ask::Refund(_) => give_back(told, payee, Some(order), Finding::Refunded, at),
        // A payment that is done without anything to show the payer is not one that we asked for.
        Ask::Collect => Ok(facts::error(CODES, "UNKNOWN_EXCEPTION", order, at)),
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => Err(wrong(
            "/",
            "it answers an order that this rail does not take",
        )),
    }
}

/// A payment was begun: something to show.
fn begun(order: &Order, told: &Told, at: Timestamp) -> Result<Decoded, Unreadable> {
    same_payment(told, order)?;
    let code_text = told
        .order_code_form
        .iter()
        .flat_map(|form| &form.code_details)
        .find(|detail| {
            detail
                .display_type
                .as_deref()
                .is_none_or(|kind| kind == "TEXT")
        });
    let presentation = match code_text {
        Some(detail) => Presentation::Qr {
            payload: address("/orderCodeForm", Some(&detail.code_value))?.to_owned(),
            app_link: match told.applink_url.as_deref().or(told.normal_url.as_deref()) {
                Some(link) => Some(address("/applinkUrl", Some(link))?.to_owned()),
                None => None,
            },
        },
        None => Presentation::Redirect {
            url: address("/normalUrl", told.normal_url.as_deref())?.to_owned(),
        },
    };
    let reason = code(&told.result.result_code);
    Ok(Decoded {
        reports: vec![outcome(order, Finding::Waiting, reason, at)],
        presentation: Some(presentation),
        ..Decoded::default()
    })
}

fn same_payment(told: &Told, order: &Order) -> Result<(), Unreadable> {
    if told
        .payment_request_id
        .as_deref()
        .is_none_or(|id| id == order.collect.reference)
    {
        Ok(())
    } else {
        Err(wrong("/paymentRequestId", "it speaks of another order"))
    }
}

fn payment(
    told: &Told,
    account: &str,
    order: Option<&Order>,
    finding: Finding,
    at: Timestamp,
) -> Result<Decoded, Unreadable> {
    if let Some(order) = order {
        same_payment(told, order)?;
    }
    let asked = order.map(|order| order.collect.reference.as_str());
    let reference = name(
        "/paymentRequestId",
        told.payment_request_id.as_deref().or(asked),
    )?;
    let settled = finding == Finding::Settled;
    let otherwise = order.filter(|_| !settled).map(|order| order.collect.amount);
    let unpaid = (!settled).then_some(reference);
    let fact = Fact {
        account: name("/acquirerInfo/acquirerMerchantId", Some(account))?,
        rail_reference: name("/paymentId", told.payment_id.as_deref().or(unpaid))?,
        reference,
        order_key: reference,
        amount: amount("/paymentAmount", told.payment_amount.as_ref(), otherwise)?,
        finding,
        reason: reason(told, told.payment_status.as_deref()),
        at: moment("/paymentTime", told.payment_time.as_deref(), at)?,
        payer: told
            .psp_customer_info
            .as_ref()
            .and_then(|customer| customer.display_customer_id.clone()),
    };
    Ok(fact.alone())
}

fn give_back(
    told: &Told,
    account: &str,
    order: Option<&Order>,
    finding: Finding,
    at: Timestamp,
) -> Result<Decoded, Unreadable> {
    let asked = order.map(facts::order_key);
    let key = name(
        "/refundRequestId",
        told.refund_request_id.as_deref().or(asked),
    )?;
    if asked.is_some_and(|asked| asked != key) {
        return Err(wrong("/refundRequestId", "it speaks of another refund"));
    }
    let otherwise = order.and_then(facts::refund_amount);
    let reference = order.map(|order| order.collect.reference.as_str());
    let fact = Fact {
        account: name("/acquirerInfo/acquirerMerchantId", Some(account))?,
        rail_reference: name("/refundId", told.refund_id.as_deref().or(Some(key)))?,
        reference: told
            .payment_request_id
            .as_deref()
            .or(reference)
            .unwrap_or_default(),
        order_key: key,
        amount: amount("/refundAmount", told.refund_amount.as_ref(), otherwise)?,
        finding,
        reason: reason(told, told.refund_status.as_deref()),
        at: moment("/refundTime", told.refund_time.as_deref(), at)?,
        payer: None,
    };
    Ok(fact.alone())
}

fn reason(told: &Told, state: Option<&str>) -> String {
    code(state.unwrap_or(&told.result.result_code))
}

fn amount(
    path: &str,
    told: Option<&Amount>,
    otherwise: Option<Money>,
) -> Result<Money, Unreadable> {
    let Some(told) = told else {
        return otherwise.ok_or_else(|| wrong(path, "it is needed"));
    };
    let digits = told.value.bytes().all(|byte| byte.is_ascii_digit());
    let minor = told.value.parse().ok().filter(|_| digits);
    let minor = minor.ok_or_else(|| wrong(path, "it must be digits: a number of cents"))?;
    money(path, minor, &told.currency)
}
