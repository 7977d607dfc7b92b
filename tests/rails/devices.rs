//! Apple Pay and Google Pay from end to end: the rail asks, the device makes a token, the rail judges it, the acquirer authorises.

use epay_money::Money;
use epay_rail::{Ask, Collect, Finding, Instrument, Order, Outbound, Presentation, Rail, Refusal};

use crate::house::{House, order};
use crate::payer::open;

/// Whom the demo believes.
const WALLETS: &str = include_str!("../../deploy/demo/device-wallets.toml");
const ONE: &str = "EP0AB1CD2EF3GH4JK5MN";
const OTHER: &str = "EP0AB1CD2EF3GH4JK5MP";

async fn collect(house: &House, method: &str, reference: &str) -> Collect {
    let now = house.now().await;
    Collect {
        method: method.to_owned(),
        payee: "TESTTD".to_owned(),
        amount: Money::hkd(507_400),
        amount_editable: false,
        reference: reference.to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Vehicle licence".to_owned(),
        return_url: None,
        asked_at: now,
        expires_at: now + jiff::SignedDuration::from_mins(15),
    }
}

/// Posts a form; every byte that is no letter or digit is written as its number.
async fn post(house: &House, path: &str, fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let request = house.http.post(format!("{}{path}", house.url));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let response = request.body(body.join("&")).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "{path}");
    response.text().await.unwrap()
}

/// What the payer's device makes for a collection, with a fault that the payer chose or none.
async fn token(house: &House, rail: &dyn Rail, collect: &Collect, fault: Option<&str>) -> Ask {
    let shown = rail.encode(&Order::collect(collect.clone())).unwrap();
    let Outbound::Present(Presentation::Handover {
        what, request_json, ..
    }) = shown
    else {
        panic!("{shown:?}");
    };
    let mut fields = vec![
        ("kind", what.as_str()),
        ("request", request_json.as_str()),
        ("reference", collect.reference.as_str()),
        ("return_to", "http://127.0.0.1:9/token"),
    ];
    let asked = post(house, &format!("/devices/{what}"), &fields).await;
    assert!(asked.contains("HKD 5,074.00"), "{asked}");
    fields.extend(fault.map(|fault| (fault, "on")));
    let made = post(house, &format!("/devices/{what}/token"), &fields).await;
    assert!(
        made.contains("action=\"http://127.0.0.1:9/token\""),
        "{made}"
    );
    let (_, rest) = made.split_once("name=\"token\" value=\"").unwrap();
    let (token, _) = rest.split_once('"').unwrap();
    let token = token.replace("&#34;", "\"").replace("&#38;", "&");
    Ask::Tender(Instrument {
        kind: what,
        bytes: token.into_bytes(),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_pays_and_its_token_is_for_one_payment_only() {
    let (house, rail) = open(WALLETS).await;
    for (method, reference) in [("apple_pay", ONE), ("google_pay", OTHER)] {
        let collect = collect(&house, method, reference).await;
        let tender = token(&house, rail.as_ref(), &collect, None).await;
        let first = order(&collect, "T1", tender.clone(), None);
        let told = house.send(rail.as_ref(), &first).await.read();
        assert_eq!(told.reports[0].finding, Finding::Accepted, "{method}");
        // Under another order's key it is the same thing, which may be used once.
        let once = |key: &str| {
            let again = order(&collect, key, tender.clone(), None);
            match rail.encode(&again).unwrap() {
                Outbound::Call(call) => call.uses_once,
                Outbound::Present(shown) => panic!("{shown:?}"),
            }
        };
        assert_eq!(once("T1"), once("T2"));
        assert_eq!(once("T1").len(), 1);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_spoilt_never_leaves_the_house() {
    let (house, rail) = open(WALLETS).await;
    for (method, fault, code) in [
        ("apple_pay", "altered", "bad-signature"),
        ("apple_pay", "for_another", "wrong-recipient"),
        ("apple_pay", "old", "stale"),
        ("google_pay", "altered", "bad-signature"),
        ("google_pay", "for_another", "bad-signature"),
    ] {
        let collect = collect(&house, method, ONE).await;
        let tender = token(&house, rail.as_ref(), &collect, Some(fault)).await;
        assert_eq!(refused(rail.as_ref(), &collect, tender), code, "{fault}");
    }
    // A sound one, for another payment.
    let made_for = collect(&house, "apple_pay", ONE).await;
    let tender = token(&house, rail.as_ref(), &made_for, None).await;
    let another = collect(&house, "apple_pay", OTHER).await;
    let code = refused(rail.as_ref(), &another, tender);
    assert_eq!(code, "wrong-application-data");
    house.close().await;
}

fn refused(rail: &dyn Rail, collect: &Collect, tender: Ask) -> &'static str {
    match rail.encode(&order(collect, "T1", tender, None)) {
        Err(Refusal::BadInstrument { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}
