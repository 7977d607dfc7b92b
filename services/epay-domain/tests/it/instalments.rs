//! Instalments: what is a schedule, what a receipt clears, what is overdue, as tables and as laws.

use epay_domain::bill::{self, Bill, BillEvent, BillState, Instalment, NewBill, SealedFactor};
use epay_domain::payment::{NewPayment, create};
use epay_domain::{BillType, DueDates, InstalmentPolicy, PayWindow, Policy, Terms};
use epay_money::{Money, PaymentId, RailId, ReceiptId};
use jiff::civil::Date;
use proptest::prelude::*;

use crate::support::{EXACT, PART, WHOLE, at, bill, bill_type, calendar, id, now};

const POLICY: InstalmentPolicy = InstalmentPolicy {
    count_max: 4,
    rest_falls_due: true,
};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn terms(rest_falls_due: bool) -> Terms {
    Terms {
        instalments: Some(InstalmentPolicy {
            rest_falls_due,
            ..POLICY
        }),
        ..Terms::default()
    }
}

fn kind(policy: Policy) -> BillType {
    BillType {
        terms: terms(true),
        ..bill_type(policy)
    }
}

fn instalments(parts: &[(&str, i64)]) -> Vec<Instalment> {
    parts
        .iter()
        .map(|(due, minor)| Instalment {
            minor: *minor,
            due_date: day(due),
        })
        .collect()
}

/// 3,600 dollars: 2,700 in January and 900 in April.
fn tax(applied_minor: i64) -> Bill {
    Bill {
        due_date: day("2026-01-05"),
        instalments: instalments(&[("2026-01-05", 270_000), ("2026-04-08", 90_000)]),
        applied_minor,
        state: match applied_minor {
            0 => BillState::Open,
            360_000 => BillState::Paid,
            _ => BillState::PartPaid,
        },
        ..bill(360_000)
    }
}

fn new(parts: &[(&str, i64)]) -> NewBill {
    NewBill {
        id: bill(0).id,
        number: "000123456789011".into(),
        amount: Money::hkd(3_600),
        due_date: day("2026-01-05"),
        description: String::new(),
        lines: vec![],
        parts: vec![],
        instalments: instalments(parts),
        second_factor: None,
        licence: None,
    }
}

#[test]
fn a_schedule_adds_up_rises_and_begins_on_the_bills_day() {
    let (first, second) = ("2026-01-05", "2026-04-08");
    let rows: &[(&[(&str, i64)], &str)] = &[
        (&[], ""),
        (&[(first, 2_700), (second, 900)], ""),
        (&[(first, 3_600)], "ONE_INSTALMENT"),
        (
            &[(first, 2_700), (second, 901)],
            "INSTALMENTS_DO_NOT_ADD_UP",
        ),
        (&[(first, 3_600), (second, 0)], "INSTALMENTS_DO_NOT_ADD_UP"),
        (
            &[(first, i64::MAX), (second, i64::MAX)],
            "INSTALMENTS_DO_NOT_ADD_UP",
        ),
        (&[(first, 2_700), (first, 900)], "INSTALMENT_DAYS"),
        (&[(second, 2_700), (first, 900)], "INSTALMENT_DAYS"),
        (
            &[("2026-01-06", 2_700), (second, 900)],
            "INSTALMENT_FIRST_DAY",
        ),
        (&[(first, 720); 5], "TOO_MANY_INSTALMENTS"),
    ];
    for (parts, code) in rows {
        let issued = bill::issue(&new(parts), &kind(PART), &calendar());
        let refused = issued.err().map_or("", |refusal| refusal.code());
        assert_eq!(refused, *code, "{parts:?}");
    }
    let none = bill::issue(
        &new(&[(first, 2_700), (second, 900)]),
        &bill_type(PART),
        &calendar(),
    );
    assert_eq!(none.unwrap_err().code(), "TOO_MANY_INSTALMENTS");
}

