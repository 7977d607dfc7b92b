//! ISO 20022 statements in the common model.

use epay_camt::statement::{self as camt, BadRow as CamtBadRow};
use epay_camt::{Unreadable as CamtUnreadable, UnreadableKind};
use epay_rail::is_reference;

use crate::{BadRow, Closed, Entry, Opened, Part, Row, Unreadable};

pub(crate) fn part(part: camt::Part) -> Part {
    match part {
        camt::Part::Opened(head) => Part::Opened(Opened {
            kind: head.kind,
            format: head.version,
            id: head.id,
            sequence_number: head.sequence_number,
            account: head.account,
            currency: head.currency,
            opening: head.opening,
        }),
        camt::Part::Row(row) => Part::Row(Row {
            row: row.row,
            entries: row.entries.into_iter().map(entry).collect(),
        }),
        camt::Part::Bad(row) => Part::Bad(bad_row(row)),
        camt::Part::Closed(closing) => Part::Closed(Closed {
            rows: closing.rows,
            from_date: closing.from_date,
            to_date: closing.to_date,
            closing: closing.closing,
            declared_rows: closing.declared_rows,
            declared_credits_minor: closing.declared_credits_minor,
            declared_debits_minor: closing.declared_debits_minor,
        }),
    }
}

pub(crate) fn entry(entry: camt::Entry) -> Entry {
    let movement = entry.movement;
    Entry {
        reference: movement.reference(is_reference),
        bill_number: movement.bill_number(is_reference),
        direction: movement.direction,
        amount: movement.amount,
        booking_date: movement.booking_date,
        value_date: movement.value_date,
        bank_reference: movement.bank_reference,
        end_to_end_id: movement.end_to_end_id,
        clearing_reference: movement.clearing_reference,
        reversal: entry.reversal,
        return_reason: movement.return_reason,
        items: entry.items,
        code: entry.code,
        booked: entry.booked,
    }
}

pub(crate) fn bad_row(row: CamtBadRow) -> BadRow {
    BadRow {
        row: row.row,
        path: row.path,
        code: row.code,
        message: row.message,
        raw: row.raw,
    }
}

pub(crate) fn unreadable(fault: CamtUnreadable) -> Unreadable {
    let code = match fault.kind {
        UnreadableKind::TooLarge => "too_large",
        UnreadableKind::WrongEncoding => "wrong_encoding",
        UnreadableKind::Malformed => "malformed",
        UnreadableKind::Forbidden => "forbidden",
        UnreadableKind::TooDeep => "too_deep",
        UnreadableKind::TooManyEntries => "too_many_entries",
        UnreadableKind::TextTooLong => "text_too_long",
        UnreadableKind::WrongMessage => "wrong_message",
    };
    Unreadable {
        code,
        path: fault.path,
        message: fault.message,
    }
}
