//! Hong Kong's business days, cut-offs, due dates and fiscal years, against worked examples.

use epay_money::{
    BusinessCalendar, CalendarError, FiscalYear, HOLIDAYS_TEXT_MAX, HolidayTableError, fiscal_year,
    hong_kong_date, hong_kong_time, is_on_time,
};
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday, date, time};
use proptest::prelude::*;

const FPS_CUTOFF: Time = time(17, 0, 0, 0);
const PPS_CUTOFF: Time = time(19, 0, 0, 0);

#[expect(
    clippy::expect_used,
    reason = "a helper of a test stops it as the test itself would"
)]
fn calendar() -> BusinessCalendar {
    BusinessCalendar::vendored().expect("the table that the crate carries")
}

/// An instant as clocks in Hong Kong show it.
#[expect(
    clippy::expect_used,
    reason = "a helper of a test stops it as the test itself would"
)]
fn hong_kong(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().expect("an instant")
}

#[test]
fn every_year_has_seventeen_holidays_and_none_on_a_sunday() {
    let calendar = calendar();
    assert_eq!(calendar.years().collect::<Vec<_>>(), [2025, 2026, 2027]);
    for year in calendar.years() {
        let holidays: Vec<Date> = calendar.holidays(year).expect("covered").collect();
        assert_eq!(holidays.len(), 17, "{year}");
        assert!(
            holidays
                .iter()
                .all(|holiday| holiday.weekday() != Weekday::Sunday),
            "{year}"
        );
    }
}

#[test]
fn business_days_are_weekdays_without_holidays() {
    let calendar = calendar();
    for (day, expected, why) in [
        (date(2026, 11, 23), true, "a Monday"),
        (
            date(2026, 11, 21),
            false,
            "a Saturday, which is no general holiday",
        ),
        (date(2026, 11, 22), false, "a Sunday"),
        (date(2026, 2, 17), false, "Lunar New Year"),
        (
            date(2026, 4, 6),
            false,
            "moved, because Ching Ming fell on a Sunday",
        ),
        (date(2026, 4, 7), false, "moved behind it"),
        (date(2026, 4, 8), true, "the first day after Easter"),
    ] {
        assert_eq!(calendar.is_business_day(day), Ok(expected), "{day}: {why}");
    }
}

#[test]
fn days_roll_over_weekends_and_holidays() {
    let calendar = calendar();
    for (day, next, back) in [
        (date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 23)),
        (date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 20)),
        (date(2026, 11, 21), date(2026, 11, 23), date(2026, 11, 20)),
        // Good Friday to the Tuesday after Easter.
        (date(2026, 4, 2), date(2026, 4, 8), date(2026, 4, 2)),
        (date(2026, 4, 5), date(2026, 4, 8), date(2026, 4, 2)),
        // Across the end of a year.
        (date(2025, 12, 31), date(2026, 1, 2), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 2), date(2025, 12, 31)),
    ] {
        assert_eq!(calendar.next_business_day(day), Ok(next), "after {day}");
        assert_eq!(calendar.roll_back(day), Ok(back), "back from {day}");
    }
    for (day, days, expected) in [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 21), 0, date(2026, 11, 23)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 2, 13), 2, date(2026, 2, 20)),
    ] {
        assert_eq!(
            calendar.add_business_days(day, days),
            Ok(expected),
            "{day} + {days}"
        );
    }
}

#[test]
fn a_year_outside_the_table_is_an_error_that_says_so() {
    let calendar = calendar();
    let unknown = |year| Err(CalendarError::YearNotLoaded { year });
    assert_eq!(calendar.is_business_day(date(2028, 10, 3)), unknown(2028));
    assert_eq!(calendar.is_business_day(date(2024, 12, 31)), unknown(2024));
    assert_eq!(
        calendar.next_business_day(date(2027, 12, 31)).map(|_| true),
        unknown(2028)
    );
    assert_eq!(
        calendar.roll_back(date(2025, 1, 1)).map(|_| true),
        unknown(2024)
    );
    let error = CalendarError::YearNotLoaded { year: 2028 };
    assert_eq!(
        error.to_string(),
        "the holidays of 2028 are not known: load a newer holiday table"
    );
    let far = calendar.add_business_days(date(2026, 1, 2), 10_001);
    assert_eq!(far, Err(CalendarError::TooFar { days: 10_001 }));
}

