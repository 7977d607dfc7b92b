//! Periods that books are closed for: months, and fiscal years of the Government.

use core::fmt;
use core::str::FromStr;

use epay_money::FiscalYear;
use jiff::civil::Date;

/// A month or a fiscal year, written `2026-03` or `fy2025-26`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first_day: Date,
    last_day: Date,
}

/// A text or two days that are no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a period is a month, for instance 2026-03, or a fiscal year, for instance fy2025-26")]
pub struct NotPeriod;

/// What stands before a fiscal year, which would else look like a month in some years.
const FISCAL: &str = "fy";

impl Period {
    /// The month of a day.
    #[must_use]
    pub fn month_of(day: Date) -> Self {
        Self {
            first_day: day.first_of_month(),
            last_day: day.last_of_month(),
        }
    }

    /// A fiscal year: 1 April to 31 March.
    ///
    /// # Errors
    /// [`NotPeriod`] beyond the calendar.
    pub fn of_fiscal_year(year: FiscalYear) -> Result<Self, NotPeriod> {
        let first = year.first_year();
        let last = first.checked_add(1).ok_or(NotPeriod)?;
        Ok(Self {
            first_day: Date::new(first, 4, 1).map_err(|_beyond| NotPeriod)?,
            last_day: Date::new(last, 3, 31).map_err(|_beyond| NotPeriod)?,
        })
    }

    /// The period of these days.
    ///
    /// # Errors
    /// [`NotPeriod`] where they are neither a month nor a fiscal year.
    pub fn from_days(first_day: Date, last_day: Date) -> Result<Self, NotPeriod> {
        let month = Self::month_of(first_day);
        let year = Self::of_fiscal_year(epay_money::fiscal_year(first_day))?;
        let same = |one: &Self| (one.first_day, one.last_day) == (first_day, last_day);
        [month, year].into_iter().find(same).ok_or(NotPeriod)
    }

    /// Its first day.
    #[must_use]
    pub const fn first_day(self) -> Date {
        self.first_day
    }

    /// Its last day.
    #[must_use]
    pub const fn last_day(self) -> Date {
        self.last_day
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.first_day <= day && day <= self.last_day
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first_day;
        if *self == Self::month_of(first) {
            write!(f, "{:04}-{:02}", first.year(), first.month())
        } else {
            write!(f, "{FISCAL}{}", epay_money::fiscal_year(first))
        }
    }
}

impl FromStr for Period {
    type Err = NotPeriod;

    fn from_str(text: &str) -> Result<Self, NotPeriod> {
        let period = match text.strip_prefix(FISCAL) {
            Some(year) => Self::of_fiscal_year(year.parse().map_err(|_not_a_year| NotPeriod)?)?,
            None => {
                let day = format!("{text}-01")
                    .parse()
                    .map_err(|_no_month| NotPeriod)?;
                Self::month_of(day)
            }
        };
        // What it is written as must be what was read.
        if period.to_string() == text {
            Ok(period)
        } else {
            Err(NotPeriod)
        }
    }
}

/// The day on which a fact of a day is posted: the day itself, or the first one after it that lies in no closed period.
#[must_use]
pub fn open_day(closed: &[Period], day: Date) -> Date {
    let mut open = day;
    // Each step leaves at least one period behind for good.
    for _ in 0..=closed.len() {
        let until = closed
            .iter()
            .filter(|period| period.contains(open))
            .map(|period| period.last_day)
            .max();
        match until.and_then(|until| until.tomorrow().ok()) {
            Some(next) => open = next,
            None => break,
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_is_written_as_it_is_read() {
        let table = [
            ("2026-03", Some((date(2026, 3, 1), date(2026, 3, 31)))),
            ("2028-02", Some((date(2028, 2, 1), date(2028, 2, 29)))),
            ("fy2025-26", Some((date(2025, 4, 1), date(2026, 3, 31)))),
            ("2026-13", None),
            ("2026-3", None),
            ("fy2025-27", None),
            ("2025-26", None),
            ("", None),
        ];
        for (text, days) in table {
            let read = text.parse::<Period>();
            assert_eq!(
                read.ok().map(|one| (one.first_day, one.last_day)),
                days,
                "{text}"
            );
            if let Ok(period) = read {
                assert_eq!(period.to_string(), text);
                assert_eq!(
                    Period::from_days(period.first_day, period.last_day),
                    Ok(period)
                );
            }
        }
        assert_eq!(
            Period::from_days(date(2026, 1, 1), date(2026, 3, 31)),
            Err(NotPeriod)
        );
    }

    #[test]
    fn a_late_fact_is_posted_on_the_first_open_day_after_it() {
        let month = |text: &str| text.parse::<Period>().unwrap();
        let closed = [
            month("2026-03"),
            month("fy2025-26"),
            month("2026-04"),
            month("2026-06"),
        ];
        let table = [
            (date(2025, 3, 31), date(2025, 3, 31)),
            (date(2025, 4, 1), date(2026, 5, 1)),
            (date(2026, 3, 31), date(2026, 5, 1)),
            (date(2026, 5, 31), date(2026, 5, 31)),
            (date(2026, 6, 2), date(2026, 7, 1)),
        ];
        for (day, open) in table {
            assert_eq!(open_day(&closed, day), open, "{day}");
            assert_eq!(open_day(&[], day), day);
        }
    }
}
