//! What the acquirer writes: orders, transactions and errors in the documented shape of Mastercard's gateway.

use serde_json::{Value, json};

use super::store::{Order, Transaction};
use crate::money::format_cents;

/// The version of the interface that the answers name.
const VERSION: &str = "100";

/// Cents as a JSON number of dollars.
fn dollars(cents: i64) -> Value {
    serde_json::from_str(&format_cents(cents)).unwrap_or(Value::Null)
}

/// Sum of what was done of a kind.
pub(super) fn total(transactions: &[Transaction], kind: &str) -> i64 {
    transactions
        .iter()
        .filter(|one| one.succeeded(kind))
        .fold(0, |sum, one| sum.saturating_add(one.amount_cents))
}

/// The status of an order.
fn status(transactions: &[Transaction]) -> &'static str {
    let total = |kind| total(transactions, kind);
    let (authorised, captured, refunded) =
        (total("AUTHORIZATION"), total("CAPTURE"), total("REFUND"));
    let any = |kind: &str, result: &str| {
        transactions
            .iter()
            .any(|one| one.kind == kind && one.result == result)
    };
    if total("CHARGEBACK") > 0 {
        "CHARGEBACK_PROCESSED"
    } else if total("VOID_AUTHORIZATION") > 0 {
        "CANCELLED"
    } else if refunded > 0 && refunded >= captured {
        "REFUNDED"
    } else if refunded > 0 {
        "PARTIALLY_REFUNDED"
    } else if captured > 0 && captured >= authorised {
        "CAPTURED"
    } else if captured > 0 {
        "PARTIALLY_CAPTURED"
    } else if authorised > 0 {
        "AUTHORIZED"
    } else if any("AUTHORIZATION", "FAILURE") {
        "FAILED"
    } else if any("AUTHENTICATION", "FAILURE") {
        "AUTHENTICATION_UNSUCCESSFUL"
    } else {
        "INITIATED"
    }
}

/// An order with its transactions.
pub(super) fn whole(order: &Order, transactions: &[Transaction]) -> Value {
    let each: Vec<Value> = transactions
        .iter()
        .map(|one| transaction(order, one, transactions))
        .collect();
    let mut answer = head(order, transactions);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("merchant".to_owned(), json!(order.merchant));
        fields.insert("result".to_owned(), json!("SUCCESS"));
        fields.insert("transaction".to_owned(), Value::Array(each));
    }
    answer
}

fn head(order: &Order, transactions: &[Transaction]) -> Value {
    json!({
        "id": order.order_id,
        "amount": dollars(order.amount_cents),
        "currency": order.currency,
        "description": order.description,
        "creationTime": order.created_at.to_string(),
        "status": status(transactions),
        "totalAuthorizedAmount": dollars(total(transactions, "AUTHORIZATION")),
        "totalCapturedAmount": dollars(total(transactions, "CAPTURE")),
        "totalRefundedAmount": dollars(total(transactions, "REFUND")),
    })
}

/// One transaction, as the answer to a request and as part of an order.
pub(super) fn transaction(order: &Order, one: &Transaction, all: &[Transaction]) -> Value {
    let mut about = json!({
        "id": one.transaction_id,
        "type": one.kind,
        "amount": dollars(one.amount_cents),
        "currency": one.currency,
        "receipt": one.receipt,
        "acquirer": { "id": "SANDBOX_ACQUIRER", "merchantId": order.merchant },
    });
    if let (Some(target), Some(fields)) = (&one.target, about.as_object_mut()) {
        fields.insert("targetTransactionId".to_owned(), json!(target));
    }
    let mut answer = json!({
        "merchant": order.merchant,
        "version": VERSION,
        "result": one.result,
        "response": { "gatewayCode": one.gateway_code, "acquirerCode": one.acquirer_code },
        "order": head(order, all),
        "transaction": about,
        "timeOfRecord": one.recorded_at.to_string(),
    });
    if let (Some(card), Some(fields)) = (&one.card, answer.as_object_mut()) {
        let provided = json!({ "card": { "brand": "SANDBOX", "number": card } });
        fields.insert(
            "sourceOfFunds".to_owned(),
            json!({ "type": "CARD", "provided": provided }),
        );
    }
    answer
}

/// Why a request was not taken.
pub(super) fn error(cause: &str, explanation: &str) -> Value {
    json!({
        "result": "ERROR",
        "error": { "cause": cause, "explanation": explanation },
    })
}
