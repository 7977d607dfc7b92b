//! Consolidated bills: which parts are a bill's, what money clears of them, and on which line every cent is booked.

use std::collections::BTreeMap;

use epay_domain::bill::{
    self, Bill, BillEvent, BillPart, BillState, NewBill, RevenueLine, Revision, issue, revise,
    split_over_lines,
};
use epay_domain::{BillType, LineName, PartPolicy, Terms, check_kinds};
use epay_money::Money;
use proptest::prelude::*;

use crate::support::{PART, bill, bill_type, calendar, now, text};

fn policy(count_max: u32) -> PartPolicy {
    PartPolicy {
        count_max,
        reference_label: text("Assessment number"),
        shown: false,
    }
}

/// A kind of bill of at most three parts, on two lines.
fn kind() -> BillType {
    let line = |code: &str| LineName {
        code: code.into(),
        name: text(code),
    };
    BillType {
        terms: Terms {
            parts: Some(policy(3)),
            revenue_lines: vec![line("02-gr"), line("07-govrent")],
            ..Terms::default()
        },
        ..bill_type(PART)
    }
}

fn part(reference: &str, line: &str, minor: i64) -> BillPart {
    BillPart {
        label: format!("Flat {reference}"),
        reference: reference.into(),
        line: line.into(),
        minor,
    }
}

/// Two flats, one of them with government rent beside its rates.
fn flats() -> Vec<BillPart> {
    vec![
        part("A", "02-gr", 2_000),
        part("A", "07-govrent", 500),
        part("B", "02-gr", 1_500),
    ]
}

fn new(parts: Vec<BillPart>) -> NewBill {
    NewBill {
        id: bill(0).id,
        number: "000123456789011".into(),
        amount: Money::hkd(4_000),
        due_date: "2026-01-30".parse().unwrap(),
        description: String::new(),
        lines: vec![],
        parts,
        instalments: vec![],
        second_factor: None,
        licence: None,
    }
}

fn consolidated(applied_minor: i64) -> Bill {
    Bill {
        parts: flats(),
        lines: lines(&[("02-gr", 3_500), ("07-govrent", 500)]),
        applied_minor,
        state: match applied_minor {
            0 => BillState::Open,
            4_000 => BillState::Paid,
            _ => BillState::PartPaid,
        },
        ..bill(4_000)
    }
}

fn lines(of: &[(&str, i64)]) -> Vec<RevenueLine> {
    let line = |(code, minor): &(&str, i64)| RevenueLine {
        code: (*code).into(),
        minor: *minor,
    };
    of.iter().map(line).collect()
}

#[test]
fn parts_add_up_have_names_and_belong_to_lines_of_the_kind() {
    let long = |characters: usize| BillPart {
        label: "繳".repeat(characters),
        ..part("A", "02-gr", 4_000)
    };
    let named = |reference: &str| vec![part(reference, "02-gr", 4_000)];
    let split =
        |first: i64, second: i64| vec![part("A", "02-gr", first), part("B", "02-gr", second)];
    let rows = [
        (vec![], ""),
        (flats(), ""),
        (vec![long(80)], ""),
        (vec![long(81)], "PART_LABEL"),
        (vec![long(0)], "PART_LABEL"),
        (named(""), "PART_REFERENCE"),
        (named("flat a"), "PART_REFERENCE"),
        (named(&"9".repeat(49)), "PART_REFERENCE"),
        (vec![part("A", "10-water", 4_000)], "PART_LINE"),
        (vec![part("A", "GR", 4_000)], "PART_LINE"),
        (split(2_000, 1_999), "PARTS_DO_NOT_ADD_UP"),
        (split(4_001, -1), "PARTS_DO_NOT_ADD_UP"),
        (split(4_000, 0), "PARTS_DO_NOT_ADD_UP"),
        (split(i64::MAX, i64::MAX), "PARTS_DO_NOT_ADD_UP"),
        (vec![part("A", "02-gr", 2_000); 2], "PART_TWICE"),
        (vec![part("A", "02-gr", 1_000); 4], "TOO_MANY_PARTS"),
    ];
    for (parts, expected) in rows {
        let answer = issue(&new(parts.clone()), &kind(), &calendar());
        let code = answer.err().map_or("", |refusal| refusal.code());
        assert_eq!(code, expected, "{parts:?}");
    }
    let beside = NewBill {
        lines: lines(&[("02-gr", 4_000)]),
        ..new(flats())
    };
    let refusal = issue(&beside, &kind(), &calendar()).unwrap_err();
    assert_eq!(refusal.code(), "LINES_BESIDE_PARTS");
    let refusal = issue(&new(flats()), &bill_type(PART), &calendar()).unwrap_err();
    assert_eq!(refusal.code(), "TOO_MANY_PARTS");
}

