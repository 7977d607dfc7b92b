//! Days of a department: which is closed next, and whether it may be.
//!
//! Business days are closed one after the other, each once. A day may be closed when every rail of the department has
//! reported it: its cut-off has passed, nothing that it sent before waits to be booked, and where it sends files, the one that
//! tells the day is booked. A person may close a day without a rail that is late; before the cut-offs nobody can. Whatever comes
//! afterwards is a named item of the next day that is open, so closing early loses nothing.

use epay_money::{BusinessCalendar, RailId, hong_kong_zone};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Refusal;

/// A day that was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDay {
    /// The department.
    pub biller: epay_money::BillerId,
    /// The day.
    pub day: Date,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Who closed it, or `timer`.
    pub closed_by: String,
    /// Rails that it was closed without.
    pub late: Vec<RailId>,
    /// Why it was, where there are any.
    pub reason: Option<String>,
}

/// What is known of a rail's reports of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailReport {
    /// The rail.
    pub rail: RailId,
    /// Its cut-off of the day.
    pub cutoff_at: Timestamp,
    /// Something that it sent before the cut-off waits to be booked.
    pub waits: bool,
    /// It sends files, and the one of the day is not booked.
    pub file_missing: bool,
}

impl RailReport {
    const fn is_in(&self) -> bool {
        !self.waits && !self.file_missing
    }
}

/// The first business day after the last one that was closed.
///
/// # Errors
/// [`Refusal::HolidaysNotKnown`].
pub fn next_open(last: Date, calendar: &BusinessCalendar) -> Result<Date, Refusal> {
    calendar
        .next_business_day(last)
        .map_err(|_calendar| Refusal::HolidaysNotKnown { near: last })
}

fn end_of(day: Date) -> Option<Timestamp> {
    let midnight = day.tomorrow().ok()?.to_zoned(hong_kong_zone()).ok()?;
    Some(midnight.timestamp())
}

/// Whether a day may be closed; answers the rails that it is closed without, of those that a person named.
///
/// # Errors
/// [`Refusal::NoBusinessDay`], [`Refusal::DayOutOfOrder`], [`Refusal::DayNotOver`], [`Refusal::DayNotReported`],
/// [`Refusal::HolidaysNotKnown`].
pub fn close(
    (day, last): (Date, Option<Date>),
    calendar: &BusinessCalendar,
    reports: &[RailReport],
    late: &[RailId],
    now: Timestamp,
) -> Result<Vec<RailId>, Refusal> {
    let is_business_day = calendar.is_business_day(day);
    if !is_business_day.map_err(|_calendar| Refusal::HolidaysNotKnown { near: day })? {
        return Err(Refusal::NoBusinessDay);
    }
    if let Some(last) = last {
        let next = next_open(last, calendar)?;
        if next != day {
            return Err(Refusal::DayOutOfOrder { next });
        }
    }
    let cutoffs = reports.iter().map(|report| report.cutoff_at).max();
    // Where no rail has a cut-off, the day itself has an end.
    if let Some(until) = cutoffs.or_else(|| end_of(day))
        && now <= until
    {
        return Err(Refusal::DayNotOver { until });
    }
    let missing: Vec<RailId> = reports
        .iter()
        .filter(|report| !report.is_in())
        .map(|report| report.rail.clone())
        .collect();
    let unnamed: Vec<&str> = missing
        .iter()
        .filter(|rail| !late.contains(rail))
        .map(RailId::as_str)
        .collect();
    if unnamed.is_empty() {
        Ok(missing)
    } else {
        Err(Refusal::DayNotReported {
            rails: unnamed.join(", "),
        })
    }
}
