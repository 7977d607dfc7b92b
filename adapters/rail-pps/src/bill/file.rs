//! The file as a whole, read line by line in memory that does not grow with it.
//!
//! Order: header, details, trailer, nothing after it. A detail that breaks a rule is unreadable alone; a file that is
//! cut off, out of order or does not add up is unreadable as a whole. The settlement report has the same records under a
//! header of its own, and says at its end what each merchant is credited with ([`Credits`]). Bounds: [`LINE_BYTES_MAX`] a
//! line, [`DETAILS_MAX`] details.

use epay_rail::{Decoded, FileReader, Unreadable, UnreadableKind};
use jiff::civil::Date;

use super::credits::Credits;
use super::record::{Fields, SEPARATOR, date, moment};
use super::totals::Totals;
use crate::fault::unreadable;

/// The word by which a header names the layout.
pub const FILE_KIND: &str = "EPAY-PPS-BILL";
/// The same for the report of what merchants are credited with.
pub const REPORT_KIND: &str = "EPAY-PPS-SETTLEMENT";
/// The layout's version.
pub const LAYOUT_VERSION: &str = "1";

/// The longest line, without its end.
const LINE_BYTES_MAX: usize = 256;
/// The most details of one file: more than every household pays on one day.
const DETAILS_MAX: u64 = 20_000_000;
/// The longest name of a file.
const FILE_ID_BYTES_MAX: usize = 32;
/// Fields of a header: letter, kind, version, file id, made at, business date.
const HEADER_FIELDS: usize = 6;
/// Fields of a trailer: letter, count, amount total, hash total.
const TRAILER_FIELDS: usize = 4;

/// Where in the file the reader is.
#[derive(Debug)]
enum Place {
    Header,
    Details { business_date: Date },
    Ended,
}

/// Reads one file.
#[derive(Debug)]
pub(crate) struct Reader {
    place: Place,
    name: Option<String>,
    totals: Totals,
    /// What a settlement report credits.
    credits: Option<Credits>,
    /// The beginning of a line whose end is in the next chunk.
    rest: Vec<u8>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            place: Place::Header,
            name: None,
            totals: Totals::default(),
            credits: None,
            rest: Vec::new(),
        }
    }

    fn line(&mut self, line: &[u8], out: &mut Decoded) -> Result<(), Unreadable> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.place {
            Place::Header => {
                let (name, is_report, business_date) = header(line)?;
                self.credits = is_report.then(|| Credits::of(&name, business_date));
                self.name = Some(name);
                self.place = Place::Details { business_date };
                Ok(())
            }
            Place::Details { business_date } => match line.first() {
                Some(b'D') => self.detail(line, business_date, out),
                Some(b'T') => {
                    self.place = Place::Ended;
                    self.trailer(line)?;
                    match self.credits.take() {
                        Some(credits) => out.payouts.extend(credits.payouts()),
                        None => out.tells_day = Some(business_date),
                    }
                    Ok(())
                }
                _ => Err(unreadable(
                    UnreadableKind::Malformed,
                    self.after("record"),
                    "after the header come details, then the trailer",
                )),
            },
            Place::Ended => Err(unreadable(
                UnreadableKind::WrongTotals,
                "trailer",
                "something follows the trailer",
            )),
        }
    }

    fn detail(
        &mut self,
        line: &[u8],
        business_date: Date,
        out: &mut Decoded,
    ) -> Result<(), Unreadable> {
        if self.totals.count >= DETAILS_MAX {
            return Err(unreadable(
                UnreadableKind::TooManyEntries,
                "detail",
                format!("a file holds at most {DETAILS_MAX} details"),
            ));
        }
        let index = usize::try_from(self.totals.count).unwrap_or(usize::MAX);
        let fields = Fields::cut(line);
        self.totals.add(fields.bill_number, fields.amount);
        if let Some(credits) = &mut self.credits {
            credits.add(&fields)?;
        }
        match fields.report(index, business_date) {
            Ok(report) => out.add(index, report),
            Err(fault) => out.unreadable.push(fault),
        }
        Ok(())
    }

    fn trailer(&self, line: &[u8]) -> Result<(), Unreadable> {
        let wrong = |message: String| unreadable(UnreadableKind::WrongTotals, "trailer", message);
        let fields: Vec<&[u8]> = line.split(|byte| *byte == SEPARATOR).collect();
        let [b"T", count, amount, hash] = fields[..] else {
            return Err(wrong(format!("a trailer has {TRAILER_FIELDS} fields")));
        };
        let number = |field: &[u8]| {
            let plain = !field.is_empty() && field.iter().all(u8::is_ascii_digit);
            let text = core::str::from_utf8(field).ok().filter(|_| plain)?;
            text.parse::<u64>().ok()
        };
        let said = [count, amount, hash].map(number);
        let [Some(count), Some(amount), Some(hash)] = said else {
            return Err(wrong("its totals are digits".to_owned()));
        };
        let (said, found) = (
            Totals {
                count,
                amount,
                hash,
            },
            self.totals,
        );
        let rows = [
            ("count", said.count, found.count),
            ("amount total", said.amount, found.amount),
            ("hash total", said.hash, found.hash),
        ];
        match rows.into_iter().find(|(_, said, found)| said != found) {
            None => Ok(()),
            Some((what, said, found)) => Err(wrong(format!(
                "its {what} is {said}, but the details give {found}"
            ))),
        }
    }

    /// The place of the next record.
    fn after(&self, what: &str) -> String {
        format!("{what} {}", self.totals.count.saturating_add(2))
    }

    /// Takes the beginning of a line whose end has not come.
    fn keep(&mut self, piece: &[u8]) -> Result<(), Unreadable> {
        if self.rest.len().saturating_add(piece.len()) > LINE_BYTES_MAX {
            return Err(unreadable(
                UnreadableKind::TextTooLong,
                self.after("record"),
                format!("a line has at most {LINE_BYTES_MAX} bytes"),
            ));
        }
        self.rest.extend_from_slice(piece);
        Ok(())
    }
}

