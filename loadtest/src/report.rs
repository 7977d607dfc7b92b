//! The table for people and the `BENCH` lines for `cargo xtask bench`.

use std::time::Duration;

use anyhow::Result;
use epay_pg::Session;
use hdrhistogram::Histogram;

use crate::cpu::{Used, micros_each};
use crate::full_path::Round;

/// What latencies are kept as: microseconds up to a minute, three digits exact.
const MICROS_MAX: u64 = 60_000_000;
const DIGITS: u8 = 3;
/// How many statements are shown.
const STATEMENTS: &str = "SELECT (total_exec_time + total_plan_time)::bigint, calls, rows, wal_bytes::bigint, \
     left(regexp_replace(query, '\\s+', ' ', 'g'), 90) FROM pg_stat_statements \
     JOIN pg_database AS d ON d.oid = dbid WHERE d.datname = current_database() ORDER BY 1 DESC LIMIT 30";

/// What is known so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What is measured.
    label: String,
    yardstick: Vec<u64>,
    ours: Vec<u64>,
    /// With one of several gateways.
    alone: Vec<u64>,
    payments: u64,
    used: Used,
    waits: Option<Waits>,
}

#[derive(Debug)]
struct Waits {
    create: Histogram<u64>,
    notice: Histogram<u64>,
    settled: Histogram<u64>,
}

/// Things a second.
pub(crate) fn rate(count: usize, taken: Duration) -> u64 {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let micros = micros(taken).max(1);
    count
        .saturating_mul(1_000_000)
        .checked_div(micros)
        .unwrap_or(0)
}

fn micros(taken: Duration) -> u64 {
    u64::try_from(taken.as_micros()).unwrap_or(u64::MAX)
}

/// The slowest, the middle and the fastest.
fn summary(rates: &[u64]) -> [u64; 3] {
    let mut rates = rates.to_vec();
    rates.sort_unstable();
    let middle = rates.get(rates.len().div_euclid(2));
    [rates.first(), middle, rates.last()].map(|rate| rate.copied().unwrap_or(0))
}

/// A ratio with two decimals, without floats.
pub(crate) fn ratio(value: u64, of: u64) -> String {
    let hundredths = value.saturating_mul(100).checked_div(of).unwrap_or(0);
    format!(
        "{}.{:02}",
        hundredths.div_euclid(100),
        hundredths.rem_euclid(100)
    )
}

/// Microseconds as milliseconds.
pub(crate) fn millis(micros: u64) -> String {
    format!(
        "{}.{}",
        micros.div_euclid(1_000),
        micros.rem_euclid(1_000).div_euclid(100)
    )
}

/// A text as XML takes it, in an element or an attribute: for pictures.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

impl Waits {
    fn new() -> Result<Self> {
        let histogram = || Histogram::new_with_bounds(1, MICROS_MAX, DIGITS);
        Ok(Self {
            create: histogram()?,
            notice: histogram()?,
            settled: histogram()?,
        })
    }

    /// Those waits that there were.
    fn taken(&self) -> impl Iterator<Item = (&'static str, &Histogram<u64>)> {
        let rows = [
            ("CreatePayment answered", &self.create),
            ("notice acknowledged", &self.notice),
            ("notice to settled", &self.settled),
        ];
        rows.into_iter().filter(|(_, waits)| !waits.is_empty())
    }
}

