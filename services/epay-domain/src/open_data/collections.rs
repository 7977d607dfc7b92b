//! What departments collected in a month, by channel, as it may be published.
//!
//! Payments and refunds are tables of their own: a cell of many payments may hold few refunds. Where a count is left out,
//! everything that belongs to it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Suppression, Table, TableFault, suppress};

/// Stands for every department, and for every channel, in a row of totals.
pub const ALL: &str = "ALL";

/// What one department collected through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// The department.
    pub department: String,
    /// The channel.
    pub channel: String,
    /// Credits.
    pub payments: u64,
    /// What they brought, in cents.
    pub paid_minor: i64,
    /// Refunds that reached the payer.
    pub refunds: u64,
    /// What they took, in cents.
    pub refunded_minor: i64,
    /// Half of the payments were confirmed within so many seconds of their start.
    pub median_seconds: Option<i64>,
}

/// Counted and summed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many.
    pub count: u64,
    /// How much, in cents.
    pub minor: i64,
}

/// A row as it may be published. What is unset is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedRow {
    /// The department, or [`ALL`].
    pub department: String,
    /// The channel, or [`ALL`].
    pub channel: String,
    /// Payments.
    pub payments: Option<Figures>,
    /// Refunds.
    pub refunds: Option<Figures>,
    /// Only where payments are shown, there are some, and it is no total.
    pub median_seconds: Option<i64>,
}

/// What an earlier edition of the same month left out: department and channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Of payments.
    pub payments: BTreeSet<(String, String)>,
    /// Of refunds.
    pub refunds: BTreeSet<(String, String)>,
}

/// The rows of a month: every department with every channel, then the totals, so that no row is missing for a reason.
///
/// # Errors
/// [`TableFault`].
pub fn publish(
    departments: &[String],
    collected: &[Collected],
    before: &LeftOut,
) -> Result<Vec<PublishedRow>, TableFault> {
    let channels: BTreeSet<&str> = collected.iter().map(|one| one.channel.as_str()).collect();
    let channels: Vec<&str> = channels.into_iter().collect();
    let cells: BTreeMap<(&str, &str), &Collected> = collected
        .iter()
        .map(|one| ((one.department.as_str(), one.channel.as_str()), one))
        .collect();
    let lines: Vec<&str> = departments.iter().map(String::as_str).collect();
    let paid = |one: &Collected| Figures {
        count: one.payments,
        minor: one.paid_minor,
    };
    let refunded = |one: &Collected| Figures {
        count: one.refunds,
        minor: one.refunded_minor,
    };
    let grid = (lines.as_slice(), channels.as_slice());
    let payments = Measure::new(grid, &cells, &before.payments, paid)?;
    let refunds = Measure::new(grid, &cells, &before.refunds, refunded)?;
    let mut rows = Vec::new();
    for (row, department) in lines.iter().copied().chain([ALL]).enumerate() {
        for (column, channel) in channels.iter().copied().chain([ALL]).enumerate() {
            let shown = payments.shown(row, column);
            let cell = cells.get(&(department, channel));
            let median = cell.filter(|_| shown.is_some_and(|shown| shown.count > 0));
            rows.push(PublishedRow {
                department: department.to_owned(),
                channel: channel.to_owned(),
                payments: shown,
                refunds: refunds.shown(row, column),
                median_seconds: median.and_then(|cell| cell.median_seconds),
            });
        }
    }
    Ok(rows)
}

/// Counts and sums of a grid, and what of it is left out.
struct Measure {
    counts: Table,
    minors: BTreeMap<(usize, usize), i64>,
    left_out: Suppression,
}

impl Measure {
    fn new(
        (departments, channels): (&[&str], &[&str]),
        cells: &BTreeMap<(&str, &str), &Collected>,
        before: &BTreeSet<(String, String)>,
        figures: impl Fn(&Collected) -> Figures,
    ) -> Result<Self, TableFault> {
        let (mut body, mut minors) = (Vec::new(), BTreeMap::new());
        let (last_row, last_column) = (departments.len(), channels.len());
        for (row, department) in departments.iter().enumerate() {
            let mut counts = Vec::new();
            for (column, channel) in channels.iter().enumerate() {
                let cell = cells.get(&(department, channel));
                let own = cell.map_or_else(Figures::default, |cell| figures(cell));
                counts.push(own.count);
                let lines = [
                    (row, column),
                    (row, last_column),
                    (last_row, column),
                    (last_row, last_column),
                ];
                for place in lines {
                    let sum: &mut i64 = minors.entry(place).or_default();
                    *sum = sum.checked_add(own.minor).ok_or(TableFault::TooLarge)?;
                }
            }
            body.push(counts);
        }
        let counts = Table::new(&body)?;
        let index = |names: &[&str], last: usize, name: &str| {
            if name == ALL {
                Some(last)
            } else {
                names.iter().position(|known| *known == name)
            }
        };
        let before = before.iter().filter_map(|(department, channel)| {
            Some((
                index(departments, last_row, department)?,
                index(channels, last_column, channel)?,
            ))
        });
        let left_out = suppress(&counts, &before.collect());
        Ok(Self {
            counts,
            minors,
            left_out,
        })
    }

    fn shown(&self, row: usize, column: usize) -> Option<Figures> {
        (!self.left_out.covers(row, column)).then(|| Figures {
            count: self.counts.cell(row, column),
            minor: self.minors.get(&(row, column)).copied().unwrap_or(0),
        })
    }
}
