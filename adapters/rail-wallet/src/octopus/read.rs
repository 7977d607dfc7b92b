//! The adapter's answers and notices as reports.

use epay_rail::{Ask, Decoded, Finding, Inbound, Order, Origin, Presentation, Unreadable};
use jiff::Timestamp;
use serde::Deserialize;

use super::codes::CODES;
use crate::facts::{self, Fact, Subject, outcome, subject};
use crate::reading::{address, code, json, moment, money, name, wrong};
use crate::settlement;

#[derive(Deserialize)]
struct Notice {
    payment: Option<Payment>,
    refund: Option<Return>,
}

#[derive(Deserialize)]
struct Payment {
    merchant: String,
    reference: String,
    payment_id: String,
    status: String,
    amount_cents: i64,
    currency: String,
    redirect_url: Option<String>,
    paid_at: Option<String>,
    payer: Option<String>,
}

#[derive(Deserialize)]
struct Return {
    merchant: String,
    reference: String,
    refund_id: String,
    octopus_refund_id: String,
    status: String,
    amount_cents: i64,
    currency: String,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
}

/// Reads whatever the adapter, or its bank, told us.
pub(super) fn decode(inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
    let (body, at) = (inbound.body, inbound.received_at);
    match inbound.origin {
        Origin::Notice if settlement::is_settlement(body) => settlement::read(body),
        Origin::Notice => {
            let notice: Notice = json(body)?;
            match (notice.payment, notice.refund) {
                (Some(told), None) => payment(&told, None, at),
                (None, Some(told)) => give_back(&told, None, at),
                (_, _) => Err(wrong("/", "it must hold one payment or one refund")),
            }
        }
        Origin::Reply { order, status } if (200..300).contains(&status) => answer(order, body, at),
        Origin::Reply { order, .. } => {
            let fault: Fault = json(body)?;
            Ok(facts::error(CODES, &fault.code, order, at))
        }
    }
}

fn answer(order: &Order, body: &[u8], at: Timestamp) -> Result<Decoded, Unreadable> {
    let other = || {
        Err(wrong(
            "/",
            "it answers an order that this rail does not take",
        ))
    };
    match &order.ask {
        Ask::Collect => {
            let told: Payment = json(body)?;
            same(order, &told.merchant, &told.reference)?;
            let finding = facts::find(CODES, &told.status, |row| row.payment);
            let url = address("/redirect_url", told.redirect_url.as_deref())?.to_owned();
            Ok(Decoded {
                reports: vec![outcome(order, finding, code(&told.status), at)],
                presentation: Some(Presentation::Redirect { url }),
                ..Decoded::default()
            })
        }
        Ask::Query(question) => match subject(question) {
            Ok(Subject::Collection) => payment(&json(body)?, Some(order), at),
            Ok(Subject::Refund(_)) => give_back(&json(body)?, Some(order), at),
            Err(_) => other(),
        },
        Ask::Close => {
            let told: Payment = json(body)?;
            same(order, &told.merchant, &told.reference)?;
            let finding = facts::find(CODES, &told.status, |row| row.payment);
            if finding != Finding::Closed {
                return payment(&told, Some(order), at);
            }
            Ok(Decoded {
                reports: vec![outcome(order, finding, code(&told.status), at)],
                ..Decoded::default()
            })
        }
        Ask::Refund(_) => give_back(&json(body)?, Some(order), at),
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => other(),
    }
}

fn same(order: &Order, merchant: &str, reference: &str) -> Result<(), Unreadable> {
    if order.collect.payee == merchant && order.collect.reference == reference {
        Ok(())
    } else {
        Err(wrong("/reference", "it speaks of another order"))
    }
}

fn payment(told: &Payment, order: Option<&Order>, at: Timestamp) -> Result<Decoded, Unreadable> {
    if let Some(order) = order {
        same(order, &told.merchant, &told.reference)?;
    }
    let reference = name("/reference", Some(&told.reference))?;
    let fact = Fact {
        account: name("/merchant", Some(&told.merchant))?,
        rail_reference: name("/payment_id", Some(&told.payment_id))?,
        reference,
        order_key: reference,
        amount: money("/amount_cents", told.amount_cents, &told.currency)?,
        finding: facts::find(CODES, &told.status, |row| row.payment),
        reason: code(&told.status),
        at: moment("/paid_at", told.paid_at.as_deref(), at)?,
        payer: told.payer.clone(),
    };
    Ok(fact.alone())
}

fn give_back(told: &Return, order: Option<&Order>, at: Timestamp) -> Result<Decoded, Unreadable> {
    let key = name("/refund_id", Some(&told.refund_id))?;
    if let Some(order) = order {
        same(order, &told.merchant, &told.reference)?;
        if facts::order_key(order) != key {
            return Err(wrong("/refund_id", "it speaks of another refund"));
        }
    }
    let fact = Fact {
        account: name("/merchant", Some(&told.merchant))?,
        rail_reference: name("/octopus_refund_id", Some(&told.octopus_refund_id))?,
        reference: &told.reference,
        order_key: key,
        amount: money("/amount_cents", told.amount_cents, &told.currency)?,
        finding: facts::find(CODES, &told.status, |row| row.refund),
        reason: code(&told.status),
        at: moment("/updated_at", told.updated_at.as_deref(), at)?,
        payer: None,
    };
    Ok(fact.alone())
}
