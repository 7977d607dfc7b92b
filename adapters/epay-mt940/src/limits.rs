//! Every bound of a file, named, with its reason.

/// Bytes of one line. The standard has at most 65; banks that put a whole narrative on one line stay far below this.
pub(crate) const LINE_BYTES_MAX: usize = 4_096;

/// Lines of one field. The standard has at most 6.
pub(crate) const FIELD_LINES_MAX: usize = 64;

/// Rows of one file. A day of the whole city's bills is below it.
pub(crate) const ROWS_MAX: u32 = 10_000_000;

/// Statements of one file: one an account.
pub(crate) const STATEMENTS_MAX: u32 = 10_000;

/// Characters of a reference (`:20:`, and both references of `:61:`).
pub(crate) const REFERENCE_CHARS_MAX: usize = 16;

/// Characters of an account (`:25:`).
pub(crate) const ACCOUNT_CHARS_MAX: usize = 35;

/// Characters of an amount with its comma (`15d`).
pub(crate) const AMOUNT_CHARS_MAX: usize = 15;

/// Characters of the supplementary details of a row.
pub(crate) const SUPPLEMENT_CHARS_MAX: usize = 34;
