//! Our orders in the adapter's words.

use epay_money::{Money, hong_kong_zone};
use epay_rail::{Ask, Call, Collect, HttpMethod, Order, Profile, Refusal, Seal};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::config::{Account, Cents, STEP};
use crate::facts::{Subject, subject};
use crate::reading::is_name;

const TEXT_CHARS_MAX: usize = 128;

/// The request that an order becomes.
pub(super) fn call(profile: &Profile, account: &Account, order: &Order) -> Result<Call, Refusal> {
    let collect = &order.collect;
    let payment = format!("/payments/{}", collect.reference);
    let (method, target, body) = match &order.ask {
        Ask::Collect => {
            profile.check_collect(collect)?;
            (
                HttpMethod::Post,
                "/payments".to_owned(),
                begin(account, collect)?.to_string(),
            )
        }
        Ask::Query(question) => {
            let target = match subject(question)? {
                Subject::Collection => payment,
                Subject::Refund(key) => format!("{payment}/refunds/{key}"),
            };
            (HttpMethod::Get, target, String::new())
        }
        Ask::Close => (
            HttpMethod::Post,
            format!("{payment}/close"),
            "{}".to_owned(),
        ),
        Ask::Refund(refund) => {
            let body = json!({
                "refund_id": order.header.key,
                "amount_cents": refund.amount.minor(),
                "currency": refund.amount.currency().code(),
                "reason": cut(&refund.reason),
            });
            (
                HttpMethod::Post,
                format!("{payment}/refunds"),
                body.to_string(),
            )
        }
        Ask::Tender(_) | Ask::Capture { .. } | Ask::Void | Ask::Recall(_) => {
            return Err(Refusal::OrderNotTaken { kind: order.kind() });
        }
    };
    Ok(Call {
        method,
        url: format!("{}{target}", account.url),
        headers: vec![
            (
                "authorization",
                format!("Bearer {}", account.api_key.expose_secret()),
            ),
            ("idempotency-key", order.header.key.clone()),
            ("accept", "application/json".to_owned()),
            ("content-type", "application/json".to_owned()),
        ],
        body: body.into_bytes(),
        seal: Seal::None,
        uses_once: vec![],
    })
}

fn begin(account: &Account, collect: &Collect) -> Result<Value, Refusal> {
    if !is_name(&collect.payee) {
        return Err(Refusal::BadPayee {
            problem: "it is a merchant id of 1 to 64 visible characters".to_owned(),
        });
    }
    let amount = asked(account.cents, collect.amount)?;
    let expires_at = collect.expires_at.to_zoned(hong_kong_zone());
    Ok(json!({
        "merchant": collect.payee,
        "reference": collect.reference,
        "amount_cents": amount.minor(),
        "currency": amount.currency().code(),
        "description": cut(&collect.description),
        "expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "return_url": collect.return_url,
        "notify_url": account.notify_url,
    }))
}

/// What the payer is asked for: the amount itself, or the next multiple of ten cents where the setting says so.
pub(super) fn asked(cents: Cents, amount: Money) -> Result<Money, Refusal> {
    let currency = amount.currency();
    let over = amount.minor().checked_rem(STEP).unwrap_or(0);
    let step = Refusal::AmountStep {
        amount,
        step: Money::new(STEP, currency),
    };
    match (over, cents) {
        (0, _) => Ok(amount),
        (_, Cents::Refuse) => Err(step),
        (over, Cents::RoundUp) => STEP
            .checked_sub(over)
            .and_then(|more| amount.minor().checked_add(more))
            .map(|minor| Money::new(minor, currency))
            .ok_or(step),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}
