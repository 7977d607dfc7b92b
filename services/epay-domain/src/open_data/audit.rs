//! How far each cell that is left out can be narrowed down.
//!
//! Rows and columns are nodes, cells that are left out are edges. A total enters its line with the opposite sign, so that
//! every line sums to nothing; what one cell gains, others of its row and column must lose, and so on around a cycle. How
//! much a cell can gain is the largest flow from its column back to its row through the others, and what it can lose the
//! largest flow the other way, each edge bounded by how far its own cell can move: down to one, or up without end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Table;

/// What a cell can be, for all that can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// At least that.
    pub least: u64,
    /// At most that; no bound when unset.
    pub most: Option<u64>,
}

impl Range {
    /// How many numbers it holds; `None` without end.
    #[must_use]
    pub fn width(&self) -> Option<u64> {
        self.most
            .map(|most| most.saturating_sub(self.least).saturating_add(1))
    }
}

/// Stands for "without end": more than all cells of a table together.
const ENDLESS: u64 = u64::MAX / 4;

/// The range of every cell that is left out, for somebody who knows all others, and that none of these is empty.
#[must_use]
pub fn audit(
    table: &Table,
    left_out: &BTreeSet<(usize, usize)>,
) -> BTreeMap<(usize, usize), Range> {
    left_out
        .iter()
        .map(|place| (*place, range(table, left_out, *place)))
        .collect()
}

/// The range of one of them.
pub(super) fn range(
    table: &Table,
    left_out: &BTreeSet<(usize, usize)>,
    place: (usize, usize),
) -> Range {
    let network = Network::new(table, left_out, place);
    let (row, column) = (place.0, table.rows.saturating_add(place.1));
    // Of a total that enters with the opposite sign, gaining is losing.
    let (up, down) = if table.is_margin(place.0, place.1) {
        (network.flow(row, column), network.flow(column, row))
    } else {
        (network.flow(column, row), network.flow(row, column))
    };
    let value = table.cell(place.0, place.1);
    Range {
        least: value.saturating_sub(down.min(value.saturating_sub(1))),
        most: (up < ENDLESS).then(|| value.saturating_add(up)),
    }
}

/// Who can move how far: nodes are rows, then columns.
struct Network {
    capacity: BTreeMap<usize, BTreeMap<usize, u64>>,
}

impl Network {
    fn new(table: &Table, left_out: &BTreeSet<(usize, usize)>, without: (usize, usize)) -> Self {
        let mut capacity: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
        for &(row, column) in left_out.iter().filter(|place| **place != without) {
            let spare = table.cell(row, column).saturating_sub(1);
            let (gain, lose) = if table.is_margin(row, column) {
                (spare, ENDLESS)
            } else {
                (ENDLESS, spare)
            };
            let node = table.rows.saturating_add(column);
            capacity.entry(row).or_default().insert(node, gain);
            capacity.entry(node).or_default().insert(row, lose);
        }
        Self { capacity }
    }

    /// The largest flow, by shortest augmenting paths; without end once it is as large as that.
    fn flow(&self, from: usize, to: usize) -> u64 {
        let mut residual = self.capacity.clone();
        let mut total = 0_u64;
        while total < ENDLESS {
            let Some(path) = path(&residual, from, to) else {
                break;
            };
            let hops = || path.iter().zip(path.iter().skip(1));
            let least = hops()
                .filter_map(|(one, next)| residual.get(one)?.get(next).copied())
                .min()
                .unwrap_or(0);
            for (one, next) in hops() {
                let forth = residual.entry(*one).or_default().entry(*next).or_default();
                *forth = forth.saturating_sub(least);
                let back = residual.entry(*next).or_default().entry(*one).or_default();
                *back = back.saturating_add(least);
            }
            total = total.saturating_add(least);
        }
        total
    }
}

fn path(
    residual: &BTreeMap<usize, BTreeMap<usize, u64>>,
    from: usize,
    to: usize,
) -> Option<Vec<usize>> {
    let mut came_from = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            break;
        }
        for (next, capacity) in residual.get(&node).into_iter().flatten() {
            if *capacity > 0 && !came_from.contains_key(next) {
                came_from.insert(*next, node);
                queue.push_back(*next);
            }
        }
    }
    let mut path = vec![to];
    let mut node = to;
    while node != from {
        node = *came_from.get(&node)?;
        path.push(node);
    }
    path.reverse();
    Some(path)
}
