//! Which rail carries a payment: the reasons as a table.

use epay_domain::routing::{Candidate, Condition, Decision, Wanted, decide};
use epay_money::{Money, RailId};
use epay_rail::{Fee, FeePaid, Hours, Profile, RailAccountCodes};
use jiff::civil::time;

use crate::support::at;

fn profile(rail: &str, methods: &'static [&'static str], fee: i64) -> Profile {
    let accounts = RailAccountCodes {
        clearing: "1110".into(),
        fee_expense: "5010.test".into(),
        fee_accrued: "2310.test".into(),
    };
    Profile {
        methods,
        amount_max: 100_000,
        fee: Fee {
            per_item_minor: fee,
            basis_points: 0,
            paid: FeePaid::ByInvoice,
        },
        ..Profile::new(RailId::new(rail).unwrap(), "TEST", accounts)
    }
}

const WELL: Condition = Condition {
    left_alone: false,
    calls: 64,
    failures: 3,
};

fn candidate(profile: &Profile) -> Candidate<'_> {
    Candidate {
        profile,
        has_payee: true,
        condition: WELL,
    }
}

fn wanted(minor: i64) -> Wanted<'static> {
    Wanted {
        method: Some("card"),
        rail: None,
        amount: Money::hkd(minor),
        at: at("2026-01-20T08:00:00Z"),
    }
}

fn chosen(decision: &Decision) -> Option<usize> {
    decision.chosen.map(|(place, _method)| place)
}

#[test]
fn the_cheapest_rail_that_fits_is_chosen_and_every_other_is_told_why_not() {
    let dear = profile("a", &["card"], 90);
    let cheap = profile("b", &["card", "apple_pay"], 50);
    let other = profile("c", &["fps_qr"], 1);
    let closed = Profile {
        hours: Some(Hours {
            from: time(9, 0, 0, 0),
            until: time(16, 0, 0, 0),
        }),
        ..profile("d", &["card"], 1)
    };
    let unpaid = profile("e", &["card"], 1);
    let all = [
        candidate(&dear),
        candidate(&cheap),
        candidate(&other),
        candidate(&closed),
        Candidate {
            has_payee: false,
            ..candidate(&unpaid)
        },
    ];
    let decision = decide(&all, wanted(5_000));
    assert_eq!(decision.chosen, Some((1, "card")));
    assert!(decision.fits);
    assert_eq!(
        decision.lines,
        [
            "a: it costs 90 cents",
            "b: chosen; it costs 50 cents",
            "c: it does not carry the method",
            "d: it opens at 09:00:00",
            "e: the kind of bill has no payee on it",
        ]
    );
    assert_eq!(decision, decide(&all, wanted(5_000)), "the same again");
}

#[test]
fn a_sick_rail_comes_last_and_one_that_is_left_alone_not_at_all() {
    let (cheap, dear) = (profile("a", &["card"], 1), profile("b", &["card"], 90));
    let with = |condition| {
        let sick = Candidate {
            condition,
            ..candidate(&cheap)
        };
        chosen(&decide(&[sick, candidate(&dear)], wanted(5_000)))
    };
    let failing = |calls, failures| Condition {
        left_alone: false,
        calls,
        failures,
    };
    assert_eq!(with(WELL), Some(0));
    assert_eq!(with(failing(4, 4)), Some(0), "too few calls say nothing");
    assert_eq!(with(failing(64, 33)), Some(1));
    let alone = Condition {
        left_alone: true,
        ..WELL
    };
    assert_eq!(with(alone), Some(1));
}

#[test]
fn when_no_rail_fits_the_first_with_the_method_is_left_to_say_why() {
    let (one, two) = (profile("a", &["card"], 90), profile("b", &["card"], 1));
    let decision = decide(&[candidate(&one), candidate(&two)], wanted(100_001));
    assert_eq!(chosen(&decision), Some(0));
    assert!(!decision.fits);
    assert_eq!(
        decision.lines,
        [
            "a: chosen, as no rail fits: the amount is above its limit",
            "b: the amount is above its limit",
        ]
    );
    let none = Wanted {
        method: Some("octopus"),
        ..wanted(1)
    };
    assert_eq!(decide(&[candidate(&one)], none).chosen, None);
}
