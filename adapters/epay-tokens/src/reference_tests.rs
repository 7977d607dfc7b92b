//! Published test vectors of other people's programs, judged as their rows are marked.
//!
//! They are read from the folder `tokens` of `EPAY_REFERENCE`, or of the checkout's neighbour; without either the tests say so and
//! pass. They live inside the crate because some rows ask for one step alone, which nobody else may take: `decrypt-only`
//! rows have no real signature, `signature-only` rows no published key.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    AppleKey, ApplePay, AppleRoots, AppleToken, Expected, Freshness, GoogleKey, GooglePay,
    GoogleRoots, GoogleToken, Refusal,
};

fn folder() -> Option<PathBuf> {
    let neighbour = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference");
    let folder = std::env::var_os("EPAY_REFERENCE").map_or_else(|| neighbour.into(), PathBuf::from);
    let folder = folder.join("tokens");
    folder.is_dir().then_some(folder)
}

fn rows(name: &str) -> Vec<Value> {
    let Some(folder) = folder() else {
        println!("skipped: no reference data");
        return Vec::new();
    };
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!rows.is_empty());
    rows
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

/// Whether a refusal is the one that a row names. A recipient is part of what Google signs, so to a verifier that does
/// not know the other recipient a token for it has no good signature; and a word that is none of our codes asks for
/// any refusal.
fn is_meant(refusal: Refusal, reason: &str) -> bool {
    const CODES: [&str; 6] = [
        "bad-signature",
        "bad-intermediate-signature",
        "message-expired",
        "cannot-decrypt",
        "stale",
        "malformed",
    ];
    refusal.code() == reason || !CODES.contains(&reason)
}

#[test]
fn google_rows_are_judged_as_marked() {
    for row in rows("google-pay.json") {
        let (id, expect) = (text(&row, "id"), text(&row, "expect"));
        let judged = google(&row);
        match (expect.strip_prefix("reject:"), &judged) {
            (Some(reason), Err(refusal)) => {
                assert!(is_meant(*refusal, reason), "{id}: {}", refusal.code());
            }
            (None, Ok(plain)) if expect == "accept" => {
                assert_eq!(
                    Some(plain.as_str()),
                    row["expectedPlaintext"].as_str(),
                    "{id}"
                );
            }
            (None, Ok(_)) if expect == "signature-only" => {}
            _ => panic!("{id}: marked {expect}, judged {judged:?}"),
        }
        println!("{id}: {expect}");
    }
}

fn google(row: &Value) -> Result<String, Refusal> {
    let roots = json!({ "keys": row["rootSigningKeys"] }).to_string();
    let recipient = text(row, "recipientId");
    let key = row["recipientPrivateKeyPkcs8Base64"].as_str();
    let keys: Vec<GoogleKey> = key
        .map(|key| GoogleKey::from_pkcs8_base64(key).unwrap())
        .into_iter()
        .collect();
    let roots = GoogleRoots::from_json(&roots).unwrap();
    let pay = GooglePay::new(roots, vec![recipient.to_owned()], keys).unwrap();
    let at = Timestamp::from_millisecond(row["evaluateAtUnixMs"].as_i64().unwrap()).unwrap();
    let given = text(row, "token").as_bytes();
    let token = GoogleToken::parse(given)?;
    let verified = pay.signature(&token, recipient, at)?;
    if key.is_none() {
        return Ok(verified.message_digest);
    }
    let plain = String::from_utf8(pay.plaintext(&token)?.to_vec()).unwrap();
    // A vector may hold a text instead of a payment; what is no JSON cannot expire. No payment is made of it.
    match pay.open(given, recipient, at) {
        Ok(_) => {}
        Err(Refusal::BadPayment(_)) if !plain.starts_with('{') => {}
        Err(refusal) => return Err(refusal),
    }
    Ok(plain)
}

