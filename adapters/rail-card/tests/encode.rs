//! Orders as requests, to the last header.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

use epay_money::{Money, RailId};
use epay_rail::{
    Ask, Call, Collect, Header, HttpMethod, Instrument, Order, Outbound, Question, Rail, Refund,
    Refusal,
};
use serde_json::{Value, json};

const REFERENCE: &str = "EP0AB1CD2EF3GH4JK5MN";
const BASE: &str = "https://ap-gateway.mastercard.com/api/rest/version/100/merchant/TESTRVD01";

fn rail(more: &str) -> Box<dyn Rail> {
    let settings = format!(
        "merchant_name = 'Demo'\nnotification_url = 'https://pay.example/n'\n{more}\n[merchants]\nTESTRVD01 = 'a:b'"
    );
    rail_card::open(&RailId::new("card").unwrap(), &settings).unwrap()
}

fn collect(method: &str) -> Collect {
    Collect {
        method: method.to_owned(),
        payee: "TESTRVD01".to_owned(),
        amount: Money::hkd(507_400),
        amount_editable: false,
        reference: REFERENCE.to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Vehicle licence".to_owned(),
        return_url: Some("https://pay.example/back".to_owned()),
        asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T16:00:00Z".parse().unwrap(),
    }
}

fn order(method: &str, key: &str, ask: Ask) -> Order {
    Order {
        header: Header {
            key: key.to_owned(),
            at: "2026-01-20T15:46:00Z".parse().unwrap(),
            nonce: [0; 16],
            kept: Some(r#"{"authorisation":"1"}"#.to_owned()),
            bearer: None,
        },
        collect: collect(method),
        ask,
    }
}

fn call(rail: &dyn Rail, order: &Order) -> Call {
    match rail.encode(order).unwrap() {
        Outbound::Call(call) => call,
        Outbound::Present(shown) => panic!("{shown:?}"),
    }
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

fn refund(cents: i64) -> Ask {
    Ask::Refund(Refund {
        amount: Money::hkd(cents),
        original_rail_reference: format!("{REFERENCE}-C1"),
        account: None,
        reason: "paid twice".to_owned(),
    })
}

#[test]
fn a_collection_begins_a_hosted_checkout_that_authorises() {
    let call = call(rail("").as_ref(), &Order::collect(collect("card")));
    assert_eq!(call.method, HttpMethod::Post);
    assert_eq!(call.url, format!("{BASE}/session"));
    // `merchant.TESTRVD01:a:b`
    let basic = "Basic bWVyY2hhbnQuVEVTVFJWRDAxOmE6Yg==".to_owned();
    assert!(call.headers.contains(&("authorization", basic)));
    assert!(!format!("{call:?}").contains("bWVyY2hhbnQ"));
    let back = "https://pay.example/back";
    let expected = json!({
        "apiOperation": "INITIATE_CHECKOUT",
        "checkoutMode": "WEBSITE",
        "interaction": {
            "operation": "AUTHORIZE",
            "merchant": { "name": "Demo" },
            "timeout": 900,
            "returnUrl": back, "cancelUrl": back, "timeoutUrl": back,
        },
        "order": {
            "id": REFERENCE, "amount": "5074.00", "currency": "HKD",
            "description": "Vehicle licence", "reference": REFERENCE,
            "notificationUrl": "https://pay.example/n",
        },
        "transaction": { "reference": REFERENCE },
    });
    assert_eq!(body(&call), expected);
}

#[test]
fn every_later_order_is_a_transaction_under_its_own_key_or_a_question() {
    let rail = rail("");
    let question = |question| Ask::Query(question);
    let one = Question::Order {
        key: format!("{REFERENCE}-C1"),
        kind: epay_rail::OrderKind::Capture,
    };
    let money = |operation: &str, amount: &str| json!({ "apiOperation": operation, "transaction": { "amount": amount, "currency": "HKD" } });
    let void = json!({ "apiOperation": "VOID", "transaction": { "targetTransactionId": "1" } });
    let part = Ask::Capture {
        amount: Money::hkd(100_005),
    };
    let rows = [
        (part, "PUT", Some(money("CAPTURE", "1000.05"))),
        (Ask::Void, "PUT", Some(void)),
        (refund(1), "PUT", Some(money("REFUND", "0.01"))),
        (question(Question::Collection), "GET", None),
        (question(one), "GET", None),
    ];
    for (ask, method, expected) in rows {
        let call = call(rail.as_ref(), &order("card", "ORDER-1", ask));
        assert_eq!(call.method.as_str(), method);
        let place = format!("{BASE}/order/{REFERENCE}");
        match expected {
            Some(expected) => {
                assert_eq!(call.url, format!("{place}/transaction/ORDER-1"));
                assert_eq!(body(&call), expected);
            }
            None => {
                assert_eq!(call.url, place);
                assert!(call.body.is_empty());
            }
        }
    }
}

#[test]
fn what_cannot_be_carried_is_refused_before_it_leaves() {
    let capture = |cents| Ask::Capture {
        amount: Money::hkd(cents),
    };
    let mut forgetful = order("card", "V-1", Ask::Void);
    forgetful.header.kept = None;
    let mut stranger = order("card", "C-1", capture(1));
    stranger.collect.payee = "NOBODY".to_owned();
    let rows = [
        (order("card", "C-1", capture(507_401)), "amount_too_large"),
        (order("card", "C-1", capture(0)), "amount_too_small"),
        (order("card", "R-1", refund(507_401)), "amount_too_large"),
        (order("card", "a/../b", capture(1)), "bad_field"),
        (order("card", "", capture(1)), "bad_field"),
        (forgetful, "bad_field"),
        (stranger, "bad_payee"),
        (order("card", "X", Ask::Close), "order_not_taken"),
        (Order::collect(collect("apple_pay")), "bad_field"),
        (tender("apple_pay", "apple_pay", b"{}"), "order_not_taken"),
    ];
    let rail = rail("");
    for (order, code) in rows {
        let refusal: Refusal = rail.encode(&order).unwrap_err();
        assert_eq!(refusal.code(), code, "{refusal}");
    }
}

fn tender(method: &str, kind: &str, bytes: &[u8]) -> Order {
    let instrument = Instrument {
        kind: kind.to_owned(),
        bytes: bytes.to_vec(),
    };
    order(method, "T-1", Ask::Tender(instrument))
}
