//! One entry of a statement.

use epay_money::{BillerId, Money, StatementId};
use jiff::civil::Date;

/// Which way the money moved, seen from the account holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryDirection {
    /// Into the account.
    Credit,
    /// Out of the account.
    Debit,
}

impl EntryDirection {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Credit, Self::Debit];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Debit => "debit",
        }
    }
}

/// Whether an entry counts as a movement of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Money moved.
    Counts,
    /// An entry that counts already told of it: same account, bank's reference, direction and booking day.
    Repeated,
    /// Of an interim report or a notice: a statement will tell of it.
    Early,
    /// Of a statement that is set apart.
    SetApart,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Counts, Self::Repeated, Self::Early, Self::SetApart];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Repeated => "repeated",
            Self::Early => "early",
            Self::SetApart => "set_apart",
        }
    }
}

/// One entry of a statement, or one transaction of an entry that lists several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementEntry {
    /// The department that owns the account.
    pub biller: BillerId,
    /// The statement.
    pub statement: StatementId,
    /// Its place among the statement's rows, from 1.
    pub line: i32,
    /// The account at the bank.
    pub account: String,
    /// Which way.
    pub direction: EntryDirection,
    /// How much; always positive.
    pub amount: Money,
    /// The day the bank booked it.
    pub booking_date: Date,
    /// The day from which the bank counts it.
    pub value_date: Date,
    /// The bank's own reference, the same on every repeat.
    pub bank_reference: String,
    /// Ours, where it carries one.
    pub reference: Option<String>,
    /// The bill number that it carries.
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
    pub items: i32,
    /// The bank's code of what kind of entry it is.
    pub narrative_code: Option<String>,
    /// Whether it counts.
    pub standing: Standing,
}
