//! Orders as requests: where they go, as whom, and what they say.
//!
//! `POST …/session` begins a hosted checkout, `GET …/order/{id}` asks for the truth, and
//! `PUT …/order/{id}/transaction/{id}` does one thing under a name that we chose.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_money::Money;
use epay_rail::{Call, Collect, HttpMethod, Order, Refund, Refusal, Seal};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::kept::Kept;
use crate::settings::Acquirer;

/// Longest description that the gateway takes.
const DESCRIPTION_CHARS_MAX: usize = 127;
/// Longest time that a hosted page may be open, in seconds.
const PAGE_SECS_MAX: i64 = 5_400;
/// Longest transaction id that we choose; the gateway takes 40.
const KEY_CHARS_MAX: usize = 32;

/// Begins a hosted checkout that authorises, with 3-D Secure by the gateway.
pub(crate) fn initiate(acquirer: &Acquirer, order: &Order) -> Result<Call, Refusal> {
    let collect = &order.collect;
    let seconds = collect
        .expires_at
        .duration_since(collect.asked_at)
        .as_secs()
        .clamp(1, PAGE_SECS_MAX);
    let mut interaction = json!({
        "operation": "AUTHORIZE",
        "merchant": { "name": acquirer.merchant_name },
        "timeout": seconds,
    });
    if let (Some(url), Some(fields)) = (&collect.return_url, interaction.as_object_mut()) {
        for name in ["returnUrl", "cancelUrl", "timeoutUrl"] {
            fields.insert(name.to_owned(), Value::String(url.clone()));
        }
    }
    let mut about = json!({
        "id": collect.reference,
        "amount": decimal(collect.amount),
        "currency": collect.amount.currency().code(),
        "description": description(collect),
        "reference": collect.reference,
    });
    if let (Some(url), Some(fields)) = (&acquirer.notification_url, about.as_object_mut()) {
        fields.insert("notificationUrl".to_owned(), Value::String(url.clone()));
    }
    let body = json!({
        "apiOperation": "INITIATE_CHECKOUT",
        "checkoutMode": "WEBSITE",
        "interaction": interaction,
        "order": about,
        "transaction": { "reference": order.header.key },
    });
    request(acquirer, collect, HttpMethod::Post, "session", Some(&body))
}

/// Asks for the order with all its transactions.
pub(crate) fn retrieve(acquirer: &Acquirer, order: &Order) -> Result<Call, Refusal> {
    let path = format!("order/{}", reference(&order.collect)?);
    request(acquirer, &order.collect, HttpMethod::Get, &path, None)
}

/// Takes all or a part of what was authorised.
pub(crate) fn capture(acquirer: &Acquirer, order: &Order, amount: Money) -> Result<Call, Refusal> {
    within(&order.collect, amount)?;
    transaction(acquirer, order, &moving("CAPTURE", amount))
}

/// Lets go of the authorisation that the collection remembers.
pub(crate) fn void(acquirer: &Acquirer, order: &Order) -> Result<Call, Refusal> {
    let target = Kept::read(order.header.kept.as_deref())
        .authorisation
        .ok_or_else(|| Refusal::BadField {
            field: "kept",
            problem: "no authorisation is known that could be let go of".to_owned(),
        })?;
    let body = json!({
        "apiOperation": "VOID",
        "transaction": { "targetTransactionId": target },
    });
    transaction(acquirer, order, &body)
}

/// Gives back all or a part of what was captured.
pub(crate) fn refund(acquirer: &Acquirer, order: &Order, refund: &Refund) -> Result<Call, Refusal> {
    within(&order.collect, refund.amount)?;
    transaction(acquirer, order, &moving("REFUND", refund.amount))
}

/// Puts a transaction under the order's key.
pub(crate) fn transaction(
    acquirer: &Acquirer,
    order: &Order,
    body: &Value,
) -> Result<Call, Refusal> {
    let key = &order.header.key;
    let fits = (1..=KEY_CHARS_MAX).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    if !fits {
        return Err(Refusal::BadField {
            field: "key",
            problem: format!("it is 1 to {KEY_CHARS_MAX} of A-Z, 0-9 and -"),
        });
    }
    let path = format!("order/{}/transaction/{key}", reference(&order.collect)?);
    request(acquirer, &order.collect, HttpMethod::Put, &path, Some(body))
}

/// An amount as the gateway writes it: `5074.00`.
pub(crate) fn decimal(amount: Money) -> String {
    amount.to_decimal().to_string()
}

fn moving(operation: &str, amount: Money) -> Value {
    json!({
        "apiOperation": operation,
        "transaction": {
            "amount": decimal(amount),
            "currency": amount.currency().code(),
        },
    })
}

/// More than nothing, and not more than the collection.
fn within(collect: &Collect, amount: Money) -> Result<(), Refusal> {
    let currency = amount.currency();
    if currency != collect.amount.currency() {
        return Err(Refusal::CurrencyNotTaken { currency });
    }
    if !amount.is_positive() {
        let least = Money::new(1, currency);
        return Err(Refusal::AmountTooSmall { amount, least });
    }
    if amount.minor() > collect.amount.minor() {
        let most = collect.amount;
        return Err(Refusal::AmountTooLarge { amount, most });
    }
    Ok(())
}

/// The reference, which is part of an address: only its own shape goes in.
fn reference(collect: &Collect) -> Result<&str, Refusal> {
    if epay_rail::is_reference(&collect.reference) {
        Ok(&collect.reference)
    } else {
        Err(Refusal::BadReference {
            problem: "it is EP and 18 characters of Crockford's base 32".to_owned(),
        })
    }
}

fn description(collect: &Collect) -> String {
    let shown = |letter: &char| !letter.is_control();
    collect
        .description
        .chars()
        .filter(shown)
        .take(DESCRIPTION_CHARS_MAX)
        .collect()
}

/// A request of the merchant that the payee names.
fn request(
    acquirer: &Acquirer,
    collect: &Collect,
    method: HttpMethod,
    path: &str,
    body: Option<&Value>,
) -> Result<Call, Refusal> {
    let merchant = &collect.payee;
    let password = acquirer
        .merchants
        .get(merchant)
        .ok_or_else(|| Refusal::BadPayee {
            problem: "it must be the id of a merchant whose password is configured".to_owned(),
        })?;
    let user = format!("merchant.{merchant}:{}", password.expose_secret());
    let mut headers = vec![
        ("authorization", format!("Basic {}", STANDARD.encode(user))),
        ("accept", "application/json".to_owned()),
    ];
    if body.is_some() {
        headers.push(("content-type", "application/json".to_owned()));
    }
    let (base, version) = (&acquirer.base_url, acquirer.api_version);
    Ok(Call {
        method,
        url: format!("{base}/api/rest/version/{version}/merchant/{merchant}/{path}"),
        headers,
        body: body.map(Value::to_string).unwrap_or_default().into_bytes(),
        seal: Seal::None,
        uses_once: Vec::new(),
    })
}
