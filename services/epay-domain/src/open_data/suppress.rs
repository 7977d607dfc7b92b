//! Which cells are left out.

use std::collections::BTreeSet;

use super::audit::range;
use super::{PAYMENTS_MIN, Table, WIDTH_MIN};

/// Most cells of a table, totals included: departments times channels, with room.
pub const CELLS_MAX: usize = 4_096;

/// What cannot be judged as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// Rows of several lengths.
    #[error("the rows of a table have one length")]
    Ragged,
    /// Too many cells, or numbers too large to be summed.
    #[error("a table has at most {CELLS_MAX} cells, and sums that can be counted")]
    TooLarge,
}

/// What is left out of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression(BTreeSet<(usize, usize)>);

impl Suppression {
    /// Whether a cell is left out.
    #[must_use]
    pub fn covers(&self, row: usize, column: usize) -> bool {
        self.0.contains(&(row, column))
    }

    /// Every cell that is left out.
    #[must_use]
    pub const fn places(&self) -> &BTreeSet<(usize, usize)> {
        &self.0
    }
}

/// Decides what is left out: cells of a few payments, those of `before`, which an earlier edition left out, and as many more
/// as it takes.
#[must_use]
pub fn suppress(table: &Table, before: &BTreeSet<(usize, usize)>) -> Suppression {
    let few = |place: &(usize, usize)| (1..PAYMENTS_MIN).contains(&table.cell(place.0, place.1));
    let filled = |place: &(usize, usize)| table.cell(place.0, place.1) > 0;
    let mut left_out: BTreeSet<(usize, usize)> = table
        .places()
        .filter(|place| few(place) || before.contains(place))
        .filter(filled)
        .collect();
    // Each turn adds a cell or ends, so there are at most as many turns as cells.
    while let Some(narrow) = first_narrow(table, &left_out) {
        let more = rectangle(table, &left_out, narrow);
        let more = more.unwrap_or_else(|| table.places().filter(filled).collect());
        let known = left_out.len();
        left_out.extend(more);
        if left_out.len() == known {
            break;
        }
    }
    Suppression(left_out)
}

fn is_wide(table: &Table, left_out: &BTreeSet<(usize, usize)>, place: (usize, usize)) -> bool {
    range(table, left_out, place)
        .width()
        .is_none_or(|width| width >= WIDTH_MIN)
}

fn first_narrow(table: &Table, left_out: &BTreeSet<(usize, usize)>) -> Option<(usize, usize)> {
    left_out
        .iter()
        .copied()
        .find(|place| !is_wide(table, left_out, *place))
}

/// The cheapest other corners of a rectangle through a cell that make it wide; else the cheapest that add anything.
fn rectangle(
    table: &Table,
    left_out: &BTreeSet<(usize, usize)>,
    (row, column): (usize, usize),
) -> Option<Vec<(usize, usize)>> {
    let mut candidates: Vec<(u64, Vec<(usize, usize)>)> = table
        .places()
        .filter(|(other_row, other_column)| *other_row != row && *other_column != column)
        .filter_map(|(other_row, other_column)| {
            let corners = [
                (row, other_column),
                (other_row, column),
                (other_row, other_column),
            ];
            if corners.iter().any(|(r, c)| table.cell(*r, *c) == 0) {
                return None;
            }
            let new = corners.into_iter().filter(|one| !left_out.contains(one));
            let new: Vec<(usize, usize)> = new.collect();
            let cost = new
                .iter()
                .fold(0_u64, |sum, (r, c)| sum.saturating_add(table.cell(*r, *c)));
            (!new.is_empty()).then_some((cost, new))
        })
        .collect();
    candidates.sort();
    let wide = candidates.iter().find(|(_cost, new)| {
        let with: BTreeSet<_> = left_out.iter().chain(new).copied().collect();
        is_wide(table, &with, (row, column))
    });
    let chosen = wide.or_else(|| candidates.first());
    chosen.map(|(_cost, new)| new.clone())
}
