//! What a row says, once it was read.

use core::fmt;

use epay_money::{BillTypeCode, Money};
use jiff::civil::Date;

/// What a row asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Issue the demand.
    Issue,
    /// Replace what an issued demand says.
    Revise,
    /// Take the demand back.
    Withdraw,
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file that it stands on, from 1.
    pub line: u64,
    /// What it asks for.
    pub action: Action,
    /// The department's own name of the demand: the same in every row and file about it, and never used for another.
    pub document: String,
    /// Counts the revisions of the demand; 0 for the demand as it was issued.
    pub revision: i32,
    /// What is demanded; nothing where the demand is withdrawn.
    pub demand: Option<Demand>,
    /// Why, where it is withdrawn.
    pub reason: String,
}

/// What is demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The kind of bill.
    pub bill_type: BillTypeCode,
    /// The number printed on it, as the department writes it.
    pub number: String,
    /// How much.
    pub amount: Money,
    /// Last day for payment, as printed.
    pub due_date: Date,
    /// The period or matter, as printed.
    pub description: String,
    /// What the amount is made of; empty where all of it belongs to the kind's default line.
    pub shares: Vec<Share>,
    /// What it demands for, where it is a consolidated demand; empty where it is for one thing.
    pub parts: Vec<Part>,
    /// By what instalments it may be paid; empty where it is paid at once.
    pub instalments: Vec<Instalment>,
    /// What a payer must know beside the number, as the department writes it; empty where nothing is asked.
    pub second_factor: String,
    /// The vehicle licence that it renews.
    pub licence: Option<Licence>,
}

/// The vehicle licence that a demand renews.
#[derive(Clone, PartialEq, Eq)]
pub struct Licence {
    /// The registration mark: letters and digits, capitals, without spaces.
    pub mark: String,
    /// Its last day.
    pub expires_on: Date,
}

/// A mark leads to a person: none is printed.
impl fmt::Debug for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Licence")
            .field("expires_on", &self.expires_on)
            .finish_non_exhaustive()
    }
}

/// One instalment of a demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instalment {
    /// Last day for it.
    pub due_date: Date,
    /// Minor units.
    pub minor: i64,
}

/// A share of a demand that belongs to one revenue line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The line's code.
    pub code: String,
    /// Minor units.
    pub minor: i64,
}

/// One of the things that a consolidated demand is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The department's own reference of it.
    pub reference: String,
    /// The code of the revenue line that it belongs to.
    pub line: String,
    /// Minor units.
    pub minor: i64,
    /// What people call it: the address of a property, an item.
    pub label: String,
}

/// What is wrong with one field of one row. Nothing was done for the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line of the file, from 1.
    pub line: u64,
    /// The department's name of the demand, where it could be read.
    pub document: Option<String>,
    /// The field, by the name of its column; `row` where it is the row as a whole.
    pub field: &'static str,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub message: String,
}
