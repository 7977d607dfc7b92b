//! The short tables that a run prints, and where its time went.

use std::time::Instant;

use crate::audit::Row;
use crate::house::{Kill, Victim};

/// One line a kill.
pub(crate) fn print_kills(victim: Victim, kills: &[Kill]) {
    println!("\n{victim:?}, killed {} times", kills.len());
    println!("acknowledged  calls in flight  notices open  away");
    for kill in kills {
        println!(
            "{:>12}  {:>15}  {:>12}  {:>4} ms",
            kill.acknowledged,
            kill.in_flight,
            kill.open_notices,
            kill.away.as_millis(),
        );
    }
}

/// One line a department, in dollars, and their sum.
pub(crate) fn print_books(rows: &[Row]) {
    println!(
        "\n{:<6} {:>5} {:>8} {:>14} {:>14} {:>14} {:>14} {:>12}",
        "",
        "bills",
        "payments",
        "at the bank",
        "receipts",
        "ledger 1110",
        "by payments",
        "suspense"
    );
    let mut all = Row {
        biller: "all".to_owned(),
        ..Row::default()
    };
    for row in rows {
        print_row(row);
        all.bills += row.bills;
        all.payments += row.payments;
        all.at_the_bank += row.at_the_bank;
        all.received += row.received;
        all.receipts += row.receipts;
        all.ledger += row.ledger;
        all.suspense += row.suspense;
    }
    print_row(&all);
}

fn print_row(row: &Row) {
    println!(
        "{:<6} {:>5} {:>8} {:>14} {:>14} {:>14} {:>14} {:>12}",
        row.biller,
        row.bills,
        row.payments,
        dollars(row.at_the_bank),
        dollars(row.receipts),
        dollars(row.ledger),
        dollars(row.received),
        dollars(row.suspense),
    );
}

fn dollars(cents: i64) -> String {
    epay_money::Money::hkd(cents).to_decimal().to_string()
}

/// Where a run's time went.
#[derive(Debug)]
pub(crate) struct Watch {
    last: Instant,
    laps: Vec<String>,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            last: Instant::now(),
            laps: vec![],
        }
    }

    /// Notes how long it took from the last lap to here.
    pub(crate) fn lap(&mut self, what: &str) {
        let seconds = self.last.elapsed().as_secs();
        self.laps.push(format!("{what} {seconds}"));
        self.last = Instant::now();
    }

    pub(crate) fn laps(&self) -> String {
        self.laps.join(", ")
    }
}
