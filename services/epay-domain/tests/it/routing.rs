//! Which rail carries a payment: rules, fees and health as tables.

use epay_domain::routing::health::{OBSERVATION_AGE_MAX, Observation, combined};
use epay_domain::routing::{Candidate, Condition, Decision, Judged, Reason, Wanted, decide};
use epay_money::{Currency, Money, RailId};
use epay_rail::{Fee, FeePaid, Hours, Profile, RailAccountCodes};
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};

use crate::support::{at, now};

fn rail(name: &str) -> RailId {
    RailId::new(name).unwrap()
}

fn profile(name: &str, methods: &'static [&'static str], fee: i64) -> Profile {
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
        ..Profile::new(rail(name), "TEST", accounts)
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
        bills_max: 2,
        condition: WELL,
    }
}

fn wanted(minor: i64) -> Wanted<'static> {
    Wanted {
        method: Some("card"),
        rail: None,
        tried: &[],
        amount: Money::hkd(minor),
        bills: 1,
        at: at("2026-01-20T08:00:00Z"),
    }
}

fn chosen(decision: &Decision) -> Option<usize> {
    decision.chosen.map(|(place, _method)| place)
}

fn reasons(decision: &Decision) -> Vec<(&str, Vec<&str>, i64)> {
    let judged = decision.judged.iter();
    judged
        .map(|judged| {
            let words = judged.reasons.iter().map(|reason| reason.as_str());
            (judged.rail.as_str(), words.collect(), judged.fee_minor)
        })
        .collect()
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
    let tried = profile("f", &["card"], 1);
    let all = [
        candidate(&dear),
        candidate(&cheap),
        candidate(&other),
        candidate(&closed),
        Candidate {
            has_payee: false,
            ..candidate(&unpaid)
        },
        candidate(&tried),
    ];
    let passed = [rail("f")];
    let wanted = Wanted {
        tried: &passed,
        ..wanted(5_000)
    };
    let decision = decide(&all, wanted);
    assert_eq!(decision.chosen, Some((1, "card")));
    assert!(decision.fits);
    assert_eq!(
        reasons(&decision),
        [
            ("a", vec![], 90),
            ("b", vec![], 50),
            ("c", vec!["method_not_carried"], 1),
            ("d", vec!["closed_now"], 1),
            ("e", vec!["no_payee"], 1),
            ("f", vec!["tried_before"], 1),
        ]
    );
    assert_eq!(decision, decide(&all, wanted), "the same again");
    let named = rail("a");
    let by_name = Wanted {
        rail: Some(&named),
        method: None,
        ..wanted
    };
    let decision = decide(&all, by_name);
    assert_eq!(decision.chosen, Some((0, "card")));
    let others = decision.judged.iter().skip(1);
    assert!(
        others
            .into_iter()
            .all(|judged| judged.reasons == [Reason::OtherRail])
    );
}

#[test]
fn every_rule_speaks_for_itself_and_all_that_are_broken_are_told() {
    let strict = Profile {
        amount_min: 100,
        amount_max: 10_000,
        amount_step: 10,
        hours: Some(Hours {
            from: time(9, 0, 0, 0),
            until: time(19, 0, 0, 0),
        }),
        ..profile("a", &["card"], 0)
    };
    let (day, night) = ("2026-01-20T01:00:00Z", "2026-01-20T11:00:00Z");
    let sick = Condition {
        left_alone: true,
        ..WELL
    };
    use Reason as R;
    let table: [(Money, &str, Condition, &[Reason]); 11] = [
        (Money::hkd(100), day, WELL, &[]),
        (Money::hkd(10_000), day, WELL, &[]),
        (Money::hkd(90), day, WELL, &[R::AmountTooSmall]),
        (Money::hkd(10_010), day, WELL, &[R::AmountTooLarge]),
        (Money::hkd(105), day, WELL, &[R::AmountStep]),
        (Money::hkd(100), night, WELL, &[R::ClosedNow]),
        (
            Money::hkd(100),
            "2026-01-20T00:59:59Z",
            WELL,
            &[R::ClosedNow],
        ),
        (
            Money::new(100, Currency::Cny),
            day,
            WELL,
            &[R::CurrencyNotTaken],
        ),
        (Money::hkd(100), day, sick, &[R::Unhealthy]),
        (Money::hkd(0), day, WELL, &[R::AmountTooSmall]),
        (
            Money::new(10_005, Currency::Cny),
            night,
            sick,
            &[
                R::CurrencyNotTaken,
                R::AmountTooLarge,
                R::AmountStep,
                R::ClosedNow,
                R::Unhealthy,
            ],
        ),
    ];
    for (amount, moment, condition, expected) in table {
        let one = Candidate {
            condition,
            ..candidate(&strict)
        };
        let wanted = Wanted {
            amount,
            at: at(moment),
            ..wanted(1)
        };
        let decision = decide(&[one], wanted);
        assert_eq!(decision.judged[0].reasons, expected, "{amount} {moment}");
        assert_eq!(decision.fits, expected.is_empty());
        assert_eq!(
            chosen(&decision),
            Some(0),
            "the rail itself says what is wrong"
        );
    }
}

