//! Any bytes are refused, the same way twice.
//!
//! Run from `adapters/epay-tokens`: `cargo +nightly fuzz run apple`.
#![no_main]

use std::sync::LazyLock;

use epay_tokens::{AppleKey, ApplePay, AppleRoots, Freshness};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static PAY: LazyLock<(ApplePay, Timestamp)> = LazyLock::new(|| {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../tests/vectors/made-apple-pay.json")).unwrap();
    let row = rows.iter().find(|row| row["id"] == "EC_v1-ec-card").unwrap();
    let text = |name: &str| row[name].as_str().unwrap();
    let key = AppleKey::from_certificate(text("merchantCertificatePem")).unwrap();
    let roots = AppleRoots::from_pem(text("rootsPem")).unwrap();
    let pay = ApplePay::new(roots, vec![key], Freshness::default()).unwrap();
    (pay, text("signingTime").parse().unwrap())
});

fuzz_target!(|token: &[u8]| {
    let (pay, at) = &*PAY;
    assert_eq!(pay.verify(token, *at), pay.verify(token, *at));
});
