//! When people are told, whether they still are, and what became of it, as tables.

use epay_domain::notification::{
    BillNow, Decision, Failure, LicenceDays, NoticeFact, NoticeState, Planned, Preferences,
    QuietHours, Situation, Suppression, TRIES_MAX, TRY_WITHIN, Then, after, decide, is_news,
    of_bill, of_licence, told,
};
use epay_money::{BusinessCalendar, Language, hong_kong_time};
use epay_notice::{Channel, Kind, Tongue};
use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

pub(crate) fn at(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().unwrap()
}

fn calendar() -> BusinessCalendar {
    BusinessCalendar::vendored().unwrap()
}

/// Name and moment of each, as clocks in Hong Kong show it.
fn said(planned: &[Planned]) -> Vec<String> {
    let line = |one: &Planned| format!("{} {}", one.name(), hong_kong_time(one.not_before));
    planned.iter().map(line).collect()
}

#[test]
fn a_bill_is_told_when_it_is_issued_near_its_last_day_and_after_it() {
    let cases: [(&str, Date, &[&str]); 4] = [
        (
            "2026-04-02T10:00:00",
            "2026-04-30".parse().unwrap(),
            &[
                "bill_ready/issued 2026-04-02T10:00:00",
                "due_soon/2026-04-30/7 2026-04-23T09:00:00",
                "due_soon/2026-04-30/1 2026-04-29T09:00:00",
                // The first of May is a holiday and then comes a weekend.
                "overdue/2026-04-30/-1 2026-05-04T09:00:00",
            ],
        ),
        (
            // Issued late: the first reminder would come before the bill.
            "2026-04-25T10:00:00",
            "2026-04-30".parse().unwrap(),
            &[
                "bill_ready/issued 2026-04-25T10:00:00",
                "due_soon/2026-04-30/1 2026-04-29T09:00:00",
                "overdue/2026-04-30/-1 2026-05-04T09:00:00",
            ],
        ),
        (
            // Lunar New Year is from the 17th to the 19th: both reminders roll back, and do not meet.
            "2026-02-02T10:00:00",
            "2026-02-20".parse().unwrap(),
            &[
                "bill_ready/issued 2026-02-02T10:00:00",
                "due_soon/2026-02-20/7 2026-02-13T09:00:00",
                "due_soon/2026-02-20/1 2026-02-16T09:00:00",
                "overdue/2026-02-20/-1 2026-02-23T09:00:00",
            ],
        ),
        (
            // Issued after its last day: nobody is told that it is ready or due, only that it is overdue.
            "2026-05-20T10:00:00",
            "2026-04-30".parse().unwrap(),
            &["overdue/2026-04-30/-1 2026-05-20T10:00:00"],
        ),
    ];
    for (issued, due, expected) in cases {
        let planned = of_bill(at(issued), due, &calendar()).unwrap();
        assert_eq!(said(&planned), expected, "{issued} {due}");
    }
    // Bill and reminders end with the last day, midnight included.
    let planned = of_bill(
        at("2026-04-02T10:00:00"),
        "2026-04-30".parse().unwrap(),
        &calendar(),
    );
    let ends: Vec<Timestamp> = planned.unwrap().iter().map(|one| one.expires_at).collect();
    assert_eq!(ends[..3], [at("2026-05-01T00:00:00"); 3]);
    assert_eq!(ends[3], at("2026-05-31T00:00:00"));
    let far = of_bill(
        at("2026-04-02T10:00:00"),
        "2061-04-30".parse().unwrap(),
        &calendar(),
    );
    assert!(far.is_err(), "nobody knows those holidays");
}

