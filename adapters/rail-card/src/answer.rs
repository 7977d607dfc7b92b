//! The acquirer's answers as they are written: the fields that we read, and nothing else of them.
//!
//! The bodies are untrusted. They are bounded before they are parsed ([`BODY_BYTES_MAX`], and `serde_json` stops at a
//! depth of 128); an amount stays text until the exact parser takes it.

use epay_money::{Currency, Money};
use epay_rail::{Inbound, Order, Unreadable, UnreadableKind};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// Most bytes of an answer or a notice.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// Most transactions that are read of one order.
pub(crate) const TRANSACTIONS_MAX: usize = 500;
/// Longest id of a transaction, session or order.
const ID_CHARS_MAX: usize = 64;

/// An answer to one of our orders, as it came in.
#[derive(Clone, Copy)]
pub(crate) struct Reply<'a> {
    pub(crate) order: &'a Order,
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
    pub(crate) at: Timestamp,
}

impl<'a> Reply<'a> {
    pub(crate) const fn of(order: &'a Order, status: u16, inbound: &Inbound<'a>) -> Self {
        Self {
            order,
            status,
            body: inbound.body,
            at: inbound.received_at,
        }
    }

    /// Whether the gateway took the request at all.
    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// `error` of an answer.
#[derive(Deserialize)]
pub(crate) struct ErrorPart {
    pub(crate) cause: Option<String>,
    pub(crate) explanation: Option<String>,
}

/// The answer to the request to begin a checkout.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Begun {
    pub(crate) result: Option<String>,
    pub(crate) error: Option<ErrorPart>,
    pub(crate) session: Option<SessionPart>,
    pub(crate) success_indicator: Option<String>,
}

/// `session`.
#[derive(Deserialize)]
pub(crate) struct SessionPart {
    pub(crate) id: Option<String>,
}

/// An order with its transactions, each still to be read by itself.
#[derive(Deserialize)]
pub(crate) struct Whole {
    pub(crate) id: Option<String>,
    pub(crate) merchant: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) error: Option<ErrorPart>,
    #[serde(default)]
    pub(crate) transaction: Vec<Box<RawValue>>,
}

/// One transaction: the answer to what we asked for, or one of an order's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct One {
    pub(crate) result: Option<String>,
    pub(crate) merchant: Option<String>,
    pub(crate) response: Option<ResponsePart>,
    pub(crate) order: Option<OrderPart>,
    pub(crate) transaction: Option<TransactionPart>,
    pub(crate) time_of_record: Option<Timestamp>,
    pub(crate) source_of_funds: Option<FundsPart>,
}

/// `response`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponsePart {
    pub(crate) gateway_code: Option<String>,
    pub(crate) acquirer_code: Option<String>,
}

/// `order` of one transaction.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderPart {
    pub(crate) id: Option<String>,
    pub(crate) creation_time: Option<Timestamp>,
}

/// `transaction` of one transaction.
#[derive(Deserialize)]
pub(crate) struct TransactionPart {
    pub(crate) id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) amount: Option<Box<RawValue>>,
    pub(crate) currency: Option<String>,
    pub(crate) receipt: Option<String>,
}

/// `sourceOfFunds`, down to what tells a payer which card it was.
#[derive(Deserialize)]
pub(crate) struct FundsPart {
    provided: Option<ProvidedPart>,
}

#[derive(Deserialize)]
struct ProvidedPart {
    card: Option<CardPart>,
}

#[derive(Deserialize)]
struct CardPart {
    brand: Option<String>,
    number: Option<String>,
}

impl FundsPart {
    /// `VISA 1111`: the scheme and the last four digits, whatever else the gateway sent.
    pub(crate) fn shown(&self) -> Option<String> {
        let card = self.provided.as_ref()?.card.as_ref()?;
        let mut tail: Vec<char> = card.number.as_ref()?.chars().rev().take(4).collect();
        tail.reverse();
        let four: String = tail.into_iter().collect();
        if four.len() != 4 || !four.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let brand = card
            .brand
            .as_deref()
            .filter(|brand| {
                brand.len() <= 20 && brand.bytes().all(|byte| byte.is_ascii_uppercase())
            })
            .unwrap_or("CARD");
        Some(format!("{brand} {four}"))
    }
}

/// Reads a body.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    if body.len() > BODY_BYTES_MAX {
        return Err(unreadable(
            UnreadableKind::TooLarge,
            format!("it has more than {BODY_BYTES_MAX} bytes"),
        ));
    }
    serde_json::from_slice(body).map_err(|fault| {
        // Its own words could quote the body, so only the place is told.
        let place = format!("line {}, column {}", fault.line(), fault.column());
        let words = format!("it is not the JSON that is documented, at {place}");
        unreadable(UnreadableKind::Malformed, words)
    })
}

/// A whole message that cannot be read.
pub(crate) fn unreadable(kind: UnreadableKind, message: impl Into<String>) -> Unreadable {
    Unreadable {
        kind,
        path: "/".to_owned(),
        message: message.into(),
    }
}

/// An amount as JSON writes it, a number or a text; exact, positive, of a known currency.
pub(crate) fn amount(raw: Option<&RawValue>, currency: Option<&str>) -> Option<Money> {
    let currency: Currency = currency?.parse().ok()?;
    let text = raw?.get().trim_matches('"');
    Money::parse(text, currency)
        .ok()
        .filter(|amount| amount.is_positive())
}

/// Whether a text can be an id: short, visible ASCII without a slash.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b'"')
}
