//! What a file holds, whatever its shape.

use epay_money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;

/// What stands before the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedHead {
    /// The department, as in its bills: `rvd`.
    pub department: String,
    /// The currency of every row.
    pub currency: Currency,
    /// The day that was closed.
    pub day: Date,
    /// Without a gap, from 1.
    pub sequence: u64,
    /// The net of all files before it, in minor units.
    pub opening_minor: i64,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

/// Which way a row goes, seen from the department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The department is owed more.
    Credit,
    /// It is owed less.
    Debit,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Credit, Self::Debit];

    /// A stable word for storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Debit => "debit",
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRow {
    /// Its place in the file, from 1.
    pub line: u32,
    /// What it is about: `P-` and a payment's id in 32 hexadecimal digits, or `J-` and a journal's where there is none.
    pub reference: String,
    /// The bill's number, where a bill is known.
    pub bill_number: Option<String>,
    /// The kind of bill.
    pub bill_type: Option<String>,
    /// The department's revenue line.
    pub revenue_line: String,
    /// The rail.
    pub rail: Option<String>,
    /// The rail's or bank's own reference.
    pub rail_reference: Option<String>,
    /// When the payer gave the instruction.
    pub instructed_at: Timestamp,
    /// The business day that it belongs to: earlier than the file's where it came late.
    pub of_day: Date,
    /// The day on which the money is in the bank.
    pub value_date: Date,
    /// Minor units, more than none.
    pub amount_minor: i64,
    /// Which way.
    pub direction: Direction,
    /// The reference of an earlier row that this one puts right.
    pub corrects: Option<String>,
}