impl Report {
    pub(crate) fn new(label: String) -> Self {
        Self {
            label,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, yardstick: u64, round: &Round) -> Result<()> {
        self.yardstick.push(yardstick);
        self.ours.push(rate(round.samples.len(), round.taken));
        let payments = u64::try_from(round.samples.len())?;
        self.payments = self.payments.saturating_add(payments);
        self.used = self.used.and(round.used);
        let waits = match &mut self.waits {
            Some(waits) => waits,
            None => self.waits.insert(Waits::new()?),
        };
        for sample in &round.samples {
            waits.create.saturating_record(micros(sample.create).max(1));
            if let Some(notice) = sample.notice {
                waits.notice.saturating_record(micros(notice).max(1));
            }
            if let Some(settled) = sample.settled {
                waits.settled.saturating_record(micros(settled).max(1));
            }
        }
        Ok(())
    }

    /// The rate of one of several gateways alone.
    pub(crate) fn add_alone(&mut self, rate: u64) {
        self.alone.push(rate);
    }

    pub(crate) fn print(&self, in_flight: usize) -> Result<()> {
        let [_, tpcb, _] = summary(&self.yardstick);
        println!(
            "\n{:<28} {:>9} {:>9} {:>9} {:>8}",
            "a second", "slowest", "median", "fastest", "x TPC-B"
        );
        let ours = format!("{}, payments", self.label);
        let rows = [
            ("pgbench TPC-B, 32 clients", &self.yardstick),
            (ours.as_str(), &self.ours),
            ("one of the gateways alone", &self.alone),
        ];
        for (name, rates) in rows.into_iter().filter(|(_, rates)| !rates.is_empty()) {
            let [slowest, median, fastest] = summary(rates);
            let beside = ratio(median, tpcb);
            println!("{name:<28} {slowest:>9} {median:>9} {fastest:>9} {beside:>8}");
        }
        println!(
            "\n{:<28} {:>9} {:>9} {:>9} {:>8}",
            format!("ms, {in_flight} in flight"),
            "p50",
            "p99",
            "max",
            "samples"
        );
        if let Some(waits) = &self.waits {
            for (name, waits) in waits.taken() {
                let [p50, p99] = [0.5, 0.99].map(|at| millis(waits.value_at_quantile(at)));
                let (max, count) = (millis(waits.max()), waits.len());
                println!("{name:<28} {p50:>9} {p99:>9} {max:>9} {count:>8}");
            }
        }
        let each = |ticks| micros_each(ticks, self.payments);
        println!(
            "\nProcessor time of one payment: gateway and worker {} us, PostgreSQL {} us, load client {} us\n",
            each(self.used.gateway),
            each(self.used.postgres),
            each(self.used.client)
        );
        Ok(())
    }

    pub(crate) fn print_bench_lines(&self) -> Result<()> {
        let ([_, tpcb, _], [_, ours, _]) = (summary(&self.yardstick), summary(&self.ours));
        let label = &self.label;
        let beside = format!("pgbench TPC-B beside: {label}");
        bench_line(&beside, tpcb, "transactions/s", None);
        let beside = ("pgbench TPC-B", ratio(ours, tpcb));
        bench_line(label, ours, "payments/s", Some(beside));
        if !self.alone.is_empty() {
            let [_, alone, _] = summary(&self.alone);
            let name = format!("{label}, beside one of them");
            let beside = ("one gateway alone", ratio(ours, alone));
            bench_line(&name, ours, "payments/s", Some(beside));
        }
        if let Some(waits) = &self.waits {
            for (name, waits) in waits.taken() {
                for (word, at) in [("p50", 0.5), ("p99", 0.99)] {
                    let name = format!("{label}: {name}, {word}");
                    let value = millis(waits.value_at_quantile(at));
                    println!(r#"BENCH {{"name":"{name}","value":{value},"unit":"ms"}}"#);
                }
            }
        }
        for (name, ticks) in [
            ("gateway and worker", self.used.gateway),
            ("PostgreSQL", self.used.postgres),
            ("load client", self.used.client),
        ] {
            let name = format!("{label}: processor time of {name}");
            let each = micros_each(ticks, self.payments);
            bench_line(&name, each, "us/payment", None);
        }
        Ok(())
    }
}

impl Report {
    /// The rate with full tables beside that with empty ones, each as a multiple of its own yardstick: between the two, minutes pass.
    pub(crate) fn print_bench_beside(&self, empty: &Self, journals: u64) {
        let multiple = |report: &Self| {
            let ([_, tpcb, _], [_, ours, _]) = (summary(&report.yardstick), summary(&report.ours));
            let thousandths = ours.saturating_mul(1_000);
            (ours, thousandths.checked_div(tpcb).unwrap_or(0))
        };
        let ((ours, filled), (_, empty)) = (multiple(self), multiple(empty));
        let name = format!("{}, {journals} journals more in the tables", self.label);
        let beside = ("empty tables", ratio(filled, empty));
        bench_line(&name, ours, "payments/s", Some(beside));
    }
}

pub(crate) fn bench_line(name: &str, value: u64, unit: &str, beside: Option<(&str, String)>) {
    let beside = beside.map_or_else(String::new, |(to, ratio)| {
        format!(r#","ratio_to":"{to}","ratio":{ratio}"#)
    });
    println!(r#"BENCH {{"name":"{name}","value":{value},"unit":"{unit}"{beside}}}"#);
}

/// Begins to count statements anew.
pub(crate) async fn count_statements(session: &Session) -> Result<()> {
    let begin =
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()";
    Ok(session.client().batch_execute(begin).await?)
}

/// The gateway's most expensive statements, as PostgreSQL counted them.
pub(crate) async fn print_statements(session: &Session) -> Result<()> {
    println!(
        "\n{:>8} {:>9} {:>9} {:>11}  statement",
        "ms", "calls", "rows", "WAL bytes"
    );
    for row in session.client().query(STATEMENTS, &[]).await? {
        let numbers: [i64; 4] = [
            row.try_get(0)?,
            row.try_get(1)?,
            row.try_get(2)?,
            row.try_get(3)?,
        ];
        let [millis, calls, rows, wal] = numbers;
        let text: &str = row.try_get(4)?;
        println!("{millis:>8} {calls:>9} {rows:>9} {wal:>11}  {text}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_ratios_and_waits_are_written_without_floats() {
        assert_eq!(rate(3_000, Duration::from_millis(1_500)), 2_000);
        assert_eq!(rate(1, Duration::ZERO), 1_000_000);
        assert_eq!(summary(&[5, 1, 9]), [1, 5, 9]);
        assert_eq!(summary(&[]), [0, 0, 0]);
        assert_eq!(ratio(250, 100), "2.50");
        assert_eq!(ratio(1, 0), "0.00");
        assert_eq!(millis(12_345), "12.3");
    }
}
