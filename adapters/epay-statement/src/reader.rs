//! One reader for every format: the first byte that is no white space decides.

use epay_camt::statement as camt;
use epay_money::Currency;
use jiff::Timestamp;

use crate::{BadRow, Entry, Part, Unreadable};

/// The format of MT940 statements.
pub const FORMAT_MT940: &str = "MT940";

/// White space that may stand before a file's first character.
const BLANK_BYTES_MAX: usize = 1_024;

#[derive(Debug)]
enum Format {
    Undecided(Vec<u8>),
    Camt(Box<camt::StatementReader>, Vec<camt::Part>),
    Mt940(
        Box<epay_mt940::StatementReader>,
        crate::mt940::Around,
        Vec<epay_mt940::Part>,
    ),
}

/// A file that is being read.
#[derive(Debug)]
pub struct StatementReader {
    format: Format,
}

impl Default for StatementReader {
    fn default() -> Self {
        Self::new()
    }
}

impl StatementReader {
    /// At the beginning of a file.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            format: Format::Undecided(Vec::new()),
        }
    }

    /// Takes a piece of the file; what became whole by it is added to `out`.
    ///
    /// # Errors
    /// [`Unreadable`]: nothing of the file can be believed, and it is not fed any further.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Part>) -> Result<(), Unreadable> {
        if let Format::Undecided(front) = &mut self.format {
            front.extend_from_slice(bytes);
            let Some(decided) = decide(front)? else {
                return Ok(());
            };
            let front = core::mem::take(front);
            self.format = decided;
            return self.pass(&front, out);
        }
        self.pass(bytes, out)
    }

    /// Says that the file is over.
    ///
    /// # Errors
    /// [`Unreadable`] when it is not whole.
    pub fn end(&mut self, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        match &mut self.format {
            Format::Undecided(_) => Err(unknown("the file is empty")),
            Format::Camt(reader, parts) => {
                let outcome = reader.end(parts);
                out.extend(parts.drain(..).map(crate::camt::part));
                outcome.map_err(crate::camt::unreadable)
            }
            Format::Mt940(reader, around, parts) => {
                let outcome = reader.end(parts);
                out.extend(parts.drain(..).filter_map(|part| around.part(part)));
                outcome.map_err(|fault| crate::mt940::unreadable(&fault))
            }
        }
    }

    fn pass(&mut self, bytes: &[u8], out: &mut Vec<Part>) -> Result<(), Unreadable> {
        match &mut self.format {
            Format::Undecided(_) => Ok(()),
            Format::Camt(reader, parts) => {
                let outcome = reader.feed(bytes, parts);
                out.extend(parts.drain(..).map(crate::camt::part));
                outcome.map_err(crate::camt::unreadable)
            }
            Format::Mt940(reader, around, parts) => {
                let outcome = reader.feed(bytes, parts);
                out.extend(parts.drain(..).filter_map(|part| around.part(part)));
                outcome.map_err(|fault| crate::mt940::unreadable(&fault))
            }
        }
    }
}

/// The format, as soon as it shows.
fn decide(front: &mut Vec<u8>) -> Result<Option<Format>, Unreadable> {
    let text = front.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(front);
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some((at, byte)) = first.and_then(|at| Some((at, *text.get(at)?))) else {
        return if front.len() > BLANK_BYTES_MAX {
            Err(unknown("the file begins with nothing but white space"))
        } else {
            Ok(None)
        };
    };
    if byte == 0xEF && text.len() < 3 {
        return Ok(None);
    }
    match byte {
        b'<' => Ok(Some(Format::Camt(Box::default(), Vec::new()))),
        b'{' | b':' => {
            let blank = front.len().saturating_sub(text.len()).saturating_add(at);
            front.drain(..blank);
            Ok(Some(Format::Mt940(
                Box::default(),
                crate::mt940::Around::default(),
                Vec::new(),
            )))
        }
        _ => Err(unknown("the file is neither ISO 20022 XML nor MT940")),
    }
}

fn unknown(message: &str) -> Unreadable {
    Unreadable {
        code: "unknown_format",
        path: "/".to_owned(),
        message: message.to_owned(),
    }
}

/// What a row inherits from its statement when it is read again alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowContext {
    /// The statement's format.
    pub format: String,
    /// The bank's id of the statement.
    pub id: String,
    /// The row's number within it.
    pub row: u32,
    /// The statement's account.
    pub account: String,
    /// The statement's currency.
    pub currency: Currency,
    /// The end of the statement's last day, for entries that name no day.
    pub made_at: Option<Timestamp>,
}

/// Reads one row again that was set apart, or its correction.
///
/// # Errors
/// [`BadRow`] when it still cannot be read.
pub fn read_row(raw: &[u8], context: &RowContext) -> Result<Vec<Entry>, BadRow> {
    if context.format == FORMAT_MT940 {
        return epay_mt940::read_row(raw, context.currency)
            .map(|entry| vec![crate::mt940::entry_alone(entry, &context.id, context.row)])
            .map_err(crate::mt940::bad_row);
    }
    let around = camt::RowContext {
        account: context.account.clone(),
        currency: context.currency,
        created_at: context.made_at,
    };
    camt::read_row(raw, &around)
        .map(|entries| entries.into_iter().map(crate::camt::entry).collect())
        .map_err(crate::camt::bad_row)
}
