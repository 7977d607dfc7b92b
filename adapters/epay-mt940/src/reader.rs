//! Reads a file as it arrives.
//!
//! Lines are put together to fields (`:61:` and what follows up to the next field), fields to statements. Headers of
//! SWIFT's blocks (`{1:…}`, `{4:`, `-}`) may be there or not; `-` alone ends a message as well. A fault in a row spoils the
//! row; a fault in a head or a balance ends the reading, because rows without their account are no evidence.

mod row;

pub use row::read_row;

use self::row::RawRow;
use crate::fault::{Unreadable, UnreadableKind};
use crate::limits::{
    ACCOUNT_CHARS_MAX, FIELD_LINES_MAX, LINE_BYTES_MAX, REFERENCE_CHARS_MAX, ROWS_MAX,
    STATEMENTS_MAX,
};
use crate::{Balance, Closing, Head, Part, field};

/// A field under way: its tag and its lines.
#[derive(Debug)]
struct Field {
    tag: String,
    line: u64,
    lines: Vec<Vec<u8>>,
}

/// The head of a message as far as it was read.
#[derive(Debug, Default)]
struct RawHead {
    reference: Option<String>,
    account: Option<String>,
    number: Option<(u32, Option<u32>)>,
}

/// A statement under way.
#[derive(Debug)]
struct Under {
    head: Head,
    rows: u32,
    /// It was cut by `:62M:`: the next message may go on with it.
    cut: Option<Balance>,
}

/// A file that is being read.
#[derive(Debug, Default)]
pub struct StatementReader {
    rest: Vec<u8>,
    line: u64,
    field: Option<Field>,
    head: RawHead,
    under: Option<Under>,
    row: Option<RawRow>,
    rows: u32,
    statements: u32,
}

