//! What is expected beside what is seen: one row a case.

use std::collections::BTreeMap;

use epay_domain::reconciliation::{
    Break, BreakClass, Direction, Expected, ItemId, Kind, Level, Observed, Outcome, Question, Why,
    reconcile,
};
use epay_money::BusinessCalendar;
use jiff::civil::{Date, date};

use crate::support::id;

/// A Monday.
const MONDAY: Date = date(2026, 1, 19);
pub(crate) const TUESDAY: Date = date(2026, 1, 20);
const WEDNESDAY: Date = date(2026, 1, 21);
const THURSDAY: Date = date(2026, 1, 22);

pub(crate) fn expected<'a>(name: u128, minor: i64) -> Expected<'a> {
    Expected {
        id: ItemId {
            id: id(name),
            line: 0,
        },
        kind: Kind::Item,
        direction: Direction::In,
        account: 1,
        rail_reference: None,
        reference: None,
        batch: None,
        bill_number: None,
        minor,
        fee_minor: None,
        day: MONDAY,
        expected_on: Some(MONDAY),
        met: false,
    }
}

pub(crate) fn observed<'a>(name: u128, minor: i64) -> Observed<'a> {
    Observed {
        id: ItemId {
            id: id(900),
            line: i32::try_from(name).unwrap(),
        },
        direction: Direction::In,
        account: 1,
        rail_reference: None,
        reference: None,
        bill_number: None,
        minor,
        fee_minor: None,
        day: MONDAY,
        returned: false,
    }
}

pub(crate) fn batch<'a>(name: u128, reference: &'a str, minor: i64) -> Expected<'a> {
    Expected {
        kind: Kind::Batch,
        reference: Some(reference),
        expected_on: Some(TUESDAY),
        ..expected(name, minor)
    }
}

fn railed<'a>(name: u128, rail: &'a str, minor: i64) -> (Expected<'a>, Observed<'a>) {
    let wanted = Expected {
        rail_reference: Some(rail),
        ..expected(name, minor)
    };
    let seen = Observed {
        rail_reference: Some(rail),
        ..observed(name, minor)
    };
    (wanted, seen)
}

/// Asked on Thursday, when the statements of Monday to Wednesday are in.
fn ask(expected: &[Expected<'_>], observed: &[Observed<'_>]) -> Outcome {
    let question = Question {
        level: Level::Bank,
        expected,
        observed,
        covered_until: &BTreeMap::from([(1, WEDNESDAY)]),
        today: THURSDAY,
    };
    reconcile(&question, &BusinessCalendar::vendored().unwrap()).unwrap()
}

/// `rail_reference 1+2=1`: matches by name, then breaks, then what waits.
fn say(expected: &[Expected<'_>], observed: &[Observed<'_>], outcome: &Outcome) -> String {
    let left = |places: &[u32]| {
        let names = places
            .iter()
            .map(|place| (expected[*place as usize].id.id.as_u128() & 0xffff).to_string());
        names.collect::<Vec<_>>().join("+")
    };
    let right = |places: &[u32]| {
        let names = places
            .iter()
            .map(|place| observed[*place as usize].id.line.to_string());
        names.collect::<Vec<_>>().join("+")
    };
    let mut words = Vec::new();
    for found in &outcome.matches {
        let (left, right) = (
            left(found.expected.as_slice()),
            right(found.observed.as_slice()),
        );
        words.push(format!("{} {left}={right}", found.by.as_str()));
    }
    for found in &outcome.breaks {
        let (left, right) = (
            left(found.expected.as_slice()),
            right(found.observed.as_slice()),
        );
        let (class, minor) = (found.class.as_str(), found.difference_minor);
        words.push(format!("{class} {left}!{right} {minor}"));
    }
    if !outcome.waiting.is_empty() {
        words.push(format!("waiting {}", left(&outcome.waiting)));
    }
    words.join(", ")
}

