//! Waiting for the rail, or the end of an attempt for which no money arrived.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::common::Row;
use super::pay::{Came, LiveMark, Seen};
use crate::format;
use crate::view::{FailureKind, Live, Screen};
use crate::web::{Frame, Refresh, Visit, page};

/// Seconds after which a page without script asks again while an answer is a moment away.
const REFRESH_SOON_SECONDS: u32 = 2;
/// The same while we wait for what the rail finds out.
const REFRESH_CHECKING_SECONDS: u32 = 5;

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage {
    page: Frame,
    live: LiveMark,
    covered: bool,
    checked: bool,
    text: String,
    hint: Option<String>,
    rows: Vec<Row>,
    again: Option<String>,
    /// Asks for the rail to be asked.
    ask: bool,
    acknowledgement: Option<String>,
    address: String,
}

/// What a screen says.
struct Words {
    title: String,
    text: String,
    /// The button for another attempt, where one may begin.
    again: Option<String>,
}

/// Shows that we wait, or that the attempt is over.
pub(super) fn show(visit: &Visit, seen: &Seen, screen: Screen, came: &Came) -> Response {
    let text = visit.text;
    let payment = &seen.payment;
    let address = seen.address(visit);
    let shows_code = text.names_code(&payment.method);
    let words = words(visit, seen, screen, shows_code);
    let waits = payment.live(seen.now) == Live::Events;
    let path = format!("/receipt/{}/{}", payment.biller, payment.id);
    let template = WaitingPage {
        page: visit
            .frame(words.title)
            .with_refresh(refresh(screen, &address)),
        live: seen.live(visit),
        covered: screen == Screen::Expired && shows_code,
        checked: came.asks() && screen != Screen::Clearing,
        text: words.text,
        hint: waits.then(|| text.say("checking-hint")),
        rows: seen.all_rows(visit),
        again: words.again,
        ask: !matches!(screen, Screen::Failed | Screen::Clearing | Screen::Closing),
        acknowledgement: (screen == Screen::Clearing).then(|| visit.href(&path)),
        address,
    };
    page(StatusCode::OK, &template)
}

fn words(visit: &Visit, seen: &Seen, screen: Screen, shows_code: bool) -> Words {
    let text = visit.text;
    let payment = &seen.payment;
    let plain = |title: &str, words: String, again: Option<&str>| Words {
        title: text.say(title),
        text: words,
        again: again.map(|key| text.say(key)),
    };
    let referring = |key: &str| text.with(key, "reference", &payment.reference);
    match screen {
        Screen::Expired if shows_code => plain(
            "expired-title",
            text.say("expired-text"),
            Some("expired-button"),
        ),
        Screen::Expired => plain("over-title", text.say("over-text"), Some("again-button")),
        Screen::Cancelled if shows_code => plain(
            "cancelled-title",
            text.say("cancelled-text"),
            Some("again-button"),
        ),
        Screen::Cancelled => plain(
            "cancelled-title",
            text.say("cancelled-plain-text"),
            Some("again-button"),
        ),
        Screen::Failed => failed(visit, seen),
        Screen::Clearing => {
            let amount = format::money(text.language, payment.amount);
            let words = text.fill(
                "clearing-text",
                [("amount", amount), ("reference", payment.reference.clone())],
            );
            plain("clearing-title", words, None)
        }
        Screen::Closing => plain("closing-title", referring("closing-text"), None),
        Screen::Sending => plain("sending-title", referring("sending-text"), None),
        Screen::Scan
        | Screen::Leave
        | Screen::Instruct
        | Screen::Hand
        | Screen::Checking
        | Screen::Received
        | Screen::Part
        | Screen::Held => plain("checking-title", referring("checking-text"), None),
    }
}

fn failed(visit: &Visit, seen: &Seen) -> Words {
    let text = visit.text;
    let (title, words) = match (seen.payment.failure, seen.payment.due_date) {
        (Some(FailureKind::Declined), _) => ("declined-title", text.say("declined-text")),
        (Some(FailureKind::Dishonoured), Some(due)) => {
            let due = format::date(text.language, due);
            (
                "dishonoured-title",
                text.with("dishonoured-text", "due", due),
            )
        }
        (Some(FailureKind::Dishonoured), None) => {
            ("dishonoured-title", text.say("dishonoured-undated"))
        }
        (Some(FailureKind::Other) | None, _) => ("failed-title", text.say("failed-text")),
    };
    Words {
        title: text.say(title),
        text: words,
        again: Some(text.say("again-button")),
    }
}

fn refresh(screen: Screen, address: &str) -> Option<Refresh> {
    let seconds = match screen {
        Screen::Sending | Screen::Closing => REFRESH_SOON_SECONDS,
        Screen::Checking => REFRESH_CHECKING_SECONDS,
        _ => return None,
    };
    Some(Refresh {
        seconds,
        href: address.to_owned(),
    })
}
