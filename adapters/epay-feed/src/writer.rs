//! A file in one shape, row by row.

use crate::camt::Camt;
use crate::csv::Csv;
use crate::mt940::Mt940;
use crate::{FeedHead, FeedRow, Totals};

/// A shape of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Our CSV: says everything.
    Csv,
    /// camt.053.001.08: an end-of-day statement with balances.
    Camt053,
    /// camt.054.001.08: a notice, item by item, without balances.
    Camt054,
    /// MT940.
    Mt940,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Camt053, Self::Camt054, Self::Mt940];

    /// A stable word for storage and interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Camt053 => "camt053",
            Self::Camt054 => "camt054",
            Self::Mt940 => "mt940",
        }
    }

    /// What its files' names end with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Camt053 => "camt053.xml",
            Self::Camt054 => "camt054.xml",
            Self::Mt940 => "sta",
        }
    }
}

/// A file that is being written: [`Writer::open`], then every row in the order of the lines, then [`Writer::close`].
#[derive(Debug)]
pub struct Writer {
    head: FeedHead,
    totals: Totals,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Csv(Csv),
    Camt(Camt),
    Mt940(Mt940),
}

impl Writer {
    /// A file that nothing is written of yet. The totals must be those of the rows that follow.
    #[must_use]
    pub fn new(shape: Shape, head: FeedHead, totals: Totals) -> Self {
        let body = match shape {
            Shape::Csv => Body::Csv(Csv::default()),
            Shape::Camt053 => Body::Camt(Camt::statement()),
            Shape::Camt054 => Body::Camt(Camt::notice()),
            Shape::Mt940 => Body::Mt940(Mt940::default()),
        };
        Self { head, totals, body }
    }

    /// What stands before the rows.
    pub fn open(&mut self, out: &mut Vec<u8>) {
        match &mut self.body {
            Body::Csv(csv) => csv.open(&self.head, out),
            Body::Camt(camt) => camt.open(&self.head, &self.totals, out),
            Body::Mt940(mt940) => mt940.open(&self.head, out),
        }
    }

    /// The next row.
    pub fn row(&mut self, row: &FeedRow, out: &mut Vec<u8>) {
        match &mut self.body {
            Body::Csv(csv) => csv.row(row, out),
            Body::Camt(camt) => camt.row(self.head.currency, row, out),
            Body::Mt940(mt940) => mt940.row(self.head.currency, row, out),
        }
    }

    /// What stands after them.
    pub fn close(&mut self, out: &mut Vec<u8>) {
        match &mut self.body {
            Body::Csv(csv) => csv.close(&self.totals, out),
            Body::Camt(camt) => camt.close(&self.totals, out),
            Body::Mt940(mt940) => mt940.close(&self.head, &self.totals, out),
        }
    }
}

/// The account that a statement is of: what the department has with the gateway.
pub(crate) fn account(head: &FeedHead) -> String {
    format!(
        "EPG-{}-{}",
        head.department.to_ascii_uppercase(),
        head.currency.code()
    )
}
