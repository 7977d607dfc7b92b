//! Writes a statement, row by row, into a text that the caller sends on and empties.
//!
//! Only what SWIFT's set x holds is written: a text with anything else is refused, never mangled. [`narrative`] makes the
//! lines of a `:86:` from words.

use core::fmt::Write as _;

use epay_money::Money;

use crate::field::is_swift;
use crate::limits::{
    ACCOUNT_CHARS_MAX, AMOUNT_CHARS_MAX, REFERENCE_CHARS_MAX, SUPPLEMENT_CHARS_MAX,
};
use crate::{Balance, Direction, Entry, Head};

/// Lines of one narrative.
pub const NARRATIVE_LINES: usize = 6;
/// Characters of one line of a narrative.
pub const NARRATIVE_LINE_CHARS: usize = 65;

/// Why something cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// A character outside SWIFT's set x, or a beginning that would be read as another field.
    #[error("{0} holds what an MT940 cannot carry")]
    Characters(&'static str),
    /// Longer than its field, or empty.
    #[error("{0} does not fit its field")]
    Length(&'static str),
    /// An amount that is not positive, or too long.
    #[error("the amount does not fit its field")]
    Amount,
    /// A date outside 2000 to 2099, or a booking day more than half a year from the value date.
    #[error("the date does not fit its field")]
    Date,
}

/// A statement that is being written.
#[derive(Debug, Default)]
pub struct StatementWriter {
    out: String,
}

impl StatementWriter {
    /// Nothing written yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was written since the last call.
    pub fn take(&mut self) -> String {
        core::mem::take(&mut self.out)
    }

    /// Begins a statement.
    ///
    /// # Errors
    /// [`Unwritable`]: nothing of it was written.
    pub fn open(&mut self, head: &Head) -> Result<(), Unwritable> {
        check("the reference", &head.reference, 1, REFERENCE_CHARS_MAX)?;
        check("the account", &head.account, 1, ACCOUNT_CHARS_MAX)?;
        if head.number > 99_999 {
            return Err(Unwritable::Length("the number"));
        }
        let opening = balance(&head.opening)?;
        self.write(format_args!(
            ":20:{}\r\n:25:{}\r\n:28C:{:05}/001\r\n:60F:{opening}\r\n",
            head.reference, head.account, head.number
        ));
        Ok(())
    }

    /// Writes a row.
    ///
    /// # Errors
    /// [`Unwritable`]: nothing of it was written.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), Unwritable> {
        let customer = entry.customer_reference.as_deref().unwrap_or("NONREF");
        check("the customer's reference", customer, 1, REFERENCE_CHARS_MAX)?;
        let bank = entry.bank_reference.as_deref();
        if let Some(text) = bank {
            check("the bank's reference", text, 1, REFERENCE_CHARS_MAX)?;
        }
        if let Some(text) = entry.supplement.as_deref() {
            check("the supplementary details", text, 1, SUPPLEMENT_CHARS_MAX)?;
        }
        let [kind, rest @ ..] = entry.code.as_bytes() else {
            return Err(Unwritable::Length("the kind of transaction"));
        };
        if !matches!(kind, b'S' | b'N' | b'F')
            || rest.len() != 3
            || !rest.iter().all(u8::is_ascii_alphanumeric)
        {
            return Err(Unwritable::Characters("the kind of transaction"));
        }
        // A slash too many would move the border between the two references.
        if customer.contains("//") || customer.ends_with('/') {
            return Err(Unwritable::Characters("the customer's reference"));
        }
        check_narrative(&entry.narrative)?;
        let days = entry.booking_date.duration_since(entry.value_date).abs();
        if days.as_hours() > DAYS_APART_MAX.saturating_mul(24) {
            return Err(Unwritable::Date);
        }
        let mark = match (entry.direction, entry.reversal) {
            (Direction::Credit, false) => "C",
            (Direction::Debit, false) => "D",
            (Direction::Debit, true) => "RC",
            (Direction::Credit, true) => "RD",
        };
        let value_date = date(entry.value_date)?;
        let (month, day) = (entry.booking_date.month(), entry.booking_date.day());
        let amount = amount(entry.amount)?;
        if entry.amount.minor() <= 0 {
            return Err(Unwritable::Amount);
        }
        self.write(format_args!(
            ":61:{value_date}{month:02}{day:02}{mark}{amount}{}{customer}",
            entry.code
        ));
        if let Some(text) = bank {
            self.write(format_args!("//{text}"));
        }
        self.write(format_args!("\r\n"));
        if let Some(text) = entry.supplement.as_deref() {
            self.write(format_args!("{text}\r\n"));
        }
        self.write_narrative(&entry.narrative);
        Ok(())
    }

    /// Ends the statement.
    ///
    /// # Errors
    /// [`Unwritable`]: nothing of it was written.
    pub fn close(&mut self, closing: &Balance) -> Result<(), Unwritable> {
        self.close_with(closing, &[])
    }

    /// Ends the statement with words about it as a whole (a `:86:` after the balance).
    ///
    /// # Errors
    /// [`Unwritable`]: nothing of it was written.
    pub fn close_with(
        &mut self,
        closing: &Balance,
        narrative: &[String],
    ) -> Result<(), Unwritable> {
        let text = balance(closing)?;
        check_narrative(narrative)?;
        self.write(format_args!(":62F:{text}\r\n"));
        self.write_narrative(narrative);
        self.write(format_args!("-\r\n"));
        Ok(())
    }

    fn write_narrative(&mut self, narrative: &[String]) {
        for (place, line) in narrative.iter().enumerate() {
            let tag = if place == 0 { ":86:" } else { "" };
            self.write(format_args!("{tag}{line}\r\n"));
        }
    }

    fn write(&mut self, text: core::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        self.out.write_fmt(text).unwrap_or_default();
    }
}

