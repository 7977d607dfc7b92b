//! What only some wallets do: rounding, what is kept, tokens, refunds asked after, settings that are refused.

use crate::support;

use epay_money::Money;
use epay_rail::{
    Ask, Call, Finding, Header, Inbound, Order, OrderKind, Outbound, Question, Rail, Refund,
    Refusal, Resend,
};
use jiff::Timestamp;

fn order(wallet: usize, ask: Ask) -> Order {
    let (method, payee) = support::SAMPLES[wallet];
    let collect = support::collect(method, payee);
    let header = Header {
        key: format!("{}-R1", collect.reference),
        at: collect.asked_at,
        nonce: [9; 16],
        kept: None,
        bearer: Some("token".to_owned()),
    };
    Order {
        header,
        collect,
        ask,
    }
}

fn call(rail: &dyn Rail, order: &Order) -> Call {
    match rail.encode(order) {
        Ok(Outbound::Call(call)) => call,
        other => panic!("{other:?}"),
    }
}

fn body(call: &Call) -> serde_json::Value {
    serde_json::from_slice(&call.body).unwrap()
}

fn after(kind: OrderKind) -> Ask {
    let key = "EP0AB1CD2EF3GH4JK5MN-R1".to_owned();
    Ask::Query(Question::Order { key, kind })
}

#[test]
fn octopus_refuses_cents_or_rounds_them_up_by_the_setting() {
    let rows = [
        ("refuse", 1_013, Err("amount_step")),
        ("refuse", 1_010, Ok(1_010)),
        ("round_up", 1_010, Ok(1_010)),
        ("round_up", 1_011, Ok(1_020)),
        ("round_up", 1_019, Ok(1_020)),
        ("round_up", 9, Err("amount_too_small")),
        ("round_up", 3_000_000, Ok(3_000_000)),
        ("round_up", 3_000_001, Err("amount_too_large")),
    ];
    for (setting, cents, expected) in rows {
        let table = format!("cents = '{setting}'\n{}", support::octopus_table());
        let rail = support::opened(rail_wallet::open_octopus, "octopus", &table);
        let mut order = order(3, Ask::Collect);
        order.collect.amount = Money::hkd(cents);
        let asked = match rail.encode(&order) {
            Ok(Outbound::Call(call)) => Ok(body(&call)["amount_cents"].as_i64().unwrap()),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal.code()),
        };
        assert_eq!(asked, expected, "{setting} {cents}");
    }
}

/// A wallet, the end of the address that it is asked at, and its answer.
type Asked = (fn() -> Box<dyn Rail>, &'static str, &'static str);

#[test]
fn a_refund_is_asked_after_by_its_own_name() {
    let rows: [Asked; 4] = [
        (
            support::wechat,
            "/v3/global/refunds/out-refund-no/EP0AB1CD2EF3GH4JK5MN-R1?sp_mchid=1900000109&sub_mchid=1900000201",
            r#"{"id":"5","out_refund_no":"EP0AB1CD2EF3GH4JK5MN-R1","status":"SUCCESS","amount":{"refund":100,"currency":"HKD"}}"#,
        ),
        (
            support::alipay,
            "/ams/api/v1/payments/inquiryRefund",
            r#"{"result":{"resultStatus":"S","resultCode":"SUCCESS"},"refundStatus":"SUCCESS","refundId":"5","refundAmount":{"currency":"HKD","value":"100"}}"#,
        ),
        (
            support::payme,
            "/payments/refunds?merchantRefundId=EP0AB1CD2EF3GH4JK5MN-R1",
            r#"{"refundId":"5","statusCode":"RF005","amount":1.00,"currencyCode":"HKD"}"#,
        ),
        (
            support::octopus,
            "/v1/payments/EP0AB1CD2EF3GH4JK5MN/refunds/EP0AB1CD2EF3GH4JK5MN-R1",
            r#"{"merchant":"OCT-RVD-0001","reference":"EP0AB1CD2EF3GH4JK5MN","refund_id":"EP0AB1CD2EF3GH4JK5MN-R1","octopus_refund_id":"5","status":"completed","amount_cents":100,"currency":"HKD"}"#,
        ),
    ];
    for (wallet, (open, target, answer)) in rows.into_iter().enumerate() {
        let (rail, order) = (open(), order(wallet, after(OrderKind::Refund)));
        assert!(
            call(rail.as_ref(), &order).url.ends_with(target),
            "{target}"
        );
        let inbound = Inbound::reply(&order, 200, answer.as_bytes(), Timestamp::UNIX_EPOCH);
        let decoded = rail.decode(&inbound).unwrap();
        let report = &decoded.reports[0];
        assert_eq!(report.finding, Finding::Refunded, "{target}");
        assert_eq!(report.amount, Money::hkd(100));
        assert_eq!(report.order_key.as_deref(), Some("EP0AB1CD2EF3GH4JK5MN-R1"));
        let strange = rail.encode(&self::order(wallet, after(OrderKind::Capture)));
        assert!(matches!(strange, Err(Refusal::OrderNotTaken { .. })));
    }
}

#[test]
fn payme_is_asked_by_its_own_name_or_by_ours_while_its_own_is_lost() {
    let rail = support::payme();
    let mut order = order(2, Ask::Query(Question::Collection));
    let url = call(rail.as_ref(), &order).url;
    assert!(
        url.ends_with("/payments/paymentrequests?orderId=EP0AB1CD2EF3GH4JK5MN"),
        "{url}"
    );
    order.header.kept = Some("0fa4bc6e-1d4f".to_owned());
    let url = call(rail.as_ref(), &order).url;
    assert!(
        url.ends_with("/payments/paymentrequests/0fa4bc6e-1d4f"),
        "{url}"
    );
    order.header.kept = Some("../../oauth2".to_owned());
    assert_eq!(rail.encode(&order).unwrap_err().code(), "bad_field");
}

