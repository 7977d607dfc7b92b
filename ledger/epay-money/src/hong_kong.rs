//! Hong Kong time: instants to dates, lateness, fiscal years.
//!
//! Hong Kong is at UTC+8 all year and has been since 1979, so the offset is a constant and no zone database is needed.
//! Instants are stored in UTC; dates and cut-offs are Hong Kong's.

use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Hong Kong's distance from UTC.
pub const HONG_KONG: Offset = Offset::constant(8);

/// The date and time that clocks in Hong Kong show.
#[must_use]
pub fn hong_kong_time(instant: Timestamp) -> DateTime {
    HONG_KONG.to_datetime(instant)
}

/// The date that calendars in Hong Kong show.
#[must_use]
pub fn hong_kong_date(instant: Timestamp) -> Date {
    hong_kong_time(instant).date()
}

/// The zone of Hong Kong, for formatting.
#[must_use]
pub fn hong_kong_zone() -> TimeZone {
    TimeZone::fixed(HONG_KONG)
}

/// Whether an instruction to pay came in time: before midnight, Hong Kong time, at the end of the due date.
///
/// Business days and cut-offs play no part: a payer who pays on the evening of a holiday that is the due date has paid in time.
#[must_use]
pub fn is_on_time(instructed_at: Timestamp, due_date: Date) -> bool {
    hong_kong_date(instructed_at) <= due_date
}

/// A fiscal year of the Government: 1 April to 31 March, written `2026-27`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalYear {
    first_year: i16,
}

/// A text that is not a fiscal year.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fiscal year is written as two years that follow each other, for instance 2026-27")]
pub struct NotFiscalYear;

/// April.
const FIRST_MONTH: i8 = 4;

/// The fiscal year of a date.
#[must_use]
pub fn fiscal_year(date: Date) -> FiscalYear {
    let before_april = date.month() < FIRST_MONTH;
    FiscalYear {
        first_year: date.year().saturating_sub(i16::from(before_april)),
    }
}

impl FiscalYear {
    /// The calendar year in which it begins.
    #[must_use]
    pub const fn first_year(self) -> i16 {
        self.first_year
    }

    /// Whether a date lies in it.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        fiscal_year(date) == self
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.first_year.saturating_add(1).rem_euclid(100);
        write!(f, "{:04}-{second:02}", self.first_year)
    }
}

impl FromStr for FiscalYear {
    type Err = NotFiscalYear;

    fn from_str(text: &str) -> Result<Self, NotFiscalYear> {
        let (first, _second) = text.split_once('-').ok_or(NotFiscalYear)?;
        let digits = first.len() == 4 && first.bytes().all(|byte| byte.is_ascii_digit());
        let first_year = first.parse().map_err(|_not_a_year| NotFiscalYear)?;
        let year = Self { first_year };
        // What it is written as must be what was read: "2026-28" is no fiscal year.
        if digits && year.to_string() == text {
            Ok(year)
        } else {
            Err(NotFiscalYear)
        }
    }
}
