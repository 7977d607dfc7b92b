//! What an attacker can make of a published table.

use std::collections::{BTreeMap, BTreeSet};

use epay_domain::open_data::{
    ALL, Collected, Figures, LeftOut, PAYMENTS_MIN, Range, Table, TableFault, WIDTH_MIN, audit,
    publish, suppress,
};
use proptest::prelude::*;

type Places = BTreeSet<(usize, usize)>;

fn table(rows: &[&[u64]]) -> Table {
    let body: Vec<Vec<u64>> = rows.iter().map(|row| row.to_vec()).collect();
    Table::new(&body).unwrap()
}

fn left_out(table: &Table) -> Places {
    suppress(table, &BTreeSet::new()).places().clone()
}

/// What an attacker knows of a cell: no less, no more.
type Interval = (i128, i128);

/// An attacker who knows what is published, and reasons line by line: a part of a line is what its total leaves of the
/// other parts, whose least and most are known; again and again, until nothing new follows.
fn attack(table: &Table, left_out: &Places) -> Vec<Interval> {
    const MOST: i128 = 1_000_000_000;
    let (rows, columns) = (table.rows(), table.columns());
    let all = || (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let mut known: Vec<Interval> = all()
        .map(|(row, column)| {
            let value = i128::from(table.cell(row, column));
            if left_out.contains(&(row, column)) {
                (1, MOST)
            } else {
                (value, value)
            }
        })
        .collect();
    let across = (0..rows).map(|row| (0..columns).map(|column| row * columns + column).collect());
    let down = (0..columns).map(|column| (0..rows).map(|row| row * columns + column).collect());
    let lines: Vec<Vec<usize>> = across.chain(down).collect();
    loop {
        let before = known.clone();
        for line in &lines {
            let (total, parts) = line.split_last().unwrap();
            let sum = |known: &[Interval], without: Option<usize>| -> Interval {
                let parts = parts.iter().filter(|part| Some(**part) != without);
                parts.fold((0, 0), |sum, part| {
                    (sum.0 + known[*part].0, sum.1 + known[*part].1)
                })
            };
            known[*total] = narrowed(known[*total], sum(&known, None));
            for part in parts {
                let (least, most) = sum(&known, Some(*part));
                let left = (known[*total].0 - most, known[*total].1 - least);
                known[*part] = narrowed(known[*part], left);
            }
        }
        if known == before {
            return known;
        }
    }
}

fn narrowed(known: Interval, new: Interval) -> Interval {
    (known.0.max(new.0), known.1.min(new.1))
}

#[test]
fn what_is_left_out_of_small_tables() {
    let whole: fn(&Table) -> Places = |table| {
        (0..table.rows())
            .flat_map(|row| (0..table.columns()).map(move |column| (row, column)))
            .filter(|(row, column)| table.cell(*row, *column) > 0)
            .collect()
    };
    // Nothing is small: all is published.
    assert_eq!(left_out(&table(&[&[10, 20], &[30, 0]])), Places::new());
    // One small cell takes the cheapest rectangle with it.
    let one = table(&[&[3, 50, 60], &[70, 80, 90], &[40, 45, 99]]);
    assert_eq!(
        left_out(&one),
        Places::from([(0, 0), (0, 1), (2, 0), (2, 1)])
    );
    // A department alone: its totals tell as much as its cell.
    let alone = table(&[&[5]]);
    assert_eq!(left_out(&alone), whole(&alone));
    assert_eq!(left_out(&table(&[&[0, 0]])), Places::new());
    assert_eq!(left_out(&Table::new(&[]).unwrap()), Places::new());
}

#[test]
fn what_an_earlier_edition_left_out_stays_left_out() {
    let later = table(&[&[30, 50, 60], &[70, 80, 90], &[40, 45, 99]]);
    assert_eq!(left_out(&later), Places::new());
    let before = Places::from([(0, 0)]);
    let still = suppress(&later, &before);
    assert!(still.covers(0, 0) && still.places().len() >= 4);
}

fn collected(department: &str, channel: &str, payments: u64, refunds: u64) -> Collected {
    Collected {
        department: department.to_owned(),
        channel: channel.to_owned(),
        payments,
        paid_minor: i64::try_from(payments).unwrap() * 100,
        refunds,
        refunded_minor: i64::try_from(refunds).unwrap() * 50,
        median_seconds: Some(7),
    }
}

#[test]
fn a_month_has_a_row_for_everything_and_leaves_out_what_belongs_together() {
    let departments = ["ird", "rvd", "td"].map(str::to_owned);
    let month = [
        collected("ird", "card", 100, 0),
        collected("ird", "fps", 200, 0),
        collected("rvd", "card", 3, 0),
        collected("rvd", "fps", 400, 12),
    ];
    let rows = publish(&departments, &month, &LeftOut::default()).unwrap();
    assert_eq!(rows.len(), 4 * 3);
    let row = |department: &str, channel: &str| {
        let found = rows
            .iter()
            .find(|row| row.department == department && row.channel == channel);
        found.unwrap()
    };
    let small = row("rvd", "card");
    assert_eq!((small.payments, small.median_seconds), (None, None));
    assert_eq!(
        small.refunds,
        Some(Figures::default()),
        "there was none, and that is shown"
    );
    let hidden: Vec<_> = rows
        .iter()
        .filter(|row| row.payments.is_none())
        .map(|row| (row.department.as_str(), row.channel.as_str()))
        .collect();
    assert_eq!(
        hidden,
        [
            ("ird", "card"),
            ("ird", "fps"),
            ("rvd", "card"),
            ("rvd", "fps")
        ]
    );
    assert!(rows.iter().all(|row| row.refunds.is_some()));
    let total = Figures {
        count: 703,
        minor: 70_300,
    };
    assert_eq!(row(ALL, ALL).payments, Some(total));
    assert_eq!(row("td", "fps").payments, Some(Figures::default()));
    assert_eq!(row(ALL, "fps").median_seconds, None);
}

#[test]
fn a_later_edition_shows_no_cell_that_an_earlier_one_left_out() {
    let departments = ["ird", "rvd"].map(str::to_owned);
    let month = [
        collected("ird", "card", 100, 0),
        collected("ird", "fps", 200, 0),
        collected("rvd", "card", 30, 0),
        collected("rvd", "fps", 400, 0),
    ];
    let before = LeftOut {
        payments: BTreeSet::from([
            ("rvd".to_owned(), "card".to_owned()),
            ("gone".to_owned(), ALL.to_owned()),
        ]),
        ..LeftOut::default()
    };
    let rows = publish(&departments, &month, &before).unwrap();
    let shown = rows
        .iter()
        .find(|row| row.department == "rvd" && row.channel == "card");
    assert_eq!(shown.unwrap().payments, None);
    let shown = rows.iter().filter(|row| row.payments.is_some()).count();
    assert_eq!(shown, 5, "totals only");
}

#[test]
fn tables_that_are_none_are_refused() {
    assert_eq!(Table::new(&[vec![1], vec![1, 2]]), Err(TableFault::Ragged));
    assert_eq!(
        Table::new(&vec![vec![0; 100]; 100]),
        Err(TableFault::TooLarge)
    );
    assert_eq!(Table::new(&[vec![u64::MAX, 1]]), Err(TableFault::TooLarge));
}

#[test]
fn the_audit_sees_what_is_disclosed() {
    let one = table(&[&[3, 50], &[70, 80]]);
    let exact = Some(&Range {
        least: 3,
        most: Some(3),
    });
    assert_eq!(audit(&one, &Places::from([(0, 0)])).get(&(0, 0)), exact);
    // A second cell in its row, and the column still tells.
    let row = Places::from([(0, 0), (0, 1)]);
    assert_eq!(audit(&one, &row).get(&(0, 0)), exact);
    // The whole rectangle: what one gains the next one loses, and none is empty.
    let all = Places::from([(0, 0), (0, 1), (1, 0), (1, 1)]);
    let range = Range {
        least: 1,
        most: Some(52),
    };
    assert_eq!(audit(&one, &all).get(&(0, 0)), Some(&range));
}

fn tables() -> impl Strategy<Value = Vec<Vec<u64>>> {
    let cell = prop_oneof![2 => Just(0_u64), 3 => 1_u64..10, 3 => 10_u64..40, 2 => 40_u64..5_000];
    (1_usize..6, 1_usize..6).prop_flat_map(move |(rows, columns)| {
        prop::collection::vec(prop::collection::vec(cell.clone(), columns), rows)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_small_cell_is_left_out_and_no_cell_that_is_can_be_solved_for(body in tables()) {
        let table = Table::new(&body).unwrap();
        let left_out = left_out(&table);
        for row in 0..table.rows() {
            for column in 0..table.columns() {
                let small = (1..PAYMENTS_MIN).contains(&table.cell(row, column));
                prop_assert!(!small || left_out.contains(&(row, column)));
            }
        }
        let known = attack(&table, &left_out);
        for (place, range) in audit(&table, &left_out) {
            let (least, most) = known[place.0 * table.columns() + place.1];
            prop_assert!(most - least + 1 >= i128::from(WIDTH_MIN), "{:?}: {}..={}", place, least, most);
            // Whoever reasons line by line never knows more than the audit, which is exact.
            prop_assert!(least <= i128::from(range.least));
            prop_assert!(range.most.is_none_or(|end| i128::from(end) <= most));
            prop_assert!(range.width().is_none_or(|width| width >= WIDTH_MIN));
        }
    }

    #[test]
    fn the_audit_is_what_trying_every_table_finds(
        cells in prop::array::uniform4(0_u64..7),
        pattern in prop::array::uniform9(any::<bool>()),
    ) {
        let [a, b, c, d] = cells;
        let table = table(&[&[a, b], &[c, d]]);
        let places = (0..3).flat_map(|row| (0..3).map(move |column| (row, column)));
        let left_out: Places = places
            .zip(pattern)
            .filter(|((row, column), chosen)| *chosen && table.cell(*row, *column) > 0)
            .map(|(place, _)| place)
            .collect();
        let found = audit(&table, &left_out);
        let tried = try_every_table(&table, &left_out);
        let bounded = found.values().all(|range| range.most.is_some_and(|most| most <= TRIED_MOST));
        for (place, range) in &found {
            let tried = &tried[place];
            prop_assert!(tried.first().is_some_and(|least| *least >= range.least));
            prop_assert!(range.most.is_none_or(|most| tried.last().is_some_and(|last| *last <= most)));
            if bounded {
                let whole: BTreeSet<u64> = (range.least..=range.most.unwrap()).collect();
                prop_assert_eq!(tried, &whole, "{:?}", place);
            }
        }
    }
}

/// Largest number that is tried for a cell.
const TRIED_MOST: u64 = 13;

/// Which numbers each cell that is left out has in some table of two by two that looks the same from outside.
fn try_every_table(table: &Table, left_out: &Places) -> BTreeMap<(usize, usize), BTreeSet<u64>> {
    let choices = |row: usize, column: usize| {
        let own = table.cell(row, column);
        if left_out.contains(&(row, column)) {
            1..=TRIED_MOST
        } else {
            own..=own
        }
    };
    let mut found: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
    for a in choices(0, 0) {
        for b in choices(0, 1) {
            for c in choices(1, 0) {
                for d in choices(1, 1) {
                    let rows = [[a, b, a + b], [c, d, c + d], [a + c, b + d, a + b + c + d]];
                    let all = (0..3).flat_map(|row| (0..3).map(move |column| (row, column)));
                    let looks_alike = all.clone().all(|(row, column)| {
                        let hidden = left_out.contains(&(row, column)) && rows[row][column] > 0;
                        hidden || rows[row][column] == table.cell(row, column)
                    });
                    if looks_alike {
                        for (row, column) in all.filter(|place| left_out.contains(place)) {
                            found
                                .entry((row, column))
                                .or_default()
                                .insert(rows[row][column]);
                        }
                    }
                }
            }
        }
    }
    found
}
