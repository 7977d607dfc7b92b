//! Open data: which cells of a published table must be left out, so that nobody's payments can be read off it.
//!
//! A table has a row a department and a column a channel, and its totals: of rows, of columns, and of all. A cell built
//! from a few payments is left out. That alone hides nothing, because it is what the others leave of a total; so further
//! cells are left out, until nobody who knows the published cells, the rules, and that no cell that is left out is empty,
//! can narrow one that is down to fewer than [`WIDTH_MIN`] numbers.
//!
//! How narrow a cell can be made is computed exactly, not estimated ([`audit`]): with totals as cells of their own, the
//! cells that are left out are edges between rows and columns, and how far one can move is a flow through the others.
//! Cells are added greedily, the cheapest rectangle first, so the result is safe and not always the smallest.

mod audit;
mod collections;
mod suppress;

pub use audit::{Range, audit};
pub use collections::{ALL, Collected, Figures, LeftOut, PublishedRow, publish};
pub use suppress::{CELLS_MAX, Suppression, TableFault, suppress};

/// A cell built from fewer payments is left out; an empty one is not.
pub const PAYMENTS_MIN: u64 = 10;
/// How many numbers every cell that is left out may be, for all that can be known.
pub const WIDTH_MIN: u64 = 10;

/// A table of counts with its totals: the last row and the last column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    rows: usize,
    columns: usize,
    cells: Vec<u64>,
}

impl Table {
    /// A table of these rows, all of one length, with totals made here.
    ///
    /// # Errors
    /// [`TableFault`].
    pub fn new(body: &[Vec<u64>]) -> Result<Self, TableFault> {
        let columns = body.first().map_or(0, Vec::len);
        if body.iter().any(|row| row.len() != columns) {
            return Err(TableFault::Ragged);
        }
        let (rows, columns) = (body.len().saturating_add(1), columns.saturating_add(1));
        if rows.checked_mul(columns).is_none_or(|all| all > CELLS_MAX) {
            return Err(TableFault::TooLarge);
        }
        let sum = |cells: &[u64]| {
            cells
                .iter()
                .try_fold(0_u64, |sum, cell| sum.checked_add(*cell))
                .ok_or(TableFault::TooLarge)
        };
        let mut cells = Vec::new();
        for row in body {
            cells.extend_from_slice(row);
            cells.push(sum(row)?);
        }
        for column in 0..columns {
            let of: Vec<u64> = cells
                .iter()
                .skip(column)
                .step_by(columns)
                .copied()
                .collect();
            cells.push(sum(&of)?);
        }
        Ok(Self {
            rows,
            columns,
            cells,
        })
    }

    /// Rows, that of totals among them.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Columns, that of totals among them.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// A cell; nothing outside.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> u64 {
        let place = row
            .checked_mul(self.columns)
            .and_then(|first| first.checked_add(column));
        place
            .filter(|_| column < self.columns)
            .and_then(|place| self.cells.get(place))
            .copied()
            .unwrap_or(0)
    }

    /// Whether a cell is a total of one line. The total of all is one of two, and counts as none.
    fn is_margin(&self, row: usize, column: usize) -> bool {
        (row.saturating_add(1) == self.rows) != (column.saturating_add(1) == self.columns)
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let columns = self.columns;
        (0..self.rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
    }
}
