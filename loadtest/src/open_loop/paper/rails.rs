//! The rails of a mix: a row each and part, how people read it, and the picture of it.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use serde::Serialize;

use super::bars::Bars;
use super::{Paper, PartRow, Waits};
use crate::open_loop::by_rail::Found;
use crate::open_loop::tally::{Count, RailTally, Tally};
use crate::rails::Rail;
use crate::report::{bench_line, millis};

/// One rail in one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RailRow {
    pub(crate) rail: Rail,
    pub(crate) count: Count,
    /// Of those who left without knowing: what became of it.
    pub(crate) paid_after_all: u64,
    pub(crate) not_paid_after_all: u64,
    /// To the answer of `CreatePayment`.
    pub(crate) answered: Waits,
    /// From there to the code, the page or the words that the payer needs.
    pub(crate) shown: Waits,
    /// From the payer's last press to the news that the money is here; none where it comes by file.
    pub(crate) settled: Waits,
}

impl RailRow {
    /// The rows of a part, in the order of the rails.
    pub(crate) fn of(tally: &Tally, found: &BTreeMap<Rail, Found>) -> Vec<Self> {
        let row = |(rail, tally): (&Rail, &RailTally)| {
            let found = found.get(rail).copied().unwrap_or_default();
            Self {
                rail: *rail,
                count: tally.count,
                paid_after_all: found.paid,
                not_paid_after_all: found.not_paid,
                answered: Waits::of(&tally.answered),
                shown: Waits::of(&tally.shown),
                settled: Waits::of(&tally.settled),
            }
        };
        tally.rails.iter().map(row).collect()
    }

    /// What a payer of this rail waits for last, and what it is called.
    const fn last_wait(&self) -> (&'static str, Waits) {
        if self.rail.comes_by_file() {
            ("answered", self.answered)
        } else {
            ("settled", self.settled)
        }
    }
}

const HOW_TO_READ: &str = "
\"Shown\" is the wait from the first answer to what the payer needs: a code, a page, words. \"Settled\" is the wait from the payer's last press
at the counterparty to the news that the money is here; the money of PPS bill payments and e-Cheques comes with the files of the evenings
after the last part. Who is not served was turned away or refused, or saw the payment fail, or had no end of it within twenty seconds; those
who left without knowing are found again under their key when the part is over, and \"paid after all\" says how many of them had paid.
\"Saw another\" are those of the not served to whom another way to pay was then offered, \"saw it closed\" those who found their own closed.
PostgreSQL's time and its log hold both houses: the gateway's database and the sandbox's.

";

/// The table of every part, for people; nothing without a mix.
pub(super) fn markdown(paper: &Paper) -> String {
    let mut text = String::new();
    if paper.parts.iter().all(|part| part.rails.is_empty()) {
        return text;
    }
    text.push_str("## The rails\n\n![](rails.svg)\n");
    for part in &paper.parts {
        // Writing into a string cannot fail.
        let _cannot_fail = writeln!(
            text,
            "\n### {}{}\n\n| rail | came | paid | not served | paid after all | saw it closed | saw another | \
             first answer ms: p50 | p99 | shown p99 | settled p50 | p99 |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
            part.name,
            ill(part)
        );
        for row in &part.rails {
            text.push_str(&line(row));
        }
    }
    text.push_str(HOW_TO_READ);
    text
}

fn ill(part: &PartRow) -> String {
    let ill = part.ill.as_ref();
    ill.map_or_else(String::new, |ill| format!(" ({ill})"))
}

fn line(row: &RailRow) -> String {
    let RailRow { count, .. } = row;
    let not_served = told(count);
    let settled = |wait: u64| {
        if row.rail.comes_by_file() {
            "by file".to_owned()
        } else {
            seen(wait)
        }
    };
    format!(
        "| {} | {} | {} | {not_served} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        row.rail.name(),
        count.came,
        count.paid,
        row.paid_after_all,
        count.saw_closed,
        count.saw_another,
        seen(row.answered.p50),
        seen(row.answered.p99),
        seen(row.shown.p99),
        settled(row.settled.p50),
        settled(row.settled.p99),
    )
}

/// A wait in milliseconds, where anybody had it.
fn seen(micros: u64) -> String {
    match micros {
        0 => "none".to_owned(),
        micros => millis(micros),
    }
}

/// How many were not served, and what they were told.
fn told(count: &Count) -> String {
    let ways = [
        (count.turned_away, "turned away"),
        (count.refused, "refused"),
        (count.failed, "failed"),
        (count.waiting, "no end seen"),
        (count.unanswered, "no answer"),
        (count.not_let_in, "not let in"),
    ];
    let ways = ways.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = ways
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if words.is_empty() {
        return "0".to_owned();
    }
    words.join(", ")
}

/// The last wait of every rail, a bar a part.
pub(super) fn picture(paper: &Paper) -> Option<Bars> {
    let rails = &paper.parts.first()?.rails;
    let bar = |part: &PartRow, rail: Rail| {
        let row = part.rails.iter().find(|row| row.rail == rail)?;
        let (what, waits) = row.last_wait();
        let words = match waits.p99 {
            0 => format!("nobody was {what} in time"),
            micros => format!("{} ms, {what}", millis(micros)),
        };
        Some((waits.p99, words))
    };
    let group = |row: &RailRow| {
        let bars = paper.parts.iter().filter_map(|part| bar(part, row.rail));
        (row.rail.name().to_owned(), bars.collect())
    };
    (!rails.is_empty()).then(|| Bars {
        title: format!(
            "{}: the slow one of a hundred (p99), by rail",
            paper.scenario
        ),
        names: paper.parts.iter().map(|part| part.name.clone()).collect(),
        groups: rails.iter().map(group).collect(),
    })
}

/// A line for each rail of the first part, and of parts with a rail that is ill.
pub(super) fn print_bench_lines(paper: &Paper) {
    for (place, part) in paper.parts.iter().enumerate() {
        if place > 0 && part.ill.is_none() {
            continue;
        }
        for row in &part.rails {
            let (what, waits) = row.last_wait();
            if waits.p99 == 0 {
                // Nobody had it, as where the rail is ill.
                continue;
            }
            let (scenario, rail) = (&paper.scenario, row.rail.name());
            let name = format!("{scenario}: {}, {rail}, {what} p99", part.name);
            bench_line(&name, waits.p99, "us", None);
        }
    }
}
