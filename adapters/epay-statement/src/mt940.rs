//! MT940 statements in the common model.
//!
//! An entry needs a name by which it is known when it is told again. Where the bank gives none, it is made of what the entry says, and of
//! how many entries of the statement said the same before it: a statement that is issued again with a row more must not shift the names
//! of the others. That memory grows by some bytes for each row without a reference, and is empty for banks that give one.

use std::collections::HashMap;

use epay_camt::statement::Kind;
use epay_camt::{Direction, Remittance};
use epay_mt940::{
    BadRow as TextBadRow, Direction as Mark, Entry as TextEntry, Head, Part as TextPart,
    Unreadable as TextUnreadable, UnreadableKind,
};
use epay_rail::is_reference;
use sha2::{Digest as _, Sha256};

use crate::{BadRow, Closed, Entry, FORMAT_MT940, Opened, Part, Row, Unreadable};

/// What a part inherits from the head before it.
#[derive(Debug, Default)]
pub(crate) struct Around {
    id: String,
    head: Option<Head>,
    /// How many entries without a reference said the same so far.
    unnamed: HashMap<Words, u32>,
}

/// What an entry says, in few bytes.
type Words = [u8; 16];

impl Around {
    /// The name of an entry for which the bank has none.
    fn name(&mut self, entry: &TextEntry) -> String {
        let words = words(entry);
        let count = self.unnamed.entry(words).or_default();
        *count = count.saturating_add(1);
        stand_in(&self.id, words, &count.to_string())
    }

    pub(crate) fn part(&mut self, part: TextPart) -> Option<Part> {
        Some(match part {
            TextPart::Opened(head) => {
                self.id = format!(
                    "{}/{:05}/{}",
                    head.reference, head.number, head.opening.date
                );
                let opened = Opened {
                    kind: Kind::Statement,
                    format: FORMAT_MT940.to_owned(),
                    id: self.id.clone(),
                    sequence_number: Some(i64::from(head.number)),
                    account: head.account.clone(),
                    currency: head.opening.amount.currency(),
                    opening: Some(head.opening.amount),
                };
                self.head = Some(head);
                self.unnamed.clear();
                Part::Opened(opened)
            }
            TextPart::Row(row) => {
                let name = match &row.entry.bank_reference {
                    Some(reference) => reference.clone(),
                    None => self.name(&row.entry),
                };
                Part::Row(Row {
                    row: row.row,
                    entries: vec![entry(row.entry, name)],
                })
            }
            TextPart::Bad(row) => Part::Bad(bad_row(row)),
            TextPart::Closed(closing) => {
                let head = self.head.take()?;
                let last = closing.closing.unwrap_or(head.opening);
                Part::Closed(Closed {
                    rows: closing.rows,
                    from_date: None,
                    to_date: last.date,
                    closing: closing.closing.map(|balance| balance.amount),
                    declared_rows: None,
                    declared_credits_minor: None,
                    declared_debits_minor: None,
                })
            }
        })
    }
}

/// The entry of a row that is read alone. What it says is not counted then: the row's number, which no other has, stands for the count.
pub(crate) fn entry_alone(alone: TextEntry, id: &str, row: u32) -> Entry {
    let name = match &alone.bank_reference {
        Some(reference) => reference.clone(),
        None => stand_in(id, words(&alone), &format!("row {row}")),
    };
    entry(alone, name)
}

fn stand_in(id: &str, words: Words, which: &str) -> String {
    format!("{id}/{:032x}/{which}", u128::from_be_bytes(words))
}

fn words(entry: &TextEntry) -> Words {
    let mut digest = Sha256::new();
    let mut field = |bytes: &[u8]| {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        digest.update(length.to_be_bytes());
        digest.update(bytes);
    };
    field(entry.booking_date.to_string().as_bytes());
    field(entry.value_date.to_string().as_bytes());
    let mark = match entry.direction {
        Mark::Credit => b"C",
        Mark::Debit => b"D",
    };
    field(mark);
    field(&[u8::from(entry.reversal)]);
    field(entry.amount.to_string().as_bytes());
    field(entry.code.as_bytes());
    field(entry.customer_reference.as_deref().unwrap_or("").as_bytes());
    field(entry.supplement.as_deref().unwrap_or("").as_bytes());
    for line in &entry.narrative {
        field(line.as_bytes());
    }
    let whole: [u8; 32] = digest.finalize().into();
    whole.first_chunk().copied().unwrap_or_default()
}

/// An entry under the name that it has at the bank, or that stands for one.
fn entry(entry: TextEntry, bank_reference: String) -> Entry {
    let own_words = [entry.customer_reference.clone(), entry.supplement.clone()];
    let remittance = Remittance {
        // Lines are cut where a field is full, which may be within a word: both ways of joining them are looked at.
        unstructured: own_words
            .into_iter()
            .flatten()
            .chain([entry.narrative.join(" ")])
            .collect(),
        narratives: vec![entry.narrative.concat()],
        ..Remittance::default()
    };
    Entry {
        direction: match entry.direction {
            Mark::Credit => Direction::Credit,
            Mark::Debit => Direction::Debit,
        },
        amount: entry.amount,
        booking_date: entry.booking_date,
        value_date: entry.value_date,
        // The customer's reference is no stand-in: many rows may have the same one.
        bank_reference,
        reference: remittance.reference(None, is_reference),
        bill_number: remittance.bill_number(is_reference),
        end_to_end_id: None,
        clearing_reference: None,
        reversal: entry.reversal,
        return_reason: None,
        items: 1,
        code: Some(entry.code),
        booked: true,
    }
}

pub(crate) fn bad_row(row: TextBadRow) -> BadRow {
    BadRow {
        row: row.row,
        path: format!("line {}", row.line),
        code: row.code,
        message: row.message.to_owned(),
        raw: row.raw,
    }
}

pub(crate) fn unreadable(fault: &TextUnreadable) -> Unreadable {
    let code = match fault.kind {
        UnreadableKind::TooLarge => "too_large",
        UnreadableKind::TooManyRows => "too_many_entries",
        UnreadableKind::Malformed => "malformed",
        UnreadableKind::Unfinished => "unfinished",
    };
    Unreadable {
        code,
        path: format!("line {}", fault.line),
        message: fault.message.to_owned(),
    }
}
