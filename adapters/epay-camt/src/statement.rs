//! Reads a bank's statement, account report or notice (`camt.053`, `camt.052`, `camt.054`, any version `001.xx`) as it
//! arrives, in flat memory.
//!
//! [`StatementReader::feed`] takes the message piece by piece and gives, for each statement in it: its head, then a row for
//! each `Ntry`, then its close. The head is everything that stands before the first entry: id, number, account, balances
//! and summary. A row is judged by the rules of notices; one that cannot be read comes out alone, with its bytes, and can be
//! read again by [`read_row`] after a mend. What ends the whole message is in the reader of streams and here: a head that
//! cannot be read, because money without its account or statement without its id is no evidence; too many entries.

mod head;
mod model;
mod row;

pub use model::{BadRow, Closing, Entry, Head, Kind, Part, Row, RowContext};
pub use row::read_row;

use self::head::RawHead;
use crate::fault::{EntryFault, Wrong};
use crate::limits::ENTRIES_MAX;
use crate::limits::{STATEMENT_ENTRIES_MAX, STATEMENTS_MAX};
use crate::notice::entry::{RawDetail, RawEntry};
use crate::notice::judge::{Around, movements};
use crate::stream::{Here, Step, Stream, Visitor};
use crate::{Unreadable, UnreadableKind, dates};

/// The beginnings of the namespaces that are read.
const NAMESPACES: [&str; 3] = [
    "urn:iso:std:iso:20022:tech:xsd:camt.052.001.",
    "urn:iso:std:iso:20022:tech:xsd:camt.053.001.",
    "urn:iso:std:iso:20022:tech:xsd:camt.054.001.",
];
const NAMESPACE_ROOT: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// A message that is being read.
#[derive(Debug)]
pub struct StatementReader {
    stream: Stream,
    reading: Reading,
}

impl Default for StatementReader {
    fn default() -> Self {
        Self::new()
    }
}

impl StatementReader {
    /// At the beginning of a message.
    #[must_use]
    pub fn new() -> Self {
        Self {
            stream: Stream::new(&NAMESPACES),
            reading: Reading::default(),
        }
    }

    /// Takes a piece of the message; what became whole by it is added to `out`.
    ///
    /// # Errors
    /// [`Unreadable`]: nothing of the message can be believed, and it is not fed any further.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let outcome = self.stream.feed(bytes, &mut self.reading);
        out.append(&mut self.reading.out);
        outcome
    }

    /// Says that the message is over.
    ///
    /// # Errors
    /// [`Unreadable`] when it is not whole, or is another message.
    pub fn end(&mut self, out: &mut Vec<Part>) -> Result<(), Unreadable> {
        let outcome = self.stream.end(&mut self.reading);
        out.append(&mut self.reading.out);
        outcome?;
        if self.reading.places.is_none() {
            let words = "it is no camt.052, camt.053 or camt.054";
            return Err(self.stream.fault(UnreadableKind::WrongMessage, words));
        }
        Ok(())
    }
}

/// Where the parts of this kind of message stand.
#[derive(Debug, Clone)]
struct Places {
    kind: Kind,
    /// `camt.053.001.08`.
    version: String,
    statement: &'static str,
    entry: &'static str,
}

macro_rules! places {
    ($kind:expr, $version:expr, $statement:literal) => {
        Places {
            kind: $kind,
            version: $version,
            statement: $statement,
            entry: concat!($statement, "/Ntry"),
        }
    };
}

impl Places {
    /// By the message's own element below `Document`; `None` for any other element.
    fn of(path: &str, namespace: &str) -> Option<Self> {
        let version = namespace.strip_prefix(NAMESPACE_ROOT).unwrap_or_default();
        let version = || version.to_owned();
        match path {
            "/Document/BkToCstmrStmt" => Some(places!(
                Kind::Statement,
                version(),
                "/Document/BkToCstmrStmt/Stmt"
            )),
            "/Document/BkToCstmrAcctRpt" => Some(places!(
                Kind::Interim,
                version(),
                "/Document/BkToCstmrAcctRpt/Rpt"
            )),
            "/Document/BkToCstmrDbtCdtNtfctn" => Some(places!(
                Kind::Notice,
                version(),
                "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn"
            )),
            _ => None,
        }
    }
}

/// A statement under way.
#[derive(Debug, Default)]
struct Under {
    head: RawHead,
    opened: Option<Head>,
    rows: u32,
}

/// What is known so far.
#[derive(Debug, Default)]
struct Reading {
    places: Option<Places>,
    /// `GrpHdr/CreDtTm`, for statements without a time of their own.
    created_at: Option<jiff::Timestamp>,
    under: Option<Under>,
    statements: u32,
    entries: u32,
    entry: Option<(u64, RawEntry)>,
    out: Vec<Part>,
}

impl Visitor for Reading {
    fn step(&mut self, step: Step, here: &Here<'_>) -> Result<(), Unreadable> {
        match step {
            Step::Open => self.open(here),
            Step::Leaf => {
                self.leaf(here)?;
                self.close(here)
            }
            Step::Close => self.close(here),
            Step::Spoilt => match &mut self.entry {
                Some((_start, entry)) => {
                    entry.spoil(
                        self.places.as_ref().map_or("", |places| places.entry),
                        here.path,
                    );
                    Ok(())
                }
                None => Err(whole(
                    UnreadableKind::Malformed,
                    here,
                    "a text is too long, or holds what XML does not allow",
                )),
            },
        }
    }

    fn holds_from(&self) -> Option<u64> {
        self.entry.as_ref().map(|(start, _entry)| *start)
    }
}

