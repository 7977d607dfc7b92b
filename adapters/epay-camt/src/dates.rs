//! Dates and times of a notice.
//!
//! ISO 20022 uses the types `date` and `dateTime` of XML Schema: an offset may follow both. A time without
//! one is Hong Kong time, because that is where the account is (our rule; the schema leaves it open). Hong
//! Kong has had the one offset +08:00 without summer time since 1980, so no time zone database is needed.
//! Only years 2000 to 2099 are believed: a default date such as 0001-01-01 would make every bill paid on time.

use epay_money::HONG_KONG;
use jiff::civil::{Date, DateTime, time};
use jiff::{Timestamp, tz::Offset};

/// A moment, from `2026-01-20T23:58:03.5+08:00`, the same with `Z`, or without an offset.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let (local, offset) = split_offset(text.get(19..)?)?;
    let seconds = text.get(..19)?;
    let shaped = seconds.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let fraction = local.strip_prefix('.').map_or(local.is_empty(), |digits| {
        (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !shaped || !fraction {
        return None;
    }
    let civil: DateTime = text
        .get(..19_usize.checked_add(local.len())?)?
        .parse()
        .ok()?;
    believable(civil.date())?;
    offset.unwrap_or(HONG_KONG).to_timestamp(civil).ok()
}

/// A day, from `2026-01-21` with or without an offset. The offset does not move the day.
pub(crate) fn day(text: &str) -> Option<Date> {
    let (rest, _offset) = split_offset(text.get(10..)?)?;
    let shaped = text
        .bytes()
        .take(10)
        .enumerate()
        .all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped || !rest.is_empty() {
        return None;
    }
    believable(text.get(..10)?.parse().ok()?)
}

/// The day that a moment falls on in Hong Kong.
pub(crate) fn day_of(moment: Timestamp) -> Date {
    HONG_KONG.to_datetime(moment).date()
}

/// The last second of a day in Hong Kong.
pub(crate) fn end_of(day: Date) -> Option<Timestamp> {
    HONG_KONG
        .to_timestamp(day.to_datetime(time(23, 59, 59, 0)))
        .ok()
}

fn believable(date: Date) -> Option<Date> {
    (2000..=2099).contains(&date.year()).then_some(date)
}

/// Splits `Z`, `+hh:mm` or `-hh:mm` off the end; `None` when what is there is neither.
fn split_offset(text: &str) -> Option<(&str, Option<Offset>)> {
    if let Some(local) = text.strip_suffix('Z') {
        return Some((local, Some(Offset::UTC)));
    }
    let Some(at) = text.find(['+', '-']) else {
        return Some((text, None));
    };
    let (local, zone) = (text.get(..at)?, text.get(at..)?);
    let (sign, digits) = zone.split_at_checked(1)?;
    let (hours, minutes) = digits.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<i32>().ok())
            .flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    if minutes > 59 || hours > 14 {
        return None;
    }
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(minutes.checked_mul(60)?)?;
    let signed = if sign == "-" {
        seconds.checked_neg()?
    } else {
        seconds
    };
    Offset::from_seconds(signed)
        .ok()
        .map(|offset| (local, Some(offset)))
}

#[cfg(test)]
mod tests {
    use super::{day, day_of, end_of, moment};

    #[test]
    fn a_moment_without_an_offset_is_hong_kong_time() {
        let table = [
            ("2026-01-20T23:58:03+08:00", Some("2026-01-20T15:58:03Z")),
            ("2026-01-20T23:58:03", Some("2026-01-20T15:58:03Z")),
            ("2026-01-20T15:58:03Z", Some("2026-01-20T15:58:03Z")),
            ("2026-01-20T15:58:03.250Z", Some("2026-01-20T15:58:03.25Z")),
            ("2026-01-20T10:58:03-05:00", Some("2026-01-20T15:58:03Z")),
            ("0001-01-01T00:00:00Z", None),
            ("2026-02-30T00:00:00Z", None),
            ("2026-01-20 23:58:03", None),
            ("2026-01-20T23:58", None),
            ("2026-01-20T23:58:03+8", None),
            ("2026-01-20T23:58:03.+08:00", None),
            ("2026-01-20T23:58:03+08:00[Asia/Hong_Kong]", None),
            ("", None),
            ("差餉差餉差餉差餉", None),
        ];
        for (text, expected) in table {
            let read = moment(text).map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_day_may_carry_an_offset_that_does_not_move_it() {
        let table = [
            ("2026-01-21", Some("2026-01-21")),
            ("2026-01-21Z", Some("2026-01-21")),
            ("2026-01-21+08:00", Some("2026-01-21")),
            ("2026-13-21", None),
            ("2026-01-21T00:00:00", None),
            ("20260121", None),
            ("1899-01-21", None),
        ];
        for (text, expected) in table {
            let read = day(text).map(|day| day.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_day_ends_at_its_last_hong_kong_second() {
        let end = day("2026-01-21").and_then(end_of).unwrap();
        assert_eq!(end.to_string(), "2026-01-21T15:59:59Z");
        assert_eq!(day_of(end).to_string(), "2026-01-21");
    }
}
