//! The suite that every rail passes, for checkout, and what is special to it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

use epay_money::{Money, RailId};
use epay_rail::{
    Collect, Door, Inbound, NotGenuine, OpenError, Order, OrderKind, Outbound, Presentation, Rail,
    Refusal, Unverified,
};
use epay_rail_kit::conformance::Suite;
use jiff::{SignedDuration, Timestamp};

const SETTINGS: &str = "
    page_url = 'https://pay.example/b2c/payForm.jsp'
    api_url = 'https://pay.example/b2c/orderApi.jsp'
    [merchants.99010201]
    secrets = ['a-secret-of-the-merchant', 'the-secret-before-it-xx']
    login = 'epay'
    password = 'p&ss word'
";

const REQUEST_SHA1: &str = "155642282d30c0d7b6530c731f2aa066620ef3fe";
const REQUEST_SHA256: &str = "f8c20abc023264a28ad400b15fa80830a23c48e57e84e6fe418a1b6abe47a552";
const FEED_SHA1: &str = "03dcd12c5de79e602b94ca3586f13a90048428f6";
const FEED_SHA1_BEFORE: &str = "f85e19d4ff21a7f9a14376dfbc9e44dbfba676d3";

fn open(settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    rail_pps::checkout::open(&RailId::new("pps-checkout").unwrap(), settings)
}

fn rail() -> Box<dyn Rail> {
    open(SETTINGS).unwrap()
}

/// A collection of HK$3,720.00 for a fictitious biller.
fn collect() -> Collect {
    Collect {
        method: "pps_checkout".to_owned(),
        payee: "99010201".to_owned(),
        amount: Money::hkd(372_000),
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "000123456789011".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: Some("https://bills.example/back".to_owned()),
        asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
        expires_at: "2026-01-20T16:00:00Z".parse().unwrap(),
    }
}

epay_rail_kit::conformance! {
    open: rail,
    order: collect,
    goldens: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/checkout"),
    codes: rail_pps::checkout::ORDER_STATUS.iter().map(|row| row.code).collect(),
}

fn suite() -> Suite {
    Suite {
        open: rail,
        order: collect,
        goldens: std::path::PathBuf::new(),
        codes: Vec::new(),
        kept: None,
    }
}

fn form(rail: &dyn Rail) -> (String, Vec<(String, String)>) {
    match rail.encode(&Order::collect(collect())) {
        Ok(Outbound::Present(Presentation::Form { action, fields })) => (action, fields),
        other => panic!("{other:?}"),
    }
}

/// Hashes made with Python's hashlib over `99010201|EP0AB1CD2EF3GH4JK5MN|344|3720.00|N|a-secret-of-the-merchant`.
#[test]
fn the_form_is_signed_over_the_five_fields_that_the_guide_names() {
    let rows = [
        ("hash = 'sha1'", REQUEST_SHA1),
        ("hash = 'sha256'", REQUEST_SHA256),
    ];
    for (setting, expected) in rows {
        let (action, fields) = form(open(&format!("{setting}\n{SETTINGS}")).unwrap().as_ref());
        assert_eq!(action, "https://pay.example/b2c/payForm.jsp");
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let back = "https://bills.example/back";
        let wanted = [
            ("merchantId", "99010201"),
            ("orderRef", "EP0AB1CD2EF3GH4JK5MN"),
            ("currCode", "344"),
            ("amount", "3720.00"),
            ("payType", "N"),
            ("payMethod", "PPS"),
            ("lang", "E"),
            ("successUrl", back),
            ("failUrl", back),
            ("cancelUrl", back),
            ("secureHash", expected),
        ];
        assert_eq!(fields, wanted);
    }
}

#[test]
fn a_query_carries_login_and_reference_and_shows_no_password() {
    let order = suite().sample(OrderKind::Query);
    let Ok(Outbound::Call(call)) = rail().encode(&order) else {
        panic!("no call");
    };
    let body = "merchantId=99010201&loginId=epay&password=p%26ss+word&actionType=Query&orderRef=EP0AB1CD2EF3GH4JK5MN";
    assert_eq!(String::from_utf8(call.body.clone()).unwrap(), body);
    let shown = format!("{call:?} {:?}", rail());
    assert!(!shown.contains("p%26ss") && !shown.contains("p&ss") && !shown.contains("a-secret"));
}

#[test]
fn a_merchant_that_is_not_configured_and_a_missing_way_back_are_refused() {
    let rows = [
        (
            Collect {
                payee: "12345".to_owned(),
                ..collect()
            },
            "bad_payee",
        ),
        (
            Collect {
                return_url: None,
                ..collect()
            },
            "bad_field",
        ),
    ];
    for (collect, expected) in rows {
        let refusal: Refusal = rail().encode(&Order::collect(collect)).unwrap_err();
        assert_eq!(refusal.code(), expected);
    }
}

fn judge(body: &str) -> Result<String, NotGenuine> {
    let message = Unverified {
        door: Door::Notice {
            target: "/rails/pps-checkout/notices",
        },
        headers: &[],
        body: body.as_bytes(),
        received_at: Timestamp::UNIX_EPOCH,
    };
    rail().authenticate(&message).map(|genuine| {
        assert_eq!(genuine.acknowledgement.body, "OK");
        genuine.message_id
    })
}