#[test]
fn payme_gets_its_token_with_client_credentials() {
    let rail = support::payme();
    let grant = rail.grant(Timestamp::UNIX_EPOCH, [1; 16]).unwrap();
    assert!(grant.url.ends_with("/oauth2/token"));
    let text = String::from_utf8(grant.body).unwrap();
    assert_eq!(
        text,
        "grant_type=client_credentials&client_id=epay-test&client_secret=test-client-secret"
    );
    let granted = rail
        .granted(200, br#"{"accessToken":"abc","tokenType":"Bearer"}"#)
        .unwrap();
    assert_eq!(granted, ("abc".to_owned(), 3_540));
    for (status, body) in [
        (401, &b"{}"[..]),
        (200, b"{}"),
        (200, br#"{"accessToken":"a b"}"#),
    ] {
        assert!(rail.granted(status, body).is_err(), "{status}");
    }
    for open in [support::wechat, support::alipay, support::octopus] {
        assert!(open().grant(Timestamp::UNIX_EPOCH, [1; 16]).is_none());
    }
}

#[test]
fn a_refund_carries_its_own_id_and_the_payments() {
    let refund = Refund {
        amount: Money::hkd(100),
        original_rail_reference: "T-1".to_owned(),
        account: None,
        reason: "paid twice".to_owned(),
    };
    let names = [
        ("out_refund_no", "transaction_id"),
        ("refundRequestId", "paymentId"),
        ("merchantRefundId", ""),
        ("refund_id", ""),
    ];
    let opened = [
        support::wechat,
        support::alipay,
        support::payme,
        support::octopus,
    ];
    for (wallet, (open, (own, original))) in opened.into_iter().zip(names).enumerate() {
        let call = call(open().as_ref(), &order(wallet, Ask::Refund(refund.clone())));
        let body = body(&call);
        assert_eq!(body[own], "EP0AB1CD2EF3GH4JK5MN-R1");
        assert!(original.is_empty() || body[original] == "T-1");
    }
}

#[test]
fn profiles_say_what_differs() {
    let rows = [
        (support::wechat(), 300, Resend::SafeWithKey, 1, 900),
        (support::alipay(), 0, Resend::QueryFirst, 1, 840),
        (support::payme(), 0, Resend::QueryFirst, 1, 600),
        (support::octopus(), 0, Resend::SafeWithKey, 10, 600),
    ];
    for (rail, close_after, resend, step, ttl) in rows {
        let profile = rail.profile();
        assert_eq!(profile.close_after_secs, close_after);
        assert_eq!(profile.resend, resend);
        assert_eq!(profile.amount_step, step);
        assert_eq!(profile.presentation_ttl_secs, ttl);
        assert_eq!(profile.fee.basis_points, 60);
        assert_eq!(profile.accounts.clearing, format!("1140.{}", profile.rail));
    }
}

/// A table in which one text is replaced by another, and the setting that is then wrong.
type Wrong = (
    support::Open,
    String,
    &'static str,
    &'static str,
    &'static str,
);

fn wrong_tables() -> [Wrong; 9] {
    [
        (
            rail_wallet::open_wechat,
            support::wechat_table(),
            "sp_mchid = '1900000109'",
            "",
            "sp_mchid",
        ),
        (
            rail_wallet::open_wechat,
            support::wechat_table(),
            "of-32-characters!",
            "short",
            "api_v3_key",
        ),
        (
            rail_wallet::open_wechat,
            support::wechat_table(),
            "BEGIN PRIVATE KEY-----\n",
            "BEGIN PRIVATE KEY-----\nAAAA",
            "private_key",
        ),
        (
            rail_wallet::open_wechat,
            support::wechat_table(),
            "[platform_keys]",
            "[terms]\namount_max_cents = 0\n[platform_keys]",
            "terms.amount_max_cents",
        ),
        (
            rail_wallet::open_alipay,
            support::alipay_table(),
            "client_id = ",
            "key_version = ",
            "client_id",
        ),
        (
            rail_wallet::open_payme,
            support::payme_table(),
            "'key-1'",
            "'key-9'",
            "signing_key_id",
        ),
        (
            rail_wallet::open_payme,
            support::payme_table(),
            support::SECRET,
            "c2hvcnQ=",
            "signing_keys",
        ),
        (
            rail_wallet::open_octopus,
            support::octopus_table(),
            "api_key = 'test-api-key'",
            "",
            "api_key",
        ),
        (
            rail_wallet::open_octopus,
            support::octopus_table(),
            "[webhook_secrets]",
            "[terms]\namount_max_cents = 1005\n[webhook_secrets]",
            "terms",
        ),
    ]
}

#[test]
fn a_table_without_what_is_needed_is_refused_by_name() {
    for (open, table, from, to, setting) in wrong_tables() {
        assert!(table.contains(from), "{from}");
        let rail = "x".parse().unwrap();
        let error = open(&rail, &table.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("the setting {setting} cannot be used")),
            "{error}"
        );
        assert!(open(&rail, "colour = 'red'").is_err());
    }
}

#[test]
fn nothing_secret_is_shown() {
    for rail in [
        support::wechat(),
        support::alipay(),
        support::payme(),
        support::octopus(),
    ] {
        let shown = format!("{rail:?}");
        for secret in [
            support::SECRET,
            support::API_V3_KEY,
            "test-api-key",
            "test-client-secret",
            "MII",
        ] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