#[test]
fn a_licence_is_told_when_it_can_be_renewed_and_before_and_after_its_last_day() {
    let licence = LicenceDays {
        opens_on: "2026-02-28".parse().unwrap(),
        expires_on: "2026-06-30".parse().unwrap(),
    };
    let cases: [(&str, &[&str]); 3] = [
        (
            "2026-01-05T10:00:00",
            &[
                // A Saturday.
                "licence_renewal_open/2026-02-28/0 2026-03-02T09:00:00",
                "licence_expiring/2026-06-30/30 2026-05-29T09:00:00",
                "licence_expiring/2026-06-30/7 2026-06-23T09:00:00",
                "licence_expiring/2026-06-30/-1 2026-07-02T09:00:00",
            ],
        ),
        (
            // Known late: of what was missed, the last word is said at once.
            "2026-06-10T10:00:00",
            &[
                "licence_expiring/2026-06-30/30 2026-06-10T10:00:00",
                "licence_expiring/2026-06-30/7 2026-06-23T09:00:00",
                "licence_expiring/2026-06-30/-1 2026-07-02T09:00:00",
            ],
        ),
        ("2026-09-01T10:00:00", &[]),
    ];
    for (known, expected) in cases {
        let planned = of_licence(at(known), licence, &calendar()).unwrap();
        assert_eq!(said(&planned), expected, "{known}");
    }
}

pub(crate) fn preferences() -> Preferences {
    Preferences {
        tongue: Tongue::One(Language::Traditional),
        channels: vec![Channel::IamSmartPush, Channel::Sms],
        reminders: true,
        quiet: Some(QuietHours {
            from: time(21, 0, 0, 0),
            until: time(9, 0, 0, 0),
        }),
    }
}

pub(crate) const DAY: &str = "2026-04-29T12:00:00";

pub(crate) fn situation(kind: Kind, preferences: &Preferences) -> Situation<'_> {
    let owed = BillNow::Owed {
        due_date: "2026-04-30".parse().unwrap(),
        under_way: false,
    };
    Situation {
        kind,
        expires_at: at("2026-05-01T00:00:00"),
        bill: (!is_news(kind)).then_some(owed),
        about: None,
        preferences: Some(preferences),
        failed: &[],
        severe_weather: false,
    }
}

#[test]
fn a_bill_that_is_paid_withdrawn_or_moved_is_not_told_of() {
    let preferences = preferences();
    let due = |text: &str, under_way| BillNow::Owed {
        due_date: text.parse().unwrap(),
        under_way,
    };
    let suppress = Decision::Suppress;
    let send = Decision::Send(Channel::IamSmartPush);
    let table = [
        (Kind::DueSoon, due("2026-04-30", false), send),
        (Kind::BillReady, due("2026-04-30", false), send),
        (Kind::DueSoon, BillNow::Paid, suppress(Suppression::Paid)),
        (Kind::BillReady, BillNow::Paid, suppress(Suppression::Paid)),
        (Kind::Overdue, BillNow::Paid, suppress(Suppression::Paid)),
        (
            Kind::DueSoon,
            BillNow::Withdrawn,
            suppress(Suppression::Withdrawn),
        ),
        // The department gave more time, or less.
        (
            Kind::Overdue,
            due("2026-04-30", false),
            suppress(Suppression::NotTrue),
        ),
        (
            Kind::DueSoon,
            due("2026-04-28", false),
            suppress(Suppression::NotTrue),
        ),
        (Kind::Overdue, due("2026-04-28", false), send),
        // Money may be on its way: nobody is reminded until it has come, or has not.
        (
            Kind::DueSoon,
            due("2026-04-30", true),
            Decision::Wait(at("2026-04-29T13:00:00")),
        ),
        (
            Kind::Overdue,
            due("2026-04-28", true),
            Decision::Wait(at("2026-04-29T13:00:00")),
        ),
    ];
    for (kind, bill, expected) in table {
        let asked = Situation {
            bill: Some(bill),
            ..situation(kind, &preferences)
        };
        assert_eq!(decide(&asked, at(DAY)), expected, "{kind:?} {bill:?}");
    }
    let last_minute = Situation {
        bill: Some(due("2026-04-30", true)),
        ..situation(Kind::DueSoon, &preferences)
    };
    let wait = Decision::Wait(last_minute.expires_at);
    assert_eq!(decide(&last_minute, at("2026-04-30T23:30:00")), wait);
    assert_eq!(
        decide(&last_minute, last_minute.expires_at),
        Decision::Expire
    );
}