const FIELDS: &str = "prc=0&src=0&Ord=6697090&Ref=EP0AB1CD2EF3GH4JK5MN&PayRef=1151802&successcode=0&Amt=3720.0&Cur=344&Holder=CHAN+TAI+MAN&AuthId=1&payerAuth=U&payMethod=PPS";

/// Hashes made with Python's hashlib over `0|0|0|EP0AB1CD2EF3GH4JK5MN|1151802|344|3720.0|U|` and each secret.
#[test]
fn a_feed_is_genuine_when_any_of_its_hashes_has_any_of_the_secrets() {
    let other = "0".repeat(40);
    let rows = [
        (format!("{FIELDS}&secureHash={FEED_SHA1}"), Ok(())),
        (format!("{FIELDS}&secureHash={FEED_SHA1_BEFORE}"), Ok(())),
        (format!("{FIELDS}&secureHash={other}%2C{FEED_SHA1}"), Ok(())),
        (
            format!("{FIELDS}&secureHash={}", FEED_SHA1.to_uppercase()),
            Ok(()),
        ),
        (format!("{FIELDS}&secureHash={other}"), Err("bad_signature")),
        (format!("{FIELDS}&secureHash="), Err("bad_signature")),
        (FIELDS.to_owned(), Err("missing")),
        (
            format!("{FIELDS}&secureHash={FEED_SHA1}&Amt=3720.0"),
            Err("malformed"),
        ),
        (
            format!("{FIELDS}&secureHash={FEED_SHA1}&amt=1"),
            Err("malformed"),
        ),
        (
            format!(
                "{}&secureHash={FEED_SHA1}",
                FIELDS.replace("successcode=0", "successcode=1")
            ),
            Err("bad_signature"),
        ),
        (
            format!(
                "{}&secureHash={FEED_SHA1}",
                FIELDS.replace("prc=0", "prc=0%7C0")
            ),
            Err("malformed"),
        ),
        (
            format!(
                "{}&secureHash={FEED_SHA1}",
                FIELDS.replace("&PayRef=1151802", "")
            ),
            Err("missing"),
        ),
    ];
    for (body, expected) in rows {
        let judged = judge(&body).map(|_id| ()).map_err(|fault| fault.code());
        assert_eq!(judged, expected, "{body}");
    }
}

#[test]
fn a_feed_that_comes_again_has_the_same_message_id() {
    let one = judge(&format!("{FIELDS}&secureHash={FEED_SHA1}")).unwrap();
    let again = judge(&format!("{FIELDS}&secureHash={FEED_SHA1_BEFORE}")).unwrap();
    assert_eq!(one, again);
}

#[test]
fn a_declined_attempt_is_not_the_last_before_the_page_has_ended() {
    let body = include_bytes!("golden/checkout/rejected.xml");
    let order = suite().sample(OrderKind::Query);
    let ends = collect().expires_at;
    for (at, expected) in [
        (ends - SignedDuration::from_secs(1), "waiting"),
        (ends, "declined"),
    ] {
        let decoded = rail()
            .decode(&Inbound::reply(&order, 200, body, at))
            .unwrap();
        let findings: Vec<&str> = decoded
            .reports
            .iter()
            .map(|report| report.finding.as_str())
            .collect();
        assert_eq!(findings, [expected]);
    }
}

#[test]
fn an_answer_that_is_no_answer_is_unreadable_and_concludes_nothing() {
    let order = suite().sample(OrderKind::Query);
    let rows: [(u16, &[u8], &str); 6] = [
        (500, b"<records/>", "wrong_message"),
        (200, b"<html>busy</html>", "wrong_message"),
        (
            200,
            b"<!DOCTYPE records [<!ENTITY a 'b'>]><records/>",
            "forbidden_construct",
        ),
        (200, b"<records><record>", "malformed"),
        (200, b"\xff<records/>", "wrong_encoding"),
        (
            200,
            b"<records><record><ref>x</ref></record></records>",
            "malformed",
        ),
    ];
    for (status, body, expected) in rows {
        let answer = rail().decode(&Inbound::reply(&order, status, body, Timestamp::UNIX_EPOCH));
        assert_eq!(
            answer.unwrap_err().code(),
            expected,
            "{}",
            body.escape_ascii()
        );
    }
}

#[test]
fn a_setting_that_no_payment_could_be_made_with_is_refused() {
    let rows = [
        "page_url = 'ftp://x'",
        "api_url = 'https://x y'",
        "pay_method = 'P S'",
        "hash = 'md5'",
        "colour = 'red'",
        "[merchants.a]\nsecrets = []\nlogin = 'a'\npassword = 'b'",
        "[merchants.a]\nsecrets = ['short']\nlogin = 'a'\npassword = 'b'",
        "[merchants.a]\nsecrets = ['long enough to be one']\nlogin = ''\npassword = 'b'",
        "[merchants.'a|b']\nsecrets = ['long enough to be one']\nlogin = 'a'\npassword = 'b'",
    ];
    for table in rows {
        assert!(open(table).is_err(), "{table}");
    }
    let default = open("").unwrap();
    assert_eq!(default.profile().methods, ["pps_checkout"]);
    assert!(default.encode(&Order::collect(collect())).is_err());
}