pub(crate) fn check(expected: &[Expected<'_>], observed: &[Observed<'_>], wanted: &str) {
    let outcome = ask(expected, observed);
    assert_eq!(say(expected, observed, &outcome), wanted);
}

#[test]
fn items_meet_by_the_strongest_key_that_both_carry() {
    let (one, other) = railed(1, "F1", 100);
    check(&[one], &[other], "rail_reference 1=1");

    let ours = |item: Expected<'static>| Expected {
        reference: Some("EP1"),
        ..item
    };
    let seen = Observed {
        reference: Some("EP1"),
        ..observed(1, 100)
    };
    check(&[ours(expected(1, 100))], &[seen], "reference 1=1");

    let billed = Expected {
        bill_number: Some("0001"),
        ..expected(1, 100)
    };
    let seen = |day| Observed {
        bill_number: Some("0001"),
        day,
        ..observed(1, 100)
    };
    check(&[billed], &[seen(TUESDAY)], "bill_number 1=1");
    check(
        &[billed],
        &[seen(WEDNESDAY)],
        "MISSING_IN_GATEWAY !1 100, MISSING_IN_RAIL 1! -100",
    );
    // The rail's reference tells, whatever the bill says.
    let (one, other) = railed(1, "F1", 100);
    let one = Expected {
        bill_number: Some("0001"),
        ..one
    };
    let other = Observed {
        bill_number: Some("0002"),
        ..other
    };
    check(&[one], &[other], "rail_reference 1=1");
}

#[test]
fn a_rail_reference_means_something_on_its_own_account_only() {
    let (one, other) = railed(1, "F1", 100);
    let other = Observed {
        account: 2,
        ..other
    };
    check(
        &[one],
        &[other],
        "MISSING_IN_RAIL 1! -100, UNIDENTIFIED_CREDIT !1 100",
    );
}

#[test]
fn one_payment_meets_many_and_many_meet_one() {
    // The receipts of one credit that paid two bills.
    let (one, seen) = railed(1, "F1", 300);
    let part = |name, minor| Expected {
        minor,
        ..Expected {
            id: ItemId {
                id: id(name),
                line: 0,
            },
            ..one
        }
    };
    check(
        &[part(2, 200), part(1, 100)],
        &[seen],
        "rail_reference 1+2=1",
    );
    // A batch of three that no report describes.
    let of_batch = |name, minor| Expected {
        batch: Some("PPS-1"),
        ..expected(name, minor)
    };
    let paid = |name, minor| Observed {
        reference: Some("PPS-1"),
        ..observed(name, minor)
    };
    let three = [
        of_batch(1, 36_003),
        of_batch(2, 372_000),
        of_batch(3, 2_700_000),
    ];
    check(&three, &[paid(1, 3_108_003)], "batch 1+2+3=1");
    // Short on one line, the rest on the next.
    check(
        &three,
        &[paid(1, 3_072_000), paid(2, 36_003)],
        "batch 1+2+3=1+2",
    );
}

#[test]
fn a_batch_is_short_or_over_and_an_item_mismatched() {
    let paid = |name, minor| Observed {
        reference: Some("B1"),
        day: TUESDAY,
        ..observed(name, minor)
    };
    let one = [batch(1, "B1", 3_108_003)];
    check(&one, &[paid(1, 3_072_000)], "SHORT_SETTLEMENT 1!1 -36003");
    check(&one, &[paid(1, 3_109_003)], "OVER_SETTLEMENT 1!1 1000");
    let (one, other) = railed(1, "F1", 100);
    let other = Observed { minor: 90, ..other };
    check(&[one], &[other], "AMOUNT_MISMATCH 1!1 -10");
}

