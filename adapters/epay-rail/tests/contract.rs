//! The rules that hold for every rail: common refusals, and that personal data is not shown.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::{Currency, Money};
use epay_rail::{
    Collect, Finding, Hours, Inbound, OrderKind, Profile, RailAccountCodes, Refusal, Report,
};
use jiff::Timestamp;

fn profile() -> Profile {
    let accounts = RailAccountCodes {
        clearing: "1".to_owned(),
        fee_expense: "2".to_owned(),
        fee_accrued: "3".to_owned(),
    };
    Profile {
        amount_min: 100,
        amount_max: 5_000,
        amount_step: 50,
        ..Profile::new("demo".parse().unwrap(), "Demo", accounts)
    }
}

fn collect(amount: Money, expires_at: &str) -> Collect {
    Collect {
        method: "demo".to_owned(),
        payee: "1234567".to_owned(),
        amount,
        amount_editable: false,
        reference: "EP0AB1CD2EF3GH4JK5MN".to_owned(),
        bill_number: "1".to_owned(),
        bills: 1,
        description: "Rates".to_owned(),
        return_url: None,
        asked_at: "2026-01-20T00:00:00Z".parse().unwrap(),
        expires_at: expires_at.parse().unwrap(),
    }
}

#[test]
fn common_refusals_come_in_the_documented_order() {
    let (late, early) = ("2026-01-20T00:00:01Z", "2026-01-20T00:00:00Z");
    let cny = |minor| Money::new(minor, Currency::Cny);
    let table = [
        (Money::hkd(100), late, "taken"),
        (Money::hkd(5_000), late, "taken"),
        (cny(0), early, "currency_not_taken"),
        (Money::hkd(99), early, "amount_too_small"),
        (Money::hkd(-5_000), late, "amount_too_small"),
        (Money::hkd(5_001), early, "amount_too_large"),
        (Money::hkd(101), early, "amount_step"),
        (Money::hkd(100), early, "expired"),
    ];
    for (amount, expires_at, expected) in table {
        let answer = profile().check_collect(&collect(amount, expires_at));
        let code = answer.as_ref().map_or_else(Refusal::code, |()| "taken");
        assert_eq!(code, expected, "{amount}, {expires_at}");
    }
}

#[test]
fn a_rail_without_the_ability_refuses_first() {
    let unable = Profile {
        orders: &[],
        ..profile()
    };
    let order = collect(Money::hkd(0), "2026-01-20T00:00:00Z");
    let kind = OrderKind::Collect;
    assert_eq!(
        unable.check_collect(&order),
        Err(Refusal::OrderNotTaken { kind })
    );
}

#[test]
fn nothing_is_never_an_amount_whatever_the_profile_says() {
    let careless = Profile {
        amount_min: 0,
        ..profile()
    };
    let order = collect(Money::hkd(0), "2026-01-20T00:00:01Z");
    let answer = careless.check_collect(&order);
    assert!(matches!(answer, Err(Refusal::AmountTooSmall { .. })));
}

#[test]
fn the_payer_and_the_body_are_not_shown() {
    let report = Report {
        rail_account: "012".to_owned(),
        rail_reference: "R1".to_owned(),
        reference: None,
        bill_number: None,
        order_key: None,
        amount: Money::hkd(1),
        fee: None,
        finding: Finding::Settled,
        reason: None,
        instructed_at: "2026-01-20T00:00:00Z".parse().unwrap(),
        booking_date: "2026-01-20".parse().unwrap(),
        value_date: "2026-01-20".parse().unwrap(),
        payer: Some("CHAN TAI MAN".to_owned()),
        end_to_end_id: None,
        clearing_reference: None,
    };
    let shown = format!(
        "{report:?} {:?}",
        Inbound::notice(b"CHAN TAI MAN", Timestamp::UNIX_EPOCH)
    );
    assert!(!shown.contains("CHAN"), "{shown}");
    assert!(shown.contains("hidden") && shown.contains("R1"), "{shown}");
}

#[test]
fn every_finding_is_stored_as_a_word_that_reads_back() {
    for finding in Finding::ALL {
        assert_eq!(Finding::from_word(finding.as_str()), Some(finding));
    }
    assert_eq!(Finding::from_word("Settled"), None);
}

#[test]
fn pauses_between_questions_double_up_to_the_longest() {
    let patience = profile().patience;
    let pauses: Vec<u32> = [0, 1, 2, 9, 10, 31, 32, u32::MAX]
        .into_iter()
        .map(|asked| patience.pause_secs(asked))
        .collect();
    assert_eq!(pauses, [5, 10, 20, 2560, 3600, 3600, 3600, 3600]);
}

#[test]
fn hours_may_go_over_midnight() {
    let hours = |from: &str, until: &str| Hours {
        from: from.parse().unwrap(),
        until: until.parse().unwrap(),
    };
    let table = [
        (hours("08:00", "19:00"), "08:00", true),
        (hours("08:00", "19:00"), "19:00", false),
        (hours("22:00", "02:00"), "23:59", true),
        (hours("22:00", "02:00"), "01:59", true),
        (hours("22:00", "02:00"), "12:00", false),
    ];
    for (hours, at, expected) in table {
        assert_eq!(
            hours.contains(at.parse().unwrap()),
            expected,
            "{hours:?} {at}"
        );
    }
}
