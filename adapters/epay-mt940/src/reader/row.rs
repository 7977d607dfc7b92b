//! One row: `:61:` and its `:86:`, judged apart from its neighbours.

use epay_money::Currency;

use crate::fault::Wrong;
use crate::limits::FIELD_LINES_MAX;
use crate::{BadRow, Entry, Part, Row, field};

/// A row as written.
#[derive(Debug)]
pub(super) struct RawRow {
    row: u32,
    line: u64,
    lines: Vec<Vec<u8>>,
    narrative: Vec<Vec<u8>>,
}

impl RawRow {
    pub(super) const fn new(row: u32, line: u64, lines: Vec<Vec<u8>>) -> Self {
        Self {
            row,
            line,
            lines,
            narrative: Vec::new(),
        }
    }

    /// Takes the lines of a narrative; a second one goes on with the first.
    pub(super) fn narrate(&mut self, lines: &[Vec<u8>]) {
        let room = FIELD_LINES_MAX.saturating_sub(self.narrative.len());
        self.narrative.extend(lines.iter().take(room).cloned());
    }

    pub(super) fn judge(self, currency: Currency) -> Part {
        match self.entry(currency) {
            Ok(entry) => Part::Row(Row {
                row: self.row,
                entry,
            }),
            Err((code, message)) => Part::Bad(BadRow {
                row: self.row,
                line: self.line,
                code,
                message,
                raw: self.raw(),
            }),
        }
    }

    fn entry(&self, currency: Currency) -> Result<Entry, Wrong> {
        let lines = texts(&self.lines)?;
        let mut entry = field::entry(&lines, currency)?;
        let narrative = texts(&self.narrative)?;
        entry.narrative = narrative.into_iter().map(str::to_owned).collect();
        Ok(entry)
    }

    /// The row as it came, but for line ends.
    fn raw(&self) -> Vec<u8> {
        let mut raw = Vec::new();
        for (tag, lines) in [(":61:", &self.lines), (":86:", &self.narrative)] {
            for (place, line) in lines.iter().enumerate() {
                if place == 0 {
                    raw.extend_from_slice(tag.as_bytes());
                }
                raw.extend_from_slice(line);
                raw.push(b'\n');
            }
        }
        raw
    }
}

/// Lines as text. Banks in Hong Kong write more than SWIFT's set in narratives; what is no UTF-8 is no text.
fn texts(lines: &[Vec<u8>]) -> Result<Vec<&str>, Wrong> {
    lines
        .iter()
        .map(|line| {
            core::str::from_utf8(line)
                .ok()
                .filter(|text| text.bytes().all(|byte| !byte.is_ascii_control()))
                .ok_or(("bad_text", "the row holds bytes that are no text"))
        })
        .collect()
}

/// Reads one row, `:61:` with its `:86:`, as it would have been read in a statement of this currency.
///
/// # Errors
/// [`BadRow`] when it is still unreadable; it is also one when the bytes are not exactly one row.
pub fn read_row(raw: &[u8], currency: Currency) -> Result<Entry, BadRow> {
    let bad = |message| BadRow {
        row: 1,
        line: 1,
        code: "not_a_row",
        message,
        raw: raw.to_vec(),
    };
    let mut fields: Vec<(&str, Vec<Vec<u8>>)> = Vec::new();
    let lines = raw.split(|byte| *byte == b'\n');
    for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
        match (super::tag(line), fields.last_mut()) {
            (Some((tag, value)), _) => fields.push((tag, vec![value.to_vec()])),
            (None, Some((_tag, lines))) if !line.is_empty() => lines.push(line.to_vec()),
            (None, None) if !line.is_empty() => return Err(bad("it does not begin with :61:")),
            (None, _) => {}
        }
    }
    let mut fields = fields.into_iter();
    let Some(("61", lines)) = fields.next() else {
        return Err(bad("it does not begin with :61:"));
    };
    let mut row = RawRow::new(1, 1, lines);
    for (tag, lines) in fields {
        if tag != "86" {
            return Err(bad("it holds more than one row"));
        }
        row.narrate(&lines);
    }
    match row.judge(currency) {
        Part::Row(row) => Ok(row.entry),
        Part::Bad(row) => Err(row),
        Part::Opened(_) | Part::Closed(_) => Err(bad("it is not a row")),
    }
}
