//! The file as a whole: lines out of pieces, rows out of lines.

use crate::csv::Table;
use crate::fields::Fields;
use crate::ndjson;
use crate::row::{Fault, Row};

/// Longest line, without its end.
pub const LINE_BYTES_MAX: usize = 16 * 1_024;
/// Most rows of a file: twice what the largest department sends in a quarter.
pub const ROWS_MAX: u64 = 5_000_000;
/// What some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How the rows are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl Format {
    /// The format that a file's name promises.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// Why a file is not read on. The rows before it stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FileFault {
    /// A stable code.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub message: String,
}

impl FileFault {
    pub(crate) const fn new(code: &'static str, message: String) -> Self {
        Self { code, message }
    }
}

#[derive(Debug)]
enum Rows {
    CsvHeader,
    Csv(Box<Table>),
    Ndjson,
}

/// Reads one file from front to back.
#[derive(Debug)]
pub struct Reader {
    rows: Rows,
    line: u64,
    taken: u64,
    /// The beginning of a line whose end is in the next piece.
    rest: Vec<u8>,
    /// The line is longer than it may be: it is read to its end, and is one fault.
    too_long: bool,
}

/// What came of a line.
pub type Read = Result<Row, Vec<Fault>>;

impl Reader {
    /// A reader of a new file.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            rows: match format {
                Format::Csv => Rows::CsvHeader,
                Format::Ndjson => Rows::Ndjson,
            },
            line: 0,
            taken: 0,
            rest: vec![],
            too_long: false,
        }
    }

    /// Takes the next bytes; what lines are whole now is put into `out`.
    ///
    /// # Errors
    /// [`FileFault`]: nothing after it is read.
    pub fn feed(&mut self, mut piece: &[u8], out: &mut Vec<Read>) -> Result<(), FileFault> {
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = piece.split_at_checked(end).unwrap_or_default();
            piece = rest.get(1..).unwrap_or_default();
            self.keep(line);
            self.end_line(out)?;
        }
        self.keep(piece);
        Ok(())
    }

    /// Takes the end of the file.
    ///
    /// # Errors
    /// [`FileFault`] where there was not even a header.
    pub fn end(mut self, out: &mut Vec<Read>) -> Result<(), FileFault> {
        if !self.rest.is_empty() {
            self.end_line(out)?;
        }
        match self.rows {
            Rows::CsvHeader => {
                let words = "the file is empty; its first line must name the columns";
                Err(FileFault::new("HEADER_MISSING", words.to_owned()))
            }
            Rows::Csv(_) | Rows::Ndjson => Ok(()),
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.rest.len().saturating_add(piece.len()) > LINE_BYTES_MAX {
            self.too_long = true;
        } else {
            self.rest.extend_from_slice(piece);
        }
    }

    fn end_line(&mut self, out: &mut Vec<Read>) -> Result<(), FileFault> {
        self.line = self.line.saturating_add(1);
        let kept = core::mem::take(&mut self.rest);
        let too_long = core::mem::take(&mut self.too_long);
        let line = kept.strip_suffix(b"\r").unwrap_or(&kept);
        let line = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(line) if self.line == 1 => line,
            _ => line,
        };
        let read = if too_long {
            Err(format!("it is longer than {LINE_BYTES_MAX} bytes"))
        } else if line.trim_ascii().is_empty() {
            return Ok(());
        } else {
            match &mut self.rows {
                Rows::CsvHeader => return self.header(line),
                Rows::Csv(table) => table.row(line),
                Rows::Ndjson => ndjson::row(line),
            }
        };
        self.taken = self.taken.saturating_add(1);
        if self.taken > ROWS_MAX {
            let words = format!("a file has at most {ROWS_MAX} rows");
            return Err(FileFault::new("TOO_MANY_ROWS", words));
        }
        out.push(self.judge(read));
        self.rest = kept;
        self.rest.clear();
        Ok(())
    }

    fn header(&mut self, line: &[u8]) -> Result<(), FileFault> {
        let mut table = Table::new();
        table.header(line)?;
        self.rows = Rows::Csv(Box::new(table));
        Ok(())
    }

    fn judge(&self, read: Result<Fields, String>) -> Read {
        match read {
            Ok(fields) => fields.read(self.line),
            Err(message) => Err(vec![Fault {
                line: self.line,
                document: None,
                field: "row",
                code: "ROW_MALFORMED",
                message,
            }]),
        }
    }
}