#[test]
fn apple_rows_are_judged_as_marked() {
    let Some(folder) = folder() else {
        println!("skipped: no reference data");
        return;
    };
    let root = std::fs::read_to_string(folder.join("AppleRootCA-G3.pem")).unwrap();
    let roots = AppleRoots::from_pem(&root).unwrap();
    for row in rows("apple-pay.json") {
        let id = text(&row, "id");
        match text(&row, "expect") {
            "accept" => accepted(&row, &roots),
            "signature-only" => {
                let pay = ApplePay {
                    roots: roots.clone(),
                    keys: Vec::new(),
                    freshness: Freshness::default(),
                };
                let token = AppleToken::parse(row["paymentData"].to_string().as_bytes()).unwrap();
                let judged = pay.judge(&token, signing_time(&row));
                assert!(judged.is_ok(), "{id}: {judged:?}");
            }
            "decrypt-only" => {
                let token = AppleToken::parse(row["paymentData"].to_string().as_bytes()).unwrap();
                let plain = key(&row).open(&token).unwrap();
                let plain = core::str::from_utf8(&plain).unwrap();
                assert_eq!(Some(plain), row["expectedPlaintext"].as_str(), "{id}");
                assert_eq!(
                    open(&row, &roots).unwrap_err(),
                    Refusal::BadSignature,
                    "{id}"
                );
            }
            marked => {
                let reason = marked.strip_prefix("reject:").unwrap();
                let refusal = open(&row, &roots).unwrap_err();
                assert!(is_meant(refusal, reason), "{id}: {}", refusal.code());
            }
        }
        println!("{id}: {}", text(&row, "expect"));
    }
}

fn signing_time(row: &Value) -> Timestamp {
    row["signingTime"]
        .as_str()
        .map_or(Timestamp::UNIX_EPOCH, |time| time.parse().unwrap())
}

fn key(row: &Value) -> AppleKey {
    let certificate = text(row, "merchantCertificatePem");
    AppleKey::from_pair(certificate, text(row, "merchantPrivateKeyPem")).unwrap()
}

fn open(row: &Value, roots: &AppleRoots) -> Result<crate::Payment, Refusal> {
    let plain: Option<Value> = row["expectedPlaintext"]
        .as_str()
        .and_then(|plain| serde_json::from_str(plain).ok());
    let asked = plain.unwrap_or_else(|| json!({"transactionAmount": 100, "currencyCode": "840"}));
    let token = AppleToken::parse(row["paymentData"].to_string().as_bytes());
    let expected = Expected {
        amount_minor: asked["transactionAmount"].as_i64().unwrap(),
        currency_numeric: text(&asked, "currencyCode").to_owned(),
        application_data: token.ok().and_then(|token| token.application_data()),
    };
    let pay = ApplePay::new(roots.clone(), vec![key(row)], Freshness::default()).unwrap();
    let token = row["paymentData"].to_string();
    pay.open(token.as_bytes(), &expected, signing_time(row))
        .map(|(_verified, payment)| payment)
}

fn accepted(row: &Value, roots: &AppleRoots) {
    let id = text(row, "id");
    let payment = open(row, roots).unwrap();
    let token = AppleToken::parse(row["paymentData"].to_string().as_bytes()).unwrap();
    let plain = key(row).open(&token).unwrap();
    let plain = core::str::from_utf8(&plain).unwrap();
    assert_eq!(Some(plain), row["expectedPlaintext"].as_str(), "{id}");
    assert!(payment.card.cryptogram.is_some(), "{id}");
}

/// Apple's own signatures have shells that ours may not have: every byte of them counts too.
#[test]
fn every_byte_of_a_published_apple_signature_counts() {
    let Some(folder) = folder() else {
        println!("skipped: no reference data");
        return;
    };
    let root = std::fs::read_to_string(folder.join("AppleRootCA-G3.pem")).unwrap();
    let roots = AppleRoots::from_pem(&root).unwrap();
    for row in rows("apple-pay.json") {
        if text(&row, "expect") != "accept" {
            continue;
        }
        let pay = ApplePay::new(roots.clone(), vec![key(&row)], Freshness::default()).unwrap();
        let mut token = row["paymentData"].clone();
        let good = crate::encoding::base64(text(&token, "signature")).unwrap();
        for index in 0..good.len() {
            let mut signature = good.clone();
            signature[index] ^= 1 << (index % 8);
            token["signature"] = Value::String(STANDARD.encode(signature));
            let judged = pay.verify(token.to_string().as_bytes(), signing_time(&row));
            assert!(judged.is_err(), "{}: byte {index}", text(&row, "id"));
        }
    }
}