impl FileReader for Reader {
    fn feed(&mut self, mut chunk: &[u8], out: &mut Decoded) -> Result<(), Unreadable> {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = chunk.split_at_checked(end).unwrap_or_default();
            chunk = rest.get(1..).unwrap_or_default();
            if self.rest.is_empty() && line.len() <= LINE_BYTES_MAX {
                self.line(line, out)?;
                continue;
            }
            self.keep(line)?;
            let whole = core::mem::take(&mut self.rest);
            self.line(&whole, out)?;
            self.rest = whole;
            self.rest.clear();
        }
        self.keep(chunk)
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn end(mut self: Box<Self>, out: &mut Decoded) -> Result<(), Unreadable> {
        if !self.rest.is_empty() {
            let last = core::mem::take(&mut self.rest);
            self.line(&last, out)?;
        }
        match self.place {
            Place::Ended => Ok(()),
            Place::Header => Err(unreadable(
                UnreadableKind::Malformed,
                "header",
                "there is no header",
            )),
            Place::Details { .. } => Err(unreadable(
                UnreadableKind::WrongTotals,
                "trailer",
                "there is no trailer: the file is cut off",
            )),
        }
    }
}

/// The file's id, whether it is a settlement report, and its day.
fn header(line: &[u8]) -> Result<(String, bool, Date), Unreadable> {
    let wrong = |kind, message: &str| unreadable(kind, "header", message);
    let fields: Vec<&[u8]> = line.split(|byte| *byte == SEPARATOR).collect();
    let [b"H", kind, version, id, made_at, business_date] = fields[..] else {
        let words = format!("a header has {HEADER_FIELDS} fields and begins with H");
        return Err(wrong(UnreadableKind::WrongMessage, &words));
    };
    let is_report = kind == REPORT_KIND.as_bytes();
    let known = is_report || kind == FILE_KIND.as_bytes();
    if !known || version != LAYOUT_VERSION.as_bytes() {
        let words =
            format!("it is neither {FILE_KIND} nor {REPORT_KIND}, version {LAYOUT_VERSION}");
        return Err(wrong(UnreadableKind::WrongMessage, &words));
    }
    let plain = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || *byte == b'-';
    let fits = (1..=FILE_ID_BYTES_MAX).contains(&id.len()) && id.iter().all(plain);
    let id = core::str::from_utf8(id).ok().filter(|_| fits);
    let (Some(id), Some(_made_at), Some(business_date)) =
        (id, moment(made_at), date(business_date))
    else {
        let words = "its file id, moment or business date is malformed";
        return Err(wrong(UnreadableKind::Malformed, words));
    };
    Ok((id.to_owned(), is_report, business_date))
}
