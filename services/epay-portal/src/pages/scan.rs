//! The code to scan, with what to check in the app, and ways to keep it for the same phone.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::pay::{Came, LiveMark, Seen};
use crate::format;
use crate::view::{Code, Payment};
use crate::web::{Frame, Portal, Refresh, Visit, page};

/// Seconds after which a page without script asks again while a person scans and confirms.
const REFRESH_SECONDS: u32 = 10;

/// A fact to copy into an app.
struct Fact {
    name: String,
    value: String,
    strong: bool,
    copy: Option<String>,
}

/// The demonstration's app that takes the code.
struct DemoApp {
    href: String,
    label: String,
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
    demo_app: Option<DemoApp>,
    app_link: Option<String>,
}

/// Shows the code.
pub(super) fn show(visit: &Visit, seen: &Seen, code: &Code, came: &Came) -> Response {
    let text = visit.text;
    let payment = &seen.payment;
    let address = seen.address(visit);
    let payee = text.pick(code.payee_name.as_ref());
    let name = text.method(&payment.method, "code");
    let expires_at = payment.expires_at.unwrap_or(seen.now);
    let demo_app = demo_app(visit, &payment.method, code, &address);
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
            .with_refresh(Some(Refresh {
                seconds: REFRESH_SECONDS,
                href: address.clone(),
            })),
        live: seen.live(visit),
        checked: came.asks(),
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
        // A demonstration's app stands in for the one on the payer's device.
        app_link: code.app_link.clone().filter(|_link| demo_app.is_none()),
        demo_app,
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

/// The demonstration's app for the code: a bank app is given the address of its image, a wallet app its text.
fn demo_app(visit: &Visit, method: &str, code: &Code, address: &str) -> Option<DemoApp> {
    let (portal, text) = (&visit.portal, visit.text);
    if Portal::is_bank_code(method) {
        let app = portal.bank_app_url.as_ref()?;
        let image = format!("{}{address}/code.png", portal.public_url);
        return Some(DemoApp {
            href: format!("{app}/app?scan={}", percent_encoded(&image)),
            label: text.say("pay-open-bank"),
        });
    }
    let app = portal.wallet_app_url.as_ref()?;
    Some(DemoApp {
        href: format!("{app}?code={}", percent_encoded(&code.payload)),
        label: text.say("pay-open-wallet"),
    })
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
