//! The rail's own configuration table.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::RailId;
use epay_rail::{Capture, FeePaid, OpenError, OrderKind, Rail};

fn open(settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    rail_card::open(&RailId::new("card").unwrap(), settings)
}

#[test]
fn an_empty_table_gives_the_documented_defaults() {
    let rail = open("").unwrap();
    let profile = rail.profile();
    assert_eq!(profile.rail.as_str(), "card");
    assert_eq!(profile.methods, ["card"]);
    assert_eq!((profile.amount_min, profile.amount_max), (1, 10_000_000));
    assert_eq!(profile.presentation_ttl_secs, 900);
    assert_eq!(profile.capture, Capture::Apart);
    assert_eq!(profile.fee.basis_points, 90);
    assert_eq!(profile.fee.paid, FeePaid::FromPayout);
    assert_eq!(profile.refund_days, Some(180));
    assert_eq!(profile.accounts.clearing, "1120");
    assert!(!profile.takes(OrderKind::Tender) && !profile.takes(OrderKind::Close));
}

#[test]
fn a_setting_that_no_payment_could_be_made_with_is_refused_by_name() {
    let table = [
        ("amount_min_cents = 0", "amount_min_cents"),
        ("amount_max_cents = 0", "amount_max_cents"),
        ("presentation_ttl_secs = 0", "presentation_ttl_secs"),
        ("presentation_ttl_secs = 5401", "presentation_ttl_secs"),
        ("grace_secs = 86401", "grace_secs"),
        ("discount_basis_points = 10001", "discount_basis_points"),
        ("call_millis = 0", "call_millis"),
        ("calls_at_once = 0", "calls_at_once"),
        ("api_version = 0", "api_version"),
        ("base_url = 'http://gateway.example'", "base_url"),
        ("base_url = 'http://localhost.example'", "base_url"),
        ("base_url = 'https://'", "base_url"),
        ("base_url = 'https://a/b?c'", "base_url"),
        ("base_url = 'https://me@a'", "base_url"),
        ("merchant_name = ''", "merchant_name"),
        ("notification_url = 'pay.example'", "notification_url"),
        ("notification_secrets = ['short']", "notification_secrets"),
        ("merchants = { 'a/b' = 'x' }", "merchants"),
        ("merchants = { a = ' ' }", "merchants"),
        ("clearing_account = ' '", "clearing_account"),
        ("apple_pay = { roots = '', certificates = [] }", "apple_pay"),
        (
            "apple_pay = { roots = '', certificates = [], max_age_secs = 0 }",
            "apple_pay",
        ),
        (
            "apple_pay = { roots = '', certificates = [], private_keys = ['x'] }",
            "apple_pay",
        ),
        (
            "google_pay = { root_keys = '{}', recipient = 'gateway:x' }",
            "google_pay",
        ),
        (
            "google_pay = { root_keys = '{}', recipient = 'somebody' }",
            "google_pay",
        ),
    ];
    for (settings, expected) in table {
        match open(settings) {
            Err(OpenError::BadSetting { name, .. }) => assert_eq!(name, expected),
            other => panic!("{settings}: {other:?}"),
        }
    }
    for fine in [
        "base_url = 'http://127.0.0.1:8081/acquirer/'",
        "base_url = 'http://[::1]:1'",
    ] {
        assert!(open(fine).is_ok(), "{fine}");
    }
    for unreadable in ["colour = 'red'", "amount_min_cents = 1.5", "[[["] {
        assert!(
            matches!(open(unreadable), Err(OpenError::Settings(_))),
            "{unreadable}"
        );
    }
}
