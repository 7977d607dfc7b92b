//! What a statement says.

use core::fmt;

use epay_money::Money;
use jiff::civil::Date;

/// One thing that became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A statement begins.
    Opened(Head),
    /// One row of it.
    Row(Row),
    /// One row of it that cannot be read.
    Bad(crate::BadRow),
    /// It ends.
    Closed(Closing),
}

/// What stands before the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The bank's reference of the message (`:20:`). Many banks write the same one every day.
    pub reference: String,
    /// The account (`:25:`).
    pub account: String,
    /// The statement's number (`:28C:`, before the slash). Most banks begin again with the year.
    pub number: u32,
    /// The balance at the start (`:60F:`); its currency is the statement's.
    pub opening: Balance,
}

/// A balance of an account at the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// How much; below zero for a debit balance.
    pub amount: Money,
    /// The day.
    pub date: Date,
}

/// What stands after the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// Rows as written, readable or not.
    pub rows: u32,
    /// The balance at the end (`:62F:`); nothing where the file ends before it.
    pub closing: Option<Balance>,
}

/// One row and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number within the statement, from 1.
    pub row: u32,
    /// What it says.
    pub entry: Entry,
}

/// Which way the money moved, seen from the account holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Into the account: `C`, or `RD`, the reversal of a debit.
    Credit,
    /// Out of the account: `D`, or `RC`, the reversal of a credit.
    Debit,
}

/// One entry: `:61:` and its `:86:`.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The day from which the bank counts it.
    pub value_date: Date,
    /// The day the bank booked it; the value date where the row has none.
    pub booking_date: Date,
    /// Which way.
    pub direction: Direction,
    /// It undoes an earlier entry.
    pub reversal: bool,
    /// How much; always positive.
    pub amount: Money,
    /// The kind of transaction, for instance `NTRF`.
    pub code: String,
    /// The account holder's reference; nothing when it says `NONREF`.
    pub customer_reference: Option<String>,
    /// The bank's reference.
    pub bank_reference: Option<String>,
    /// Supplementary details.
    pub supplement: Option<String>,
    /// `:86:`, line by line.
    pub narrative: Vec<String>,
}

/// Everything but free texts, which may name people.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("value_date", &self.value_date)
            .field("booking_date", &self.booking_date)
            .field("direction", &self.direction)
            .field("reversal", &self.reversal)
            .field("amount", &self.amount)
            .field("code", &self.code)
            .field("customer_reference", &self.customer_reference)
            .field("bank_reference", &self.bank_reference)
            .finish_non_exhaustive()
    }
}
