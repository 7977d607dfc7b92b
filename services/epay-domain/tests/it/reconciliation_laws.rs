//! What must hold of every question: nothing lost, nothing in two places, the same outcome in any order.

use std::collections::{BTreeMap, BTreeSet};

use epay_domain::reconciliation::{
    BreakClass, Direction, Expected, ItemId, Kind, Level, MatchedBy, Observed, Outcome, Places,
    Question, reconcile,
};
use epay_money::BusinessCalendar;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::reconciliation::{expected, observed};
use crate::support::id;

const WORDS: [&str; 4] = ["A", "B", "C", "D"];

fn word() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(&WORDS[..]))
}

fn day() -> impl Strategy<Value = Date> {
    (12_i8..24).prop_map(|day| date(2026, 1, day))
}

/// Few words and few amounts, so that everything meets everything.
fn wanted() -> impl Strategy<Value = Expected<'static>> {
    (
        (word(), word(), word(), word()),
        (
            1_i64..5,
            day(),
            prop::option::weighted(0.9, 0_i8..4),
            prop::option::of(0_i64..2),
        ),
        (
            any::<bool>(),
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.1),
        ),
    )
        .prop_map(
            |(words, (minor, day, days, fee_minor), (out, batch, met))| Expected {
                kind: if batch { Kind::Batch } else { Kind::Item },
                direction: if out { Direction::Out } else { Direction::In },
                rail_reference: words.0,
                reference: words.1,
                batch: words.2,
                bill_number: words.3,
                fee_minor,
                day,
                expected_on: days.map(|days| date(2026, 1, day.day().saturating_add(days))),
                met,
                ..expected(0, minor)
            },
        )
}

fn seen() -> impl Strategy<Value = Observed<'static>> {
    (
        (word(), word(), word()),
        (1_i64..9, day(), prop::option::of(0_i64..2)),
        (any::<bool>(), prop::bool::weighted(0.1)),
    )
        .prop_map(
            |(words, (minor, day, fee_minor), (out, returned))| Observed {
                direction: if out { Direction::Out } else { Direction::In },
                rail_reference: words.0,
                reference: words.1,
                bill_number: words.2,
                fee_minor,
                day,
                returned,
                ..observed(0, minor)
            },
        )
}

/// Both sides, each item with a name of its own.
type Sides = (Vec<Expected<'static>>, Vec<Observed<'static>>);

fn sides() -> impl Strategy<Value = Sides> {
    let names = |(mut left, mut right): Sides| {
        for (item, name) in left.iter_mut().zip(1_u128..) {
            item.id.id = id(name);
        }
        for (item, line) in right.iter_mut().zip(1_i32..) {
            item.id.line = line;
        }
        (left, right)
    };
    (
        prop::collection::vec(wanted(), 0..24),
        prop::collection::vec(seen(), 0..24),
    )
        .prop_map(names)
}

fn ask(left: &[Expected<'_>], right: &[Observed<'_>]) -> Outcome {
    let question = Question {
        level: Level::Bank,
        expected: left,
        observed: right,
        covered_until: &BTreeMap::from([(1, date(2026, 1, 22))]),
        today: date(2026, 1, 23),
    };
    reconcile(&question, &BusinessCalendar::vendored().unwrap()).unwrap()
}

type NamedMatch = (MatchedBy, Vec<ItemId>, Vec<ItemId>);
/// With its difference, and its suggestions in words.
type NamedBreak = (BreakClass, Vec<ItemId>, Vec<ItemId>, i64, String);

/// An outcome by names.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    matches: Vec<NamedMatch>,
    breaks: Vec<NamedBreak>,
    waiting: Vec<ItemId>,
}

fn named(left: &[Expected<'_>], right: &[Observed<'_>], outcome: &Outcome) -> Named {
    let of_left = |places: &Places| -> Vec<ItemId> {
        places
            .as_slice()
            .iter()
            .map(|place| left[*place as usize].id)
            .collect()
    };
    let of_right = |places: &Places| -> Vec<ItemId> {
        places
            .as_slice()
            .iter()
            .map(|place| right[*place as usize].id)
            .collect()
    };
    let mut named = Named {
        matches: outcome
            .matches
            .iter()
            .map(|found| {
                (
                    found.by,
                    of_left(&found.expected),
                    of_right(&found.observed),
                )
            })
            .collect(),
        breaks: outcome
            .breaks
            .iter()
            .map(|found| {
                let hints = found.suggestions.iter().map(|one| {
                    let (left, right) = (of_left(&one.expected), of_right(&one.observed));
                    format!("{} {left:?} {right:?}", one.why.as_str())
                });
                let hints = hints.collect::<Vec<_>>().join(", ");
                let (left, right) = (of_left(&found.expected), of_right(&found.observed));
                (found.class, left, right, found.difference_minor, hints)
            })
            .collect(),
        waiting: outcome
            .waiting
            .iter()
            .map(|place| left[*place as usize].id)
            .collect(),
    };
    named.matches.sort_unstable();
    named
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_item_ends_in_exactly_one_place((left, right) in sides()) {
        let found = named(&left, &right, &ask(&left, &right));
        let expected = found.matches.iter().flat_map(|(_, left, _)| left)
            .chain(found.breaks.iter().flat_map(|(_, left, ..)| left))
            .chain(&found.waiting);
        let places: Vec<ItemId> = expected.copied().collect();
        let open: BTreeSet<ItemId> = left.iter().filter(|item| !item.met).map(|item| item.id).collect();
        prop_assert_eq!(places.len(), open.len());
        prop_assert_eq!(places.into_iter().collect::<BTreeSet<_>>(), open);

        let observed = found.matches.iter().flat_map(|(_, _, right)| right)
            .chain(found.breaks.iter().flat_map(|(_, _, right, ..)| right));
        let places: Vec<ItemId> = observed.copied().collect();
        prop_assert_eq!(places.len(), right.len());
        let all: BTreeSet<ItemId> = right.iter().map(|item| item.id).collect();
        prop_assert_eq!(places.into_iter().collect::<BTreeSet<_>>(), all);
    }

    #[test]
    fn the_order_of_the_items_changes_nothing(
        (left, right) in sides(),
        (by_left, by_right) in (any::<u64>(), any::<u64>()),
    ) {
        let before = named(&left, &right, &ask(&left, &right));
        let (mut left, mut right) = (left, right);
        // An order that depends on the name and a number, and on nothing else.
        left.sort_by_key(|item| u64::from(item.id.id.as_bytes()[15]).wrapping_mul(by_left | 1).rotate_left(17));
        right.sort_by_key(|item| u64::from(item.id.line.unsigned_abs()).wrapping_mul(by_right | 1).rotate_left(17));
        prop_assert_eq!(named(&left, &right, &ask(&left, &right)), before);
    }

    #[test]
    fn what_matches_agrees_to_the_cent((left, right) in sides()) {
        for found in ask(&left, &right).matches {
            let wanted: i64 = found.expected.as_slice().iter().map(|place| left[*place as usize].minor).sum();
            let seen: i64 = found.observed.as_slice().iter().map(|place| right[*place as usize].minor).sum();
            prop_assert_eq!(wanted, seen);
        }
    }
}
