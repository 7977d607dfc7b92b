//! Business days in Hong Kong, and the three dates of a payment that hang on them.
//!
//! Holidays are data: a small dated table in the JSON shape of the government's 1823 calendar, vendored here
//! and replaceable at run time. A year outside the table is an error that says so, never a guess. Saturdays
//! and Sundays are not business days for receipting, although a Saturday is no general holiday.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::Offset;
use serde::Deserialize;

/// Hong Kong time: UTC+8, without daylight saving since 1979.
const HONG_KONG: Offset = Offset::constant(8);
/// General holidays of 2025 to 2027 that fall on Monday to Saturday.
const VENDORED: &str = include_str!("../data/hk-holidays.json");
/// No run of days without a business day is longer, holidays and typhoons together.
const ROLL_DAYS_MAX: u32 = 30;

/// Why a business day cannot be named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The holidays of that year are not loaded.
    #[error("the holidays of {year} are not in the calendar: load a newer one")]
    YearNotLoaded {
        /// The year.
        year: i16,
    },
    /// The text is not a calendar of the 1823 shape.
    #[error("the calendar cannot be read")]
    Unreadable,
    /// A date in it is not a date.
    #[error("{0:?} is not a date of the form YYYYMMDD")]
    BadDate(String),
    /// There is no business day near that date.
    #[error("there is no business day within {ROLL_DAYS_MAX} days of {0}")]
    NoBusinessDay(Date),
}

/// Which days are business days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessCalendar {
    holidays: BTreeSet<Date>,
    years: BTreeSet<i16>,
}

#[derive(Deserialize)]
struct Feed {
    vcalendar: Vec<Calendar>,
}

#[derive(Deserialize)]
struct Calendar {
    vevent: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    /// The first item is the date; what follows are parameters.
    dtstart: Vec<serde_json::Value>,
}

impl BusinessCalendar {
    /// The vendored table.
    ///
    /// # Errors
    /// None that a test of this crate does not catch.
    pub fn vendored() -> Result<Self, CalendarError> {
        Self::from_1823_json(VENDORED)
    }

    /// Reads the JSON of the government's 1823 calendar.
    ///
    /// # Errors
    /// [`CalendarError::Unreadable`], [`CalendarError::BadDate`].
    pub fn from_1823_json(text: &str) -> Result<Self, CalendarError> {
        let feed: Feed =
            serde_json::from_str(text).map_err(|_not_the_shape| CalendarError::Unreadable)?;
        let mut holidays = BTreeSet::new();
        for event in feed.vcalendar.iter().flat_map(|calendar| &calendar.vevent) {
            let text = event
                .dtstart
                .first()
                .and_then(serde_json::Value::as_str)
                .ok_or(CalendarError::Unreadable)?;
            let date = Date::strptime("%Y%m%d", text)
                .map_err(|_not_a_date| CalendarError::BadDate(text.chars().take(16).collect()))?;
            holidays.insert(date);
        }
        let years = holidays.iter().map(|date| date.year()).collect();
        Ok(Self { holidays, years })
    }

    /// Whether banks and government receipt money on that day.
    ///
    /// # Errors
    /// [`CalendarError::YearNotLoaded`].
    pub fn is_business_day(&self, date: Date) -> Result<bool, CalendarError> {
        if !self.years.contains(&date.year()) {
            return Err(CalendarError::YearNotLoaded { year: date.year() });
        }
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(!weekend && !self.holidays.contains(&date))
    }

    /// The day itself if it is a business day, else the next one.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn roll_forward(&self, date: Date) -> Result<Date, CalendarError> {
        self.roll(date, Date::tomorrow)
    }

    /// The day itself if it is a business day, else the one before: how RVD's last days for payment are set.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn roll_back(&self, date: Date) -> Result<Date, CalendarError> {
        self.roll(date, Date::yesterday)
    }

    /// The business day after that day.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn next_business_day(&self, date: Date) -> Result<Date, CalendarError> {
        let tomorrow = date
            .tomorrow()
            .map_err(|_end| CalendarError::NoBusinessDay(date))?;
        self.roll_forward(tomorrow)
    }

    /// The business day `days` business days after that day.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn add_business_days(&self, date: Date, days: u32) -> Result<Date, CalendarError> {
        (0..days).try_fold(date, |day, _step| self.next_business_day(day))
    }

    /// The day whose receipts an instruction belongs to: its own Hong Kong day up to the cut-off, else the
    /// next; rolled to a business day.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn receipt_business_date(
        &self,
        instructed_at: Timestamp,
        cutoff: Time,
    ) -> Result<Date, CalendarError> {
        let local = HONG_KONG.to_datetime(instructed_at);
        if local.time() <= cutoff {
            self.roll_forward(local.date())
        } else {
            self.next_business_day(local.date())
        }
    }

    fn roll(
        &self,
        date: Date,
        step: impl Fn(Date) -> Result<Date, jiff::Error>,
    ) -> Result<Date, CalendarError> {
        let mut day = date;
        for _ in 0..ROLL_DAYS_MAX {
            if self.is_business_day(day)? {
                return Ok(day);
            }
            day = step(day).map_err(|_end| CalendarError::NoBusinessDay(date))?;
        }
        Err(CalendarError::NoBusinessDay(date))
    }
}

/// The calendar day in Hong Kong.
#[must_use]
pub fn hong_kong_date(at: Timestamp) -> Date {
    HONG_KONG.to_datetime(at).date()
}

/// Whether an instruction was given by the end of the due date, Hong Kong time. Cut-offs do not matter.
#[must_use]
pub fn is_on_time(instructed_at: Timestamp, due_date: Date) -> bool {
    hong_kong_date(instructed_at) <= due_date
}
