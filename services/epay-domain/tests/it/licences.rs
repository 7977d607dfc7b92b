//! Bills that renew a vehicle licence: what they say of it, when they are payable, and what is still told.

use epay_domain::bill::{self, Bill, Licence, NewBill, Revision};
use epay_domain::notification::{
    BillNow, Decision, Situation, Suppression, bill_now, decide, details_now,
};
use epay_domain::{PayWindow, Terms};
use epay_money::{BillId, Money};
use epay_notice::{Channel, Details, Kind, Mark, Value};
use jiff::civil::Date;

use crate::bills::{applied, revision};
use crate::notifications::{DAY, at, preferences, situation};
use crate::support::{EXACT, PART, bill, bill_type, calendar, id, now};

#[test]
fn a_licence_is_on_bills_of_kinds_that_renew_one_and_a_revision_says_it_anew() {
    let day = |text: &str| text.parse().unwrap();
    let licence = |mark: &str, expiry: &str| Some(Licence::new(mark, day(expiry)).unwrap());
    let mut kind = bill_type(PART);
    let new = NewBill {
        id: BillId::new(id(1)),
        number: "000123456789011".into(),
        amount: Money::hkd(1_000),
        due_date: day("2026-01-30"),
        description: String::new(),
        lines: vec![],
        parts: vec![],
        instalments: vec![],
        second_factor: None,
        licence: licence("AB 1234", "2026-06-30"),
    };
    let asked = Revision {
        licence: licence("AB 1234", "2026-10-31"),
        ..revision(1, 1_000)
    };
    let refused = [
        bill::issue(&new, &kind, &calendar()).unwrap_err(),
        bill::revise(&bill(1_000), &asked, &kind, &calendar()).unwrap_err(),
    ];
    assert_eq!(
        refused.map(|refusal| refusal.code()),
        ["LICENCE_NOT_RENEWED"; 2]
    );

    kind.terms.vehicle_licence = true;
    let issued = bill::issue(&new, &kind, &calendar()).unwrap();
    let text = serde_json::to_string(&issued).unwrap();
    assert!(text.contains("\"***234\""), "{text}");
    assert!(!text.contains("AB"), "{text}");
    let before = Bill {
        licence: new.licence,
        ..applied(500)
    };
    // Money is on it: the licence's day is one of its words.
    for (asked, expected) in [(asked, Some("2026-10-31")), (revision(2, 1_000), None)] {
        let events = bill::revise(&before, &asked, &kind, &calendar());
        let after = match events {
            Ok(events) => events.iter().fold(before.clone(), |bill, event| {
                bill::apply(bill, event, now())
            }),
            Err(refusal) => panic!("{refusal}"),
        };
        let found = after.licence.map(|licence| licence.expires_on.to_string());
        assert_eq!(found.as_deref(), expected);
    }
}

#[test]
fn a_bill_is_payable_within_a_window_from_its_licences_last_day_else_from_its_own() {
    let mut bill = bill(1_000);
    let terms = Terms {
        window: Some(PayWindow {
            months_before: 4,
            months_after: 24,
        }),
        ..Terms::default()
    };
    let days = |bill: &Bill, terms: &Terms| {
        let window = bill.window(terms);
        window.map(|(first, last)| (first.to_string(), last.to_string()))
    };
    let expected = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
    assert_eq!(days(&bill, &Terms::default()), None);
    assert_eq!(days(&bill, &terms), expected("2025-09-30", "2028-01-30"));
    bill.licence = Some(Licence::new("AB 1234", "2026-06-30".parse().unwrap()).unwrap());
    assert_eq!(days(&bill, &terms), expected("2026-02-28", "2028-06-30"));
}

#[test]
fn a_licence_that_is_renewed_moved_or_gone_is_not_told_of() {
    let preferences = preferences();
    let renewable = |text: Option<&str>, under_way| BillNow::Renewable {
        date: text.map(|text| text.parse().unwrap()),
        under_way,
    };
    let suppress = Decision::Suppress;
    let send = Decision::Send(Channel::IamSmartPush);
    let day = Some("2026-04-28");
    let table = [
        // Also after its last day: it is renewed late.
        (renewable(day, false), send),
        (
            renewable(day, true),
            Decision::Wait(at("2026-04-29T13:00:00")),
        ),
        (
            renewable(Some("2026-04-30"), false),
            suppress(Suppression::NotTrue),
        ),
        (renewable(None, false), suppress(Suppression::NotTrue)),
        (BillNow::Paid, suppress(Suppression::Paid)),
        (BillNow::Withdrawn, suppress(Suppression::Withdrawn)),
    ];
    for kind in [Kind::LicenceRenewalOpen, Kind::LicenceExpiring] {
        for (bill, expected) in table {
            let asked = Situation {
                bill: Some(bill),
                about: day.map(|text| text.parse().unwrap()),
                ..situation(kind, &preferences)
            };
            assert_eq!(decide(&asked, at(DAY)), expected, "{kind:?} {bill:?}");
        }
    }
}

#[test]
fn a_notice_of_a_licence_says_its_days_and_no_more_of_its_mark_than_its_end() {
    let mut kind = bill_type(EXACT);
    let mut bill = bill(507_400);
    bill.licence = Some(Licence::new("AB 1234", "2026-06-30".parse().unwrap()).unwrap());
    let date = |text: &str| text.parse::<Date>().unwrap();
    // By the rule of all licences, then by a window of the kind's own.
    let window = PayWindow {
        months_before: 1,
        months_after: 24,
    };
    for (window, opens) in [(None, "2026-02-28"), (Some(window), "2026-05-30")] {
        kind.terms.window = window;
        for (told, about) in [
            (Kind::LicenceRenewalOpen, opens),
            (Kind::LicenceExpiring, "2026-06-30"),
        ] {
            let now = bill_now(told, &bill, &kind.terms);
            let expected = BillNow::Renewable {
                date: Some(date(about)),
                under_way: false,
            };
            assert_eq!(now, Some(expected), "{told:?}");
            let noted = Details::default();
            let said = details_now(told, &noted, (&bill, &kind), at(DAY)).unwrap();
            let expected = Details::default()
                .with(Value::Mark(Mark::of("AB1234").unwrap()))
                .with(Value::Expiry(date("2026-06-30")))
                .with(Value::OpenDate(date(opens)));
            assert_eq!(said, expected, "{told:?}");
        }
    }
    bill.licence = None;
    let gone = bill_now(Kind::LicenceExpiring, &bill, &kind.terms);
    let expected = BillNow::Renewable {
        date: None,
        under_way: false,
    };
    assert_eq!(gone, Some(expected));
}
