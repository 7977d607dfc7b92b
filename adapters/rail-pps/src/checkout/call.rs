//! What leaves: the signed form for the payer's browser, and the query.

use epay_rail::{Call, Collect, HttpMethod, Refusal, Seal};
use secrecy::ExposeSecret;

use super::form::Form;
use super::settings::{Desk, Merchant};

/// Normal payment: what is approved is taken at once.
const PAY_TYPE: &str = "N";
/// The gateway's word for the page's language; the payer may change it there.
const LANGUAGE: &str = "E";

/// The fields of the form that the payer's browser posts.
pub(crate) fn fields(
    desk: &Desk,
    merchant: &Merchant,
    collect: &Collect,
) -> Result<Vec<(String, String)>, Refusal> {
    let back = collect.return_url.as_deref().ok_or(Refusal::BadField {
        field: "return_url",
        problem: "the page needs to know where the payer comes back to".to_owned(),
    })?;
    let currency = collect.amount.currency().numeric();
    let amount = collect.amount.to_decimal().to_string();
    let reference = &collect.reference;
    let signed = [&*collect.payee, reference, currency, &amount, PAY_TYPE];
    // The settings have no merchant without a secret.
    let hash = merchant
        .secrets
        .first()
        .map(|secret| desk.digest.hash(&signed, secret))
        .unwrap_or_default();
    let fields = [
        ("merchantId", &*collect.payee),
        ("orderRef", reference),
        ("currCode", currency),
        ("amount", &amount),
        ("payType", PAY_TYPE),
        ("payMethod", &desk.pay_method),
        ("lang", LANGUAGE),
        ("successUrl", back),
        ("failUrl", back),
        ("cancelUrl", back),
        ("secureHash", &hash),
    ];
    Ok(fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec())
}

/// The question what became of a collection.
pub(crate) fn query(desk: &Desk, merchant: &Merchant, collect: &Collect) -> Call {
    let body = Form::write(&[
        ("merchantId", &collect.payee),
        ("loginId", &merchant.login),
        ("password", merchant.password.expose_secret()),
        ("actionType", "Query"),
        ("orderRef", &collect.reference),
    ]);
    Call {
        method: HttpMethod::Post,
        url: desk.api_url.clone(),
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body,
        seal: Seal::None,
        uses_once: Vec::new(),
    }
}
