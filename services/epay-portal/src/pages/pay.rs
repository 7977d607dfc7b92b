//! A payment's page: the code to scan, or what has become of the payment. One address for all of it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use epay_money::{BillerId, PaymentId};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::common::{Row, payment_of, payment_path};
use super::result;
use crate::format;
use crate::pages::Problem;
use crate::view::{BillKind, Code, Live, Payment, Screen};
use crate::web::{Frame, Refresh, Visit, page};

/// Seconds after which a page without script asks again while a person scans and confirms.
const REFRESH_SCAN_SECONDS: u32 = 10;
/// The same while we wait for the rail only.
const REFRESH_CHECKING_SECONDS: u32 = 5;

/// Set when the visitor says that the payment was made.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Checked {
    checked: Option<String>,
}

/// What the script needs to keep the page up to date.
pub(super) struct LiveMark {
    pub(super) how: &'static str,
    pub(super) screen: &'static str,
    pub(super) version: i64,
    pub(super) address: String,
}

/// A fact to copy into an app.
struct Fact {
    name: String,
    value: String,
    strong: bool,
    copy: Option<String>,
}

#[derive(Template)]
#[template(path = "pay.html")]
struct PayPage {
    page: Frame,
    live: LiveMark,
    checked: bool,
    code: String,
    image: String,
    alt: String,
    before: String,
    expires_in_ms: i64,
    facts: Vec<Fact>,
    amount_rule: String,
    address: String,
    save: String,
    file_name: String,
    bank_app: Option<String>,
}

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
    address: String,
}

/// A payment, the kind of its bill, and the instant at which it is looked at.
pub(super) struct Seen {
    pub(super) payment: Payment,
    pub(super) kind: BillKind,
    pub(super) now: Timestamp,
}

impl Seen {
    pub(super) async fn look(
        visit: &Visit,
        biller: &BillerId,
        id: PaymentId,
    ) -> Result<Self, Problem> {
        let gateway = &visit.portal.gateway;
        let payment = gateway
            .payment(biller, id)
            .await
            .map_err(Problem::of_payment)?;
        let kind = gateway
            .bill_kind(&payment.kind)
            .await
            .map_err(Problem::of_payment)?;
        Ok(Self {
            payment,
            kind,
            now: Timestamp::now(),
        })
    }

    pub(super) fn screen(&self) -> Screen {
        self.payment.screen(self.now)
    }

    /// Address of the page in the visit's language.
    pub(super) fn address(&self, visit: &Visit) -> String {
        visit.href(&payment_path(&self.payment.biller, self.payment.id))
    }

    pub(super) fn live(&self, visit: &Visit) -> LiveMark {
        let screen = self.screen();
        LiveMark {
            how: self.payment.live(self.now).word(),
            screen: screen.word(),
            version: self.payment.version,
            address: self.address(visit),
        }
    }

    /// The lines that say which payment this is.
    pub(super) fn rows(&self, visit: &Visit) -> Vec<Row> {
        let text = visit.text;
        vec![
            Row::new(
                text.say("bill-department"),
                text.pick(self.kind.biller_name.as_ref()),
            ),
            Row::new(text.say("bill-type"), text.pick(self.kind.name.as_ref())),
            Row::new(
                text.pick(self.kind.number_label.as_ref()),
                self.payment.bill_number.clone(),
            ),
        ]
    }
}

/// Shows the payment.
pub(crate) async fn pay(
    visit: Visit,
    Path((biller, payment)): Path<(String, String)>,
    Query(checked): Query<Checked>,
) -> Response {
    let answer = async {
        let (biller, id) = payment_of(&biller, &payment)?;
        let seen = Seen::look(&visit, &biller, id).await?;
        Ok(show(&visit, &seen, checked.checked.is_some()))
    };
    visit.answer(answer.await)
}

pub(super) fn show(visit: &Visit, seen: &Seen, checked: bool) -> Response {
    let screen = seen.screen();
    if screen.has_receipt() {
        return result::show(visit, seen);
    }
    match (screen, &seen.payment.code) {
        (Screen::Scan, Some(code)) => scan(visit, seen, code, checked),
        _ => waiting(visit, seen, screen, checked),
    }
}

