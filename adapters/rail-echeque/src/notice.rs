//! The bank's notice, `camt.054`: which cheques were honoured, and which came back.
//!
//! An item's own name, `bank-branch-account-number`, is the bank's reference of the movement (`AcctSvcrRef`), so that a
//! notice speaks of the same movement as the drop box's answer did. A cheque that is returned on its first presentation
//! was never booked: the bank tells of it for information (`INFO`), as a debit with the reason. A booked debit is
//! something else: money that was ours has left again.

use epay_camt::{BadEntry, Direction, Movement, Unreadable as Unread, UnreadableKind as Kind};
use epay_rail::{
    Decoded, Finding, Report, Unreadable, UnreadableEntry, UnreadableKind, is_reference,
};

/// What a status means for a credit and for a debit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRow {
    /// The code as the bank writes it (`ExternalEntryStatus1Code`).
    pub code: &'static str,
    /// The finding of a credit entry.
    pub credit: Finding,
    /// The finding of a debit entry.
    pub debit: Finding,
}

/// Every status that we act on. Anything else is [`Finding::Unclear`].
pub const STATUS: &[StatusRow] = &[
    row("BOOK", Finding::Settled, Finding::Returned),
    row("INFO", Finding::Conditional, Finding::Dishonoured),
    row("PDNG", Finding::Conditional, Finding::Unclear),
    row("FUTR", Finding::Conditional, Finding::Unclear),
];

/// Words for the commonest reasons (`ExternalReturnReason1Code`); another code stands without words.
const REASONS: [(&str, &str); 8] = [
    ("AC01", "account number not known"),
    ("AC04", "account closed"),
    ("AC06", "account blocked"),
    ("AM04", "insufficient funds"),
    ("AM09", "wrong amount"),
    ("MD07", "drawer deceased"),
    ("MS02", "payment stopped by the drawer"),
    ("MS03", "no reason given"),
];

const fn row(code: &'static str, credit: Finding, debit: Finding) -> StatusRow {
    StatusRow {
        code,
        credit,
        debit,
    }
}

/// Reads a notice.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed.
pub(crate) fn decode(body: &[u8]) -> Result<Decoded, Unreadable> {
    let notice = epay_camt::read_notice(body).map_err(unreadable)?;
    Ok(Decoded {
        reports: notice.movements.into_iter().map(report).collect(),
        places: notice.places,
        unreadable: notice.bad_entries.into_iter().map(entry).collect(),
        ..Decoded::default()
    })
}

fn report(movement: Movement) -> Report {
    let finding = STATUS
        .iter()
        .find(|row| Some(row.code) == movement.status.as_deref())
        .map_or(Finding::Unclear, |row| match movement.direction {
            Direction::Credit => row.credit,
            Direction::Debit => row.debit,
        });
    Report {
        reference: movement.reference(is_reference),
        bill_number: movement.bill_number(is_reference),
        order_key: None,
        amount: movement.amount,
        fee: None,
        finding,
        reason: movement.return_reason.as_deref().map(reason),
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

fn reason(code: &str) -> String {
    match REASONS.iter().find(|(known, _)| *known == code) {
        Some((_, words)) => format!("{code} {words}"),
        None => code.to_owned(),
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