#[test]
fn what_is_payable_now_and_what_is_overdue_follows_from_the_schedule() {
    // Applied, missed one before, today; payable now, overdue; overdue instalments.
    let rows: &[(i64, bool, &str, i64, &[u32])] = &[
        (0, false, "2026-01-05", 270_000, &[]),
        (100_000, false, "2026-01-05", 170_000, &[]),
        (270_000, false, "2026-01-06", 90_000, &[]),
        (300_000, false, "2026-04-08", 60_000, &[]),
        (300_000, false, "2026-04-09", 60_000, &[2]),
        // The first is late, so the second is due with it.
        (0, false, "2026-01-06", 360_000, &[1, 2]),
        (269_999, false, "2026-01-06", 90_001, &[1, 2]),
        // The first was paid late: the second stays due.
        (270_000, true, "2026-02-01", 90_000, &[2]),
        (360_000, true, "2026-06-01", 0, &[]),
    ];
    for (applied, missed, today, payable, overdue) in rows {
        let bill = Bill {
            instalment_missed: *missed,
            ..tax(*applied)
        };
        let what = format!("{applied} on {today}");
        let today = day(today);
        let standing = bill.schedule(&terms(true), today);
        let late: Vec<u32> = standing
            .iter()
            .filter(|one| one.overdue)
            .map(|one| one.number)
            .collect();
        assert_eq!(late, *overdue, "{what}");
        assert_eq!(
            bill.payable_now(&terms(true), today).minor(),
            *payable,
            "{what}"
        );
        assert_eq!(
            bill.is_overdue(&terms(true), today),
            !overdue.is_empty(),
            "{what}"
        );
    }
    // Where the kind says nothing of the rest, only what is late is late.
    let late = tax(0).schedule(&terms(false), day("2026-01-06"));
    assert_eq!(
        late.iter().map(|one| one.overdue).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(
        tax(0).payable_now(&terms(false), day("2026-01-06")).minor(),
        270_000
    );
    assert_eq!(
        bill(1_000)
            .payable_now(&terms(true), day("2026-03-01"))
            .minor(),
        1_000
    );
}

#[test]
fn a_payment_for_one_instalment_is_no_part_payment() {
    let rows = [
        (tax(0), WHOLE, 270_000, ""),
        (tax(0), WHOLE, 360_000, ""),
        (tax(0), WHOLE, 90_000, "PART_PAYMENT_NOT_ALLOWED"),
        (tax(0), WHOLE, 360_001, "AMOUNT_TOO_HIGH"),
        (tax(270_000), WHOLE, 90_000, ""),
        (tax(100_000), WHOLE, 170_000, ""),
        (tax(100_000), WHOLE, 200_000, "PART_PAYMENT_NOT_ALLOWED"),
        (tax(0), PART, 1, ""),
    ];
    for (bill, policy, minor, code) in rows {
        let asked = NewPayment {
            id: PaymentId::new(id(2)),
            rail: RailId::new("test").unwrap(),
            method: "test_qr".into(),
            amount: Some(Money::hkd(minor)),
            asked_at: now(),
            expires_at: now(),
        };
        let created = create(&bill, &kind(policy), &asked);
        let refused = created.err().map_or("", |refusal| refusal.code());
        assert_eq!(refused, code, "{minor} of {}", bill.applied_minor);
        if code.is_empty() {
            let parts = bill::allocate(&bill, policy, Money::hkd(minor));
            assert_eq!((parts.applied, parts.total()), (minor, minor));
        }
    }
}

#[test]
fn late_money_for_an_instalment_is_noted_and_the_rest_stays_due() {
    let rows = [
        ("2026-01-05T15:59:59Z", true),
        ("2026-01-05T16:00:00Z", false),
    ];
    for (instructed, in_time) in rows {
        let before = tax(0);
        assert_eq!(before.is_in_time(&terms(true), at(instructed)), in_time);
        let event = BillEvent::ReceiptApplied {
            receipt: ReceiptId::new(id(7)),
            minor: 270_000,
            on_time: in_time,
        };
        let after = bill::apply(before, &event, now());
        assert_eq!(after.instalment_missed, !in_time);
        assert_eq!(
            after.is_in_time(&terms(true), at("2026-04-01T00:00:00Z")),
            in_time
        );
        assert!(after.is_in_time(&terms(false), at("2026-04-01T00:00:00Z")));
    }
}

#[test]
fn rules_of_the_kind_are_held_when_a_bill_is_issued() {
    let quarter = Terms {
        due_dates: DueDates::QuarterRollsBack,
        ..Terms::default()
    };
    let rows = [
        ("2026-01-30", ""),
        ("2026-01-31", "DUE_DATE_AGAINST_RULE"),
        ("2026-02-27", "DUE_DATE_AGAINST_RULE"),
        ("2035-01-31", "HOLIDAYS_NOT_KNOWN"),
    ];
    for (due, code) in rows {
        let kind = BillType {
            terms: quarter.clone(),
            ..bill_type(PART)
        };
        let bill = NewBill {
            due_date: day(due),
            ..new(&[])
        };
        let refused = bill::issue(&bill, &kind, &calendar()).err();
        assert_eq!(refused.map_or("", |refusal| refusal.code()), code, "{due}");
    }
    let factor = NewBill {
        second_factor: Some(SealedFactor([7; 32])),
        ..new(&[])
    };
    let refused = bill::issue(&factor, &bill_type(PART), &calendar()).unwrap_err();
    assert_eq!(refused.code(), "SECOND_FACTOR_NOT_ASKED");
}

#[test]
fn a_licence_is_paid_within_its_window() {
    let kind = BillType {
        terms: Terms {
            window: Some(PayWindow {
                months_before: 4,
                months_after: 24,
            }),
            ..Terms::default()
        },
        ..bill_type(EXACT)
    };
    // The bill's last day is 2026-01-30; Hong Kong's day counts.
    let rows = [
        ("2025-09-29T15:59:59Z", "OUTSIDE_WINDOW"),
        ("2025-09-29T16:00:00Z", ""),
        ("2028-01-30T15:59:59Z", ""),
        ("2028-01-30T16:00:00Z", "OUTSIDE_WINDOW"),
    ];
    for (asked_at, code) in rows {
        let asked = NewPayment {
            id: PaymentId::new(id(2)),
            rail: RailId::new("test").unwrap(),
            method: "test_qr".into(),
            amount: None,
            asked_at: at(asked_at),
            expires_at: now(),
        };
        let refused = create(&bill(507_400), &kind, &asked).err();
        assert_eq!(
            refused.map_or("", |refusal| refusal.code()),
            code,
            "{asked_at}"
        );
    }
}

/// Up to 24 instalments, and receipts of any size.
fn schedules() -> impl Strategy<Value = (Vec<i64>, Vec<i64>)> {
    (
        proptest::collection::vec(1_i64..1_000_000, 2..=24),
        proptest::collection::vec(1_i64..2_000_000, 0..12),
    )
}

proptest! {
    #[test]
    fn receipts_clear_instalments_in_order_and_lose_nothing((shares, receipts) in schedules()) {
        let first = day("2026-01-05");
        let mut due = first;
        let mut plan = Vec::new();
        for minor in &shares {
            plan.push(Instalment { minor: *minor, due_date: due });
            due = due.tomorrow().unwrap();
        }
        let total: i64 = shares.iter().sum();
        let mut bill = Bill { instalments: plan, due_date: first, ..bill(total) };
        for minor in receipts {
            let parts = bill::allocate(&bill, PART, Money::hkd(minor));
            prop_assert_eq!(parts.total(), minor);
            if parts.applied > 0 {
                let event = BillEvent::ReceiptApplied {
                    receipt: ReceiptId::new(id(7)),
                    minor: parts.applied,
                    on_time: true,
                };
                bill = bill::apply(bill, &event, now());
            }
            let standing = bill.schedule(&terms(true), first);
            let paid: i64 = standing.iter().map(|one| one.paid_minor).sum();
            prop_assert_eq!(paid, bill.applied_minor);
            for pair in standing.windows(2) {
                let cleared = pair[0].paid_minor == pair[0].minor;
                prop_assert!(cleared || pair[1].paid_minor == 0);
            }
            let now_due = bill.payable_now(&terms(true), first).minor();
            prop_assert!(now_due <= bill.outstanding_minor());
            prop_assert_eq!(now_due == 0, bill.outstanding_minor() == 0);
            prop_assert!(now_due == 0 || bill.ends_an_instalment(now_due));
        }
    }
}
