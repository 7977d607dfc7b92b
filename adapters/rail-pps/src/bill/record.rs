//! One detail record: eight fields, each with its rule, read into a report.

use epay_money::Money;
use epay_rail::{Finding, Report, UnreadableEntry};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// What parts the fields of a record.
pub(crate) const SEPARATOR: u8 = b'|';
/// Fields of a detail record, its letter among them.
pub(crate) const DETAIL_FIELDS: usize = 8;
/// Longest text of a field that names something.
const NAME_BYTES_MAX: usize = 25;

/// The codes of a row that cannot be read.
pub const ROW_FAULTS: [&str; 8] = [
    "field_count",
    "merchant_code",
    "bill_number",
    "amount",
    "pps_reference",
    "paid_at",
    "settlement_date",
    "payer",
];

/// The fields of a detail record, after its letter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) merchant_code: &'a [u8],
    pub(crate) bill_number: &'a [u8],
    pub(crate) amount: &'a [u8],
    pps_reference: &'a [u8],
    paid_at: &'a [u8],
    settlement_date: &'a [u8],
    payer: &'a [u8],
    /// How many fields there were, the letter among them.
    count: usize,
}

impl<'a> Fields<'a> {
    /// Cuts a line; fields that are not there are empty.
    pub(crate) fn cut(line: &'a [u8]) -> Self {
        let mut parts = line.split(|byte| *byte == SEPARATOR);
        let mut count = 0_usize;
        let mut next = || {
            let part = parts.next();
            count = count.saturating_add(usize::from(part.is_some()));
            part.unwrap_or_default()
        };
        let _letter = next();
        let fields = [(); 7].map(|()| next());
        let count = count.saturating_add(parts.count());
        let [
            merchant_code,
            bill_number,
            amount,
            pps_reference,
            paid_at,
            settlement_date,
            payer,
        ] = fields;
        Self {
            merchant_code,
            bill_number,
            amount,
            pps_reference,
            paid_at,
            settlement_date,
            payer,
            count,
        }
    }

    /// Whom a settlement report credits with this row, and with how many cents.
    pub(crate) fn credited(&self) -> Option<(String, i64)> {
        let whole = self.count == DETAIL_FIELDS;
        let merchant_code = name(self.merchant_code, |byte| byte.is_ascii_digit());
        merchant_code.filter(|_code| whole).zip(cents(self.amount))
    }

    /// The report of this row, or the rule that it breaks; `index` is its place among the details.
    pub(crate) fn report(
        &self,
        index: usize,
        business_date: Date,
    ) -> Result<Report, UnreadableEntry> {
        let fault = |code: &'static str, message: &str| UnreadableEntry {
            index,
            path: format!("detail {}/{code}", index.saturating_add(1)),
            code,
            message: message.to_owned(),
        };
        if self.count != DETAIL_FIELDS {
            return Err(fault("field_count", "a detail record has eight fields"));
        }
        let merchant_code = name(self.merchant_code, |byte| byte.is_ascii_digit())
            .ok_or_else(|| fault("merchant_code", "it is 1 to 25 digits"))?;
        let bill_number = name(self.bill_number, |byte| byte.is_ascii_digit())
            .ok_or_else(|| fault("bill_number", "it is 1 to 25 digits"))?;
        let minor = cents(self.amount)
            .ok_or_else(|| fault("amount", "it is 1 to 12 digits of cents, more than zero"))?;
        let pps_reference = name(self.pps_reference, is_reference_byte)
            .ok_or_else(|| fault("pps_reference", "it is 1 to 25 of A-Z, 0-9 and hyphens"))?;
        let instructed_at = moment(self.paid_at)
            .ok_or_else(|| fault("paid_at", "it is YYYYMMDDhhmmss in Hong Kong"))?;
        let value_date =
            date(self.settlement_date).ok_or_else(|| fault("settlement_date", "it is YYYYMMDD"))?;
        let payer = payer(self.payer)
            .ok_or_else(|| fault("payer", "it is at most 25 visible ASCII characters"))?;
        Ok(Report {
            rail_account: merchant_code,
            rail_reference: pps_reference,
            reference: None,
            bill_number: Some(bill_number),
            order_key: None,
            amount: Money::hkd(minor),
            fee: None,
            finding: Finding::Settled,
            reason: None,
            instructed_at,
            booking_date: business_date,
            value_date,
            payer,
            end_to_end_id: None,
            clearing_reference: None,
        })
    }
}

fn name(field: &[u8], allowed: fn(&u8) -> bool) -> Option<String> {
    let fits = (1..=NAME_BYTES_MAX).contains(&field.len()) && field.iter().all(allowed);
    fits.then(|| text(field)).flatten()
}

fn is_reference_byte(byte: &u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() || *byte == b'-'
}

/// No payer is `Some(None)`; what is not a masked account is `None`.
fn payer(field: &[u8]) -> Option<Option<String>> {
    if field.is_empty() {
        return Some(None);
    }
    let fits = field.len() <= NAME_BYTES_MAX && field.iter().all(u8::is_ascii_graphic);
    fits.then(|| text(field))
}

fn text(field: &[u8]) -> Option<String> {
    core::str::from_utf8(field).ok().map(str::to_owned)
}

fn cents(field: &[u8]) -> Option<i64> {
    let plain = (1..=12).contains(&field.len()) && field.iter().all(u8::is_ascii_digit);
    let cents: i64 = core::str::from_utf8(field)
        .ok()
        .filter(|_| plain)?
        .parse()
        .ok()?;
    Some(cents).filter(|cents| *cents > 0)
}

/// Two or four digits as a number.
fn number(field: &[u8]) -> Option<i16> {
    let plain = field.iter().all(u8::is_ascii_digit);
    core::str::from_utf8(field)
        .ok()
        .filter(|_| plain)?
        .parse()
        .ok()
}

fn small(field: &[u8]) -> Option<i8> {
    number(field).and_then(|number| i8::try_from(number).ok())
}

/// `YYYYMMDD`.
pub(crate) fn date(field: &[u8]) -> Option<Date> {
    if field.len() != 8 {
        return None;
    }
    let (year, rest) = field.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Date::new(number(year)?, small(month)?, small(day)?).ok()
}

/// `YYYYMMDDhhmmss` on Hong Kong's clocks, which have been eight hours ahead of UTC all year round since 1979.
pub(crate) fn moment(field: &[u8]) -> Option<Timestamp> {
    if field.len() != 14 {
        return None;
    }
    let (day, clock) = field.split_at_checked(8)?;
    let (hour, rest) = clock.split_at_checked(2)?;
    let (minute, second) = rest.split_at_checked(2)?;
    let date = date(day)?;
    let civil = DateTime::new(
        date.year(),
        date.month(),
        date.day(),
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    )
    .ok()?;
    Offset::constant(8).to_timestamp(civil).ok()
}