impl StatementReader {
    /// At the beginning of a file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a piece of the file; what became whole by it is added to `out`.
    ///
    /// # Errors
    /// [`Unreadable`]: nothing of the file can be believed, and it is not fed any further.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            rest = after.get(1..).unwrap_or_default();
            if self.rest.is_empty() {
                self.take_line(line, out)?;
            } else {
                let mut whole = core::mem::take(&mut self.rest);
                whole.extend_from_slice(line);
                self.take_line(&whole, out)?;
            }
        }
        self.rest.extend_from_slice(rest);
        if self.rest.len() > LINE_BYTES_MAX {
            return Err(self.fault(UnreadableKind::TooLarge, "a line is too long"));
        }
        Ok(())
    }

    /// Says that the file is over.
    ///
    /// # Errors
    /// [`Unreadable`] when it is not whole.
    pub fn end(&mut self, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let last = core::mem::take(&mut self.rest);
        if !last.is_empty() {
            self.take_line(&last, out)?;
        }
        self.end_field(out)?;
        self.end_row(out);
        if self.under.as_ref().is_some_and(|under| under.cut.is_none())
            || self.head.account.is_some()
        {
            let words = "it ends in the middle of a statement";
            return Err(self.fault(UnreadableKind::Unfinished, words));
        }
        self.end_statement(None, out);
        if self.statements == 0 {
            return Err(self.fault(UnreadableKind::Malformed, "it holds no statement"));
        }
        Ok(())
    }

    fn take_line(&mut self, line: &[u8], out: &mut Vec<Part>) -> Result<(), Unreadable> {
        self.line = self.line.saturating_add(1);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > LINE_BYTES_MAX {
            return Err(self.fault(UnreadableKind::TooLarge, "a line is too long"));
        }
        let line = match self.line {
            1 => line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line),
            _ => line,
        };
        // A block header may stand right before the first field, and its brace opens the text block.
        let line = match line.strip_prefix(b"{") {
            Some(_block) => {
                let after = line.windows(3).position(|three| three == b"{4:");
                let after = after.and_then(|at| line.get(at.saturating_add(3)..));
                match after {
                    Some(after) if !after.is_empty() => after,
                    _ => return self.end_message(out),
                }
            }
            None => line,
        };
        if line == b"-" || line.starts_with(b"-}") {
            return self.end_message(out);
        }
        if let Some((tag, value)) = tag(line) {
            self.end_field(out)?;
            self.field = Some(Field {
                tag: tag.to_owned(),
                line: self.line,
                lines: vec![value.to_vec()],
            });
            return Ok(());
        }
        match &mut self.field {
            Some(field) if field.lines.len() < FIELD_LINES_MAX => {
                field.lines.push(line.to_vec());
                Ok(())
            }
            Some(_full) => Err(self.fault(UnreadableKind::TooLarge, "a field has too many lines")),
            None if line.iter().all(u8::is_ascii_whitespace) => Ok(()),
            None => Err(self.fault(UnreadableKind::Malformed, "a line stands outside any field")),
        }
    }

    fn end_message(&mut self, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        self.end_field(out)?;
        self.end_row(out);
        Ok(())
    }

    fn end_field(&mut self, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let Some(field) = self.field.take() else {
            return Ok(());
        };
        match field.tag.as_str() {
            "61" => {
                self.end_row(out);
                return self.begin_row(field);
            }
            "86" => {
                if let Some(row) = &mut self.row {
                    row.narrate(&field.lines);
                }
                return Ok(());
            }
            _ => self.end_row(out),
        }
        let value = self.value(&field)?;
        match field.tag.as_str() {
            "20" => {
                self.head = RawHead {
                    reference: Some(bounded(self, value, REFERENCE_CHARS_MAX)?),
                    ..RawHead::default()
                }
            }
            "25" | "25P" => self.head.account = Some(bounded(self, value, ACCOUNT_CHARS_MAX)?),
            "28C" | "28" => {
                let number = field::number(&value);
                let words = "the statement's number is no number";
                self.head.number =
                    Some(number.ok_or_else(|| self.fault(UnreadableKind::Malformed, words))?);
            }
            "60F" => self.open(&value, out)?,
            "60M" => self.go_on(&value, out)?,
            "62F" | "62M" => self.close(&value, field.tag == "62M", out)?,
            // Related references, available balances, the bank's own fields.
            _ => {}
        }
        Ok(())
    }

    /// The first line of a field of the head, as text.
    fn value(&self, field: &Field) -> Result<String, Unreadable> {
        let line = field.lines.first().map(Vec::as_slice).unwrap_or_default();
        let text = core::str::from_utf8(line).ok();
        let plain = text.filter(|text| text.bytes().all(|byte| !byte.is_ascii_control()));
        plain
            .map(|text| text.trim_end().to_owned())
            .ok_or_else(|| self.fault(UnreadableKind::Malformed, "a field of the head is no text"))
    }

    fn balance(&self, value: &str) -> Result<Balance, Unreadable> {
        field::balance(value).map_err(|words| self.fault(UnreadableKind::Malformed, words))
    }

    fn open(&mut self, value: &str, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let opening = self.balance(value)?;
        let unfinished = self.under.as_ref().is_some_and(|under| under.cut.is_none());
        if unfinished {
            let words = "a statement begins before the last one ended";
            return Err(self.fault(UnreadableKind::Malformed, words));
        }
        self.end_statement(None, out);
        let raw = core::mem::take(&mut self.head);
        let (Some(reference), Some(account), Some((number, _part))) =
            (raw.reference, raw.account, raw.number)
        else {
            let words = "the statement lacks its reference, account or number";
            return Err(self.fault(UnreadableKind::Malformed, words));
        };
        self.statements = self.statements.saturating_add(1);
        if self.statements > STATEMENTS_MAX {
            return Err(self.fault(UnreadableKind::TooManyRows, "more statements than are read"));
        }
        let head = Head {
            reference,
            account,
            number,
            opening,
        };
        out.push(Part::Opened(head.clone()));
        self.under = Some(Under {
            head,
            rows: 0,
            cut: None,
        });
        Ok(())
    }

    /// A message that goes on with the statement of the last one, or begins one whose first part is not here.
    fn go_on(&mut self, value: &str, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let same = self.under.as_ref().is_some_and(|under| {
            under.cut.is_some()
                && self.head.account.as_ref() == Some(&under.head.account)
                && self.head.number.map(|(number, _part)| number) == Some(under.head.number)
        });
        if !same {
            return self.open(value, out);
        }
        let balance = self.balance(value)?;
        let fits = self.under.as_mut().is_some_and(|under| {
            under
                .cut
                .take()
                .is_some_and(|cut| cut.amount == balance.amount)
        });
        self.head = RawHead::default();
        if fits {
            return Ok(());
        }
        let words = "a part of the statement does not open with the balance of the part before it";
        Err(self.fault(UnreadableKind::Malformed, words))
    }

    fn close(&mut self, value: &str, cut: bool, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let balance = self.balance(value)?;
        let Some(under) = &mut self.under else {
            return Err(self.fault(UnreadableKind::Malformed, "a balance closes no statement"));
        };
        if balance.amount.currency() != under.head.opening.amount.currency() {
            let words = "the statement closes in another currency";
            return Err(self.fault(UnreadableKind::Malformed, words));
        }
        if cut {
            under.cut = Some(balance);
        } else {
            self.end_statement(Some(balance), out);
        }
        Ok(())
    }

    fn begin_row(&mut self, field: Field) -> Result<(), Unreadable> {
        let Some(under) = self.under.as_mut().filter(|under| under.cut.is_none()) else {
            return Err(self.fault(
                UnreadableKind::Malformed,
                "a row stands outside any statement",
            ));
        };
        under.rows = under.rows.saturating_add(1);
        self.rows = self.rows.saturating_add(1);
        self.row = Some(RawRow::new(under.rows, field.line, field.lines));
        if self.rows > ROWS_MAX {
            return Err(self.fault(UnreadableKind::TooManyRows, "more rows than are read"));
        }
        Ok(())
    }

    fn end_row(&mut self, out: &mut Vec<Part>) {
        if let Some((row, under)) = self.row.take().zip(self.under.as_ref()) {
            out.push(row.judge(under.head.opening.amount.currency()));
        }
    }

    fn end_statement(&mut self, closing: Option<Balance>, out: &mut Vec<Part>) {
        if let Some(under) = self.under.take() {
            let rows = under.rows;
            out.push(Part::Closed(Closing { rows, closing }));
        }
    }

    const fn fault(&self, kind: UnreadableKind, message: &'static str) -> Unreadable {
        Unreadable {
            kind,
            line: self.line,
            message,
        }
    }
}

fn bounded(reader: &StatementReader, text: String, most: usize) -> Result<String, Unreadable> {
    if text.is_empty() || text.len() > most {
        let words = "a field of the head is empty or too long";
        return Err(reader.fault(UnreadableKind::Malformed, words));
    }
    Ok(text)
}

/// `:61:` and what follows it; a tag is two digits, or two digits and a letter.
fn tag(line: &[u8]) -> Option<(&str, &[u8])> {
    let rest = line.strip_prefix(b":")?;
    let end = rest.iter().take(4).position(|byte| *byte == b':')?;
    let tag = core::str::from_utf8(rest.get(..end)?).ok()?;
    let shaped = matches!(tag.as_bytes(), [a, b] | [a, b, b'A'..=b'Z'] if a.is_ascii_digit() && b.is_ascii_digit());
    let value = rest.get(end.saturating_add(1)..)?;
    shaped.then_some((tag, value))
}