#[test]
fn a_batch_without_a_name_meets_only_what_fits_nothing_else() {
    let paid = |name, day| Observed {
        day,
        ..observed(name, 500)
    };
    let one = batch(1, "B1", 500);
    check(&[one], &[paid(1, TUESDAY)], "amount_and_date 1=1");
    check(&[one], &[paid(1, WEDNESDAY)], "amount_and_date 1=1");
    check(
        &[one],
        &[paid(1, TUESDAY), paid(2, TUESDAY)],
        "LATE_SETTLEMENT 1! -500, UNIDENTIFIED_CREDIT !1 500, UNIDENTIFIED_CREDIT !2 500",
    );
    check(
        &[one, batch(2, "B2", 500)],
        &[paid(1, TUESDAY)],
        "LATE_SETTLEMENT 1! -500, LATE_SETTLEMENT 2! -500, UNIDENTIFIED_CREDIT !1 500",
    );
}

#[test]
fn a_second_one_under_the_rails_reference_is_a_duplicate() {
    let (one, seen) = railed(1, "F1", 100);
    let again = Observed {
        id: ItemId {
            id: id(901),
            line: 2,
        },
        ..seen
    };
    check(
        &[one],
        &[again, seen],
        "rail_reference 1=1, DUPLICATE_RAIL_REF !2 100",
    );
    // It was met on an earlier day.
    let met = Expected { met: true, ..one };
    check(&[met], &[again], "DUPLICATE_RAIL_REF !2 100");
    // Nobody knows the first one either.
    check(
        &[],
        &[seen, again],
        "DUPLICATE_RAIL_REF !2 100, UNIDENTIFIED_CREDIT !1 100",
    );
    // A payer who uses our reference twice pays twice.
    let ours = Expected {
        reference: Some("EP1"),
        ..expected(1, 100)
    };
    let twice = |name| Observed {
        reference: Some("EP1"),
        ..observed(name, 100)
    };
    check(
        &[ours],
        &[twice(1), twice(2)],
        "reference 1=1, MISSING_IN_GATEWAY !2 100",
    );
}

#[test]
fn what_is_missing_counts_one_business_day_after_it_was_expected() {
    let on = |expected_on| Expected {
        expected_on: Some(expected_on),
        ..expected(1, 100)
    };
    check(&[on(TUESDAY)], &[], "MISSING_IN_RAIL 1! -100");
    check(&[on(WEDNESDAY)], &[], "waiting 1");
    // A batch that is not there is late, whatever the statements say.
    check(&[batch(1, "B", 100)], &[], "LATE_SETTLEMENT 1! -100");
    // Without a statement nobody can say that an entry is missing, but that it is late.
    let elsewhere = |expected_on| Expected {
        account: 2,
        ..on(expected_on)
    };
    check(&[elsewhere(TUESDAY)], &[], "LATE_SETTLEMENT 1! -100");
    check(&[elsewhere(WEDNESDAY)], &[], "waiting 1");
    // Friday's money may come on Monday.
    let friday = Expected {
        expected_on: Some(date(2026, 1, 16)),
        ..expected(1, 100)
    };
    let question = Question {
        level: Level::Bank,
        expected: &[friday],
        observed: &[],
        covered_until: &BTreeMap::from([(1, date(2026, 1, 18))]),
        today: MONDAY,
    };
    let calendar = BusinessCalendar::vendored().unwrap();
    assert_eq!(reconcile(&question, &calendar).unwrap().waiting, [0]);
}

#[test]
fn what_came_after_its_day_is_late_with_both_sides() {
    let (one, seen) = railed(1, "F1", 100);
    let at = |day| Observed { day, ..seen };
    check(&[one], &[at(TUESDAY)], "rail_reference 1=1");
    check(&[one], &[at(WEDNESDAY)], "LATE_SETTLEMENT 1!1 0");
}

#[test]
fn a_fee_is_compared_where_both_sides_name_one() {
    let (one, seen) = railed(1, "C1", 507_400);
    let one = Expected {
        fee_minor: Some(4_567),
        ..one
    };
    let with = |fee_minor| Observed { fee_minor, ..seen };
    check(&[one], &[with(None)], "rail_reference 1=1");
    check(&[one], &[with(Some(4_567))], "rail_reference 1=1");
    check(&[one], &[with(Some(5_000))], "FEE_MISMATCH 1!1 433");
}

