//! Why a message, or one entry of it, cannot be read.

/// Why nothing of a message can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be read at {path}: {message}")]
pub struct Unreadable {
    /// Which kind of fault.
    pub kind: UnreadableKind,
    /// Where in the message, in the format's own names; `/` for the whole of it.
    pub path: String,
    /// What is wrong, for a person. Never quotes the message.
    pub message: String,
}

/// The kinds of fault that make a whole message unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnreadableKind {
    /// More bytes than are read.
    TooLarge,
    /// Not UTF-8.
    WrongEncoding,
    /// Not well-formed.
    Malformed,
    /// Well-formed, but with a construct that is never read (a DTD, an entity of its own).
    Forbidden,
    /// Nested more deeply than is read.
    TooDeep,
    /// More entries than are read.
    TooManyEntries,
    /// One text longer than is read.
    TextTooLong,
    /// A readable message of another kind.
    WrongMessage,
}

/// An entry that cannot be read, apart from its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEntry {
    /// The entry's position in the message, from 0, over all accounts in it.
    pub index: usize,
    /// Where in the message, as a path of element names with positions from 1.
    pub path: String,
    /// A stable word for counters and lists.
    pub code: &'static str,
    /// What is wrong, for a person. Never quotes the message.
    pub message: String,
}