#[test]
fn wishes_are_kept_and_news_of_ones_own_payment_comes_at_once() {
    let willing = preferences();
    let unwilling = Preferences {
        reminders: false,
        ..preferences()
    };
    let silent = Preferences {
        channels: vec![],
        ..preferences()
    };
    let night = "2026-04-28T23:00:00";
    let push = Decision::Send(Channel::IamSmartPush);
    let morning = Decision::Wait(at("2026-04-29T09:00:00"));
    let out = Decision::Suppress(Suppression::OptedOut);
    let nowhere = Decision::Suppress(Suppression::NoChannel);
    let table = [
        (Kind::DueSoon, &willing, night, morning),
        (Kind::DueSoon, &willing, "2026-04-29T08:59:59", morning),
        (Kind::DueSoon, &willing, "2026-04-29T09:00:00", push),
        (Kind::PaymentReceived, &willing, night, push),
        (Kind::DueSoon, &unwilling, DAY, out),
        (Kind::RefundSent, &unwilling, DAY, push),
        (Kind::ChequeDishonoured, &unwilling, night, push),
        (Kind::PaymentFailed, &silent, DAY, nowhere),
    ];
    for (kind, preferences, now, expected) in table {
        let asked = situation(kind, preferences);
        assert_eq!(decide(&asked, at(now)), expected, "{kind:?} {now}");
    }
    let next = Situation {
        failed: &[Channel::IamSmartPush],
        ..situation(Kind::DueSoon, &willing)
    };
    assert_eq!(decide(&next, at(DAY)), Decision::Send(Channel::Sms));
    let none = Situation {
        failed: &[Channel::IamSmartPush, Channel::Sms],
        ..next
    };
    assert_eq!(decide(&none, at(DAY)), nowhere);
    let forgotten = Situation {
        preferences: None,
        ..situation(Kind::PaymentReceived, &willing)
    };
    assert_eq!(decide(&forgotten, at(DAY)), nowhere);
}

#[test]
fn in_severe_weather_what_can_wait_waits_and_a_last_day_does_not_move() {
    let preferences = preferences();
    let storm = |kind| Situation {
        severe_weather: true,
        ..situation(kind, &preferences)
    };
    let tomorrow = Decision::Wait(at("2026-04-30T09:00:00"));
    let push = Decision::Send(Channel::IamSmartPush);
    for (kind, expected) in [
        (Kind::BillReady, tomorrow),
        (Kind::DueSoon, push),
        (Kind::PaymentReceived, push),
    ] {
        assert_eq!(decide(&storm(kind), at(DAY)), expected, "{kind:?}");
    }
    let licence = Situation {
        bill: None,
        ..storm(Kind::LicenceExpiring)
    };
    assert_eq!(decide(&licence, at(DAY)), tomorrow);
}

#[test]
fn quiet_hours_end_on_the_same_day_or_the_next() {
    let night = QuietHours {
        from: time(21, 0, 0, 0),
        until: time(9, 0, 0, 0),
    };
    let noon = QuietHours {
        from: time(12, 0, 0, 0),
        until: time(14, 0, 0, 0),
    };
    let never = QuietHours {
        from: time(9, 0, 0, 0),
        until: time(9, 0, 0, 0),
    };
    let table = [
        (night, "2026-04-28T20:59:59", None),
        (night, "2026-04-28T21:00:00", Some("2026-04-29T09:00:00")),
        (night, "2026-04-29T00:00:00", Some("2026-04-29T09:00:00")),
        (night, "2026-04-29T09:00:00", None),
        (noon, "2026-04-29T13:00:00", Some("2026-04-29T14:00:00")),
        (noon, "2026-04-29T14:00:00", None),
        (never, "2026-04-29T09:00:00", None),
    ];
    for (hours, now, expected) in table {
        assert_eq!(
            hours.end_after(at(now)),
            expected.map(at),
            "{hours:?} {now}"
        );
    }
}

