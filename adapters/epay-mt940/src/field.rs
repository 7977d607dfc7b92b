//! Fields that stand in a line: dates, amounts, balances, and the first lines of `:61:`.

use epay_money::{Currency, Money};
use jiff::civil::Date;

use crate::fault::Wrong;
use crate::limits::{AMOUNT_CHARS_MAX, REFERENCE_CHARS_MAX, SUPPLEMENT_CHARS_MAX};
use crate::{Balance, Direction, Entry};

/// HK$1,000,000,000,000: more than any payment, and small enough that sums fit.
const AMOUNT_MINOR_MAX: i64 = 100_000_000_000_000;

/// The characters of SWIFT's set x, without the line end.
pub(crate) const fn is_swift(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'/' | b'-' | b'?' | b':' | b'(' | b')' | b'.' | b',' | b'\'' | b'+' | b' '
        )
}

/// `YYMMDD`, in this century.
pub(crate) fn date(text: &str) -> Option<Date> {
    let digits = |range| two(text.get(range)?);
    if text.len() != 6 {
        return None;
    }
    let year = digits(0..2)?.checked_add(2_000)?;
    let (month, day) = (digits(2..4)?, digits(4..6)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `MMDD`, in the year that puts it nearest to another day.
fn day_near(text: &str, near: Date) -> Option<Date> {
    let month = i8::try_from(two(text.get(0..2)?)?).ok()?;
    let day = i8::try_from(two(text.get(2..4)?)?).ok()?;
    let years = [-1_i16, 0, 1].map(|step| near.year().checked_add(step));
    years
        .into_iter()
        .flatten()
        .filter_map(|year| Date::new(year, month, day).ok())
        .min_by_key(|date| date.duration_since(near).abs())
}

fn two(text: &str) -> Option<i16> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Digits, a comma, and at most two digits more.
pub(crate) fn minor(text: &str) -> Option<i64> {
    let (whole, cents) = text.split_once(',')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > AMOUNT_CHARS_MAX || whole.is_empty() || !digits(whole) || !digits(cents) {
        return None;
    }
    let cents = match cents.len() {
        0 => 0,
        1 => cents.parse::<i64>().ok()?.checked_mul(10)?,
        2 => cents.parse().ok()?,
        _ => return None,
    };
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)
}

/// A balance: mark, day, currency, amount.
pub(crate) fn balance(text: &str) -> Result<Balance, &'static str> {
    let parts = text.split_at_checked(10);
    let (head, amount) = parts.ok_or("a balance is too short")?;
    let (mark, rest) = head.split_at_checked(1).ok_or("a balance is too short")?;
    let (day, code) = rest.split_at_checked(6).ok_or("a balance is too short")?;
    let date = date(day).ok_or("the day of a balance is no date")?;
    let currency: Currency = code
        .parse()
        .map_err(|_unknown| "the currency of a balance is neither HKD nor CNY")?;
    let minor = minor(amount).ok_or("a balance is not an amount with a comma")?;
    let minor = match mark {
        "C" => minor,
        // Digits only, so the negative fits.
        "D" => minor.saturating_neg(),
        _ => return Err("a balance is neither C nor D"),
    };
    Ok(Balance {
        amount: Money::new(minor, currency),
        date,
    })
}

/// The number of a statement, from `00021` or `00021/001`: with the number of its part.
pub(crate) fn number(text: &str) -> Option<(u32, Option<u32>)> {
    let read = |text: &str| {
        let digits =
            (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match text.split_once('/') {
        Some((number, part)) => Some((read(number)?, Some(read(part)?))),
        None => Some((read(text)?, None)),
    }
}

/// `:61:` with its second line, if it has one.
pub(crate) fn entry(lines: &[&str], currency: Currency) -> Result<Entry, Wrong> {
    let (first, second) = match lines {
        [first] => (*first, None),
        [first, second] => (*first, Some(*second)),
        _ => {
            return Err((
                "too_many_lines",
                "a row has more than two lines before its narrative",
            ));
        }
    };
    let bad_date = ("bad_date", "the value date is no date");
    let (day, rest) = first.split_at_checked(6).ok_or(bad_date)?;
    let value_date = date(day).ok_or(bad_date)?;
    let (booking_date, rest) = match rest.split_at_checked(4) {
        Some((day, after)) if day.bytes().all(|byte| byte.is_ascii_digit()) => {
            let day = day_near(day, value_date);
            (day.ok_or(("bad_date", "the entry date is no date"))?, after)
        }
        _ => (value_date, rest),
    };
    let (direction, reversal, rest) = mark(rest)?;
    let rest = rest
        .strip_prefix(|one: char| one.is_ascii_uppercase())
        .unwrap_or(rest);
    let (minor, rest) = positive_amount(rest)?;
    let bad_code = (
        "bad_code",
        "the kind of transaction is not a letter and three characters",
    );
    let (code, references) = rest.split_at_checked(4).ok_or(bad_code)?;
    if !code.starts_with(['S', 'N', 'F']) || !code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Err(bad_code);
    }
    let (customer, bank) = match references.split_once("//") {
        Some((customer, bank)) => (customer, Some(bank)),
        None => (references, None),
    };
    let fits = |text: &str| text.len() <= REFERENCE_CHARS_MAX;
    if !fits(customer) || !bank.is_none_or(fits) {
        return Err(("field_too_long", "a reference is longer than 16 characters"));
    }
    if second.is_some_and(|text| text.len() > SUPPLEMENT_CHARS_MAX) {
        return Err((
            "field_too_long",
            "the supplementary details are longer than 34 characters",
        ));
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(Entry {
        value_date,
        booking_date,
        direction,
        reversal,
        amount: Money::new(minor, currency),
        code: code.to_owned(),
        customer_reference: some(customer).filter(|text| text != "NONREF"),
        bank_reference: bank.and_then(some),
        supplement: second.and_then(some),
        narrative: Vec::new(),
    })
}

/// The amount in minor units, more than nothing, and what stands after it.
fn positive_amount(text: &str) -> Result<(i64, &str), Wrong> {
    let end = text
        .find(|one: char| !one.is_ascii_digit() && one != ',')
        .unwrap_or(text.len());
    let (amount, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let minor = minor(amount).ok_or(("bad_amount", "this is not an amount with a comma"))?;
    if minor == 0 {
        return Err(("amount_not_positive", "the amount is not more than nothing"));
    }
    if minor > AMOUNT_MINOR_MAX {
        return Err((
            "amount_implausible",
            "the amount is larger than any payment can be",
        ));
    }
    Ok((minor, rest))
}

/// The mark: its direction, whether it reverses, and what stands after it.
fn mark(text: &str) -> Result<(Direction, bool, &str), Wrong> {
    let marks = [
        ("RC", Direction::Debit, true),
        ("RD", Direction::Credit, true),
        ("C", Direction::Credit, false),
        ("D", Direction::Debit, false),
    ];
    marks
        .into_iter()
        .find_map(|(mark, direction, reversal)| {
            Some((direction, reversal, text.strip_prefix(mark)?))
        })
        .ok_or(("bad_direction", "the mark is none of C, D, RC and RD"))
}
