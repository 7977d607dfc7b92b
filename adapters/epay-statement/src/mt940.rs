//! MT940 statements in the common model.

use epay_camt::statement::Kind;
use epay_camt::{Direction, Remittance};
use epay_mt940::{
    BadRow as TextBadRow, Direction as Mark, Entry as TextEntry, Head, Part as TextPart,
    Unreadable as TextUnreadable, UnreadableKind,
};
use epay_rail::is_reference;

use crate::{BadRow, Closed, Entry, FORMAT_MT940, Opened, Part, Row, Unreadable};

/// What a part inherits from the head before it.
#[derive(Debug, Default)]
pub(crate) struct Around {
    id: String,
    head: Option<Head>,
}

impl Around {
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
                Part::Opened(opened)
            }
            TextPart::Row(row) => Part::Row(Row {
                row: row.row,
                entries: vec![entry(row.entry, &self.id, row.row)],
            }),
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

/// An entry of row `row` of the statement `id`.
pub(crate) fn entry(entry: TextEntry, id: &str, row: u32) -> Entry {
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
        bank_reference: entry
            .bank_reference
            .unwrap_or_else(|| format!("{id}/{row}")),
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