#[test]
fn more_revenue_lines_than_a_journal_takes_are_refused() {
    let kind = BillType {
        terms: Terms {
            parts: Some(policy(100)),
            ..Terms::default()
        },
        ..bill_type(PART)
    };
    for (count, expected) in [(16, ""), (20, "TOO_MANY_PART_LINES")] {
        let each = 4_000_i64.checked_div(count).unwrap();
        let parts = (0..count).map(|at| part("A", &format!("line-{at}"), each));
        let answer = issue(&new(parts.collect()), &kind, &calendar());
        let code = answer.err().map_or("", |refusal| refusal.code());
        assert_eq!(code, expected, "{count}");
    }
}

#[test]
fn the_lines_of_a_consolidated_bill_are_the_sums_of_its_parts() {
    let events = issue(&new(flats()), &kind(), &calendar()).unwrap();
    let [
        BillEvent::Issued {
            lines: split,
            parts,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}");
    };
    assert_eq!(*split, lines(&[("02-gr", 3_500), ("07-govrent", 500)]));
    assert_eq!(*parts, flats());
}

#[test]
fn money_clears_parts_in_their_order_and_is_booked_on_the_line_of_each() {
    for (before, paid, cleared, booked) in [
        (
            0,
            4_000,
            "1 2000, 2 500, 3 1500",
            "02-gr 3500, 07-govrent 500",
        ),
        (0, 2_200, "1 2000, 2 200", "02-gr 2000, 07-govrent 200"),
        (2_200, 1_800, "2 300, 3 1500", "07-govrent 300, 02-gr 1500"),
        (2_500, 1, "3 1", "02-gr 1"),
        (0, 0, "", ""),
    ] {
        let bill = consolidated(before);
        let parts: Vec<String> = bill
            .cleared_parts(before, paid)
            .iter()
            .map(|part| format!("{} {}", part.number, part.minor))
            .collect();
        assert_eq!(parts.join(", "), cleared);
        let lines: Vec<String> = split_over_lines(&bill, before, paid)
            .iter()
            .map(|(code, minor)| format!("{code} {minor}"))
            .collect();
        assert_eq!(lines.join(", "), booked);
    }
}

#[test]
fn with_money_on_a_bill_only_the_labels_of_its_parts_change() {
    let relabelled = flats().into_iter().map(|part| BillPart {
        label: "Shop 1".into(),
        ..part
    });
    let mut moved = flats();
    moved.reverse();
    let mut renamed = flats();
    renamed[2].reference = "C".into();
    let rows = [
        (flats(), 2_000, ""),
        (relabelled.collect(), 2_000, ""),
        (moved.clone(), 2_000, "BILL_HAS_RECEIPTS"),
        (moved, 0, ""),
        (renamed, 2_000, "BILL_HAS_RECEIPTS"),
        (vec![], 2_000, "BILL_HAS_RECEIPTS"),
    ];
    for (parts, applied, expected) in rows {
        let revision = Revision {
            revision: 1,
            amount: Money::hkd(4_000),
            due_date: "2026-01-30".parse().unwrap(),
            description: String::new(),
            lines: if parts.is_empty() {
                lines(&[("02-gr", 3_500), ("07-govrent", 500)])
            } else {
                vec![]
            },
            parts: parts.clone(),
            instalments: vec![],
            second_factor: None,
            licence: None,
        };
        let before = consolidated(applied);
        let answer = revise(&before, &revision, &kind(), &calendar());
        let code = answer.as_ref().err().map_or("", |refusal| refusal.code());
        assert_eq!(code, expected, "{parts:?}");
        if let Ok([event]) = answer.as_deref() {
            assert_eq!(bill::apply(before, event, now()).parts, parts);
        }
    }
}

