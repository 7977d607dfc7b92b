//! The status codes of an entry, as a table that a reviewer can hold beside ISO 20022's external code list
//! `ExternalEntryStatus1Code` (`Sts` itself in version 06, `Sts/Cd` from version 08 on).

use epay_camt::Direction;
use epay_rail::Finding;

/// What a status means for money that came in, and for money that went out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRow {
    /// The code as the bank writes it.
    pub code: &'static str,
    /// The finding of a credit entry.
    pub credit: Finding,
    /// The finding of a debit entry. A debit that is only announced is no return yet, and it is no
    /// acceptance of a payment either, so it stays unclear until it is booked.
    pub debit: Finding,
}

/// Every status that we act on. Anything else, and every proprietary status, is [`Finding::Unclear`].
pub const STATUS: &[StatusRow] = &[
    row("BOOK", Finding::Settled, Finding::Returned),
    row("PDNG", Finding::Accepted, Finding::Unclear),
    row("INFO", Finding::Accepted, Finding::Unclear),
    row("FUTR", Finding::Accepted, Finding::Unclear),
];

/// The finding of a status code in a direction.
pub(crate) fn finding(status: Option<&str>, direction: Direction) -> Finding {
    STATUS
        .iter()
        .find(|row| Some(row.code) == status)
        .map_or(Finding::Unclear, |row| match direction {
            Direction::Credit => row.credit,
            Direction::Debit => row.debit,
        })
}

const fn row(code: &'static str, credit: Finding, debit: Finding) -> StatusRow {
    StatusRow {
        code,
        credit,
        debit,
    }
}