#[test]
fn a_rail_that_pays_fewer_bills_is_passed_over_for_one_that_pays_them_all() {
    let (cheap, dear) = (profile("a", &["card"], 1), profile("b", &["card"], 90));
    let one = Candidate {
        bills_max: 1,
        ..candidate(&cheap)
    };
    for (bills, expected, fits) in [(1, 0, true), (2, 1, true), (3, 0, false)] {
        let wanted = Wanted {
            bills,
            ..wanted(5_000)
        };
        let decision = decide(&[one, candidate(&dear)], wanted);
        assert_eq!((chosen(&decision), decision.fits), (Some(expected), fits));
    }
}

#[test]
fn hours_are_those_of_hong_kong_also_over_midnight() {
    let open = |from, until, moment| {
        let hours = Some(Hours { from, until });
        let profile = Profile {
            hours,
            ..profile("a", &["card"], 0)
        };
        let wanted = Wanted {
            at: at(moment),
            ..wanted(5_000)
        };
        decide(&[candidate(&profile)], wanted).fits
    };
    let (nine, seven, ten, two) = (
        time(9, 0, 0, 0),
        time(19, 0, 0, 0),
        time(22, 0, 0, 0),
        time(2, 0, 0, 0),
    );
    // Hong Kong is eight hours ahead: 14:00 in London's winter is 22:00 there.
    let table = [
        (nine, seven, "2026-01-20T01:00:00Z", true),
        (nine, seven, "2026-01-20T00:59:59.999Z", false),
        (nine, seven, "2026-01-20T10:59:59.999Z", true),
        (nine, seven, "2026-01-20T11:00:00Z", false),
        (ten, two, "2026-01-20T14:00:00Z", true),
        (ten, two, "2026-01-20T13:59:59.999Z", false),
        (ten, two, "2026-01-20T16:00:00Z", true),
        (ten, two, "2026-01-20T17:59:59.999Z", true),
        (ten, two, "2026-01-20T18:00:00Z", false),
        (ten, two, "2026-01-20T04:00:00Z", false),
        (nine, nine, "2026-01-20T01:00:00Z", false),
    ];
    for (from, until, moment, expected) in table {
        assert_eq!(
            open(from, until, moment),
            expected,
            "{from} to {until} at {moment}"
        );
    }
}

#[test]
fn fees_are_by_item_and_by_share_and_a_cent_that_is_begun_counts() {
    // Per item, hundredths of a percent, amount; the fee.
    let table = [
        (0, 0, 100_000, 0),
        (50, 0, 1, 50),
        (0, 150, 10_000, 150),
        (0, 150, 1, 1),
        (0, 150, 66, 1),
        (0, 150, 67, 2),
        (235, 220, 372_000, 235 + 8_184),
        (0, 10_000, i64::MAX, i64::MAX),
        (1, u32::MAX, i64::MAX, i64::MAX),
    ];
    for (per_item_minor, basis_points, minor, expected) in table {
        let profile = Profile {
            amount_max: i64::MAX,
            fee: Fee {
                per_item_minor,
                basis_points,
                paid: FeePaid::ByInvoice,
            },
            ..profile("a", &["card"], 0)
        };
        let decision = decide(&[candidate(&profile)], wanted(minor));
        assert_eq!(
            decision.judged[0].fee_minor, expected,
            "{per_item_minor} + {basis_points} of {minor}"
        );
    }
    // A rail that is cheap for small amounts is dear for large ones.
    let by_item = profile("a", &["card"], 500);
    let by_share = Profile {
        fee: Fee {
            per_item_minor: 0,
            basis_points: 200,
            paid: FeePaid::ByInvoice,
        },
        ..profile("b", &["card"], 0)
    };
    let both = [candidate(&by_item), candidate(&by_share)];
    for (minor, place) in [(24_950, 1), (25_000, 0), (25_001, 0)] {
        assert_eq!(
            chosen(&decide(&both, wanted(minor))),
            Some(place),
            "{minor}"
        );
    }
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
    let judged = decision.of_chosen().unwrap();
    assert_eq!(judged.reasons, [Reason::AmountTooLarge]);
    let none = Wanted {
        method: Some("octopus"),
        ..wanted(1)
    };
    let decision = decide(&[candidate(&one)], none);
    assert_eq!(decision.chosen, None);
    assert_eq!(decision.of_chosen(), None);
}

