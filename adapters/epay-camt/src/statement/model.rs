//! What a statement says.

use epay_money::{Currency, Money};
use jiff::{Timestamp, civil::Date};

use crate::Movement;

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `camt.053`: the end of a day.
    Statement,
    /// `camt.052`: what is booked so far.
    Interim,
    /// `camt.054`: single movements.
    Notice,
}

/// One thing that became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A statement begins.
    Opened(Head),
    /// One row of it.
    Row(Row),
    /// One row of it that cannot be read.
    Bad(BadRow),
    /// It ends.
    Closed(Closing),
}

/// What stands before the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What it is for.
    pub kind: Kind,
    /// The message and its version, for instance `camt.053.001.08`.
    pub version: String,
    /// The bank's id of the statement.
    pub id: String,
    /// Its number: `ElctrncSeqNb`, else `LglSeqNb`.
    pub sequence_number: Option<i64>,
    /// The account.
    pub account: String,
    /// The account's currency.
    pub currency: Currency,
    /// When the statement, or failing that the message, was made.
    pub created_at: Option<Timestamp>,
    /// The first day that it covers.
    pub from_date: Option<Date>,
    /// The last day that it covers: `FrToDt`, else the closing balance's day, else the day it was made.
    pub to_date: Date,
    /// The balance at the start (`OPBD`, else `PRCD`); below zero for a debit balance.
    pub opening: Option<Money>,
    /// The balance at the end (`CLBD`).
    pub closing: Option<Money>,
    /// How many entries its summary counts.
    pub declared_rows: Option<i64>,
    /// The sum of credits in its summary, in minor units.
    pub declared_credits_minor: Option<i64>,
    /// The sum of debits in its summary, in minor units.
    pub declared_debits_minor: Option<i64>,
}

impl Head {
    /// What the end of the statement says, which this format writes at its front.
    pub(crate) const fn closing(&self) -> Closing {
        Closing {
            rows: 0,
            from_date: self.from_date,
            to_date: self.to_date,
            closing: self.closing,
            declared_rows: self.declared_rows,
            declared_credits_minor: self.declared_credits_minor,
            declared_debits_minor: self.declared_debits_minor,
        }
    }
}

/// What is known at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Rows as written, readable or not.
    pub rows: u32,
    /// The first day that it covers.
    pub from_date: Option<Date>,
    /// The last day that it covers.
    pub to_date: Date,
    /// The balance at the end.
    pub closing: Option<Money>,
    /// How many entries its summary counts.
    pub declared_rows: Option<i64>,
    /// The sum of credits in its summary, in minor units.
    pub declared_credits_minor: Option<i64>,
    /// The sum of debits in its summary, in minor units.
    pub declared_debits_minor: Option<i64>,
}

/// One row: an `Ntry`.
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
    /// What moved.
    pub movement: Movement,
    /// The bank has booked it, as far as it says.
    pub booked: bool,
    /// It undoes an earlier entry (`RvslInd`).
    pub reversal: bool,
    /// How many payments it is for.
    pub items: u32,
    /// The bank's transaction code: `PMNT-RRCT-DMCT`, or its own word.
    pub code: Option<String>,
}

/// One row that cannot be read.
#[derive(Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its number within the statement, from 1.
    pub row: u32,
    /// Where in the message, as a path of element names with positions from 1.
    pub path: String,
    /// A stable word for counters and lists.
    pub code: &'static str,
    /// What is wrong, for a person. Never quotes the message.
    pub message: String,
    /// The row as it came.
    pub raw: Vec<u8>,
}

/// Everything but the bytes, which may name people.
impl core::fmt::Debug for BadRow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("BadRow")
            .field("row", &self.row)
            .field("path", &self.path)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("raw_bytes", &self.raw.len())
            .finish()
    }
}

/// What a row inherits from its statement when it is read again alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowContext {
    /// The statement's account.
    pub account: String,
    /// The statement's currency.
    pub currency: Currency,
    /// The day for entries that name none.
    pub created_at: Option<Timestamp>,
}