#[test]
fn a_receipt_belongs_to_the_day_of_its_cut_off() {
    let calendar = calendar();
    for (instructed, cutoff, expected) in [
        ("2026-01-20T16:59:59", FPS_CUTOFF, date(2026, 1, 20)),
        ("2026-01-20T17:00:00", FPS_CUTOFF, date(2026, 1, 20)),
        ("2026-01-20T17:00:00.000001", FPS_CUTOFF, date(2026, 1, 21)),
        ("2026-01-20T18:30:00", PPS_CUTOFF, date(2026, 1, 20)),
        ("2026-01-20T19:30:00", PPS_CUTOFF, date(2026, 1, 21)),
        ("2026-01-20T23:58:00", FPS_CUTOFF, date(2026, 1, 21)),
        // A Friday evening, a Saturday, the eve of Lunar New Year.
        ("2026-01-23T18:00:00", FPS_CUTOFF, date(2026, 1, 26)),
        ("2026-01-24T10:00:00", FPS_CUTOFF, date(2026, 1, 26)),
        ("2026-02-16T18:00:00", FPS_CUTOFF, date(2026, 2, 20)),
        // Half past midnight: still the day before in UTC.
        ("2026-01-21T00:30:00", FPS_CUTOFF, date(2026, 1, 21)),
    ] {
        let found = calendar.receipt_business_date(hong_kong(instructed), cutoff);
        assert_eq!(found, Ok(expected), "{instructed}, cut-off {cutoff}");
    }
}

#[test]
fn paid_two_minutes_before_midnight_is_on_time_and_in_the_next_feed() {
    let instructed = hong_kong("2026-01-20T23:58:00");
    assert!(is_on_time(instructed, date(2026, 1, 20)));
    assert_eq!(
        calendar().receipt_business_date(instructed, FPS_CUTOFF),
        Ok(date(2026, 1, 21))
    );
}

#[test]
fn lateness_is_midnight_in_hong_kong_whatever_the_day() {
    for (instructed, due, expected) in [
        ("2026-01-20T23:59:59.999999", date(2026, 1, 20), true),
        ("2026-01-21T00:00:00", date(2026, 1, 20), false),
        ("2026-01-19T08:00:00", date(2026, 1, 20), true),
        // A due date on a holiday is not moved.
        ("2026-02-17T23:00:00", date(2026, 2, 17), true),
        ("2026-02-18T00:00:01", date(2026, 2, 17), false),
    ] {
        assert_eq!(
            is_on_time(hong_kong(instructed), due),
            expected,
            "{instructed}, due {due}"
        );
    }
    let utc_evening: Timestamp = "2026-01-20T16:00:00Z".parse().expect("an instant");
    assert_eq!(hong_kong_date(utc_evening), date(2026, 1, 21));
    assert_eq!(hong_kong_time(utc_evening).time(), time(0, 0, 0, 0));
}

#[test]
fn a_fiscal_year_runs_from_april_to_march() {
    for (day, expected) in [
        (date(2026, 4, 1), "2026-27"),
        (date(2027, 3, 31), "2026-27"),
        (date(2027, 4, 1), "2027-28"),
        (date(2026, 3, 31), "2025-26"),
        (date(1999, 12, 31), "1999-00"),
    ] {
        let year = fiscal_year(day);
        assert_eq!(year.to_string(), expected, "{day}");
        assert_eq!(expected.parse::<FiscalYear>(), Ok(year));
        assert!(year.contains(day));
    }
    for wrong in [
        "",
        "2026",
        "2026-28",
        "2026-2027",
        "26-27",
        "2026/27",
        "2026-27 ",
        "+026-27",
        "-026-27",
    ] {
        assert!(wrong.parse::<FiscalYear>().is_err(), "{wrong:?}");
    }
}