#[test]
fn what_was_judged_is_stored_in_few_words_and_read_back() {
    let judged = |reasons: &[Reason], fee_minor, condition| Judged {
        rail: rail("a"),
        reasons: reasons.to_vec(),
        fee_minor,
        condition,
    };
    let table = [
        (judged(&[], 0, Condition::default()), r#"{"rail":"a"}"#),
        (
            judged(&[Reason::OtherRail], 50, Condition::default()),
            r#"{"rail":"a","reasons":["other_rail"],"fee_minor":50}"#,
        ),
        (
            judged(&[], 0, WELL),
            r#"{"rail":"a","condition":{"left_alone":false,"calls":64,"failures":3}}"#,
        ),
    ];
    for (judged, text) in table {
        assert_eq!(serde_json::to_string(&judged).unwrap(), text);
        assert_eq!(serde_json::from_str::<Judged>(text).unwrap(), judged);
    }
    for reason in Reason::ALL {
        let word = serde_json::to_string(&reason).unwrap();
        assert_eq!(word, format!("\"{}\"", reason.as_str()));
    }
}

fn seen(open: bool, calls: u32, failures: u32, secs_ago: i64) -> Observation {
    Observation {
        open,
        calls,
        failures,
        at: before(secs_ago),
    }
}

fn before(secs: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_secs(secs)).unwrap()
}

const fn together(left_alone: bool, calls: u32, failures: u32) -> Condition {
    Condition {
        left_alone,
        calls,
        failures,
    }
}

#[test]
fn what_several_processes_saw_is_put_together_and_what_is_old_says_nothing() {
    let age = OBSERVATION_AGE_MAX.as_secs();
    let table: [(&str, Vec<Observation>, Condition); 9] = [
        ("nobody saw anything", vec![], Condition::default()),
        (
            "calls and failures are added up",
            vec![seen(false, 10, 1, 0), seen(false, 54, 2, 3)],
            WELL,
        ),
        (
            "one open breaker is enough where nobody else has called",
            vec![seen(true, 5, 5, 1), seen(false, 0, 0, 0)],
            together(true, 5, 5),
        ),
        (
            "a few good calls of another process say nothing",
            vec![seen(true, 5, 5, 1), seen(false, 7, 0, 0)],
            together(true, 12, 5),
        ),
        (
            "where another process sees it well, the way to it is broken and not the rail",
            vec![seen(true, 5, 5, 1), seen(false, 59, 0, 0)],
            together(false, 64, 5),
        ),
        (
            "two against one",
            vec![
                seen(true, 5, 5, 1),
                seen(true, 5, 5, 1),
                seen(false, 64, 0, 0),
            ],
            together(true, 74, 10),
        ),
        (
            "the oldest that counts",
            vec![seen(true, 5, 5, age)],
            together(true, 5, 5),
        ),
        (
            "too old",
            vec![seen(true, 5, 5, age + 1)],
            Condition::default(),
        ),
        (
            "a clock that is ahead",
            vec![seen(true, 5, 5, -age), seen(true, 9, 9, -age - 1)],
            together(true, 5, 5),
        ),
    ];
    for (words, observations, expected) in table {
        assert_eq!(combined(observations, now()), expected, "{words}");
    }
}
