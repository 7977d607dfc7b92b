//! What arrives from a rail, and what could be read of it.

use core::fmt;

use epay_money::Money;
use jiff::{Timestamp, civil::Date};

use crate::{Order, Presentation, RecallNews, Report};

/// A message as it arrived. It was found genuine and its bytes were stored before this is made.
#[derive(Clone, Copy)]
pub struct Inbound<'a> {
    /// How it came.
    pub origin: Origin<'a>,
    /// When it came: rails have no clock, and some messages name no moment.
    pub received_at: Timestamp,
    /// The bytes of the message's body, untouched.
    pub body: &'a [u8],
}

/// How a message came to us.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// The rail or its bank sent it of its own accord.
    Notice,
    /// It answers an order of ours.
    Reply {
        /// The order that was answered.
        order: &'a Order,
        /// The HTTP status of the answer.
        status: u16,
    },
}

impl<'a> Inbound<'a> {
    /// A message that the rail sent of its own accord.
    #[must_use]
    pub const fn notice(body: &'a [u8], received_at: Timestamp) -> Self {
        Self {
            origin: Origin::Notice,
            received_at,
            body,
        }
    }

    /// The answer to an order of ours.
    #[must_use]
    pub const fn reply(
        order: &'a Order,
        status: u16,
        body: &'a [u8],
        received_at: Timestamp,
    ) -> Self {
        Self {
            origin: Origin::Reply { order, status },
            received_at,
            body,
        }
    }
}

/// Only the length: a body holds the names of payers.
impl fmt::Debug for Inbound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("origin", &self.origin)
            .field("received_at", &self.received_at)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// What a message said. Reports and unreadable entries are each in the message's own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// One for each movement of money, and one for the outcome of an order that was answered.
    pub reports: Vec<Report>,
    /// For each report, the position in the message of the entry that it is of, as [`UnreadableEntry::index`] counts them;
    /// empty where the rail's messages have no entries that could be unreadable.
    pub places: Vec<usize>,
    /// Entries that could not be read; their neighbours are unharmed.
    pub unreadable: Vec<UnreadableEntry>,
    /// What the payer is to be shown next, in the answer to a [`Ask::Collect`](crate::Ask::Collect).
    pub presentation: Option<Presentation>,
    /// What to hand back with every later order about this collection ([`Header::kept`](crate::Header::kept)).
    pub keep: Option<String>,
    /// Collections of which the message says something that may not be believed: the caller asks the rail.
    pub hints: Vec<Hint>,
    /// Payments of the rail to us, each for many collections.
    pub payouts: Vec<Payout>,
    /// What is said of recalls: none of it moves money.
    pub recalls: Vec<RecallNews>,
    /// The business day that the message tells whole: whatever the rail still sends of it is late.
    pub tells_day: Option<Date>,
}

impl Decoded {
    /// Adds the report of the entry at this position.
    pub fn add(&mut self, place: usize, report: Report) {
        self.reports.push(report);
        self.places.push(place);
    }
}

/// A collection of which an unreliable message speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Our reference of the collection.
    pub reference: String,
}

/// The rail pays us what it collected, less what it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// The payee's account on the rail.
    pub rail_account: String,
    /// The rail's name for it, unique for the account.
    pub rail_reference: String,
    /// What was collected.
    pub gross: Money,
    /// What the rail keeps: discount rate, dispute fees.
    pub fee: Money,
    /// What reaches the bank: `gross - fee`; nothing of a report that [pays nothing](Payout::of_nothing).
    pub net: Money,
    /// How many collections it is for.
    pub items: u32,
    /// The day from which the bank counts it.
    pub value_date: Date,
}

impl Payout {
    /// The same report where it comes to nothing or less: its rows are told, no money comes, and a later report carries its sum.
    #[must_use]
    pub fn of_nothing(self) -> Self {
        let nothing = Money::new(0, self.gross.currency());
        Self {
            gross: nothing,
            fee: nothing,
            net: nothing,
            ..self
        }
    }
}

/// An entry of a message that could not be read, apart from its neighbours.
///
/// Nothing here quotes personal data: `message` names the rule that was broken, `path` where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableEntry {
    /// The entry's position in the message, from 0, over all accounts in it.
    pub index: usize,
    /// Where in the message, in the format's own names.
    pub path: String,
    /// A stable word for counters and the quarantine list.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub message: String,
}

/// Why nothing of a message can be read. The message is quarantined whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be read at {path}: {message}")]
pub struct Unreadable {
    /// Which kind of fault.
    pub kind: UnreadableKind,
    /// Where in the message, in the format's own names; `/` for the whole of it.
    pub path: String,
    /// What is wrong, for a person. Never quotes personal data.
    pub message: String,
}

impl Unreadable {
    /// A stable word for logs, counters and the quarantine list.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }
}

/// The kinds of fault that make a whole message unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnreadableKind {
    /// More bytes than the rail reads.
    TooLarge,
    /// Not the character encoding that the format asks for.
    WrongEncoding,
    /// Not well-formed.
    Malformed,
    /// Well-formed, but with a construct that is never read (a DTD, an entity of its own).
    Forbidden,
    /// Nested more deeply than the rail reads.
    TooDeep,
    /// More entries than the rail reads.
    TooManyEntries,
    /// One text longer than the rail reads.
    TextTooLong,
    /// A readable message of a kind that this rail does not speak.
    WrongMessage,
    /// A file whose trailer does not agree with it, or is not there.
    WrongTotals,
    /// A protected message that does not open with our keys.
    NotDecrypted,
}

impl UnreadableKind {
    /// A stable word for logs, counters and the quarantine list.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::WrongEncoding => "wrong_encoding",
            Self::Malformed => "malformed",
            Self::Forbidden => "forbidden_construct",
            Self::TooDeep => "too_deep",
            Self::TooManyEntries => "too_many_entries",
            Self::TextTooLong => "text_too_long",
            Self::WrongMessage => "wrong_message",
            Self::WrongTotals => "wrong_totals",
            Self::NotDecrypted => "not_decrypted",
        }
    }
}
