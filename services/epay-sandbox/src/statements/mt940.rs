//! A statement as MT940. A reference is longer than the format's sixteen characters: its end is told, as banks do, and the
//! whole of it stands in the narrative.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::make::{Entry, Statement};
use crate::hk_time::business_date;

/// The word for it.
pub(super) const FORMAT: &str = "mt940";
/// Characters of a reference.
const REFERENCE: usize = 16;
/// Characters of a line of narrative, and lines of it.
const LINE: usize = 65;
const LINES_MAX: usize = 6;

/// Writes the message.
pub(super) fn write(statement: &Statement) -> String {
    let mut text = String::new();
    let day = short(statement.day);
    let number = statement.number.rem_euclid(100_000);
    let (account, currency) = (&statement.account, &statement.currency);
    // Writing into a String cannot fail.
    let _written = write!(
        text,
        ":20:STATEMENT\r\n:25:{account}\r\n:28C:{number:05}/001\r\n:60F:{}\r\n",
        balance(&day, currency, statement.opening_cents)
    );
    for (place, one) in statement.entries.iter().enumerate() {
        entry(&mut text, one, statement.garbled && place == 0);
    }
    let closing = balance(&day, currency, statement.closing_cents);
    let _written = write!(text, ":62F:{closing}\r\n-\r\n");
    text
}

fn short(day: Date) -> String {
    day.strftime("%y%m%d").to_string()
}

fn balance(day: &str, currency: &str, cents: i64) -> String {
    let mark = if cents < 0 { 'D' } else { 'C' };
    format!("{mark}{day}{currency}{}", amount(cents))
}

fn amount(cents: i64) -> String {
    let cents = cents.unsigned_abs();
    format!("{},{:02}", cents / 100, cents % 100)
}

fn entry(text: &mut String, entry: &Entry, garbled: bool) {
    let day = business_date(entry.booked_at);
    let mark = if entry.is_credit { 'C' } else { 'D' };
    let code = if entry.is_payment { "NTRF" } else { "NMSC" };
    let from = entry.bank_reference.len().saturating_sub(REFERENCE);
    let end = entry.bank_reference.get(from..).unwrap_or_default();
    let dollar = if garbled { "$" } else { "" };
    let _written = write!(
        text,
        ":61:{}{}{mark}{dollar}{}{code}NONREF//{end}\r\n",
        short(day),
        day.strftime("%m%d"),
        amount(entry.amount_cents),
    );
    let words = [
        Some(("FPS", entry.fps_reference.as_deref())).filter(|(_, text)| text.is_some()),
        entry
            .bill_number
            .as_deref()
            .map(|text| ("BILL", Some(text))),
        entry.reference.as_deref().map(|text| ("REF", Some(text))),
        Some(("BANK", Some(entry.bank_reference.as_str()))),
    ];
    let mut lines = vec![String::new()];
    for word in words
        .into_iter()
        .flatten()
        .flat_map(|(name, text)| [Some(name), text])
        .flatten()
    {
        let word = plain(word);
        let room = LINE.saturating_sub(1);
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&word),
            Some(line) if line.len().saturating_add(word.len()) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines.truncate(LINES_MAX);
    let _written = write!(text, ":86:{}\r\n", lines.join("\r\n"));
}

/// What the format can carry; anything else becomes a point.
fn plain(word: &str) -> String {
    let kept = |one: char| one.is_ascii_alphanumeric() || "/-?().,'+".contains(one);
    word.chars()
        .take(LINE)
        .map(|one| if kept(one) { one } else { '.' })
        .collect()
}
