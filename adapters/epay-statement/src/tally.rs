//! What a statement adds up to, and a fingerprint of what it says.
//!
//! The fingerprint covers every field of the model and the bytes of rows that cannot be read, and not how the file is
//! written: the same statement in another file has the same one.

use epay_money::Money;
use sha2::{Digest, Sha256};

use crate::{BadRow, Closed, Direction, Entry, Opened, Part};

/// Everything that is known of a statement but its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How it began.
    pub opened: Opened,
    /// How it ended.
    pub closed: Closed,
    /// Rows stored as entries: a row that lists several transactions is several.
    pub entries: u32,
    /// Rows that cannot be read.
    pub bad_rows: u32,
    /// Sum of the booked credits, in minor units; cut at what 64 bits hold.
    pub credits_minor: i64,
    /// Sum of the booked debits, in minor units.
    pub debits_minor: i64,
    /// SHA-256 over what it says.
    pub digest: [u8; 32],
}

/// Statements under way.
#[derive(Debug, Default)]
pub struct Tally {
    under: Option<Under>,
}

#[derive(Debug)]
struct Under {
    opened: Opened,
    entries: u32,
    bad_rows: u32,
    credits_minor: i64,
    debits_minor: i64,
    digest: Sha256,
}

impl Tally {
    /// Takes a part; answers the summary of the statement that it ends.
    pub fn add(&mut self, part: &Part) -> Option<Summary> {
        match part {
            Part::Opened(opened) => {
                let mut digest = Sha256::new();
                write_opened(&mut digest, opened);
                self.under = Some(Under {
                    opened: opened.clone(),
                    entries: 0,
                    bad_rows: 0,
                    credits_minor: 0,
                    debits_minor: 0,
                    digest,
                });
                None
            }
            Part::Row(row) => {
                let under = self.under.as_mut()?;
                for entry in &row.entries {
                    under.add(entry);
                }
                None
            }
            Part::Bad(row) => {
                let under = self.under.as_mut()?;
                under.bad_rows = under.bad_rows.saturating_add(1);
                write_bad(&mut under.digest, row);
                None
            }
            Part::Closed(closed) => {
                let mut under = self.under.take()?;
                write_closed(&mut under.digest, closed);
                Some(Summary {
                    opened: under.opened,
                    closed: closed.clone(),
                    entries: under.entries,
                    bad_rows: under.bad_rows,
                    credits_minor: under.credits_minor,
                    debits_minor: under.debits_minor,
                    digest: under.digest.finalize().into(),
                })
            }
        }
    }
}

impl Under {
    fn add(&mut self, entry: &Entry) {
        self.entries = self.entries.saturating_add(1);
        write_entry(&mut self.digest, entry);
        if !entry.booked {
            return;
        }
        let sum = match entry.direction {
            Direction::Credit => &mut self.credits_minor,
            Direction::Debit => &mut self.debits_minor,
        };
        *sum = sum.saturating_add(entry.amount.minor());
    }
}

/// A field with its length before it, so that no two lists of fields are the same bytes.
fn field(digest: &mut Sha256, bytes: &[u8]) {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    digest.update(length.to_be_bytes());
    digest.update(bytes);
}

fn optional(digest: &mut Sha256, text: Option<&str>) {
    match text {
        Some(text) => field(digest, text.as_bytes()),
        None => digest.update([0xFF; 8]),
    }
}

fn number(digest: &mut Sha256, number: Option<i64>) {
    let text = number.map(|number| number.to_string());
    optional(digest, text.as_deref());
}

fn write_opened(digest: &mut Sha256, opened: &Opened) {
    field(digest, opened.id.as_bytes());
    field(digest, opened.account.as_bytes());
    field(digest, opened.currency.code().as_bytes());
    number(digest, opened.sequence_number);
    number(digest, opened.opening.map(Money::minor));
}

fn write_closed(digest: &mut Sha256, closed: &Closed) {
    digest.update(b"end");
    number(digest, closed.closing.map(Money::minor));
    number(digest, closed.declared_rows);
    number(digest, closed.declared_credits_minor);
    number(digest, closed.declared_debits_minor);
    field(digest, closed.to_date.to_string().as_bytes());
}

fn write_entry(digest: &mut Sha256, entry: &Entry) {
    digest.update(match entry.direction {
        Direction::Credit => b"C",
        Direction::Debit => b"D",
    });
    digest.update([u8::from(entry.booked), u8::from(entry.reversal)]);
    digest.update(entry.amount.minor().to_be_bytes());
    digest.update(entry.items.to_be_bytes());
    for day in [entry.booking_date, entry.value_date] {
        digest.update(day.year().to_be_bytes());
        digest.update([day.month().unsigned_abs(), day.day().unsigned_abs()]);
    }
    field(digest, entry.bank_reference.as_bytes());
    for text in [
        &entry.reference,
        &entry.bill_number,
        &entry.end_to_end_id,
        &entry.clearing_reference,
        &entry.return_reason,
        &entry.code,
    ] {
        optional(digest, text.as_deref());
    }
}

fn write_bad(digest: &mut Sha256, row: &BadRow) {
    digest.update(b"bad");
    field(digest, &row.raw);
}
