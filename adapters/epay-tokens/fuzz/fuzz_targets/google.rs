//! Any bytes are refused, the same way twice, and what is taken is one of the kept tokens in another dress.
//!
//! Run from `adapters/epay-tokens`: `cargo +nightly fuzz run google`.
#![no_main]

use std::sync::LazyLock;

use epay_tokens::{GooglePay, GoogleRoots};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static ROWS: LazyLock<Vec<(GooglePay, Timestamp, String)>> = LazyLock::new(|| {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../tests/vectors/made-google-pay.json")).unwrap();
    let row = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap();
    ["ECv1-card", "ECv2-card", "ECv2SigningOnly-card"].map(row).map(|row| {
        let roots = json!({ "keys": row["rootSigningKeys"] }).to_string();
        let recipient = row["recipientId"].as_str().unwrap().to_owned();
        let roots = GoogleRoots::from_json(&roots).unwrap();
        let at = Timestamp::from_millisecond(row["evaluateAtUnixMs"].as_i64().unwrap()).unwrap();
        (GooglePay::new(roots, vec![recipient.clone()], vec![]).unwrap(), at, recipient)
    }).into()
});

fuzz_target!(|token: &[u8]| {
    for (pay, at, recipient) in ROWS.iter() {
        let judged = pay.verify(token, recipient, *at);
        assert_eq!(judged, pay.verify(token, recipient, *at));
    }
});
