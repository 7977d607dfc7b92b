//! What statements say, whatever their format.

use core::fmt;

use epay_camt::Direction;
use epay_camt::statement::Kind;
use epay_money::{Currency, Money};
use jiff::civil::Date;

/// One thing that became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A statement begins.
    Opened(Opened),
    /// One row of it.
    Row(Row),
    /// One row of it that cannot be read.
    Bad(BadRow),
    /// It ends.
    Closed(Closed),
}

/// A statement begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it is for.
    pub kind: Kind,
    /// The message and its version, for instance `camt.053.001.08` or `MT940`.
    pub format: String,
    /// The bank's id of it, unique within the account. An MT940 has none of its own: its reference, its number and the
    /// day of its opening balance make one.
    pub id: String,
    /// The bank's number of it.
    pub sequence_number: Option<i64>,
    /// The account.
    pub account: String,
    /// The account's currency.
    pub currency: Currency,
    /// The balance at the start; below zero for a debit balance.
    pub opening: Option<Money>,
}

/// A statement ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Rows as written, readable or not.
    pub rows: u32,
    /// The first day that it covers.
    pub from_date: Option<Date>,
    /// The last day that it covers.
    pub to_date: Date,
    /// The balance at the end.
    pub closing: Option<Money>,
    /// How many rows its own summary counts.
    pub declared_rows: Option<i64>,
    /// The sum of credits in its summary, in minor units.
    pub declared_credits_minor: Option<i64>,
    /// The sum of debits in its summary, in minor units.
    pub declared_debits_minor: Option<i64>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number within the statement, from 1.
    pub row: u32,
    /// Its entry, or one for each transaction that it lists.
    pub entries: Vec<Entry>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which way, seen from the account holder.
    pub direction: Direction,
    /// How much; always positive.
    pub amount: Money,
    /// The day the bank booked it.
    pub booking_date: Date,
    /// The day from which the bank counts it.
    pub value_date: Date,
    /// The bank's own reference; where an MT940 has none, the statement's id and what the entry says.
    pub bank_reference: String,
    /// A reference of ours that it carries.
    pub reference: Option<String>,
    /// A bill number that it carries.
    pub bill_number: Option<String>,
    /// The payer's side's end-to-end identification.
    pub end_to_end_id: Option<String>,
    /// The clearing system's own reference.
    pub clearing_reference: Option<String>,
    /// It undoes an earlier entry.
    pub reversal: bool,
    /// The bank's code for why something was returned.
    pub return_reason: Option<String>,
    /// How many payments it is for.
    pub items: u32,
    /// The bank's code of what kind of entry it is.
    pub code: Option<String>,
    /// The bank has booked it, as far as it says.
    pub booked: bool,
}

/// One row that cannot be read.
#[derive(Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its number within the statement, from 1.
    pub row: u32,
    /// Where in the file.
    pub path: String,
    /// A stable word for counters and lists.
    pub code: &'static str,
    /// What is wrong, for a person. Never quotes the file.
    pub message: String,
    /// The row as it came.
    pub raw: Vec<u8>,
}

/// Everything but the bytes, which may name people.
impl fmt::Debug for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadRow")
            .field("row", &self.row)
            .field("path", &self.path)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("raw_bytes", &self.raw.len())
            .finish()
    }
}

/// Why nothing of a file can be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file cannot be read at {path}: {message}")]
pub struct Unreadable {
    /// A stable word for counters and lists.
    pub code: &'static str,
    /// Where in the file.
    pub path: String,
    /// What is wrong, for a person. Never quotes the file.
    pub message: String,
}
