//! Apple Pay and Google Pay: what a payer's device is asked for, and the token that it hands over.
//!
//! The token is passed through to the acquirer, which holds the key that opens it; nobody here can read a card number in
//! it. A token is used once, whatever comes of it.

use epay_rail::{Call, Collect, Instrument, Order, Presentation, Refusal};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::call::{decimal, transaction};
use crate::settings::Acquirer;

/// Most bytes of a token; real ones have some four thousand.
const TOKEN_BYTES_MAX: u32 = 16_384;
/// A method, the acquirer's word for its wallet.
const WALLETS: [(&str, &str); 2] = [("apple_pay", "APPLE_PAY"), ("google_pay", "GOOGLE_PAY")];

/// What the payer's device must make; nothing for the method of the hosted page.
pub(crate) fn handover(
    acquirer: &Acquirer,
    collect: &Collect,
) -> Option<Result<Presentation, Refusal>> {
    let request = match collect.method.as_str() {
        "apple_pay" => apple(acquirer, collect),
        "google_pay" => google(acquirer, collect),
        _ => return None,
    };
    if !acquirer.merchants.contains_key(&collect.payee) {
        return Some(Err(Refusal::BadPayee {
            problem: "it must be the id of a merchant whose password is configured".to_owned(),
        }));
    }
    Some(Ok(Presentation::Handover {
        what: collect.method.clone(),
        media_type: "application/json".to_owned(),
        bytes_max: TOKEN_BYTES_MAX,
        request_json: request.to_string(),
    }))
}

/// The `ApplePayPaymentRequest` of the payer's browser.
fn apple(acquirer: &Acquirer, collect: &Collect) -> Value {
    json!({
        "countryCode": "HK",
        "currencyCode": collect.amount.currency().code(),
        "merchantCapabilities": ["supports3DS"],
        "supportedNetworks": ["visa", "masterCard", "chinaUnionPay"],
        "total": {
            "label": acquirer.merchant_name,
            "type": "final",
            "amount": decimal(collect.amount),
        },
    })
}

/// The `PaymentDataRequest` of the payer's browser. A bare card number (`PAN_ONLY`) would need a challenge of its own.
fn google(acquirer: &Acquirer, collect: &Collect) -> Value {
    json!({
        "apiVersion": 2,
        "apiVersionMinor": 0,
        "allowedPaymentMethods": [{
            "type": "CARD",
            "parameters": {
                "allowedAuthMethods": ["CRYPTOGRAM_3DS"],
                "allowedCardNetworks": ["VISA", "MASTERCARD"],
            },
            "tokenizationSpecification": {
                "type": "PAYMENT_GATEWAY",
                "parameters": { "gateway": "mpgs", "gatewayMerchantId": collect.payee },
            },
        }],
        "merchantInfo": { "merchantName": acquirer.merchant_name },
        "transactionInfo": {
            "countryCode": "HK",
            "currencyCode": collect.amount.currency().code(),
            "totalPriceStatus": "FINAL",
            "totalPrice": decimal(collect.amount),
        },
    })
}

/// An authorisation with a device's token, passed through as it came.
pub(crate) fn device_payment(
    acquirer: &Acquirer,
    order: &Order,
    instrument: &Instrument,
) -> Result<Call, Refusal> {
    let refused = |code: &'static str, problem: &str| Refusal::BadInstrument {
        code,
        problem: problem.to_owned(),
    };
    let collect = &order.collect;
    let wallet = WALLETS
        .iter()
        .find(|(method, _wallet)| *method == collect.method && *method == instrument.kind)
        .map(|(_method, wallet)| *wallet)
        .ok_or_else(|| refused("wrong-kind", "it is not what this payment was begun for"))?;
    if instrument.bytes.len() > usize::try_from(TOKEN_BYTES_MAX).unwrap_or(usize::MAX) {
        return Err(refused("too-large", "the token is too large"));
    }
    let text = core::str::from_utf8(&instrument.bytes)
        .map_err(|_not_text| refused("malformed", "the token is not text"))?;
    let is_object = serde_json::from_str::<Value>(text).is_ok_and(|token| token.is_object());
    if !is_object {
        return Err(refused("malformed", "the token is not a JSON object"));
    }
    let body = json!({
        "apiOperation": "AUTHORIZE",
        "order": {
            "amount": decimal(collect.amount),
            "currency": collect.amount.currency().code(),
            "reference": collect.reference,
            "walletProvider": wallet,
        },
        "sourceOfFunds": {
            "type": "CARD",
            "provided": { "card": { "devicePayment": { "paymentToken": text } } },
        },
        "transaction": { "source": "INTERNET" },
    });
    let mut call = transaction(acquirer, order, &body)?;
    let digest = hex::encode(Sha256::digest(&instrument.bytes));
    call.uses_once.push(format!("token:{digest}"));
    Ok(call)
}
