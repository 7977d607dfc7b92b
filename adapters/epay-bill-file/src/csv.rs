//! Rows as CSV (RFC 4180): the first line names the columns, in any order. A quoted field ends on its own line.

use csv_core::{ReadRecordResult, Reader};

use crate::fields::Fields;
use crate::parts;
use crate::reader::{FileFault, LINE_BYTES_MAX};

/// Most columns of a file.
pub const COLUMNS_MAX: usize = 32;
/// What a file must have.
const REQUIRED: [&str; 5] = ["document", "bill_type", "number", "amount", "due_date"];

/// A column of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Action,
    Document,
    Revision,
    BillType,
    Number,
    Amount,
    Currency,
    DueDate,
    Description,
    Lines,
    Parts,
    Instalments,
    SecondFactor,
    LicenceMark,
    LicenceExpiry,
    Reason,
}

impl Column {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "action" => Self::Action,
            "document" => Self::Document,
            "revision" => Self::Revision,
            "bill_type" => Self::BillType,
            "number" => Self::Number,
            "amount" => Self::Amount,
            "currency" => Self::Currency,
            "due_date" => Self::DueDate,
            "description" => Self::Description,
            "lines" => Self::Lines,
            "parts" => Self::Parts,
            "instalments" => Self::Instalments,
            "second_factor" => Self::SecondFactor,
            "licence_mark" => Self::LicenceMark,
            "licence_expiry" => Self::LicenceExpiry,
            "reason" => Self::Reason,
            _ => return None,
        })
    }

    fn put(self, fields: &mut Fields, text: &str) -> Result<(), &'static str> {
        let place = match self {
            Self::Action => &mut fields.action,
            Self::Document => &mut fields.document,
            Self::Revision => &mut fields.revision,
            Self::BillType => &mut fields.bill_type,
            Self::Number => &mut fields.number,
            Self::Amount => &mut fields.amount,
            Self::Currency => &mut fields.currency,
            Self::DueDate => &mut fields.due_date,
            Self::Description => &mut fields.description,
            Self::SecondFactor => &mut fields.second_factor,
            Self::LicenceMark => &mut fields.licence_mark,
            Self::LicenceExpiry => &mut fields.licence_expiry,
            Self::Reason => &mut fields.reason,
            Self::Lines => {
                fields.shares = pairs(text, "revenue lines are written code=amount, parted by ;")?;
                return Ok(());
            }
            Self::Parts => {
                fields.parts = parts::of_cell(text)?;
                return Ok(());
            }
            Self::Instalments => {
                fields.instalments =
                    pairs(text, "instalments are written day=amount, parted by ;")?;
                return Ok(());
            }
        };
        text.clone_into(place);
        Ok(())
    }
}

/// `02-rates=2325.00;02-gr=1395.00`, or `2026-01-05=2700.00;2026-04-08=900.00`.
fn pairs(text: &str, rule: &'static str) -> Result<Vec<(String, String)>, &'static str> {
    text.split_terminator(';')
        .map(|pair| {
            pair.split_once('=')
                .map(|(name, amount)| (name.to_owned(), amount.to_owned()))
                .ok_or(rule)
        })
        .collect()
}

/// Reads lines of one file.
#[derive(Debug)]
pub(crate) struct Table {
    reader: Reader,
    columns: Vec<Column>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self {
            reader: Reader::new(),
            columns: vec![],
            text: vec![0; LINE_BYTES_MAX],
            ends: vec![0; COLUMNS_MAX],
        }
    }

    /// The first line.
    pub(crate) fn header(&mut self, line: &[u8]) -> Result<(), FileFault> {
        let refused = |message: String| FileFault::new("HEADER_UNKNOWN", message);
        let cells = self
            .cut(line)
            .map_err(|words| refused(format!("the first line must name the columns: {words}")))?;
        let mut columns = vec![];
        for cell in &cells {
            let column = Column::of(cell)
                .ok_or_else(|| refused(format!("{:?} is no column of a bill file", shown(cell))))?;
            if columns.contains(&column) {
                return Err(refused(format!("the column {cell} is there twice")));
            }
            columns.push(column);
        }
        if let Some(missing) = REQUIRED
            .iter()
            .find(|name| !cells.iter().any(|cell| cell == *name))
        {
            return Err(refused(format!("the column {missing} is missing")));
        }
        self.columns = columns;
        Ok(())
    }

    /// Any other line.
    pub(crate) fn row(&mut self, line: &[u8]) -> Result<Fields, String> {
        let cells = self.cut(line)?;
        if cells.len() != self.columns.len() {
            let (found, named) = (cells.len(), self.columns.len());
            return Err(format!("it has {found} fields, the header names {named}"));
        }
        let mut fields = Fields::default();
        for (column, cell) in self.columns.iter().zip(&cells) {
            column.put(&mut fields, cell.trim())?;
        }
        Ok(fields)
    }

    /// Cuts a line into its cells.
    fn cut(&mut self, line: &[u8]) -> Result<Vec<String>, String> {
        self.reader.reset();
        let (mut written, mut fields) = (0_usize, 0_usize);
        // The line, then its end: a quoted field that is still open then has no record.
        for input in [line, b"\n".as_slice()] {
            let mut input = input;
            while !input.is_empty() {
                let text = self.text.get_mut(written..).unwrap_or_default();
                let ends = self.ends.get_mut(fields..).unwrap_or_default();
                let (result, taken, put, ended) = self.reader.read_record(input, text, ends);
                input = input.get(taken..).unwrap_or_default();
                written = written.saturating_add(put);
                fields = fields.saturating_add(ended);
                match result {
                    ReadRecordResult::InputEmpty => {}
                    ReadRecordResult::OutputFull => return Err("it is too long".to_owned()),
                    ReadRecordResult::OutputEndsFull => {
                        return Err(format!("it has more than {COLUMNS_MAX} fields"));
                    }
                    ReadRecordResult::Record => return self.cells(fields),
                    ReadRecordResult::End => return Err("it is empty".to_owned()),
                }
            }
        }
        Err("a quoted field does not end on its line".to_owned())
    }

    fn cells(&self, fields: usize) -> Result<Vec<String>, String> {
        let mut start = 0;
        let ends = self.ends.get(..fields).unwrap_or_default();
        ends.iter()
            .map(|end| {
                let cell = self.text.get(start..*end).unwrap_or_default();
                start = *end;
                core::str::from_utf8(cell)
                    .map(str::to_owned)
                    .map_err(|_not_utf8| "it is not UTF-8".to_owned())
            })
            .collect()
    }
}

/// A cell that may be anything, cut to what a message can hold.
fn shown(cell: &str) -> String {
    cell.chars().take(32).collect()
}
