//! The moment after which a code should no longer be paid (object 26/05).

use std::fmt;

use crate::id::two_digits;

/// A moment to the second, in the years 2000 to 2099, without a time zone: the specification names none, and Hong Kong
/// time (UTC+8) is the sensible reading. Moments compare in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOut {
    /// Year, month, day, hour, minute, second: two digits each, most significant first.
    parts: [u8; 6],
}

impl TimeOut {
    /// A moment of the calendar; `year` counts from 2000.
    #[must_use]
    pub fn new(year: u8, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let is_date = year <= 99 && (1..=days_in_month(year, month)).contains(&day);
        let is_time = hour <= 23 && minute <= 59 && second <= 59;
        (is_date && is_time).then_some(Self {
            parts: [year, month, day, hour, minute, second],
        })
    }

    /// Reads `YYMMDDhhmmss`.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let mut parts = [0; 6];
        if digits.len() != 12 {
            return None;
        }
        for (part, pair) in parts.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let [tens, units] = *pair else { return None };
            *part = two_digits(tens, units)?;
        }
        let [year, month, day, hour, minute, second] = parts;
        Self::new(year, month, day, hour, minute, second)
    }
}

/// Days of a month, none for a month that does not exist. Every fourth year of this century has 29 February.
fn days_in_month(year: u8, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for TimeOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts
            .iter()
            .try_for_each(|part| write!(f, "{part:02}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_moments_of_the_calendar_are_read() {
        for (digits, is_moment) in [
            ("261123123595", false),
            ("261123123559", true),
            ("280229000000", true),
            ("270229000000", false),
            ("261300000000", false),
            ("261031240000", false),
            ("261031235959", true),
            ("2610312359", false),
            ("26103123595x", false),
            ("26103123595９", false),
        ] {
            let read = TimeOut::parse(digits);
            assert_eq!(read.is_some(), is_moment, "{digits}");
            assert!(
                read.is_none_or(|moment| moment.to_string() == digits),
                "{digits}"
            );
        }
    }
}