#[test]
fn a_kind_says_how_many_parts_and_what_their_references_are_called() {
    for (count_max, label, expected) in [
        (1, "Assessment number", vec![]),
        (100, "Assessment number", vec![]),
        (0, "Assessment number", vec!["PARTS_OUT_OF_RANGE"]),
        (
            101,
            "",
            vec![
                "PARTS_OUT_OF_RANGE",
                "TEXT_MISSING",
                "TEXT_MISSING",
                "TEXT_MISSING",
            ],
        ),
    ] {
        let mut kind = kind();
        kind.terms.parts = Some(PartPolicy {
            reference_label: text(label),
            ..policy(count_max)
        });
        let faults = check_kinds(&[kind]);
        let codes: Vec<&str> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, expected, "{count_max}");
    }
}

#[test]
fn a_bill_without_parts_is_told_as_it_always_was() {
    let events = issue(&new(vec![]), &kind(), &calendar()).unwrap();
    let words = serde_json::to_string(&events).unwrap();
    assert!(!words.contains("parts"), "{words}");
}

/// Parts of a few references on a few lines.
fn parts() -> impl Strategy<Value = Vec<BillPart>> {
    let one = ("[a-c]{1,2}", 1_i64..100_000);
    proptest::collection::vec(one, 1..30).prop_map(|parts| {
        let numbered = parts.into_iter().zip(1..);
        numbered
            .map(|((line, minor), number): ((String, i64), i32)| {
                part(&number.to_string(), &line, minor)
            })
            .collect()
    })
}

proptest! {
    /// However a consolidated bill is paid, its parts sum to it, and every cent lies on the line of the part that it cleared.
    #[test]
    fn every_cent_is_booked_on_the_line_of_its_part(
        parts in parts(),
        payments in proptest::collection::vec(1_i64..200_000, 1..12),
    ) {
        let amount: i64 = parts.iter().map(|part| part.minor).sum();
        let mut bill = Bill { parts: parts.clone(), amount: Money::hkd(amount), ..bill(amount) };
        let (mut by_part, mut by_line) = (vec![0_i64; parts.len()], BTreeMap::new());
        for paid in payments {
            let applied = paid.min(amount - bill.applied_minor);
            let booked = split_over_lines(&bill, bill.applied_minor, applied);
            prop_assert_eq!(booked.iter().map(|(_, minor)| minor).sum::<i64>(), applied);
            let mut expected: BTreeMap<String, i64> = BTreeMap::new();
            for cleared in bill.cleared_parts(bill.applied_minor, applied) {
                let place = usize::try_from(cleared.number).unwrap() - 1;
                by_part[place] += cleared.minor;
                prop_assert_eq!(&cleared.reference, &parts[place].reference);
                *expected.entry(parts[place].line.clone()).or_default() += cleared.minor;
            }
            prop_assert_eq!(&booked.iter().cloned().collect::<BTreeMap<_, _>>(), &expected);
            for (line, minor) in booked {
                *by_line.entry(line).or_insert(0) += minor;
            }
            bill.applied_minor += applied;
            prop_assert_eq!(bill.paid_of_parts().collect::<Vec<_>>(), by_part.clone());
        }
        prop_assert_eq!(by_line.values().sum::<i64>(), bill.applied_minor);
        if bill.applied_minor == amount {
            prop_assert_eq!(by_part, parts.iter().map(|part| part.minor).collect::<Vec<_>>());
        }
    }
}
