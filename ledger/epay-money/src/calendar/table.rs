//! The holiday table as the 1823 service publishes it: iCalendar written as JSON.
//!
//! `{"vcalendar":[{"vevent":[{"dtstart":["20260101", …],"dtend":["20260102", …],"summary":"…"}]}]}`, dates as `YYYYMMDD`,
//! the end exclusive. Everything else in it is passed over.

use jiff::civil::Date;
use serde::Deserialize;

/// Largest table that is read, in bytes. The published one covers three years in about 10 kB.
pub const HOLIDAYS_TEXT_MAX: usize = 1_048_576;
/// Most days that one event may last: a longer one is a mistake, not a holiday.
const EVENT_DAYS_MAX: u32 = 31;

/// Why a text is not a holiday table.
#[derive(Debug, thiserror::Error)]
pub enum HolidayTableError {
    /// More bytes than a table has.
    #[error("the holiday table has {bytes} bytes, more than the {HOLIDAYS_TEXT_MAX} that are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not JSON, or of another shape.
    #[error("the holiday table is not the JSON that the 1823 calendar publishes")]
    Shape(#[source] serde_json::Error),
    /// A date that is not `YYYYMMDD` or does not exist.
    #[error("{text:?} in the holiday table is not a date written as YYYYMMDD")]
    Date {
        /// The text, cut short.
        text: String,
    },
    /// An event that ends before it begins, or goes on and on.
    #[error("the holiday that begins on {start} does not end within {EVENT_DAYS_MAX} days")]
    Length {
        /// Its first day.
        start: Date,
    },
    /// No event at all.
    #[error("the holiday table names no holiday")]
    Empty,
}

#[derive(Deserialize)]
struct Table {
    vcalendar: Vec<Calendar>,
}

#[derive(Deserialize)]
struct Calendar {
    vevent: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    dtstart: Vec<Part>,
    dtend: Option<Vec<Part>>,
}

/// A date is followed by its parameters, which are an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    Parameters(serde::de::IgnoredAny),
}

pub(super) fn holidays(text: &str) -> Result<Vec<Date>, HolidayTableError> {
    if text.len() > HOLIDAYS_TEXT_MAX {
        return Err(HolidayTableError::TooLarge { bytes: text.len() });
    }
    // Files saved by some editors, and the service itself at times, begin with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let table: Table = serde_json::from_str(text).map_err(HolidayTableError::Shape)?;
    let mut holidays = Vec::new();
    for event in table.vcalendar.iter().flat_map(|calendar| &calendar.vevent) {
        add_days(event, &mut holidays)?;
    }
    if holidays.is_empty() {
        Err(HolidayTableError::Empty)
    } else {
        Ok(holidays)
    }
}

fn add_days(event: &Event, holidays: &mut Vec<Date>) -> Result<(), HolidayTableError> {
    let start = date(&event.dtstart)?;
    let end = match &event.dtend {
        Some(parts) => Some(date(parts)?),
        None => None,
    };
    let mut day = start;
    for _ in 0..EVENT_DAYS_MAX {
        holidays.push(day);
        day = day
            .tomorrow()
            .map_err(|_end| HolidayTableError::Length { start })?;
        if end.is_none_or(|end| day == end) {
            return Ok(());
        }
    }
    Err(HolidayTableError::Length { start })
}

fn date(parts: &[Part]) -> Result<Date, HolidayTableError> {
    let text = match parts.first() {
        Some(Part::Text(text)) => text.as_str(),
        Some(Part::Parameters(_)) | None => "",
    };
    let wrong = || HolidayTableError::Date {
        text: text.chars().take(16).collect(),
    };
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number = |range: core::ops::Range<usize>| {
        text.get(range)
            .and_then(|digits| digits.parse::<i16>().ok())
    };
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    let small = |value: Option<i16>| value.and_then(|value| i8::try_from(value).ok());
    match (year, small(month), small(day)) {
        (Some(year), Some(month), Some(day)) => {
            Date::new(year, month, day).map_err(|_no_such_day| wrong())
        }
        _ => Err(wrong()),
    }
}
