//! PPS's days: a business day ends at 19:00, and is Monday to Friday. Public holidays are left out here.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

use crate::hk_time::business_date as date_of;

/// When a business day ends.
pub(super) const CUT_OFF: Time = Time::constant(19, 0, 0, 0);
/// When merchants are paid.
const SETTLED: Time = Time::constant(9, 0, 0, 0);

/// The business day of a payment.
pub(super) fn business_day(paid_at: Timestamp) -> Date {
    let date = date_of(paid_at);
    if is_working(date) && paid_at < at(date, CUT_OFF) {
        date
    } else {
        next_working(date)
    }
}

/// The working day after a date.
pub(super) fn next_working(date: Date) -> Date {
    let mut day = date;
    // At most three steps: from Friday to Monday.
    for _ in 0..7 {
        day = day.saturating_add(1.day());
        if is_working(day) {
            break;
        }
    }
    day
}

/// When merchants are paid on a date.
pub(super) fn settled_at(date: Date) -> Timestamp {
    at(date, SETTLED)
}

fn is_working(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn at(date: Date, time: Time) -> Timestamp {
    Offset::constant(8)
        .to_timestamp(date.to_datetime(time))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_after_seven_or_at_the_weekend_belongs_to_the_next_working_day() {
        let rows = [
            ("2026-01-20T10:59:59Z", "2026-01-20"),
            ("2026-01-20T11:00:00Z", "2026-01-21"),
            ("2026-01-23T11:00:00Z", "2026-01-26"),
            ("2026-01-24T02:00:00Z", "2026-01-26"),
        ];
        for (paid_at, expected) in rows {
            assert_eq!(
                business_day(paid_at.parse().unwrap()),
                expected.parse().unwrap()
            );
        }
    }
}
