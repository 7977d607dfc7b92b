//! Rates and Government rent: quarterly, in advance, on a date that rolls back.

use epay_money::{BusinessCalendar, CalendarError, Money};
use jiff::civil::Date;

/// The bands of domestic rates since 1 January 2025: up to so many dollars of rateable value, so many per cent.
const DOMESTIC_BANDS: [(i64, i64); 2] = [(550_000, 5), (800_000, 8)];
/// Per cent above the last band.
const DOMESTIC_TOP_PER_CENT: i64 = 12;
/// Per cent of rates on other tenements.
const RATES_PER_CENT: i64 = 5;
/// Per cent of Government rent, where it is chargeable.
const RENT_PER_CENT: i64 = 3;

/// What a quarter's demand is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatesDemand {
    /// Rates.
    pub rates: Money,
    /// Government rent.
    pub rent: Money,
}

/// A quarter's rates and rent of a tenement, by its rateable value in whole dollars. `None` for a negative value, or one
/// beyond what an amount holds.
#[must_use]
pub fn rates_demand(rateable_dollars: i64, domestic: bool, rent: bool) -> Option<RatesDemand> {
    if rateable_dollars < 0 {
        return None;
    }
    let rates_cents = if domestic {
        let mut sum = 0_i64;
        let mut from = 0_i64;
        for (to, per_cent) in DOMESTIC_BANDS {
            let band = rateable_dollars.min(to).saturating_sub(from).max(0);
            sum = sum.checked_add(band.checked_mul(per_cent)?)?;
            from = to;
        }
        let above = rateable_dollars.saturating_sub(from).max(0);
        sum.checked_add(above.checked_mul(DOMESTIC_TOP_PER_CENT)?)?
    } else {
        rateable_dollars.checked_mul(RATES_PER_CENT)?
    };
    let rent_cents = if rent {
        rateable_dollars.checked_mul(RENT_PER_CENT)?
    } else {
        0
    };
    Some(RatesDemand {
        rates: quarter(rates_cents)?,
        rent: quarter(rent_cents)?,
    })
}

/// A quarter of a year's cents, half a cent going up. (Dollars times per cent are cents.)
fn quarter(year_cents: i64) -> Option<Money> {
    let cents = year_cents.checked_add(2)?.checked_div(4)?;
    Some(Money::hkd(cents))
}

/// The last day for payment of a quarter: the last business day of its first month, because the day rolls *back*.
///
/// # Errors
/// [`CalendarError`] where the year's holidays are not known; [`CalendarError::EndOfDates`] for a quarter that is none.
pub fn quarter_due_date(
    year: i16,
    quarter: i8,
    calendar: &BusinessCalendar,
) -> Result<Date, CalendarError> {
    let month = quarter
        .checked_sub(1)
        .filter(|before| (0..4).contains(before))
        .and_then(|before| before.checked_mul(3)?.checked_add(1));
    let first = month.and_then(|month| Date::new(year, month, 1).ok());
    let first = first.ok_or(CalendarError::EndOfDates { date: Date::MAX })?;
    calendar.roll_back(first.last_of_month())
}

/// The last day for payment of the quarter in which a date lies.
///
/// # Errors
/// [`CalendarError`] where the year's holidays are not known.
pub fn last_business_day(date: Date, calendar: &BusinessCalendar) -> Result<Date, CalendarError> {
    let quarter = date
        .month()
        .saturating_sub(1)
        .div_euclid(3)
        .saturating_add(1);
    quarter_due_date(date.year(), quarter, calendar)
}
