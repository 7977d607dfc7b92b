//! What arrives from a rail, and what could be read of it.

use core::fmt;

use crate::Report;

/// A message as it arrived. Its signature was verified and its bytes were stored before this is made.
#[derive(Clone, Copy)]
pub struct Inbound<'a> {
    /// The bytes of the message's body, untouched.
    pub body: &'a [u8],
}

impl<'a> Inbound<'a> {
    /// A message with this body.
    #[must_use]
    pub const fn new(body: &'a [u8]) -> Self {
        Self { body }
    }
}

/// Only the length: a body holds the names of payers.
impl fmt::Debug for Inbound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// What a message said. Reports and unreadable entries are each in the message's own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// One for each movement of money that could be read.
    pub reports: Vec<Report>,
    /// Entries that could not be read; their neighbours are unharmed.
    pub unreadable: Vec<UnreadableEntry>,
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
        }
    }
}
