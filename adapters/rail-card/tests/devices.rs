//! Tokens of payers' devices: judged, passed on or opened, and refused to the payer's face.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test"
)]

use epay_money::{Money, RailId};
use epay_rail::{
    Ask, Call, Collect, Header, Instrument, OpenError, Order, OrderKind, Outbound, Presentation,
    Rail, Refusal,
};
use jiff::Timestamp;
use serde_json::{Value, json};

const REFERENCE: &str = "EP0AB1CD2EF3GH4JK5MN";
const NUMBER: &str = "4111111111111111";

/// Tokens that another program made, for HK$123.45 at noon (`tests/peers/tokens.py`).
fn row(file: &str, id: &str) -> Value {
    let rows: Vec<Value> = serde_json::from_str(file).unwrap();
    rows.into_iter().find(|row| row["id"] == id).unwrap()
}

fn apple_row(id: &str) -> Value {
    row(
        include_str!("../../epay-tokens/tests/vectors/made-apple-pay.json"),
        id,
    )
}

fn google_row(id: &str) -> Value {
    row(
        include_str!("../../epay-tokens/tests/vectors/made-google-pay.json"),
        id,
    )
}

fn noon() -> Timestamp {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

fn pem(pkcs8: &Value) -> String {
    let text = pkcs8.as_str().unwrap();
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

/// The settings of both wallets, for these rows.
fn settings(apple: &Value, google: &Value, opens: bool) -> toml::Table {
    let roots = json!({ "keys": google["rootSigningKeys"] }).to_string();
    let keys = |key: String| if opens { vec![key] } else { Vec::new() };
    let apple_key = apple["merchantPrivateKeyPem"].as_str().unwrap().to_owned();
    let table = json!({
        "apple_pay": {
            "roots": apple["rootsPem"],
            "certificates": [apple["merchantCertificatePem"]],
            "private_keys": keys(apple_key),
        },
        "google_pay": {
            "root_keys": roots,
            "recipient": google["recipientId"],
            "private_keys": keys(pem(&google["recipientPrivateKeyPkcs8Base64"])),
        },
        "merchants": { "TESTRVD01": "password" },
    });
    toml::Table::try_from(table).unwrap()
}

fn open(settings: &toml::Table) -> Result<Box<dyn Rail>, OpenError> {
    rail_card::open(&RailId::new("card").unwrap(), &settings.to_string())
}

fn collect(method: &str, reference: &str) -> Collect {
    Collect {
        method: method.to_owned(),
        payee: "TESTRVD01".to_owned(),
        amount: Money::hkd(12_345),
        amount_editable: false,
        reference: reference.to_owned(),
        bill_number: "1".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: noon(),
        expires_at: noon() + jiff::SignedDuration::from_mins(15),
    }
}

fn tender(method: &str, kind: &str, bytes: &[u8], at: Timestamp) -> Order {
    Order {
        header: Header {
            key: "T-1".to_owned(),
            at,
            nonce: [0; 16],
            kept: None,
            bearer: None,
        },
        collect: collect(method, REFERENCE),
        ask: Ask::Tender(Instrument {
            kind: kind.to_owned(),
            bytes: bytes.to_vec(),
        }),
    }
}

fn call(rail: &dyn Rail, order: &Order) -> Call {
    match rail.encode(order).unwrap() {
        Outbound::Call(call) => call,
        Outbound::Present(shown) => panic!("{shown:?}"),
    }
}

fn card(call: &Call) -> Value {
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body["apiOperation"], "AUTHORIZE");
    assert_eq!(body["order"]["amount"], "123.45");
    body["sourceOfFunds"]["provided"]["card"].clone()
}

fn request(rail: &dyn Rail, method: &str) -> Value {
    let shown = rail.encode(&Order::collect(collect(method, REFERENCE)));
    match shown.unwrap() {
        Outbound::Present(Presentation::Handover {
            what, request_json, ..
        }) => {
            assert_eq!(what, method);
            serde_json::from_str(&request_json).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wallet_is_offered_where_it_is_set_up() {
    let both = settings(&apple_row("EC_v1-ec-card"), &google_row("ECv2-card"), false);
    let mut rows = vec![(both.clone(), vec!["card", "apple_pay", "google_pay"])];
    for (left_out, methods) in [
        ("apple_pay", vec!["card", "google_pay"]),
        ("google_pay", vec!["card", "apple_pay"]),
    ] {
        let mut one = both.clone();
        one.remove(left_out);
        rows.push((one, methods));
    }
    for (settings, methods) in rows {
        let rail = open(&settings).unwrap();
        assert_eq!(rail.profile().methods, methods);
        assert!(rail.profile().takes(OrderKind::Tender));
    }
}

#[test]
fn a_device_is_told_whose_token_to_make_and_for_which_payment() {
    let (apple, google) = (apple_row("EC_v1-ec-card"), google_row("ECv2-card"));
    let passes_on = open(&settings(&apple, &google, false)).unwrap();
    let asked = request(passes_on.as_ref(), "apple_pay");
    assert_eq!(asked["total"]["amount"], "123.45");
    assert_eq!(asked["applicationData"], "RVAwQUIxQ0QyRUYzR0g0Sks1TU4=");
    let asked = request(passes_on.as_ref(), "google_pay");
    assert_eq!(asked["transactionInfo"]["totalPrice"], "123.45");
    let how = &asked["allowedPaymentMethods"][0]["tokenizationSpecification"];
    assert_eq!(how["type"], "PAYMENT_GATEWAY");
    let opens = open(&settings(&apple, &google, true)).unwrap();
    let asked = request(opens.as_ref(), "google_pay");
    let how = &asked["allowedPaymentMethods"][0]["tokenizationSpecification"];
    assert_eq!(how["type"], "DIRECT");
    assert_eq!(how["parameters"]["publicKey"].as_str().unwrap().len(), 88);
}

#[test]
fn a_google_token_is_passed_on_or_opened_and_used_once() {
    for id in [
        "ECv1-device-card",
        "ECv2-device-card",
        "ECv2SigningOnly-device-card",
    ] {
        let row = google_row(id);
        let token = row["token"].as_str().unwrap();
        let order = tender("google_pay", "google_pay", token.as_bytes(), noon());
        let apple = apple_row("EC_v1-ec-card");
        let passed = open(&settings(&apple, &row, false)).unwrap();
        let passed = call(passed.as_ref(), &order);
        assert_eq!(card(&passed)["devicePayment"]["paymentToken"], token);
        let opened = open(&settings(&apple, &row, true)).unwrap();
        let opened = call(opened.as_ref(), &order);
        let card = card(&opened);
        assert_eq!(card["number"], NUMBER);
        assert_eq!(card["expiry"], json!({"month": "12", "year": "28"}));
        assert_eq!(card["devicePayment"]["3DSecure"]["eciIndicator"], "05");
        assert_eq!(passed.uses_once, opened.uses_once);
        assert_eq!(passed.uses_once.len(), 1);
        let shown = format!("{opened:?} {order:?}");
        assert!(!shown.contains(NUMBER), "{shown}");
    }
}

#[test]
fn an_apple_token_is_taken_for_the_payment_that_it_was_made_for() {
    // The kept tokens are made for the order named `order`, which is no reference of ours: so they are for another.
    for (id, code) in [
        ("EC_v1-ec-card", "wrong-application-data"),
        ("EC_v1-ec-application-data", "wrong-application-data"),
        ("EC_v1-ec-altered-after-signing", "bad-signature"),
        ("EC_v1-ec-another-root", "bad-chain"),
    ] {
        for opens in [false, true] {
            let row = apple_row(id);
            let rail = open(&settings(&row, &google_row("ECv2-card"), opens)).unwrap();
            let token = row["paymentData"].to_string();
            let order = tender("apple_pay", "apple_pay", token.as_bytes(), noon());
            assert_eq!(refused(rail.as_ref(), &order), code, "{id}");
        }
    }
    let row = apple_row("EC_v1-ec-our-reference");
    let token = row["paymentData"].to_string();
    let order = tender("apple_pay", "apple_pay", token.as_bytes(), noon());
    let rail = |opens| open(&settings(&row, &google_row("ECv2-card"), opens)).unwrap();
    let passed = call(rail(false).as_ref(), &order);
    assert_eq!(card(&passed)["devicePayment"]["paymentToken"], token);
    let opened = call(rail(true).as_ref(), &order);
    assert_eq!(card(&opened)["number"], NUMBER);
    assert_eq!(passed.uses_once, opened.uses_once);
    let id = row["paymentData"]["header"]["transactionId"]
        .as_str()
        .unwrap();
    assert_eq!(passed.uses_once, [format!("apple:{id}")]);
    let late = noon() + jiff::SignedDuration::from_mins(6);
    let order = tender("apple_pay", "apple_pay", token.as_bytes(), late);
    assert_eq!(refused(rail(false).as_ref(), &order), "stale");
}

fn refused(rail: &dyn Rail, order: &Order) -> &'static str {
    match rail.encode(order) {
        Err(Refusal::BadInstrument { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_that_cannot_be_taken_is_refused_to_the_payers_face() {
    let bare = google_row("ECv2-card");
    let apple = apple_row("EC_v1-ec-card");
    let rail = open(&settings(&apple, &bare, true)).unwrap();
    let large = vec![b' '; 16_385];
    let token = bare["token"].as_str().unwrap().as_bytes();
    let rows: [(&str, &str, &[u8], &str); 7] = [
        ("apple_pay", "google_pay", b"{}", "wrong-kind"),
        ("card", "card", b"{}", "wrong-kind"),
        ("apple_pay", "apple_pay", &large, "too-large"),
        ("apple_pay", "apple_pay", b"\xff", "malformed"),
        ("apple_pay", "apple_pay", b"{}", "malformed"),
        ("google_pay", "google_pay", b"[]", "malformed"),
        ("google_pay", "google_pay", token, "no-cryptogram"),
    ];
    for (method, kind, bytes, expected) in rows {
        let order = tender(method, kind, bytes, noon());
        assert_eq!(refused(rail.as_ref(), &order), expected, "{method}");
    }
}
