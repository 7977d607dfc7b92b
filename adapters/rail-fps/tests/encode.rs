//! What a collection becomes, against payloads that another program computed, and what is refused.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

use epay_money::{Currency, Money};
use epay_rail::{Collect, Order, Outbound, Presentation, PrintedCode, Rail, Refusal};

fn order() -> Collect {
    Collect {
        method: "fps_qr".to_owned(),
        payee: "1234567".to_owned(),
        amount: Money::hkd(372_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T16:00:00.9Z".parse().unwrap(),
    }
}

fn encode(rail: &dyn Rail, collect: Collect) -> Result<String, Refusal> {
    rail.encode(&Order::collect(collect))
        .map(|outbound| match outbound {
            Outbound::Present(Presentation::Qr { payload, .. }) => payload,
            other => panic!("a code was expected, not {other:?}"),
        })
}

/// The expected texts were put together by a few lines of Python from the tables of the specification.
#[test]
fn a_collection_becomes_the_code_that_the_specification_describes() {
    let rail = rail_fps::open(&"fps".parse().unwrap(), "").unwrap();
    let table = [
        (
            order(),
            "00020101021226430012hk.com.hkicl02071234567051226012100000052040000530334454073720.005802HK5902NA6002HK62240520EP0AB1CD2EF3GH4JK5MN63048D06",
        ),
        (
            Collect {
                payee: "123456789".to_owned(),
                amount: Money::new(1, Currency::Cny),
                amount_editable: true,
                ..order()
            },
            "00020101021226500012hk.com.hkicl020912345678905122601210000000601152040000530315654040.015802HK5902NA6002HK62240520EP0AB1CD2EF3GH4JK5MN6304457B",
        ),
        (
            Collect {
                payee: "Pay_Bills@dept.example.hk".to_owned(),
                ..order()
            },
            "00020101021226610012hk.com.hkicl0425Pay_Bills@dept.example.hk051226012100000052040000530334454073720.005802HK5902NA6002HK62240520EP0AB1CD2EF3GH4JK5MN630410D1",
        ),
    ];
    for (collect, expected) in table {
        assert_eq!(encode(rail.as_ref(), collect).as_deref(), Ok(expected));
    }
}

#[test]
fn what_fps_cannot_carry_is_refused_with_its_reason() {
    let rail = rail_fps::open(
        &"fps".parse().unwrap(),
        "currencies = ['HKD']\namount_max_cents = 1000000",
    )
    .unwrap();
    let payee = |payee: &str| Collect {
        payee: payee.to_owned(),
        ..order()
    };
    let reference = |reference: &str| Collect {
        reference: reference.to_owned(),
        ..order()
    };
    let amount = |amount| Collect { amount, ..order() };
    let expires_at = |at: &str| Collect {
        expires_at: at.parse().unwrap(),
        ..order()
    };
    let table = [
        (amount(Money::hkd(0)), "amount_too_small"),
        (amount(Money::hkd(1_000_001)), "amount_too_large"),
        (amount(Money::new(1, Currency::Cny)), "currency_not_taken"),
        (payee("12345678"), "bad_payee"),
        (payee("+852-91234567"), "bad_payee"),
        (payee("dept@"), "bad_payee"),
        (reference("EP0AB1CD2EF3GH4JK5MU"), "bad_reference"),
        (reference("BILL1"), "bad_reference"),
        (expires_at("2026-01-20T15:44:59Z"), "expired"),
        (expires_at("2099-12-31T15:59:59Z"), ""),
        (expires_at("2099-12-31T16:00:00Z"), "bad_field"),
    ];
    for (collect, code) in table {
        let answer = encode(rail.as_ref(), collect.clone());
        let given = answer.as_ref().map_or_else(Refusal::code, |_| "");
        assert_eq!(given, code, "{collect:?}");
    }
}

#[test]
fn a_code_reads_back_as_the_order_that_made_it() {
    let rail = rail_fps::open(&"fps".parse().unwrap(), "").unwrap();
    let payload = encode(rail.as_ref(), order()).unwrap();
    let parsed = emvqr::parse(&payload, emvqr::Profile::Strict);
    assert!(parsed.is_valid());
    let fps = emvqr::fps::FpsView::read(parsed.document()).unwrap();
    assert_eq!(fps.fps_id, Some("1234567"));
    assert_eq!(fps.reference, Some("EP0AB1CD2EF3GH4JK5MN"));
    assert_eq!(fps.bill_number, None, "62/01 and 62/05 exclude each other");
    assert!(!fps.is_editable);
    // Midnight in Hong Kong; the fraction of a second is cut, never rounded up.
    let time_out = fps.time_out.map(|moment| moment.to_string());
    assert_eq!(time_out.as_deref(), Some("260121000000"));
}

/// Put together by the same lines of Python; the published shape of a bill's code, without expiry and reference.
#[test]
fn a_code_on_paper_names_the_bill() {
    let rail = rail_fps::open(&"fps".parse().unwrap(), "amount_max_cents = 1000000").unwrap();
    let code = |minor, bill_number: &str| PrintedCode {
        payee: "1234567".to_owned(),
        amount: Money::hkd(minor),
        amount_editable: true,
        bill_number: bill_number.to_owned(),
    };
    let text = rail
        .printed(&code(372_000, "000123456789011"))
        .unwrap()
        .unwrap();
    assert_eq!(
        text,
        "00020101021226320012hk.com.hkicl020712345670601152040000530334454073720.005802HK5902NA6002HK6219011500012345678901163044074"
    );
    let table = [
        (code(0, "1"), "amount_too_small"),
        (code(1_000_001, "1"), "amount_too_large"),
        (code(1, &"1".repeat(26)), "bad_field"),
    ];
    for (code, expected) in table {
        assert_eq!(rail.printed(&code).unwrap_err().code(), expected);
    }
}
