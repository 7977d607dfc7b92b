//! Every bound of a message, named, with its reason. A message beyond one of them is set apart whole.

/// Bytes of one notice: 10,000 entries of some 400 bytes. The channel refuses larger bodies before this does.
pub(crate) const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Elements inside one another. The schema's deepest place is 17 below `Document`, an envelope adds a few.
pub(crate) const DEPTH_MAX: usize = 32;

/// Entries of one notice, and apart from that transaction details of one notice.
pub(crate) const ENTRIES_MAX: usize = 10_000;

/// Characters of one text: the longest that any version of the schema allows (`InstrCpy` of version 14).
pub(crate) const TEXT_CHARS_MAX: usize = 20_000;

/// Bytes of one element's name with its prefix. The schema's longest is 23.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// Attributes of one element. The schema has at most one, namespaces and schema locations add a few.
pub(crate) const ATTRIBUTES_MAX: usize = 16;

/// Bytes of one token of a statement: a text of the longest kind, in the widest characters, with room for white space.
pub(crate) const TOKEN_BYTES_MAX: usize = 256 * 1024;

/// Bytes of one entry of a statement with its details: it is held whole, so that it can be set apart as it came.
pub(crate) const ENTRY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Entries of one message with statements. A day of the whole city's bills is below it.
pub(crate) const STATEMENT_ENTRIES_MAX: u32 = 10_000_000;

/// Statements of one message: one an account.
pub(crate) const STATEMENTS_MAX: u32 = 10_000;
