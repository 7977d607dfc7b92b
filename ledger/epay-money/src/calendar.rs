//! Business days in Hong Kong: Monday to Friday, without the general holidays.
//!
//! The holidays are data, because the Government gazettes them year by year: [`BusinessCalendar::vendored`] carries 2025 to
//! 2027, [`BusinessCalendar::from_1823_json`] reads a newer table in the shape in which the 1823 service publishes it. A date in a
//! year that the table does not cover is an error that says so, never a guess. Saturday is no business day for banks although
//! it is no general holiday either.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};

pub use table::{HOLIDAYS_TEXT_MAX, HolidayTableError};

use crate::hong_kong::hong_kong_time;

/// Most business days that one call steps over: forty years, more than any table has.
const STEPS_MAX: u32 = 10_000;

/// The business days of the years whose holidays are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessCalendar {
    /// The holidays of each year that the table covers.
    years: BTreeMap<i16, BTreeSet<Date>>,
}

/// Why a business day cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The table ends before (or begins after) the year.
    #[error("the holidays of {year} are not known: load a newer holiday table")]
    YearNotLoaded {
        /// The year that was asked for.
        year: i16,
    },
    /// More days than one call steps over.
    #[error("{days} business days are more than the {STEPS_MAX} that can be counted at once")]
    TooFar {
        /// How many were asked for.
        days: u32,
    },
    /// A date beyond the calendar of the date library (year 9999).
    #[error("there is no date beyond {date}")]
    EndOfDates {
        /// The last date that was reached.
        date: Date,
    },
}

impl BusinessCalendar {
    /// A table in the JSON shape of the 1823 calendar.
    ///
    /// A year is covered when it has a holiday of its own in the table.
    ///
    /// # Errors
    /// [`HolidayTableError`] for text that is too large, has another shape, or names no holiday.
    pub fn from_1823_json(text: &str) -> Result<Self, HolidayTableError> {
        let mut years: BTreeMap<i16, BTreeSet<Date>> = BTreeMap::new();
        for holiday in table::holidays(text)? {
            years.entry(holiday.year()).or_default().insert(holiday);
        }
        Ok(Self { years })
    }

    /// The table that this crate carries: the general holidays of 2025 to 2027.
    ///
    /// # Errors
    /// Never: a test reads the table. The error is passed on and not hidden, as for any other table.
    pub fn vendored() -> Result<Self, HolidayTableError> {
        Self::from_1823_json(include_str!("../data/hk-holidays.json"))
    }

    /// The same with a newer table: of a year that both have, the newer one counts.
    #[must_use]
    pub fn with(mut self, newer: Self) -> Self {
        self.years.extend(newer.years);
        self
    }

    /// The years that are covered, in order.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.keys().copied()
    }

    /// The general holidays of a year, without ordinary Sundays, in order.
    ///
    /// # Errors
    /// [`CalendarError::YearNotLoaded`].
    pub fn holidays(&self, year: i16) -> Result<impl Iterator<Item = Date>, CalendarError> {
        self.year(year).map(|holidays| holidays.iter().copied())
    }

    fn year(&self, year: i16) -> Result<&BTreeSet<Date>, CalendarError> {
        self.years
            .get(&year)
            .ok_or(CalendarError::YearNotLoaded { year })
    }

    /// Whether banks work: Monday to Friday and no general holiday.
    ///
    /// # Errors
    /// [`CalendarError::YearNotLoaded`].
    pub fn is_business_day(&self, date: Date) -> Result<bool, CalendarError> {
        let holidays = self.year(date.year())?;
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(!weekend && !holidays.contains(&date))
    }

    /// The first business day after a date.
    ///
    /// # Errors
    /// See [`CalendarError`].
    pub fn next_business_day(&self, date: Date) -> Result<Date, CalendarError> {
        self.roll(tomorrow(date)?, tomorrow)
    }

    /// The date itself when it is a business day, else the first one after it.
    ///
    /// # Errors
    /// See [`CalendarError`].
    pub fn roll_forward(&self, date: Date) -> Result<Date, CalendarError> {
        self.roll(date, tomorrow)
    }

    /// The date itself when it is a business day, else the last one before it.
    ///
    /// # Errors
    /// See [`CalendarError`].
    pub fn roll_back(&self, date: Date) -> Result<Date, CalendarError> {
        self.roll(date, yesterday)
    }

    /// The date that lies a number of business days after a date; the date itself, rolled forward, for none.
    ///
    /// # Errors
    /// See [`CalendarError`].
    pub fn add_business_days(&self, date: Date, days: u32) -> Result<Date, CalendarError> {
        if days > STEPS_MAX {
            return Err(CalendarError::TooFar { days });
        }
        if days == 0 {
            return self.roll_forward(date);
        }
        (0..days).try_fold(date, |date, _| self.next_business_day(date))
    }

    /// The business day to whose feed a payment belongs: the day it was instructed in Hong Kong when that is a business day and
    /// the clock was not past the cut-off, else the next business day. An instruction on the very second of the cut-off is in time.
    ///
    /// This says nothing about lateness: see [`crate::is_on_time`].
    ///
    /// # Errors
    /// See [`CalendarError`].
    pub fn receipt_business_date(
        &self,
        instructed_at: Timestamp,
        cutoff: Time,
    ) -> Result<Date, CalendarError> {
        let local = hong_kong_time(instructed_at);
        if local.time() > cutoff {
            self.next_business_day(local.date())
        } else {
            self.roll_forward(local.date())
        }
    }

    /// Ends, because every year has business days and the years are finite.
    fn roll(
        &self,
        from: Date,
        step: fn(Date) -> Result<Date, CalendarError>,
    ) -> Result<Date, CalendarError> {
        let mut date = from;
        while !self.is_business_day(date)? {
            date = step(date)?;
        }
        Ok(date)
    }
}

fn tomorrow(date: Date) -> Result<Date, CalendarError> {
    date.tomorrow()
        .map_err(|_end| CalendarError::EndOfDates { date })
}

fn yesterday(date: Date) -> Result<Date, CalendarError> {
    date.yesterday()
        .map_err(|_end| CalendarError::EndOfDates { date })
}