#[test]
fn a_returned_item_meets_nothing_and_says_what_it_took_back() {
    let missing = Expected {
        bill_number: Some("0001"),
        ..expected(1, 100)
    };
    let back = Observed {
        direction: Direction::Out,
        bill_number: Some("0001"),
        returned: true,
        ..observed(1, 100)
    };
    let outcome = ask(&[missing], &[back]);
    let classes: Vec<BreakClass> = outcome.breaks.iter().map(|found| found.class).collect();
    assert_eq!(
        classes,
        [BreakClass::MissingInRail, BreakClass::ReturnedItem]
    );
    assert_eq!(outcome.breaks[1].difference_minor, -100);
    assert_eq!(why(&outcome.breaks[1]), [Why::TakenBack]);
}

fn why(found: &Break) -> Vec<Why> {
    found.suggestions.iter().map(|one| one.why).collect()
}

#[test]
fn breaks_say_what_nearly_fits_and_why() {
    let billed = |number: &'static str, minor| Expected {
        bill_number: Some(number),
        ..expected(1, minor)
    };
    let seen = |number: Option<&'static str>, minor, day| Observed {
        bill_number: number,
        day,
        ..observed(1, minor)
    };
    let cases = [
        (
            "four days on, the same bill",
            billed("0001", 100),
            seen(Some("0001"), 100, WEDNESDAY),
            vec![Why::SameBillAndAmount],
        ),
        (
            "no bill, two days on",
            billed("0001", 100),
            seen(None, 100, WEDNESDAY),
            vec![Why::SameAmount],
        ),
        (
            "digits of the amount",
            billed("0001", 37_200),
            seen(Some("0001"), 32_700, MONDAY),
            vec![Why::DigitsOfAmountSwapped],
        ),
        (
            "digits of the bill",
            billed("0012", 100),
            seen(Some("0021"), 100, MONDAY),
            vec![Why::DigitsOfBillSwapped],
        ),
        (
            "another bill",
            billed("0012", 100),
            seen(Some("0345"), 100, MONDAY),
            vec![],
        ),
        (
            "another amount",
            billed("0012", 100),
            seen(None, 101, MONDAY),
            vec![],
        ),
    ];
    for (name, wanted, seen, reasons) in cases {
        let outcome = ask(&[wanted], &[seen]);
        assert_eq!(outcome.breaks.len(), 2, "{name}");
        for found in &outcome.breaks {
            assert_eq!(why(found), reasons, "{name}");
        }
    }
    // Two that are together as much.
    let halves = [observed(1, 40), observed(2, 60)];
    let outcome = ask(&[billed("0001", 100)], &halves);
    let lonely = outcome
        .breaks
        .iter()
        .find(|found| found.class == BreakClass::MissingInRail);
    assert_eq!(why(lonely.unwrap()), [Why::SumOfTwo]);
}

#[test]
fn each_level_has_its_own_word_for_what_nobody_expected() {
    let calendar = BusinessCalendar::vendored().unwrap();
    let out = Observed {
        direction: Direction::Out,
        ..observed(1, 100)
    };
    let named = Observed {
        reference: Some("EP1"),
        ..observed(1, 100)
    };
    let cases = [
        (Level::Rail, observed(1, 100), BreakClass::MissingInGateway),
        (
            Level::Bank,
            observed(1, 100),
            BreakClass::UnidentifiedCredit,
        ),
        (Level::Bank, named, BreakClass::MissingInGateway),
        (Level::Bank, out, BreakClass::MissingInGateway),
        (
            Level::Department,
            observed(1, 100),
            BreakClass::MissingInGateway,
        ),
    ];
    for (level, seen, class) in cases {
        let question = Question {
            level,
            expected: &[],
            observed: &[seen],
            covered_until: &BTreeMap::new(),
            today: MONDAY,
        };
        assert_eq!(
            reconcile(&question, &calendar).unwrap().breaks[0].class,
            class
        );
    }
}
