//! When an item is late: one business day after the day by which it must be seen.
//!
//! A date that somebody else wrote down may lie in a year whose holidays nobody knows. It has a day's grace then as well, a calendar
//! day: one strange date must not keep a whole book from being reconciled.

use std::cell::RefCell;
use std::collections::BTreeMap;

use epay_money::{BusinessCalendar, CalendarError};
use jiff::civil::Date;

/// Days before and after a date, each asked of the calendar once.
#[derive(Debug)]
pub(super) struct Due<'a> {
    calendar: &'a BusinessCalendar,
    after: RefCell<BTreeMap<Date, Date>>,
    before: RefCell<BTreeMap<Date, Date>>,
}

impl<'a> Due<'a> {
    pub(super) const fn new(calendar: &'a BusinessCalendar) -> Self {
        Self {
            calendar,
            after: RefCell::new(BTreeMap::new()),
            before: RefCell::new(BTreeMap::new()),
        }
    }

    /// The last day on which something expected on a date is not late.
    pub(super) fn last_day(&self, expected_on: Date) -> Result<Date, CalendarError> {
        if let Some(known) = self.after.borrow().get(&expected_on) {
            return Ok(*known);
        }
        let day = match self.calendar.next_business_day(expected_on) {
            Err(CalendarError::YearNotLoaded { .. }) => expected_on
                .tomorrow()
                .map_err(|_end| CalendarError::EndOfDates { date: expected_on })?,
            known => known?,
        };
        self.after.borrow_mut().insert(expected_on, day);
        Ok(day)
    }

    /// The first day on which something captured on a date may be seen.
    pub(super) fn first_day(&self, day: Date) -> Result<Date, CalendarError> {
        if let Some(known) = self.before.borrow().get(&day) {
            return Ok(*known);
        }
        let yesterday = day
            .yesterday()
            .map_err(|_end| CalendarError::EndOfDates { date: day })?;
        let first = match self.calendar.roll_back(yesterday) {
            Err(CalendarError::YearNotLoaded { .. }) => yesterday,
            known => known?,
        };
        self.before.borrow_mut().insert(day, first);
        Ok(first)
    }

    /// Whether what was seen on a day came too late.
    pub(super) fn is_late(
        &self,
        expected_on: Option<Date>,
        seen: Date,
    ) -> Result<bool, CalendarError> {
        match expected_on {
            // Nearly everything comes in time, and then no calendar is needed.
            Some(expected_on) if seen > expected_on => Ok(seen > self.last_day(expected_on)?),
            Some(_) | None => Ok(false),
        }
    }
}
