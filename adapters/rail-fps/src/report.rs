//! A bank's notice as reports: one for each movement, by the code table.

use epay_camt::{BadEntry, Movement, Unreadable as Unread, UnreadableKind as Kind};
use epay_rail::{Decoded, Report, Unreadable, UnreadableEntry, UnreadableKind, is_reference};

use crate::codes;

/// Reads a notice.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed.
pub(crate) fn decode(body: &[u8]) -> Result<Decoded, Unreadable> {
    let notice = epay_camt::read_notice(body).map_err(unreadable)?;
    Ok(Decoded {
        reports: notice.movements.into_iter().map(report).collect(),
        unreadable: notice.bad_entries.into_iter().map(entry).collect(),
        ..Decoded::default()
    })
}

fn report(movement: Movement) -> Report {
    Report {
        reference: movement.reference(is_reference),
        bill_number: movement.bill_number(is_reference),
        order_key: None,
        amount: movement.amount,
        fee: None,
        finding: codes::finding(movement.status.as_deref(), movement.direction),
        reason: None,
        instructed_at: movement.instructed_at,
        booking_date: movement.booking_date,
        value_date: movement.value_date,
        rail_account: movement.account,
        rail_reference: movement.bank_reference,
        payer: movement.party,
        end_to_end_id: movement.end_to_end_id,
        clearing_reference: movement.clearing_reference,
    }
}

fn entry(bad: BadEntry) -> UnreadableEntry {
    UnreadableEntry {
        index: bad.index,
        path: bad.path,
        code: bad.code,
        message: bad.message,
    }
}

fn unreadable(fault: Unread) -> Unreadable {
    let kind = match fault.kind {
        Kind::TooLarge => UnreadableKind::TooLarge,
        Kind::WrongEncoding => UnreadableKind::WrongEncoding,
        Kind::Malformed => UnreadableKind::Malformed,
        Kind::Forbidden => UnreadableKind::Forbidden,
        Kind::TooDeep => UnreadableKind::TooDeep,
        Kind::TooManyEntries => UnreadableKind::TooManyEntries,
        Kind::TextTooLong => UnreadableKind::TextTooLong,
        Kind::WrongMessage => UnreadableKind::WrongMessage,
    };
    Unreadable {
        kind,
        path: fault.path,
        message: fault.message,
    }
}
