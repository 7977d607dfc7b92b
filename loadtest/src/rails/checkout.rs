//! The checkout page of PPS: the browser posts the gateway's form to it, and the payer presses the button.

use anyhow::{Context, Result, ensure};
use epay_proto::v1::next_action::Action;

use super::{Person, other};

/// Where the page sends its own form, and the field that says which order it is of.
const DECIDE: &str = "/pps/b2c/pay";
const ORDER: &str = "pay_ref";

/// Opens the page, presses, and is sent back.
pub(super) async fn pay(person: Person<'_>) -> Result<()> {
    let form = match person.action()? {
        Action::PostForm(form) => form,
        action => return other(action),
    };
    let fields: Vec<(&str, &str)> = form
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.value.as_str()))
        .collect();
    let page = person.sandbox.submit(&form.action, &fields).await?;
    let order = hidden(&page.text, ORDER).context("the page names no order")?;
    let pressed = [(ORDER, order), ("payer", ""), ("do", "pay")];
    let shown = person.sandbox.submit(DECIDE, &pressed).await?;
    ensure!(shown.sent_to.is_some(), "the page did not send back");
    Ok(())
}

/// The value of a hidden field of a page.
fn hidden<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::hidden;

    #[test]
    fn a_hidden_field_is_found_by_its_name() {
        let page = r#"<form><input type="hidden" name="pay_ref" value="1151801"></form>"#;
        assert_eq!(hidden(page, "pay_ref"), Some("1151801"));
        assert_eq!(hidden(page, "other"), None);
    }
}
