//! Any bytes in the place of a good token's signature are refused: the shells of CMS are where bytes can hide.
//!
//! Run from `adapters/epay-tokens`: `cargo +nightly fuzz run apple_signature`.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_tokens::{AppleKey, ApplePay, AppleRoots, Freshness};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static PAY: LazyLock<(ApplePay, Timestamp, Value)> = LazyLock::new(|| {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../tests/vectors/made-apple-pay.json")).unwrap();
    let row = rows.iter().find(|row| row["id"] == "EC_v1-ec-card").unwrap();
    let text = |name: &str| row[name].as_str().unwrap();
    let key = AppleKey::from_certificate(text("merchantCertificatePem")).unwrap();
    let roots = AppleRoots::from_pem(text("rootsPem")).unwrap();
    let pay = ApplePay::new(roots, vec![key], Freshness::default()).unwrap();
    (pay, text("signingTime").parse().unwrap(), row["paymentData"].clone())
});

fuzz_target!(|signature: &[u8]| {
    let (pay, at, token) = &*PAY;
    let mut token = token.clone();
    let good = STANDARD.decode(token["signature"].as_str().unwrap()).unwrap();
    token["signature"] = Value::String(STANDARD.encode(signature));
    let judged = pay.verify(token.to_string().as_bytes(), *at);
    assert!(judged.is_err() || good == signature);
});
