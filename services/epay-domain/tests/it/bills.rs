//! What a department may do to a bill that it issued, as a table.

use epay_domain::bill::{self, Bill, BillEvent, BillState, RevenueLine, Revision};
use epay_money::{Currency, Money, PaymentId};

use crate::support::{PART, bill, bill_type, calendar, id, now};

fn line(minor: i64) -> RevenueLine {
    RevenueLine {
        code: "02-gr".into(),
        minor,
    }
}

pub(crate) fn revision(number: i32, minor: i64) -> Revision {
    Revision {
        revision: number,
        amount: Money::hkd(minor),
        due_date: "2026-02-27".parse().unwrap(),
        description: "corrected".into(),
        lines: vec![],
        parts: vec![],
        instalments: vec![],
        second_factor: None,
        licence: None,
    }
}

/// A bill of 1,000 cents with so much applied.
pub(crate) fn applied(minor: i64) -> Bill {
    let state = match minor {
        0 => BillState::Open,
        1_000 => BillState::Paid,
        _ => BillState::PartPaid,
    };
    Bill {
        state,
        applied_minor: minor,
        ..bill(1_000)
    }
}

fn under_way() -> Bill {
    Bill {
        under_way: vec![PaymentId::new(id(9))],
        ..bill(1_000)
    }
}

fn second_revision() -> Bill {
    Bill {
        revision: 2,
        ..bill(1_000)
    }
}

#[test]
fn a_revision_changes_what_nobody_has_paid_for() {
    use BillState::{Open, Paid, PartPaid};
    let rows = [
        ("another amount", applied(0), 1, 1_200, Open),
        ("nothing left to pay", applied(0), 1, 0, Paid),
        ("words and day, part paid", applied(400), 1, 1_000, PartPaid),
        ("words and day, paid", applied(1_000), 1, 1_000, Paid),
        ("words and day, under way", under_way(), 1, 1_000, Open),
        ("a gap is no matter", second_revision(), 7, 900, Open),
    ];
    for (what, before, number, minor, state) in rows {
        let asked = revision(number, minor);
        let events = bill::revise(&before, &asked, &bill_type(PART), &calendar()).unwrap();
        let [event] = events.as_slice() else {
            unreachable!("{what}")
        };
        let after = bill::apply(before.clone(), event, now());
        let sum: i64 = after.lines.iter().map(|line| line.minor).sum();
        assert_eq!((after.amount.minor(), sum), (minor, minor), "{what}");
        assert_eq!((after.state, after.revision), (state, number), "{what}");
        assert_eq!(after.due_date, asked.due_date, "{what}");
        assert_eq!(after.description, "corrected", "{what}");
        assert_eq!(after.applied_minor, before.applied_minor, "{what}");
    }
}

#[test]
fn a_revision_that_cannot_be_is_refused() {
    let yuan = Revision {
        amount: Money::new(1_000, Currency::Cny),
        ..revision(1, 0)
    };
    let split = Revision {
        lines: vec![line(600), line(500)],
        ..revision(1, 1_000)
    };
    let other_lines = Revision {
        lines: vec![line(400), line(600)],
        ..revision(1, 1_000)
    };
    let withdrawn = Bill {
        state: BillState::Withdrawn,
        ..bill(1_000)
    };
    let rows = [
        (applied(400), revision(1, 1_200), "BILL_HAS_RECEIPTS"),
        (applied(1_000), revision(1, 900), "BILL_HAS_RECEIPTS"),
        (applied(400), other_lines, "BILL_HAS_RECEIPTS"),
        (under_way(), revision(1, 1_200), "BILL_UNDER_WAY"),
        (withdrawn, revision(1, 1_000), "BILL_WITHDRAWN"),
        (second_revision(), revision(2, 900), "REVISION_NOT_NEWER"),
        (second_revision(), revision(1, 900), "REVISION_NOT_NEWER"),
        (applied(0), revision(1, -1), "AMOUNT_NOT_POSITIVE"),
        (applied(0), yuan, "WRONG_CURRENCY"),
        (applied(0), split, "LINES_DO_NOT_ADD_UP"),
    ];
    for (before, asked, code) in rows {
        let refused = bill::revise(&before, &asked, &bill_type(PART), &calendar()).unwrap_err();
        assert_eq!(refused.code(), code, "{asked:?}");
    }
}

#[test]
fn a_bill_that_a_revision_emptied_and_filled_again_is_due_again() {
    let mut bill = bill(1_000);
    for (number, minor, state) in [(1, 0, BillState::Paid), (2, 500, BillState::Open)] {
        let events = bill::revise(
            &bill,
            &revision(number, minor),
            &bill_type(PART),
            &calendar(),
        )
        .unwrap();
        assert!(matches!(events.as_slice(), [BillEvent::Revised { .. }]));
        bill = bill::apply(bill, &events[0], now());
        assert_eq!((bill.state, bill.outstanding_minor()), (state, minor));
    }
}