impl Reading {
    fn open(&mut self, here: &Here<'_>) -> Result<(), Unreadable> {
        let Some(places) = &self.places else {
            self.places = Places::of(here.path, here.namespace);
            return Ok(());
        };
        let Some(place) = here.path.strip_prefix(places.statement) else {
            return Ok(());
        };
        match place {
            "" => {
                self.statements = self.statements.saturating_add(1);
                self.under = Some(Under::default());
            }
            "/Ntry" => {
                self.entries = self.entries.saturating_add(1);
                self.entry = Some((here.start, RawEntry::default()));
            }
            "/Bal" => {
                if let Some(under) = &mut self.under {
                    under.head.begin_balance();
                }
            }
            "/Ntry/NtryDtls/TxDtls" => {
                if let Some((_start, entry)) = &mut self.entry {
                    entry.details.push(RawDetail::default());
                    if entry.details.len() > ENTRIES_MAX {
                        let words = format!("more than {ENTRIES_MAX} transactions in one entry");
                        return Err(whole(UnreadableKind::TooManyEntries, here, &words));
                    }
                }
            }
            _ => {}
        }
        if self.entries > STATEMENT_ENTRIES_MAX || self.statements > STATEMENTS_MAX {
            let words = "more entries or statements than are read";
            return Err(whole(UnreadableKind::TooManyEntries, here, words));
        }
        Ok(())
    }

    fn leaf(&mut self, here: &Here<'_>) -> Result<(), Unreadable> {
        let Some(places) = &self.places else {
            return Ok(());
        };
        if let Some((_start, entry)) = &mut self.entry {
            let place = here
                .path
                .strip_prefix(places.entry)
                .and_then(|rest| rest.strip_prefix('/'));
            if let Some(place) = place {
                entry.take(place, here.text, here.currency);
                entry.take_beside(place, here.text);
            }
            return Ok(());
        }
        if let (Some(under), Some(place)) =
            (&mut self.under, here.path.strip_prefix(places.statement))
        {
            return under
                .head
                .take(place, here.text, here.currency)
                .map_err(|words| whole(UnreadableKind::WrongMessage, here, words));
        }
        if here.path.ends_with("/GrpHdr/CreDtTm") {
            self.created_at = dates::moment(here.text);
        }
        Ok(())
    }

    fn close(&mut self, here: &Here<'_>) -> Result<(), Unreadable> {
        let Some(places) = &self.places else {
            return Ok(());
        };
        if here.path == places.entry {
            return self.close_entry(here);
        }
        if here.path == places.statement {
            let Some(mut under) = self.under.take() else {
                return Ok(());
            };
            let head = self.opened(&mut under, None, here)?;
            self.out.push(Part::Closed(Closing {
                rows: under.rows,
                ..head.closing()
            }));
        }
        Ok(())
    }

    /// The head of the statement under way, told on first sight. `currency`: of its first entry.
    fn opened(
        &mut self,
        under: &mut Under,
        currency: Option<&str>,
        here: &Here<'_>,
    ) -> Result<Head, Unreadable> {
        if let Some(head) = &under.opened {
            return Ok(head.clone());
        }
        let (kind, version) = self
            .places
            .as_ref()
            .map_or((Kind::Notice, String::new()), |places| {
                (places.kind, places.version.clone())
            });
        let head = under
            .head
            .judge(kind, version, currency, self.created_at)
            .map_err(|words| whole(UnreadableKind::WrongMessage, here, words))?;
        self.out.push(Part::Opened(head.clone()));
        under.opened = Some(head.clone());
        Ok(head)
    }

    fn close_entry(&mut self, here: &Here<'_>) -> Result<(), Unreadable> {
        let Some((start, entry)) = self.entry.take() else {
            return Ok(());
        };
        let Some(mut under) = self.under.take() else {
            return Ok(());
        };
        let currency = entry.amount.currency.as_deref();
        let head = self.opened(&mut under, currency, here)?;
        under.rows = under.rows.saturating_add(1);
        let row = under.rows;
        self.under = Some(under);
        let part = match entries(&entry, &head) {
            Ok(entries) => Part::Row(Row { row, entries }),
            Err(fault) => {
                let entry = format!("{}[{}]/Ntry[{row}]", here_statement(self), self.statements);
                let path = match fault.place.as_str() {
                    "" => entry,
                    place => format!("{entry}/{place}"),
                };
                Part::Bad(BadRow {
                    row,
                    path,
                    code: fault.wrong.code(),
                    message: fault.wrong.to_string(),
                    raw: here.bytes_since(start),
                })
            }
        };
        self.out.push(part);
        Ok(())
    }
}

fn here_statement(reading: &Reading) -> &'static str {
    reading
        .places
        .as_ref()
        .map_or("", |places| places.statement)
}

/// The entries of one `Ntry`, by the rules of notices; all in the statement's currency.
fn entries(entry: &RawEntry, head: &Head) -> Result<Vec<Entry>, EntryFault> {
    let around = Around {
        account: Some(&head.account),
        created_at: head.created_at,
    };
    let movements = movements(entry, around)?;
    if movements
        .iter()
        .any(|movement| movement.amount.currency() != head.currency)
    {
        return Err(EntryFault::at("Amt", Wrong::StatementCurrency));
    }
    // A batch that lists its transactions is one entry each; one that only counts them is one entry for all.
    let items = if movements.len() > 1 {
        1
    } else {
        entry.items.max(1)
    };
    Ok(movements
        .into_iter()
        .map(|movement| Entry {
            booked: matches!(movement.status.as_deref(), None | Some("BOOK")),
            movement,
            reversal: entry.reversal,
            items,
            code: entry.code(),
        })
        .collect())
}

fn whole(kind: UnreadableKind, here: &Here<'_>, words: &str) -> Unreadable {
    Unreadable {
        kind,
        path: here.path.to_owned(),
        message: format!("{words} (byte {})", here.start),
    }
}
