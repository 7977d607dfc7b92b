//! What the device makes is what the two makers describe, and what a merchant must believe is written in the demo's folder.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_tokens::{AppleKey, ApplePay, AppleRoots, Freshness, GooglePay, GoogleRoots, Refusal};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::request::{Asked, Wallet, Wrong};
use super::{apple, google, merchant_settings};

/// What `epay dev` puts into its configuration.
const DEMO: &str = include_str!("../../../../deploy/demo/device-wallets.toml");
const REFERENCE: &str = "EP0AB1CD2EF3GH4JK5MN";

fn asked(wallet: Wallet) -> Asked {
    let request = match wallet {
        Wallet::Apple => json!({
            "currencyCode": "HKD",
            "total": { "label": "Water", "amount": "123.45" },
            "applicationData": STANDARD.encode(REFERENCE),
        }),
        Wallet::Google => json!({
            "merchantInfo": { "merchantName": "Water" },
            "transactionInfo": { "currencyCode": "HKD", "totalPrice": "123.45" },
        }),
    };
    Asked::read(wallet, &request.to_string()).unwrap()
}

fn settings() -> Value {
    let table: toml::Table = DEMO.parse().unwrap();
    serde_json::to_value(table).unwrap()
}

fn judged(wallet: Wallet, wrong: Wrong) -> Result<Option<[u8; 32]>, Refusal> {
    let (now, settings) = (Timestamp::now(), settings());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match wallet {
        Wallet::Apple => {
            let settings = &settings["apple_pay"];
            let key = AppleKey::from_certificate(&text(&settings["certificates"][0])).unwrap();
            let roots = AppleRoots::from_pem(&text(&settings["roots"])).unwrap();
            let pay = ApplePay::new(roots, vec![key], Freshness::default()).unwrap();
            let token = apple::token(&asked(wallet), wrong, now).unwrap();
            let verified = pay.verify(token.to_string().as_bytes(), now)?;
            Ok(verified.application_data)
        }
        Wallet::Google => {
            let settings = &settings["google_pay"];
            let recipient = text(&settings["recipient"]);
            let roots = GoogleRoots::from_json(&text(&settings["root_keys"])).unwrap();
            let pay = GooglePay::new(roots, vec![recipient.clone()], vec![]).unwrap();
            let token = google::token(&asked(wallet), wrong, now).unwrap();
            pay.verify(token.to_string().as_bytes(), &recipient, now)?;
            Ok(None)
        }
    }
}

#[test]
fn the_demo_believes_exactly_this_device() {
    let written: toml::Table = DEMO.parse().unwrap();
    let own: toml::Table = merchant_settings().parse().unwrap();
    assert_eq!(written, own, "{}", merchant_settings());
}

#[test]
fn a_token_is_taken_and_a_spoilt_one_refused_by_its_rule() {
    let sound = Wrong::default();
    assert_eq!(
        judged(Wallet::Apple, sound),
        Ok(Some(super::keys::sha256(REFERENCE.as_bytes())))
    );
    assert_eq!(judged(Wallet::Google, sound), Ok(None));
    let altered = Wrong {
        altered: true,
        ..sound
    };
    let for_another = Wrong {
        for_another: true,
        ..sound
    };
    let old = Wrong { old: true, ..sound };
    for (wallet, wrong, code) in [
        (Wallet::Apple, altered, "bad-signature"),
        (Wallet::Apple, for_another, "wrong-recipient"),
        (Wallet::Apple, old, "stale"),
        (Wallet::Google, altered, "bad-signature"),
        (Wallet::Google, for_another, "bad-signature"),
    ] {
        assert_eq!(
            judged(wallet, wrong).unwrap_err().code(),
            code,
            "{wallet:?} {wrong:?}"
        );
    }
    // How old a message is stands inside it, where only the acquirer looks.
    assert_eq!(judged(Wallet::Google, old), Ok(None));
}

#[test]
fn a_request_that_is_none_is_refused() {
    for request in [
        "",
        "{}",
        "[]",
        r#"{"currencyCode":"HKD","total":{"label":"x","amount":"a"}}"#,
    ] {
        assert_eq!(Asked::read(Wallet::Apple, request), None, "{request}");
        assert_eq!(Asked::read(Wallet::Google, request), None, "{request}");
    }
    let dollars = Asked {
        currency: "USD".to_owned(),
        ..asked(Wallet::Apple)
    };
    assert!(apple::token(&dollars, Wrong::default(), Timestamp::now()).is_none());
    assert!(google::token(&dollars, Wrong::default(), Timestamp::now()).is_none());
}
