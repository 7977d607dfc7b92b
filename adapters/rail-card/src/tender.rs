//! Apple Pay and Google Pay: what a payer's device is asked for, and the token that it hands over.
//!
//! What a token must be is in [`devices`](crate::devices). A token is used once, whatever comes of it.

use epay_rail::{Call, Collect, Instrument, Order, Presentation, Refusal};
use serde_json::{Value, json};

use crate::call::{decimal, transaction};
use crate::devices::{Google, application_data};
use crate::settings::{APPLE_PAY, Acquirer, GOOGLE_PAY};

/// Most bytes of a token; real ones have some four thousand.
const TOKEN_BYTES_MAX: u32 = 16_384;

/// What the payer's device must make; nothing for the method of the hosted page.
pub(crate) fn handover(
    acquirer: &Acquirer,
    collect: &Collect,
) -> Option<Result<Presentation, Refusal>> {
    let devices = &acquirer.devices;
    let request = match (collect.method.as_str(), &devices.google) {
        (APPLE_PAY, _) => apple(acquirer, collect),
        (GOOGLE_PAY, Some(wallet)) => google(acquirer, wallet, collect),
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
        "applicationData": application_data(collect),
    })
}

/// The `PaymentDataRequest` of the payer's browser. A bare card number (`PAN_ONLY`) would need a challenge of its own.
fn google(acquirer: &Acquirer, wallet: &Google, collect: &Collect) -> Value {
    json!({
        "apiVersion": 2,
        "apiVersionMinor": 0,
        "allowedPaymentMethods": [{
            "type": "CARD",
            "parameters": {
                "allowedAuthMethods": ["CRYPTOGRAM_3DS"],
                "allowedCardNetworks": ["VISA", "MASTERCARD"],
            },
            "tokenizationSpecification": wallet.tokenization(&collect.payee),
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

/// An authorisation with a device's token, once that was found good.
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
    if instrument.kind != collect.method {
        return Err(refused(
            "wrong-kind",
            "it is not what this payment was begun for",
        ));
    }
    if instrument.bytes.len() > usize::try_from(TOKEN_BYTES_MAX).unwrap_or(usize::MAX) {
        return Err(refused("too-large", "the token is too large"));
    }
    let token = core::str::from_utf8(&instrument.bytes)
        .map_err(|_not_text| refused("malformed", "the token is not text"))?;
    let devices = &acquirer.devices;
    let (wallet, judged) = match (collect.method.as_str(), &devices.apple, &devices.google) {
        (APPLE_PAY, Some(apple), _) => ("APPLE_PAY", apple.judge(order, token)?),
        (GOOGLE_PAY, _, Some(google)) => ("GOOGLE_PAY", google.judge(order, token)?),
        _ => {
            return Err(refused(
                "wrong-kind",
                "it is not what this payment was begun for",
            ));
        }
    };
    let body = json!({
        "apiOperation": "AUTHORIZE",
        "order": {
            "amount": decimal(collect.amount),
            "currency": collect.amount.currency().code(),
            "reference": collect.reference,
            "walletProvider": wallet,
        },
        "sourceOfFunds": { "type": "CARD", "provided": { "card": judged.card } },
        "transaction": { "source": "INTERNET" },
    });
    let mut call = transaction(acquirer, order, &body)?;
    call.uses_once.push(judged.once);
    Ok(call)
}
