//! The collecting bank's drop box: a cheque is put under our reference, and asked about there.
//!
//! The bank channel seals both requests (`docs/bank-channel.md`); the words are our own (`docs/echeque-data.md`), because the
//! clearing house's are not public. An answer is a state, from a table; whether the cheque was honoured is said by the
//! bank's notice alone, because only that is about money.

use epay_money::{Currency, Money, hong_kong_date};
use epay_rail::{
    Call, Decoded, Finding, HttpMethod, Instrument, Order, Report, Seal, Unreadable, UnreadableKind,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::config::Config;
use crate::judge::Accepted;

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Characters of an account or an item in an answer.
const NAME_CHARS_MAX: usize = 35;
/// Characters of a reason in an answer.
const REASON_CHARS_MAX: usize = 140;

/// What a state of the drop box means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateRow {
    /// The state as the drop box writes it.
    pub state: &'static str,
    /// The finding.
    pub finding: Finding,
}

/// Every state that we act on. Anything else is [`Finding::Unclear`].
pub const STATES: &[StateRow] = &[
    row("RECEIVED", Finding::Conditional),
    row("PRESENTED", Finding::Conditional),
    // Paid or not, the notice says so with the booking; until then the promise stands as it did.
    row("HONOURED", Finding::Conditional),
    row("RETURNED", Finding::Dishonoured),
    row("REFUSED", Finding::Declined),
];

const fn row(state: &'static str, finding: Finding) -> StateRow {
    StateRow { state, finding }
}

/// An answer, as written.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Answer {
    state: String,
    account: String,
    item: String,
    amount: String,
    currency: String,
    received_at: Timestamp,
    presentation_date: Date,
    reason: Option<String>,
}

/// The request that hands a cheque over.
pub(crate) fn present(
    config: &Config,
    order: &Order,
    instrument: &Instrument,
    accepted: &Accepted,
) -> Call {
    let identity = accepted.cheque.identity();
    let headers = vec![
        ("content-type", "application/pdf".to_owned()),
        ("accept", "application/json".to_owned()),
        ("echeque-account", order.collect.payee.clone()),
        ("echeque-item", identity.clone()),
    ];
    Call {
        method: HttpMethod::Put,
        url: address(config, order),
        headers,
        body: instrument.bytes.clone(),
        seal: Seal::Channel,
        uses_once: vec![
            format!("cheque:{identity}"),
            format!("sha256:{}", accepted.file_sha256),
        ],
    }
}

/// The request that asks what became of it.
pub(crate) fn query(config: &Config, order: &Order) -> Call {
    Call {
        method: HttpMethod::Get,
        url: address(config, order),
        headers: vec![("accept", "application/json".to_owned())],
        body: Vec::new(),
        seal: Seal::Channel,
        uses_once: Vec::new(),
    }
}

fn address(config: &Config, order: &Order) -> String {
    format!(
        "{}/presentments/{}",
        config.dropbox_url, order.collect.reference
    )
}

/// What the drop box answered.
///
/// # Errors
/// [`Unreadable`] for an answer that should hold a state and does not.
pub(crate) fn answer(
    order: &Order,
    status: u16,
    body: &[u8],
    at: Timestamp,
) -> Result<Decoded, Unreadable> {
    let report = match status {
        200..=202 | 422 => {
            let answer = read(body)?;
            let finding = STATES
                .iter()
                .find(|row| row.state == answer.state)
                .map_or(Finding::Unclear, |row| row.finding);
            by_answer(order, answer, finding)?
        }
        404 => by_status(order, Finding::NotFound, status, at),
        // Among them 409: the drop box has another file under this reference.
        _ => by_status(order, Finding::Unclear, status, at),
    };
    Ok(Decoded {
        reports: vec![report],
        ..Decoded::default()
    })
}

fn read(body: &[u8]) -> Result<Answer, Unreadable> {
    if body.len() > ANSWER_BYTES_MAX {
        return unreadable(UnreadableKind::TooLarge, "/", "the answer is too large");
    }
    let answer: Answer = match serde_json::from_slice(body) {
        Ok(answer) => answer,
        Err(_quoting_the_body) => {
            return unreadable(
                UnreadableKind::Malformed,
                "/",
                "the answer is not the object that the drop box gives",
            );
        }
    };
    let named = |text: &str| {
        (1..=NAME_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if !named(&answer.account) {
        return unreadable(UnreadableKind::TextTooLong, "/account", "it is no account");
    }
    if !named(&answer.item) {
        return unreadable(UnreadableKind::TextTooLong, "/item", "it is no item");
    }
    Ok(answer)
}

fn by_answer(order: &Order, answer: Answer, finding: Finding) -> Result<Report, Unreadable> {
    let amount = answer
        .currency
        .parse::<Currency>()
        .ok()
        .and_then(|currency| Money::parse(&answer.amount, currency).ok())
        .filter(|amount| amount.is_positive());
    let Some(amount) = amount else {
        return unreadable(UnreadableKind::Malformed, "/amount", "it is no amount");
    };
    let reason = answer.reason.map(|reason| {
        let printable = reason.chars().filter(|one| !one.is_control());
        printable.take(REASON_CHARS_MAX).collect()
    });
    Ok(Report {
        rail_account: answer.account,
        rail_reference: answer.item,
        amount,
        reason,
        // The payer acted when we put it there; to a later question the drop box's own clock is nearer.
        instructed_at: order.header.at.min(answer.received_at),
        booking_date: answer.presentation_date,
        value_date: answer.presentation_date,
        ..about(order, finding, answer.presentation_date)
    })
}

/// What a status alone says: there is no item to name, so our own reference stands for it.
fn by_status(order: &Order, finding: Finding, status: u16, at: Timestamp) -> Report {
    Report {
        reason: Some(format!("HTTP {status}")),
        ..about(order, finding, hong_kong_date(at))
    }
}

fn about(order: &Order, finding: Finding, day: Date) -> Report {
    Report {
        rail_account: order.collect.payee.clone(),
        rail_reference: order.collect.reference.clone(),
        reference: Some(order.collect.reference.clone()),
        bill_number: None,
        order_key: Some(order.header.key.clone()),
        amount: order.collect.amount,
        fee: None,
        finding,
        reason: None,
        instructed_at: order.header.at,
        booking_date: day,
        value_date: day,
        payer: None,
        end_to_end_id: None,
        clearing_reference: None,
    }
}

fn unreadable<T>(kind: UnreadableKind, path: &str, message: &str) -> Result<T, Unreadable> {
    Err(Unreadable {
        kind,
        path: path.to_owned(),
        message: message.to_owned(),
    })
}
