//! One movement of money as a bank's notice tells of it.

use core::fmt;

use epay_money::Money;
use jiff::{Timestamp, civil::Date};

use crate::Remittance;

/// A movement: an entry, or one transaction of an entry that is a batch. Every rule that makes it readable was kept:
/// the account is named, the bank's reference is there, the amount is positive and plausible, and the movements of a
/// batch add up to their entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Movement {
    /// The account that it moved on.
    pub account: String,
    /// The bank's own reference, the same on every repeat, unique within the account.
    pub bank_reference: String,
    /// How much; always positive.
    pub amount: Money,
    /// Which way, seen from the account holder.
    pub direction: Direction,
    /// The entry's status code (`BOOK`, `PDNG` …); nothing when there is none or it is the bank's own word.
    pub status: Option<String>,
    /// What the movement says it is for.
    pub remittance: Remittance,
    /// The payer's side's end-to-end identification; nothing when it says `NOTPROVIDED`.
    pub end_to_end_id: Option<String>,
    /// The clearing system's own reference.
    pub clearing_reference: Option<String>,
    /// The bank's code for why something was returned (`RtrInf/Rsn`).
    pub return_reason: Option<String>,
    /// The other side of the movement, as the bank named or masked it. Personal data: hidden from `Debug`.
    pub party: Option<String>,
    /// When the payer gave the instruction, or the latest moment at which it can have been.
    pub instructed_at: Timestamp,
    /// The day the bank booked it, in Hong Kong.
    pub booking_date: Date,
    /// The day from which the bank counts it.
    pub value_date: Date,
}

impl Movement {
    /// The reference of one's own that the movement carries, by its places in [`Remittance`]. `is_ours` says what such
    /// a reference looks like.
    #[must_use]
    pub fn reference(&self, is_ours: fn(&str) -> bool) -> Option<String> {
        self.remittance
            .reference(self.end_to_end_id.as_deref(), is_ours)
    }

    /// The bill number that the movement carries, which is never a reference of one's own.
    #[must_use]
    pub fn bill_number(&self, is_ours: fn(&str) -> bool) -> Option<String> {
        self.remittance.bill_number(is_ours)
    }
}

/// Everything but the other side, of whom only the presence is shown, and free texts, which may name people.
impl fmt::Debug for Movement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Movement")
            .field("account", &self.account)
            .field("bank_reference", &self.bank_reference)
            .field("amount", &self.amount)
            .field("direction", &self.direction)
            .field("status", &self.status)
            .field("end_to_end_id", &self.end_to_end_id)
            .field("clearing_reference", &self.clearing_reference)
            .field("return_reason", &self.return_reason)
            .field("party", &self.party.as_ref().map(|_hidden| "hidden"))
            .field("instructed_at", &self.instructed_at)
            .field("booking_date", &self.booking_date)
            .field("value_date", &self.value_date)
            .finish_non_exhaustive()
    }
}

/// Which way the money of an entry moved, seen from the account holder (`CdtDbtInd`).
///
/// ISO 20022 defines `RvslInd` beside it as a remark on why the entry exists: with it set, `CRDT` still
/// means that money came in (an earlier debit was undone) and `DBIT` that it went out. So the direction
/// alone decides, and a reversal is read like any other entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `CRDT`: into the account.
    Credit,
    /// `DBIT`: out of the account.
    Debit,
}

impl Direction {
    /// The direction of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "CRDT" => Some(Self::Credit),
            "DBIT" => Some(Self::Debit),
            _ => None,
        }
    }
}
