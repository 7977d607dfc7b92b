//! The status codes of an entry and of a payout order, as tables that a reviewer can hold beside ISO 20022's external
//! code lists `ExternalEntryStatus1Code` (`Sts` itself in version 06, `Sts/Cd` from version 08 on) and
//! `ExternalPaymentTransactionStatus1Code` (`TxSts` of pain.002).

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
    /// The finding of a credit entry that brings back what a payout order of ours sent.
    pub payout_back: Finding,
    /// The finding of a debit entry that a payout order of ours asked for.
    pub payout: Finding,
}

/// Every status that we act on. Anything else, and every proprietary status, is [`Finding::Unclear`].
pub const STATUS: &[StatusRow] = &[
    StatusRow {
        code: "BOOK",
        credit: Finding::Settled,
        debit: Finding::Returned,
        payout_back: Finding::RefundRejected,
        payout: Finding::Refunded,
    },
    announced("PDNG"),
    announced("INFO"),
    announced("FUTR"),
];

/// An entry that is not booked. What is announced of a payout's return decides nothing yet.
const fn announced(code: &'static str) -> StatusRow {
    StatusRow {
        code,
        credit: Finding::Accepted,
        debit: Finding::Unclear,
        payout_back: Finding::Unclear,
        payout: Finding::RefundAccepted,
    }
}

/// What a status means for a payout order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayoutRow {
    /// The code as the bank writes it.
    pub code: &'static str,
    /// Its finding.
    pub finding: Finding,
}

/// Every status of an order that we act on; anything else is [`Finding::Unclear`]. That the bank has settled its side
/// (`ACSC`) is no proof that our account was debited: the debit entry is.
pub const PAYOUT_STATUS: &[PayoutRow] = &[
    payout("ACTC", Finding::RefundAccepted),
    payout("ACCP", Finding::RefundAccepted),
    payout("ACSP", Finding::RefundAccepted),
    payout("ACWC", Finding::RefundAccepted),
    payout("ACSC", Finding::RefundAccepted),
    payout("RCVD", Finding::RefundAccepted),
    payout("PDNG", Finding::RefundAccepted),
    payout("RJCT", Finding::RefundRejected),
];

/// What a word means in the answer to a request of ours to have a payment back (`ExternalInvestigationExecutionConfirmation1Code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecallRow {
    /// The code as the bank writes it.
    pub code: &'static str,
    /// Whether the payment is given back; nothing when that is not decided yet.
    pub agreed: Option<bool>,
}

/// Every word that we act on.
pub const RECALL_STATUS: &[RecallRow] = &[
    RecallRow {
        code: "CNCL",
        agreed: Some(true),
    },
    RecallRow {
        code: "RJCR",
        agreed: Some(false),
    },
    RecallRow {
        code: "PDCR",
        agreed: None,
    },
];

const fn payout(code: &'static str, finding: Finding) -> PayoutRow {
    PayoutRow { code, finding }
}

/// The finding of a payout order's status.
pub(crate) fn of_order(status: Option<&str>) -> Finding {
    PAYOUT_STATUS
        .iter()
        .find(|row| Some(row.code) == status)
        .map_or(Finding::Unclear, |row| row.finding)
}

/// The finding of an entry's status code in a direction; `ours` when a payout order of ours is behind it.
pub(crate) fn finding(status: Option<&str>, direction: Direction, ours: bool) -> Finding {
    STATUS
        .iter()
        .find(|row| Some(row.code) == status)
        .map_or(Finding::Unclear, |row| match (direction, ours) {
            (Direction::Credit, false) => row.credit,
            (Direction::Debit, false) => row.debit,
            (Direction::Credit, true) => row.payout_back,
            (Direction::Debit, true) => row.payout,
        })
}
