//! The card company's hosted page, and a card that is approved without a question.

use anyhow::{Result, ensure};
use epay_proto::v1::next_action::Action;

use super::{Person, other};

/// Approved, nothing is asked.
const CARD: &str = "9999000000000010";
const HOLDER: &str = "TEST CHAN TAI MAN";
/// What the page adds to the way back when the card was approved.
const APPROVED: &str = "resultIndicator=";

/// Opens the page, types the card, and is sent back.
pub(super) async fn pay(person: Person<'_>) -> Result<()> {
    let page = match person.action()? {
        Action::Redirect(to) => &to.url,
        action => return other(action),
    };
    person.sandbox.open(page).await?;
    let form = [("number", CARD), ("holder", HOLDER), ("do", "pay")];
    let shown = person.sandbox.submit(page, &form).await?;
    ensure!(
        shown.sent_to.is_some_and(|back| back.contains(APPROVED)),
        "the card was not approved"
    );
    Ok(())
}
