//! Tokens a second: verified only, and verified and opened.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark may fail"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use epay_tokens::{
    AppleKey, ApplePay, AppleRoots, Expected, Freshness, GoogleKey, GooglePay, GoogleRoots,
};
use jiff::Timestamp;
use serde_json::{Value, json};

fn row(file: &str, id: &str) -> Value {
    let rows: Vec<Value> = serde_json::from_str(file).unwrap();
    rows.into_iter().find(|row| row["id"] == id).unwrap()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

fn apple(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("apple");
    group.throughput(Throughput::Elements(1));
    for id in ["EC_v1-ec-card", "RSA_v1-rsa-card"] {
        let row = row(include_str!("../tests/vectors/made-apple-pay.json"), id);
        let roots = AppleRoots::from_pem(text(&row, "rootsPem")).unwrap();
        let certificate = text(&row, "merchantCertificatePem");
        let key = AppleKey::from_pair(certificate, text(&row, "merchantPrivateKeyPem")).unwrap();
        let pay = ApplePay::new(roots, vec![key], Freshness::default()).unwrap();
        let at: Timestamp = text(&row, "signingTime").parse().unwrap();
        let token = row["paymentData"].to_string();
        let expected = Expected {
            amount_minor: 12_345,
            currency_numeric: "344".to_owned(),
            application_data: None,
        };
        group.bench_function(format!("verify {id}"), |bench| {
            bench.iter(|| pay.verify(black_box(token.as_bytes()), at).unwrap());
        });
        group.bench_function(format!("open {id}"), |bench| {
            bench.iter(|| {
                pay.open(black_box(token.as_bytes()), &expected, at)
                    .unwrap()
            });
        });
    }
}

fn google(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("google");
    group.throughput(Throughput::Elements(1));
    for id in ["ECv1-card", "ECv2-card", "ECv2SigningOnly-card"] {
        let row = row(include_str!("../tests/vectors/made-google-pay.json"), id);
        let roots = json!({ "keys": row["rootSigningKeys"] }).to_string();
        let key = GoogleKey::from_pkcs8_base64(text(&row, "recipientPrivateKeyPkcs8Base64"));
        let recipient = text(&row, "recipientId");
        let roots = GoogleRoots::from_json(&roots).unwrap();
        let pay = GooglePay::new(roots, vec![recipient.to_owned()], vec![key.unwrap()]).unwrap();
        let at = Timestamp::from_millisecond(row["evaluateAtUnixMs"].as_i64().unwrap()).unwrap();
        let token = text(&row, "token").as_bytes();
        group.bench_function(format!("verify {id}"), |bench| {
            bench.iter(|| pay.verify(black_box(token), recipient, at).unwrap());
        });
        group.bench_function(format!("open {id}"), |bench| {
            bench.iter(|| pay.open(black_box(token), recipient, at).unwrap());
        });
    }
}

// Seconds that are enough here: the whole table of the quick benchmarks is for ten minutes.
criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = apple, google
}
criterion_main!(benches);
