//! MT940. Its letters are few and its fields short: what it cannot hold is escaped as `?` and two hexadecimal digits a
//! byte, and only the rail's reference is ever cut, at what is left of six lines.

use epay_money::{Currency, Money};
use epay_mt940::{
    Balance, Entry, Head, NARRATIVE_LINE_CHARS, NARRATIVE_LINES, StatementWriter, Unwritable,
};

use crate::camt::summary;
use crate::text::moment;
use crate::writer::account;
use crate::{Direction, FeedHead, FeedRow, Totals};

/// Characters of a reference within `:61:`.
const REFERENCE_CHARS: usize = 16;
/// Most digits of a statement's number: later files begin again with 0.
const NUMBERS: u64 = 100_000;
/// Half a year: a booking day further off is left to the narrative.
const DAYS_APART_MAX: i64 = 180;
/// The kind of transaction: a transfer that is none of the others.
const CODE: &str = "NMSC";

/// A statement that is being written.
#[derive(Debug, Default)]
pub(crate) struct Mt940 {
    writer: StatementWriter,
}

impl Mt940 {
    pub(crate) fn open(&mut self, head: &FeedHead, out: &mut Vec<u8>) {
        let number = head.sequence.checked_rem(NUMBERS).unwrap_or(0);
        let result = self.writer.open(&Head {
            reference: format!("EPG-{:06}", head.sequence),
            account: account(head),
            number: u32::try_from(number).unwrap_or(0),
            opening: balance(head, head.opening_minor),
        });
        self.give(result, out);
    }

    pub(crate) fn row(&mut self, currency: Currency, row: &FeedRow, out: &mut Vec<u8>) {
        let apart = row.of_day.duration_since(row.value_date).abs().as_hours();
        let near = apart <= DAYS_APART_MAX.saturating_mul(24);
        let from = row.reference.len().saturating_sub(REFERENCE_CHARS);
        let reference = row.reference.get(from..).unwrap_or(&row.reference);
        let result = self.writer.entry(&Entry {
            value_date: row.value_date,
            booking_date: if near { row.of_day } else { row.value_date },
            direction: match row.direction {
                Direction::Credit => epay_mt940::Direction::Credit,
                Direction::Debit => epay_mt940::Direction::Debit,
            },
            reversal: false,
            amount: Money::new(row.amount_minor, currency),
            code: CODE.to_owned(),
            customer_reference: None,
            bank_reference: Some(reference.to_owned()),
            supplement: None,
            narrative: narrative(row),
        });
        self.give(result, out);
    }

    pub(crate) fn close(&mut self, head: &FeedHead, totals: &Totals, out: &mut Vec<u8>) {
        let closing = head.opening_minor.saturating_add(totals.net_minor());
        let [rows, credits, debits, hash, digest] = summary(totals);
        // The digest has a line of its own, after its name.
        let words = [rows, credits, debits, hash];
        let mut lines = packed(words.iter().map(String::as_str));
        let (name, digest) = digest
            .split_at_checked("/DIGEST/".len())
            .unwrap_or_default();
        lines.push(name.to_owned());
        lines.push(digest.to_owned());
        let result = self.writer.close_with(&balance(head, closing), &lines);
        self.give(result, out);
    }

    fn give(&mut self, result: Result<(), Unwritable>, out: &mut Vec<u8>) {
        // Everything above fits its field by construction, which the tests of every shape hold; a row that did not would
        // be missing, and the digest of the file's bytes at its seal is taken over what was written.
        debug_assert_eq!(result, Ok(()), "an MT940 is cut to what it can hold");
        out.extend_from_slice(self.writer.take().as_bytes());
    }
}

fn balance(head: &FeedHead, minor: i64) -> Balance {
    Balance {
        amount: Money::new(minor, head.currency),
        date: head.day,
    }
}

/// Everything that the row says beside date and amount.
fn narrative(row: &FeedRow) -> Vec<String> {
    let text = |name: &str, text: Option<&str>| {
        let text = text.filter(|text| !text.is_empty())?;
        let mut word = format!("/{name}/");
        escape(text, &mut word);
        word.truncate(NARRATIVE_LINE_CHARS);
        Some(word)
    };
    let words = [
        text("PAY", Some(&row.reference)),
        text("BIL", row.bill_number.as_deref()),
        text("TYP", row.bill_type.as_deref()),
        text("REV", Some(&row.revenue_line)),
        text("RAL", row.rail.as_deref()),
        Some(format!("/DAY/{}", row.of_day)),
        Some(format!("/INS/{}", moment(row.instructed_at))),
        text("COR", row.corrects.as_deref()),
        text("REF", row.rail_reference.as_deref()),
    ];
    let mut lines = packed(words.iter().flatten().map(String::as_str));
    lines.truncate(NARRATIVE_LINES);
    lines
}

/// Words on lines, none broken over two.
fn packed<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.len().saturating_add(word.len()) < NARRATIVE_LINE_CHARS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Plain letters, digits and signs stay; the question mark begins an escape.
fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b':' | b'(' | b')' | b'.' | b',' | b'\'' | b'+');
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("?{byte:02X}"));
        }
    }
}
