//! The wallet's app: a code that is scanned with it, or a page to which the payer's browser is sent.

use anyhow::{Context, Result, ensure};
use epay_proto::v1::next_action::Action;
use url::form_urlencoded::byte_serialize;

use super::{Person, other};

/// What the app says when it is done.
const PAID: &str = "This request is paid.";

/// Scans the code with the app, which finds what is asked for, and pays.
pub(super) async fn pay_code(person: Person<'_>) -> Result<()> {
    let code = match person.action()? {
        Action::ShowQr(code) => &code.payload,
        action => return other(action),
    };
    let scanned: String = byte_serialize(code.as_bytes()).collect();
    let opened = person
        .sandbox
        .open(&format!("/wallets/app/open?code={scanned}"))
        .await?;
    let page = opened.sent_to.context("the app knows no such code")?;
    press(person, &page).await
}

/// Pays on the page to which the gateway sends the browser.
pub(super) async fn pay_on_page(person: Person<'_>) -> Result<()> {
    let page = match person.action()? {
        Action::Redirect(to) => &to.url,
        action => return other(action),
    };
    press(person, page).await
}

async fn press(person: Person<'_>, page: &str) -> Result<()> {
    let shown = person.sandbox.submit(page, &[]).await?;
    ensure!(
        shown.text.contains(PAID),
        "the wallet did not pay: {}",
        shown.text
    );
    Ok(())
}