fn scan(visit: &Visit, seen: &Seen, code: &Code, checked: bool) -> Response {
    let text = visit.text;
    let payment = &seen.payment;
    let address = seen.address(visit);
    let payee = text.pick(code.payee_name.as_ref());
    let name = text.method(&payment.rail, "code");
    let expires_at = payment.expires_at.unwrap_or(seen.now);
    let rule = if code.amount_editable {
        text.say("pay-amount-editable")
    } else {
        text.say("pay-amount-fixed")
    };
    let template = PayPage {
        page: visit
            .frame(text.with(
                "pay-title",
                "amount",
                format::money(text.language, payment.amount),
            ))
            .with_refresh(refresh(Screen::Scan, &address)),
        live: seen.live(visit),
        checked,
        image: format!("{address}/code.png"),
        alt: text.fill(
            "pay-image-alt",
            [
                ("code", name.clone()),
                ("amount", format::money_with_code(payment.amount)),
                ("payee", payee.clone()),
                ("reference", payment.reference.clone()),
            ],
        ),
        code: name,
        before: text.with("pay-before", "time", format::clock(expires_at)),
        expires_in_ms: expires_at
            .as_millisecond()
            .saturating_sub(seen.now.as_millisecond()),
        facts: facts(visit, payment, payee),
        amount_rule: rule,
        save: format!("{address}/save.png"),
        file_name: format!("{}.png", payment.reference),
        bank_app: bank_app(visit, &address),
        address,
    };
    page(StatusCode::OK, &template)
}

fn facts(visit: &Visit, payment: &Payment, payee: String) -> Vec<Fact> {
    let text = visit.text;
    vec![
        Fact {
            name: text.say("pay-payee"),
            copy: Some(payee.clone()),
            value: payee,
            strong: false,
        },
        Fact {
            name: text.say("pay-amount"),
            value: format::money(text.language, payment.amount),
            strong: true,
            copy: Some(format::money_plain(payment.amount)),
        },
        Fact {
            name: text.say("pay-reference"),
            value: payment.reference.clone(),
            strong: false,
            copy: Some(payment.reference.clone()),
        },
    ]
}

/// The demonstration's bank app, given the address of the code's image.
fn bank_app(visit: &Visit, address: &str) -> Option<String> {
    let app = visit.portal.bank_app_url.as_ref()?;
    let image = format!("{}{address}/code.png", visit.portal.public_url);
    Some(format!("{app}/app?scan={}", percent_encoded(&image)))
}

/// Text as a value in a query: everything but unreserved characters (RFC 3986, 2.3) is escaped.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn waiting(visit: &Visit, seen: &Seen, screen: Screen, checked: bool) -> Response {
    let text = visit.text;
    let payment = &seen.payment;
    let address = seen.address(visit);
    let (title, words, again) = match screen {
        Screen::Expired => (
            text.say("expired-title"),
            text.say("expired-text"),
            Some(text.say("expired-button")),
        ),
        Screen::Cancelled => (
            text.say("cancelled-title"),
            text.say("cancelled-text"),
            Some(text.say("again-button")),
        ),
        Screen::Failed => (
            text.say("failed-title"),
            text.say("failed-text"),
            Some(text.say("again-button")),
        ),
        Screen::Scan | Screen::Checking | Screen::Received | Screen::Part | Screen::Held => {
            let words = text.with("checking-text", "reference", &payment.reference);
            (text.say("checking-title"), words, None)
        }
    };
    let mut rows = vec![Row::new(
        text.say("review-amount"),
        format::money(text.language, payment.amount),
    )];
    rows.extend(seen.rows(visit));
    rows.push(Row::new(
        text.say("pay-reference"),
        payment.reference.clone(),
    ));
    let hint = (payment.live(seen.now) == Live::Events).then(|| text.say("checking-hint"));
    let template = WaitingPage {
        page: visit.frame(title).with_refresh(refresh(screen, &address)),
        live: seen.live(visit),
        covered: screen == Screen::Expired,
        checked,
        text: words,
        hint,
        rows,
        again,
        address,
    };
    page(StatusCode::OK, &template)
}

fn refresh(screen: Screen, address: &str) -> Option<Refresh> {
    let seconds = match screen {
        Screen::Scan => REFRESH_SCAN_SECONDS,
        Screen::Checking => REFRESH_CHECKING_SECONDS,
        _ => return None,
    };
    Some(Refresh {
        seconds,
        href: address.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_inside_a_query_is_escaped() {
        assert_eq!(
            percent_encoded("http://127.0.0.1:8080/en/pay/a-b/code.png?x=1&y=帳"),
            "http%3A%2F%2F127.0.0.1%3A8080%2Fen%2Fpay%2Fa-b%2Fcode.png%3Fx%3D1%26y%3D%E5%B8%B3"
        );
    }
}
