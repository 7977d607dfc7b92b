//! Why a file, or one row of it, cannot be read.

use core::fmt;

/// Why nothing of a file can be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file cannot be read at line {line}: {message}")]
pub struct Unreadable {
    /// Which kind of fault.
    pub kind: UnreadableKind,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, for a person. Never quotes the file.
    pub message: &'static str,
}

/// The kinds of fault that make a whole file unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnreadableKind {
    /// A line or field longer than is read.
    TooLarge,
    /// More rows or statements than are read.
    TooManyRows,
    /// It does not have the form of a statement.
    Malformed,
    /// It ends in the middle of a statement.
    Unfinished,
}

/// A row that cannot be read, apart from its neighbours.
#[derive(Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its number within the statement, from 1.
    pub row: u32,
    /// The line of the file that it begins on, from 1.
    pub line: u64,
    /// A stable word for counters and lists.
    pub code: &'static str,
    /// What is wrong, for a person. Never quotes the file.
    pub message: &'static str,
    /// The row as it came.
    pub raw: Vec<u8>,
}

/// Everything but the bytes, which may name people.
impl fmt::Debug for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadRow")
            .field("row", &self.row)
            .field("line", &self.line)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("raw_bytes", &self.raw.len())
            .finish()
    }
}

/// What is wrong with a row or a head: a stable word, and words for a person.
pub(crate) type Wrong = (&'static str, &'static str);
