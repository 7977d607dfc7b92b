//! Events and their bodies.

use epay_money::{BillId, BillerId, Money, PaymentId, WebhookEndpointId};
use epay_webhook::CloudEvent;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::EventType;
use crate::PublicEventKind;

/// What the type of an event begins with, so that it is unlike anybody else's.
const TYPE_PREFIX: &str = "epay.v1.";

/// A line of news as the outbox keeps it: where it lies there makes the event's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// The batch that it was written with.
    pub batch: Uuid,
    /// Its place there, from 0.
    pub line: u32,
    /// When.
    pub at: Timestamp,
    /// The department.
    pub biller: BillerId,
    /// What.
    pub kind: PublicEventKind,
    /// The bill.
    pub bill: BillId,
    /// The payment, where there is one.
    pub payment: Option<PaymentId>,
    /// Minor units that moved, in the bill's currency, where some did.
    pub minor: Option<i64>,
}

/// What receivers want to know of a bill beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillFacts {
    /// Its kind.
    pub bill_type: String,
    /// The number printed on it: the department's own.
    pub number: String,
    /// Amount and currency.
    pub amount: Money,
}

/// An event, ready to be kept and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The department.
    pub biller: BillerId,
    /// Stable, and unique for ever.
    pub id: String,
    /// What it is about.
    pub event_type: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// The bytes that are signed and sent.
    pub body: String,
}

/// Why an event has no body: a fault of ours.
pub type Told<T> = Result<T, BodyFault>;

/// The facts could not be written as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an event has no body: {0}")]
pub struct BodyFault(String);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BillData {
    bill: String,
    bill_type: String,
    bill_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
}

/// As the API writes amounts: 64-bit numbers are texts in the JSON of Protobuf.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Amount {
    minor_units: String,
    currency_code: &'static str,
}

/// The event of a piece of news; none where departments do not hear of it.
///
/// # Errors
/// [`BodyFault`].
pub fn webhook_event(happening: &Happening, bill: &BillFacts) -> Told<Option<WebhookEvent>> {
    let Some(event_type) = EventType::of(happening.kind) else {
        return Ok(None);
    };
    let biller = &happening.biller;
    let data = BillData {
        bill: format!("billers/{biller}/bills/{}", happening.bill),
        bill_type: bill.bill_type.clone(),
        bill_number: bill.number.clone(),
        payment: happening
            .payment
            .map(|payment| format!("billers/{biller}/payments/{payment}")),
        amount: happening.minor.map(|minor| Amount {
            minor_units: minor.to_string(),
            currency_code: bill.amount.currency().code(),
        }),
    };
    let subject = data.payment.clone().unwrap_or_else(|| data.bill.clone());
    let place = (happening.batch, happening.line);
    make(
        biller,
        place,
        event_type,
        happening.at,
        Some(&subject),
        data,
    )
    .map(Some)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EndpointData {
    webhook_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
}

/// An event by which somebody tries a receiver. `id` is fresh.
///
/// # Errors
/// [`BodyFault`].
pub fn test_event(
    biller: &BillerId,
    endpoint: WebhookEndpointId,
    id: Uuid,
    at: Timestamp,
) -> Told<WebhookEvent> {
    about_endpoint(biller, endpoint, EventType::WebhookTest, (id, at), None)
}

/// The event that tells of a receiver's suspension. `id` is fresh.
///
/// # Errors
/// [`BodyFault`].
pub fn suspension_event(
    biller: &BillerId,
    endpoint: WebhookEndpointId,
    failing_since: Option<Timestamp>,
    id: Uuid,
    at: Timestamp,
) -> Told<WebhookEvent> {
    let kind = EventType::WebhookSuspended;
    about_endpoint(biller, endpoint, kind, (id, at), failing_since)
}

fn about_endpoint(
    biller: &BillerId,
    endpoint: WebhookEndpointId,
    event_type: EventType,
    (id, at): (Uuid, Timestamp),
    failing_since: Option<Timestamp>,
) -> Told<WebhookEvent> {
    let name = format!("billers/{biller}/webhookEndpoints/{endpoint}");
    let data = EndpointData {
        webhook_endpoint: name.clone(),
        failing_since,
    };
    make(biller, (id, 0), event_type, at, Some(&name), data)
}

fn make<D: Serialize>(
    biller: &BillerId,
    (batch, line): (Uuid, u32),
    event_type: EventType,
    at: Timestamp,
    subject: Option<&str>,
    data: D,
) -> Told<WebhookEvent> {
    // Without a full stop: signatures are over a text in which it separates.
    let id = format!("evt_{}_{line}", batch.simple());
    let source = format!("/epay/billers/{biller}");
    let kind = format!("{TYPE_PREFIX}{}", event_type.as_str());
    let sequence = format!("{}{line:08}", batch.simple());
    let mut event = CloudEvent::new((&source, &id), &kind, at, &sequence, data);
    event.subject = subject;
    let body = event
        .to_body()
        .map_err(|error| BodyFault(error.to_string()))?;
    Ok(WebhookEvent {
        biller: biller.clone(),
        id,
        event_type,
        at,
        body,
    })
}
