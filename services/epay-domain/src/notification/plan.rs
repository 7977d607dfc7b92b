//! When people are told: fixed days before and after a date, in the morning of a business day.
//!
//! A reminder before a date rolls back to a business day, one after it rolls forward: it must not come when no counter and no
//! call centre can be asked. The date itself is never moved; it is the department's word.

use core::fmt;

use epay_money::{BusinessCalendar, CalendarError, hong_kong_zone};
use epay_notice::Kind;
use jiff::civil::{Date, Time, time};
use jiff::{Span, Timestamp};
use uuid::Uuid;

/// When reminders go out, in Hong Kong.
pub const MORNING: Time = time(9, 0, 0, 0);
/// How many days before the last day for payment a person is reminded.
pub const DUE_SOON_DAYS: [i64; 2] = [7, 1];
/// How many days after the last day for payment an unpaid bill may still be told of as overdue.
const OVERDUE_FOR_DAYS: i64 = 30;
/// How many days before a licence's last day a person is reminded; one below zero is after it.
pub const LICENCE_DAYS: [i64; 3] = [30, 7, -1];

/// Which telling of a kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// The bill was issued.
    Issued,
    /// So many days before a date; after it where below zero. A date that is moved makes new occasions.
    Days {
        /// How many.
        before: i64,
        /// The date.
        date: Date,
    },
    /// Something happened to money.
    News {
        /// The receipt, payment or refund.
        about: Uuid,
    },
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issued => f.write_str("issued"),
            Self::Days { before, date } => write!(f, "{date}/{before}"),
            Self::News { about } => write!(f, "{about}"),
        }
    }
}

/// A notice that is due at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// What is told.
    pub kind: Kind,
    /// Which telling of it.
    pub occasion: Occasion,
    /// Not before.
    pub not_before: Timestamp,
    /// Nobody needs it from then on.
    pub expires_at: Timestamp,
}

impl Planned {
    /// Its name among all notices of one bill or licence.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.kind.as_str(), self.occasion)
    }

    /// The date that it is about, where there is one.
    #[must_use]
    pub const fn about(&self) -> Option<Date> {
        match self.occasion {
            Occasion::Days { date, .. } => Some(date),
            Occasion::Issued | Occasion::News { .. } => None,
        }
    }
}

/// The notice that a bill was issued. It needs no holidays.
///
/// # Errors
/// [`CalendarError::EndOfDates`].
pub fn bill_ready(issued_at: Timestamp, due_date: Date) -> Result<Planned, CalendarError> {
    Ok(Planned {
        kind: Kind::BillReady,
        occasion: Occasion::Issued,
        not_before: issued_at,
        expires_at: end_of(due_date)?,
    })
}

/// The notices of a bill, in the order of their moments. A reminder that would come before the bill itself is left out.
///
/// # Errors
/// [`CalendarError`] for days whose holidays nobody knows.
pub fn of_bill(
    issued_at: Timestamp,
    due_date: Date,
    calendar: &BusinessCalendar,
) -> Result<Vec<Planned>, CalendarError> {
    let due_ends = end_of(due_date)?;
    let mut planned = vec![bill_ready(issued_at, due_date)?];
    for before in DUE_SOON_DAYS {
        let day = calendar.roll_back(days_before(due_date, before)?)?;
        planned.push(Planned {
            kind: Kind::DueSoon,
            occasion: Occasion::Days {
                before,
                date: due_date,
            },
            not_before: morning(day)?,
            expires_at: due_ends,
        });
    }
    let day = calendar.roll_forward(days_before(due_date, -1)?)?;
    planned.push(Planned {
        kind: Kind::Overdue,
        occasion: Occasion::Days {
            before: -1,
            date: due_date,
        },
        // A bill that is issued after its last day is told of as what it is.
        not_before: morning(day)?.max(issued_at),
        expires_at: end_of(days_before(due_date, OVERDUE_FOR_DAYS.wrapping_neg())?)?,
    });
    planned.retain(|one| {
        let first = one.kind != Kind::DueSoon || one.not_before > issued_at;
        first && one.expires_at > issued_at
    });
    // Before a long holiday two reminders may fall on one morning: the nearer one says it.
    let mornings: Vec<Timestamp> = planned.iter().map(|one| one.not_before).collect();
    let mut place = 0_usize;
    planned.retain(|one| {
        place = place.saturating_add(1);
        one.kind != Kind::DueSoon || mornings.get(place) != Some(&one.not_before)
    });
    Ok(planned)
}

/// The days of a vehicle licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LicenceDays {
    /// The first day on which it can be renewed.
    pub opens_on: Date,
    /// Its last day.
    pub expires_on: Date,
}

/// The notices of a licence that is known since a moment, in the order of their moments.
///
/// # Errors
/// [`CalendarError`] for days whose holidays nobody knows.
pub fn of_licence(
    known_since: Timestamp,
    licence: LicenceDays,
    calendar: &BusinessCalendar,
) -> Result<Vec<Planned>, CalendarError> {
    let (opens, expiry) = (licence.opens_on, licence.expires_on);
    let ends = end_of(expiry)?;
    let mut planned = vec![Planned {
        kind: Kind::LicenceRenewalOpen,
        occasion: Occasion::Days {
            before: 0,
            date: opens,
        },
        not_before: morning(calendar.roll_forward(opens)?)?,
        expires_at: ends,
    }];
    for before in LICENCE_DAYS {
        let day = days_before(expiry, before)?;
        let day = if before > 0 {
            calendar.roll_back(day)?
        } else {
            calendar.roll_forward(day)?
        };
        planned.push(Planned {
            kind: Kind::LicenceExpiring,
            occasion: Occasion::Days {
                before,
                date: expiry,
            },
            not_before: morning(day)?,
            expires_at: if before > 0 {
                ends
            } else {
                end_of(days_before(day, OVERDUE_FOR_DAYS.wrapping_neg())?)?
            },
        });
    }
    planned.retain(|one| one.expires_at > known_since);
    for one in &mut planned {
        one.not_before = one.not_before.max(known_since);
    }
    // Of what should have been told before, the last word says it.
    let missed = planned
        .iter()
        .filter(|one| one.not_before == known_since)
        .count();
    Ok(planned.split_off(missed.saturating_sub(1)))
}

fn days_before(date: Date, days: i64) -> Result<Date, CalendarError> {
    let end = |_end| CalendarError::EndOfDates { date };
    let span = Span::new().try_days(days).map_err(end)?;
    date.checked_sub(span)
        .map_err(|_end| CalendarError::EndOfDates { date })
}

fn morning(date: Date) -> Result<Timestamp, CalendarError> {
    moment(date, MORNING)
}

/// Midnight, Hong Kong time, at the end of a date.
fn end_of(date: Date) -> Result<Timestamp, CalendarError> {
    moment(days_before(date, -1)?, Time::midnight())
}

fn moment(date: Date, at: Time) -> Result<Timestamp, CalendarError> {
    let zoned = date.to_datetime(at).to_zoned(hong_kong_zone());
    zoned
        .map(|zoned| zoned.timestamp())
        .map_err(|_end| CalendarError::EndOfDates { date })
}