const TOLD: [NoticeFact; 7] = [
    NoticeFact::Taken,
    NoticeFact::Delivered,
    NoticeFact::Failed {
        failure: Failure::Temporary,
    },
    NoticeFact::Failed {
        failure: Failure::Permanent,
    },
    NoticeFact::Failed {
        failure: Failure::Technical,
    },
    NoticeFact::Suppressed {
        reason: Suppression::Paid,
    },
    NoticeFact::Expired,
];

#[test]
fn every_fact_in_every_state_has_one_outcome() {
    use NoticeState::{
        Delivered, Expired, PermanentFailure, Sending, Suppressed, TechnicalFailure,
        TemporaryFailure,
    };
    let open = [
        Sending,
        Delivered,
        TemporaryFailure,
        PermanentFailure,
        TechnicalFailure,
        Suppressed,
        Expired,
    ];
    for state in NoticeState::ALL {
        let found = TOLD.map(|fact| told(state, fact));
        let expected = match state {
            Delivered => [Delivered; 7],
            // Whatever was decided: a person who has it, has it.
            Suppressed => [
                Suppressed, Delivered, Suppressed, Suppressed, Suppressed, Suppressed, Suppressed,
            ],
            Expired => [
                Expired, Delivered, Expired, Expired, Expired, Expired, Expired,
            ],
            _ => open,
        };
        assert_eq!(found, expected, "{state:?}");
        assert_eq!(told(state, NoticeFact::Unknown), state);
    }
}

#[test]
fn a_channel_is_tried_for_three_days_and_then_the_next_one_is() {
    let minutes = SignedDuration::from_mins;
    let table = [
        (Failure::Permanent, 1, minutes(0), Then::NextChannel),
        (Failure::Temporary, 1, minutes(0), Then::Again(minutes(5))),
        (Failure::Temporary, 2, minutes(5), Then::Again(minutes(10))),
        (
            Failure::Technical,
            7,
            minutes(315),
            Then::Again(minutes(320)),
        ),
        (
            Failure::Technical,
            TRIES_MAX,
            minutes(635),
            Then::NextChannel,
        ),
        (Failure::Temporary, 3, TRY_WITHIN, Then::NextChannel),
        (Failure::Temporary, u32::MAX, minutes(1), Then::NextChannel),
    ];
    for (failure, tries, since, expected) in table {
        assert_eq!(
            after(failure, tries, since),
            expected,
            "{failure:?} {tries}"
        );
    }
}

proptest! {
    #[test]
    fn names_are_never_the_same_twice_and_moments_never_run_backwards(days in 0..60_i64, offset in 0..500_i64) {
        let issued = at("2026-01-05T10:00:00") + SignedDuration::from_hours(24 * offset);
        let due = hong_kong_time(issued).date() + jiff::Span::new().days(days);
        let planned = of_bill(issued, due, &calendar()).unwrap();
        let mut names: Vec<String> = planned.iter().map(Planned::name).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), planned.len());
        for pair in planned.windows(2) {
            prop_assert!(pair[0].not_before < pair[1].not_before);
        }
        for one in &planned {
            prop_assert!(one.not_before >= issued);
            prop_assert!(one.not_before < one.expires_at);
        }
    }

    #[test]
    fn a_wait_ends_before_the_notice_does_or_with_it(hour in 0..240_i64, storm in any::<bool>(), under_way in any::<bool>()) {
        let preferences = preferences();
        let now = at("2026-04-20T00:00:00") + SignedDuration::from_hours(hour);
        let asked = Situation {
            bill: Some(BillNow::Owed { due_date: "2026-04-30".parse().unwrap(), under_way }),
            severe_weather: storm,
            ..situation(Kind::BillReady, &preferences)
        };
        if let Decision::Wait(until) = decide(&asked, now) {
            prop_assert!(now < until && until <= asked.expires_at);
        }
    }
}
