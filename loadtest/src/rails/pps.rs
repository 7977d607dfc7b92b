//! PPS by its terminal or website: the payer types the merchant's code and the bill's number, and leaves.

use anyhow::{Context, Result};
use epay_proto::v1::next_action::Action;
use serde_json::json;

use super::{Person, other};

/// Pays with what the instructions say. The gateway hears of it by the file of the business day.
pub(super) async fn pay(person: Person<'_>) -> Result<()> {
    let fields = match person.action()? {
        Action::Instructions(typed) => &typed.fields,
        action => return other(action),
    };
    let field = |name: &str| {
        let field = fields.iter().find(|field| field.name == name);
        field
            .map(|field| field.value.as_str())
            .context(name.to_owned())
    };
    let body = json!({
        "merchant_code": field("merchant_code")?,
        "bill_number": field("bill_number")?,
        "amount_cents": person.bill.amount_minor,
    });
    person.sandbox.post("/pps/api/pay", &body).await?;
    Ok(())
}
