//! The payer's bank app, which has read the code.

use anyhow::Result;
use epay_proto::v1::next_action::Action;
use serde_json::json;

use super::{Person, other};

/// Pays what the code says: payee, amount and reference are those that a reader finds in it.
pub(super) async fn pay(person: Person<'_>) -> Result<()> {
    let code = match person.action()? {
        Action::ShowQr(code) => code,
        action => return other(action),
    };
    let instruction = json!({
        "fps_id": code.payee_id,
        "amount_cents": person.bill.amount_minor,
        "reference": person.payment.reference,
        "bill_number": person.bill.bill_number,
    });
    let body = json!({"instructions": [instruction]});
    person.sandbox.post("/api/pay-many", &body).await?;
    Ok(())
}
