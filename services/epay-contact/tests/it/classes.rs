//! `docs/privacy.md` says of every table what it holds of people and how long: a table that no class has fails here, and so does a period that the
//! code does not keep to.

use std::collections::BTreeSet;

use epay_contact::{FORGOTTEN_KEPT, IDLE_KEPT, READS_KEPT};
use jiff::SignedDuration;

use crate::support::House;

const PRIVACY: &str = include_str!("../../../../docs/privacy.md");
/// The columns of the table of classes.
const COLUMNS: usize = 4;

/// Rows of the table of classes: class, tables, what there is of people, how long.
fn classes() -> Vec<[&'static str; COLUMNS]> {
    let (_before, section) = PRIVACY.split_once("\n## Classes\n").expect("a section");
    let (section, _after) = section.split_once("\n## ").expect("another section");
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        <[&str; COLUMNS]>::try_from(cells).expect(row)
    });
    // The head, and the line below it.
    cells.skip(2).collect()
}

/// Names in a cell that have a schema.
fn tables(cell: &str) -> impl Iterator<Item = &str> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|word| word.contains('.') && !word.contains("_days"))
}

#[tokio::test]
async fn every_table_is_in_one_class_and_every_class_has_a_period() {
    let house = House::new().await;
    let client = house.superuser().await;
    let query = "SELECT table_schema || '.' || table_name FROM information_schema.tables \
                 WHERE table_schema IN ('contact', 'epay', 'feed', 'ledger', 'recon', 'webhook') AND table_type = 'BASE TABLE'";
    let there = client.query(query, &[]).await.unwrap();
    let there: BTreeSet<String> = there.iter().map(|row| row.get(0)).collect();
    let mut named = BTreeSet::new();
    for [class, cell, of_people, kept] in classes() {
        assert!(!of_people.is_empty() && !kept.is_empty(), "{class}");
        for table in tables(cell) {
            // Of people there are two: who is kept, and that somebody was.
            let first = named.insert(table.to_owned());
            assert!(
                first || table == "contact.person",
                "{table} is in two classes"
            );
        }
    }
    assert_eq!(named, there);
}

#[test]
fn the_periods_of_people_are_those_of_the_code() {
    let days = |kept: SignedDuration| format!("{} days", kept.as_hours() / 24);
    let rows = [
        ("contact.read", READS_KEPT),
        ("contact.consent", FORGOTTEN_KEPT),
        ("contact.point", IDLE_KEPT),
    ];
    for (table, period) in rows {
        let classes = classes();
        let class = classes
            .iter()
            .find(|[_, cell, ..]| tables(cell).any(|one| one == table));
        let [_, _, _, kept] = class.expect(table);
        assert!(kept.contains(&days(period)), "{table}: {kept}");
    }
}