#[test]
fn a_table_may_be_loaded_and_a_bad_one_is_refused() {
    let event = |dates: &str| {
        format!(r#"{{"vcalendar":[{{"vevent":[{{{dates},"summary":"x"}}],"x":1}}]}}"#)
    };
    let three_days =
        event(r#""dtstart":["20280126",{"value":"DATE"}],"dtend":["20280129",{"value":"DATE"}]"#);
    let calendar =
        BusinessCalendar::from_1823_json(&format!("\u{feff}{three_days}")).expect("a table");
    assert_eq!(
        calendar
            .holidays(2028)
            .expect("covered")
            .collect::<Vec<_>>(),
        [date(2028, 1, 26), date(2028, 1, 27), date(2028, 1, 28)]
    );
    let one_day =
        BusinessCalendar::from_1823_json(&event(r#""dtstart":["20280126"]"#)).expect("a table");
    assert_eq!(one_day.holidays(2028).expect("covered").count(), 1);

    for (text, expected) in [
        ("", "is not the JSON that"),
        ("{}", "is not the JSON that"),
        (r#"{"vcalendar":[]}"#, "names no holiday"),
        (
            &event(r#""dtstart":["2028-01-26"]"#),
            "not a date written as YYYYMMDD",
        ),
        (
            &event(r#""dtstart":["20280230"]"#),
            "not a date written as YYYYMMDD",
        ),
        (
            &event(r#""dtstart":["２０280"]"#),
            "not a date written as YYYYMMDD",
        ),
        (&event(r#""dtstart":[]"#), "not a date written as YYYYMMDD"),
        (
            &event(r#""dtstart":[{"value":"DATE"}]"#),
            "not a date written as YYYYMMDD",
        ),
        (
            &event(r#""dtstart":["20280126"],"dtend":["20280126"]"#),
            "does not end within",
        ),
        (
            &event(r#""dtstart":["20280126"],"dtend":["20280401"]"#),
            "does not end within",
        ),
        (&event(r#""dtstart":["99991231"]"#), "does not end within"),
    ] {
        let error = BusinessCalendar::from_1823_json(text).expect_err(text);
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
    let large = " ".repeat(HOLIDAYS_TEXT_MAX + 1);
    assert!(matches!(
        BusinessCalendar::from_1823_json(&large),
        Err(HolidayTableError::TooLarge { .. })
    ));
}

proptest! {
    #[test]
    fn the_next_business_day_is_later_and_nothing_lies_between(offset in 0_i32..1_000) {
        let calendar = calendar();
        let day = date(2025, 1, 2).checked_add(jiff::Span::new().days(offset)).expect("a date");
        let next = calendar.next_business_day(day).expect("covered");
        prop_assert!(next > day);
        prop_assert_eq!(calendar.is_business_day(next), Ok(true));
        let mut between = day.tomorrow().expect("a date");
        while between < next {
            prop_assert_eq!(calendar.is_business_day(between), Ok(false));
            between = between.tomorrow().expect("a date");
        }
        prop_assert_eq!(calendar.roll_back(next.yesterday().expect("a date")).expect("covered") < next, true);
    }

    #[test]
    fn no_text_makes_the_table_panic(text in ".{0,300}") {
        drop(BusinessCalendar::from_1823_json(&text));
    }
}

#[test]
fn of_a_year_that_two_tables_have_the_newer_one_counts_and_other_years_stay() {
    let table = |days: &[&str]| {
        let events: Vec<String> = days
            .iter()
            .map(|day| format!(r#"{{"dtstart":["{day}",{{"value":"DATE"}}]}}"#))
            .collect();
        let text = format!(r#"{{"vcalendar":[{{"vevent":[{}]}}]}}"#, events.join(","));
        BusinessCalendar::from_1823_json(&text).unwrap()
    };
    let known = table(&["20260101", "20260406", "20270101"]);
    let newer = table(&["20260101", "20260407", "20280103"]);
    let both = known.with(newer);
    assert_eq!(both.years().collect::<Vec<_>>(), [2026, 2027, 2028]);
    for (day, expected) in [
        ("2026-04-06", true),
        ("2026-04-07", false),
        ("2027-01-01", false),
        ("2028-01-03", false),
        ("2028-01-04", true),
    ] {
        let found = both.is_business_day(day.parse().unwrap());
        assert_eq!(found, Ok(expected), "{day}");
    }
}
