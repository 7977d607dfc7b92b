//! Hong Kong time: a fixed eight hours ahead of UTC, without daylight saving since 1979.
//!
//! Instants are kept in UTC; these functions are the only place where they become local dates and texts.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

fn zoned(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::fixed(Offset::constant(8)))
}

/// The Hong Kong calendar date of an instant. The sandbox's bank books around the clock, every day of the week.
#[must_use]
pub fn business_date(at: Timestamp) -> Date {
    zoned(at).date()
}

/// The Hong Kong date as `2026-01-20`.
#[must_use]
pub fn date_text(at: Timestamp) -> String {
    business_date(at).to_string()
}

/// The instant with its offset, as `2026-01-20T23:58:03.120+08:00`.
#[must_use]
pub fn offset_text(at: Timestamp) -> String {
    zoned(at).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// The instant for people, as `20 January 2026, 23:58:03`.
pub(crate) fn people_text(at: Timestamp) -> String {
    zoned(at).strftime("%-d %B %Y, %H:%M:%S").to_string()
}

/// The next instant after `now` at which Hong Kong's clocks show a time.
pub(crate) fn next_at(now: Timestamp, time: Time) -> Timestamp {
    let offset = Offset::constant(8);
    let today = business_date(now);
    let on = |date: Date| offset.to_timestamp(date.to_datetime(time)).ok();
    let tomorrow = || today.tomorrow().ok().and_then(on);
    on(today)
        .filter(|at| *at > now)
        .or_else(tomorrow)
        .unwrap_or(now)
}

/// Reads object 26/05, `YYMMDDhhmmss`, taken as Hong Kong time in this century. `None` when it is not such a time.
#[must_use]
pub fn parse_time_out(text: &str) -> Option<Timestamp> {
    if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let local = DateTime::strptime("%Y%m%d%H%M%S", format!("20{text}")).ok()?;
    Offset::constant(8).to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_late_in_the_utc_day_is_the_next_day_in_hong_kong() {
        let at: Timestamp = "2026-01-20T15:58:03.12Z".parse().unwrap();
        assert_eq!(offset_text(at), "2026-01-20T23:58:03.120+08:00");
        let later: Timestamp = "2026-01-20T16:00:00Z".parse().unwrap();
        assert_eq!(date_text(later), "2026-01-21");
        assert_eq!(people_text(later), "21 January 2026, 00:00:00");
    }

    #[test]
    fn the_next_seven_in_the_evening_is_today_or_tomorrow() {
        let seven = Time::constant(19, 0, 0, 0);
        let rows = [
            ("2026-01-20T10:59:59Z", "2026-01-20T11:00:00Z"),
            ("2026-01-20T11:00:00Z", "2026-01-21T11:00:00Z"),
            ("2026-01-20T16:30:00Z", "2026-01-21T11:00:00Z"),
        ];
        for (now, expected) in rows {
            assert_eq!(
                next_at(now.parse().unwrap(), seven),
                expected.parse().unwrap(),
                "{now}"
            );
        }
    }

    #[test]
    fn a_time_out_is_twelve_digits_of_hong_kong_time() {
        let rows = [
            ("260120235803", Some("2026-01-20T15:58:03Z")),
            ("261301000000", None),
            ("26012023580", None),
            ("26012023580a", None),
            ("２６012023580", None),
        ];
        for (text, expected) in rows {
            assert_eq!(
                parse_time_out(text),
                expected.map(|at| at.parse().unwrap()),
                "{text}"
            );
        }
    }
}
