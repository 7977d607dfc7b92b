//! The rail's own configuration table.

use epay_money::Currency;
use epay_rail::OpenError;

#[test]
fn an_empty_table_gives_the_documented_defaults() {
    let rail = rail_fps::open(&"fps".parse().unwrap(), "").unwrap();
    let profile = rail.profile();
    assert_eq!(profile.rail.as_str(), "fps");
    assert_eq!(profile.currencies, Currency::ALL);
    assert_eq!((profile.amount_min, profile.amount_max), (1, 1_000_000_000));
    assert_eq!(profile.receipt_cutoff.to_string(), "17:00:00");
    assert_eq!(profile.presentation_ttl_secs, 900);
    assert_eq!(profile.fee.per_item_minor, 80);
    assert_eq!(profile.accounts.clearing, "1110");
    assert_eq!(profile.accounts.fee_expense, "5010.fps");
    assert_eq!(profile.accounts.fee_accrued, "2310.fps");
}

#[test]
fn every_setting_can_be_given() {
    let table = "
        amount_min_cents = 100
        amount_max_cents = 5000000
        currencies = ['HKD']
        receipt_cutoff = '16:30'
        presentation_ttl_secs = 60
        fee_per_item_cents = 0
        clearing_account = '1111'
        fee_expense_account = '5011'
        fee_accrued_account = '2311'
    ";
    let rail = rail_fps::open(&"fps".parse().unwrap(), table).unwrap();
    let profile = rail.profile();
    assert_eq!(profile.currencies, [Currency::Hkd]);
    assert_eq!((profile.amount_min, profile.amount_max), (100, 5_000_000));
    assert_eq!(profile.receipt_cutoff.to_string(), "16:30:00");
    assert_eq!(profile.presentation_ttl_secs, 60);
    assert_eq!(profile.fee.per_item_minor, 0);
    assert_eq!(profile.accounts.clearing, "1111");
}

#[test]
fn a_setting_that_no_payment_could_be_made_with_is_refused_by_name() {
    let table = [
        ("amount_min_cents = 0", "amount_min_cents"),
        ("amount_max_cents = 0", "amount_max_cents"),
        ("amount_max_cents = 1000000000000", "amount_max_cents"),
        ("presentation_ttl_secs = 0", "presentation_ttl_secs"),
        ("presentation_ttl_secs = 90000", "presentation_ttl_secs"),
        ("fee_per_item_cents = -1", "fee_per_item_cents"),
        ("currencies = []", "currencies"),
        ("currencies = ['HKD', 'USD']", "currencies"),
        ("clearing_account = ' '", "clearing_account"),
    ];
    for (settings, expected) in table {
        match rail_fps::open(&"fps".parse().unwrap(), settings) {
            Err(OpenError::BadSetting { name, .. }) => assert_eq!(name, expected),
            other => panic!("{settings}: {other:?}"),
        }
    }
    for unreadable in ["colour = 'red'", "amount_min_cents = 1.5", "[[["] {
        let answer = rail_fps::open(&"fps".parse().unwrap(), unreadable);
        assert!(
            matches!(answer, Err(OpenError::Settings(_))),
            "{unreadable}"
        );
    }
}