/// Days between value date and booking day: beyond half a year the day alone would be read in another year.
const DAYS_APART_MAX: i64 = 180;

/// The lines of a narrative, from words: each on one line as long as it fits, cut where it is longer than a line.
///
/// # Errors
/// [`Unwritable`] for characters outside the set, and for more than [`NARRATIVE_LINES`] lines.
pub fn narrative<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, Unwritable> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        if !word.bytes().all(is_swift) {
            return Err(Unwritable::Characters("the narrative"));
        }
        let mut rest = word;
        while !rest.is_empty() {
            let cut = rest.len().min(NARRATIVE_LINE_CHARS);
            let (piece, after) = rest.split_at_checked(cut).unwrap_or((rest, ""));
            rest = after;
            match lines.last_mut() {
                Some(line) if line.len().saturating_add(piece.len()) < NARRATIVE_LINE_CHARS => {
                    line.push(' ');
                    line.push_str(piece);
                }
                _ => lines.push(piece.to_owned()),
            }
        }
    }
    check_narrative(&lines)?;
    Ok(lines)
}

fn check_narrative(lines: &[String]) -> Result<(), Unwritable> {
    if lines.len() > NARRATIVE_LINES {
        return Err(Unwritable::Length("the narrative"));
    }
    for line in lines {
        check("the narrative", line, 1, NARRATIVE_LINE_CHARS)?;
    }
    Ok(())
}

fn check(what: &'static str, text: &str, least: usize, most: usize) -> Result<(), Unwritable> {
    if !(least..=most).contains(&text.len()) {
        return Err(Unwritable::Length(what));
    }
    let starts_a_field = text.starts_with([':', '-']);
    if starts_a_field || !text.bytes().all(is_swift) || text.trim_end() != text {
        return Err(Unwritable::Characters(what));
    }
    Ok(())
}

fn date(date: jiff::civil::Date) -> Result<String, Unwritable> {
    if !(2_000..=2_099).contains(&date.year()) {
        return Err(Unwritable::Date);
    }
    Ok(format!(
        "{:02}{:02}{:02}",
        date.year().rem_euclid(100),
        date.month(),
        date.day()
    ))
}

/// Digits, a comma and two digits; the sign stands elsewhere.
fn amount(amount: Money) -> Result<String, Unwritable> {
    let minor = amount.minor().unsigned_abs();
    let (whole, cents) = (minor / 100, minor % 100);
    let text = format!("{whole},{cents:02}");
    if text.len() > AMOUNT_CHARS_MAX {
        return Err(Unwritable::Amount);
    }
    Ok(text)
}

fn balance(balance: &Balance) -> Result<String, Unwritable> {
    let mark = if balance.amount.minor() < 0 { 'D' } else { 'C' };
    let (day, amount) = (date(balance.date)?, amount(balance.amount)?);
    Ok(format!("{mark}{day}{}{amount}", balance.amount.currency()))
}
