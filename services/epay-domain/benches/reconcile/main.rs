//! A million payments beside a million entries of a statement, with every class of fault planted: all must be found and
//! none invented. Measured beside `DuckDB`'s plain full outer join of the same two tables, in the same run.
//!
//! `EPAY_BENCH_PYTHON` names a Python that has duckdb; without it only our side is measured. `EPAY_BENCH_ITEMS` sets
//! another size than a million.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "a benchmark that cannot measure stops where it is"
)]

mod peer;
mod plan;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use epay_domain::reconciliation::{BreakClass, Level, Outcome, Question, reconcile};
use epay_money::BusinessCalendar;
use jiff::civil::date;

/// How often each side is timed; the middle one counts.
const ROUNDS: usize = 5;

fn main() {
    let items = std::env::var("EPAY_BENCH_ITEMS").map_or(1_000_000, |text| {
        text.parse().expect("EPAY_BENCH_ITEMS is a number")
    });
    let day = plan::Day::new(items);
    let sides = day.sides();
    let question = Question {
        level: Level::Bank,
        expected: &sides.expected,
        observed: &sides.observed,
        covered_until: &BTreeMap::from([(1, date(2026, 1, 23))]),
        today: date(2026, 1, 26),
    };
    let calendar = BusinessCalendar::vendored().expect("the calendar");
    let before = peak_kib();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let outcome = reconcile(&question, &calendar).expect("an outcome");
        times.push(started.elapsed());
        judge(&outcome, &question, &sides.planted);
    }
    let peak = peak_kib();
    let faults: usize = sides.planted.values().map(Vec::len).sum();
    println!(
        "{items} payments beside {} entries: {faults} planted faults of {} classes found, none invented",
        sides.observed.len(),
        sides.planted.len()
    );
    println!(
        "peak memory {} MiB, of it for matching {} MiB",
        peak / 1024,
        (peak - before) / 1024
    );
    let ours = middle(times);
    let peer = peer::full_outer_join(&question, ROUNDS);
    let ratio = peer.as_ref().map(|peer| hundredths(ours, peer.time));
    let beside = match (&peer, &ratio) {
        (Some(_), Some(ratio)) => {
            format!(",\"ratio_to\":\"DuckDB full outer join\",\"ratio\":{ratio}")
        }
        _ => String::new(),
    };
    println!(
        "BENCH {{\"name\":\"reconcile {items} x {items}\",\"value\":{},\"unit\":\"ms\"{beside}}}",
        ours.as_millis()
    );
    println!(
        "BENCH {{\"name\":\"reconcile: peak memory\",\"value\":{},\"unit\":\"MiB\"}}",
        peak / 1024
    );
    if let Some(peer) = peer {
        println!(
            "BENCH {{\"name\":\"DuckDB full outer join\",\"value\":{},\"unit\":\"ms\"}}",
            peer.time.as_millis()
        );
        println!(
            "BENCH {{\"name\":\"DuckDB: peak memory\",\"value\":{},\"unit\":\"MiB\"}}",
            peer.peak_kib / 1024
        );
    }
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A ratio with two places, as text.
fn hundredths(ours: Duration, theirs: Duration) -> String {
    let hundredths = ours.as_micros() * 100 / theirs.as_micros().max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Every planted fault is found under its class, and nothing else is.
fn judge(outcome: &Outcome, question: &Question<'_>, planted: &BTreeMap<BreakClass, Vec<i64>>) {
    let mut found: BTreeMap<BreakClass, Vec<i64>> = BTreeMap::new();
    for one in &outcome.breaks {
        let wanted = one.expected.as_slice().first();
        let number = match wanted {
            Some(place) => {
                let item = question.expected.get(*place as usize).expect("a place");
                i64::try_from(item.id.id.as_u128()).expect("small")
            }
            None => {
                let place = one.observed.as_slice().first().expect("a side");
                let item = question.observed.get(*place as usize).expect("a place");
                -i64::from(item.id.line)
            }
        };
        found.entry(one.class).or_default().push(number);
    }
    for numbers in found.values_mut() {
        numbers.sort_unstable();
    }
    let mut planted = planted.clone();
    for numbers in planted.values_mut() {
        numbers.sort_unstable();
    }
    for class in BreakClass::ALL {
        let (found, planted) = (found.get(class), planted.get(class));
        let few = |numbers: Option<&Vec<i64>>| {
            numbers.map(|numbers| {
                (
                    numbers.len(),
                    numbers.iter().take(5).copied().collect::<Vec<_>>(),
                )
            })
        };
        assert!(
            found == planted,
            "{}: found {:?}, planted {:?}",
            class.as_str(),
            few(found),
            few(planted)
        );
    }
    assert!(
        outcome.waiting.is_empty(),
        "something waits that should not"
    );
}

/// The most memory that this process ever had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a peak");
    let digits = line.trim().trim_end_matches("kB").trim();
    digits.parse().expect("a number")
}
