//! The table for people and the `BENCH` lines for machines.

use std::collections::HashMap;
use std::time::Duration;

/// Rates by name, one a round.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rates: HashMap<&'static str, Vec<u64>>,
}

/// Things a second.
pub(crate) fn rate(count: u64, taken: Duration) -> u64 {
    let micros = u64::try_from(taken.as_micros()).expect("short").max(1);
    count.saturating_mul(1_000_000) / micros
}

impl Report {
    pub(crate) fn add(&mut self, name: &'static str, rate: u64) {
        self.rates.entry(name).or_default().push(rate);
    }

    /// The middle one of the rounds, between the slowest and the fastest.
    fn summary(&self, name: &str) -> (u64, u64, u64) {
        let mut rates = self.rates.get(name).cloned().unwrap_or_default();
        rates.sort_unstable();
        let middle = rates.get(rates.len() / 2).copied().unwrap_or(0);
        (
            rates.first().copied().unwrap_or(0),
            middle,
            rates.last().copied().unwrap_or(0),
        )
    }

    fn median(&self, name: &str) -> u64 {
        self.summary(name).1
    }

    pub(crate) fn print(&self, names: &[&'static str]) {
        let yardstick = self
            .median("tpcb_8_clients")
            .max(self.median("tpcb_32_clients"));
        println!(
            "\n{:<24} {:>10} {:>10} {:>10} {:>8}",
            "", "slowest/s", "median/s", "fastest/s", "x TPC-B"
        );
        for name in names {
            let (slowest, median, fastest) = self.summary(name);
            println!(
                "{name:<24} {slowest:>10} {median:>10} {fastest:>10} {:>8}",
                ratio(median, yardstick)
            );
        }
        println!();
        for name in names {
            let unit = if name.starts_with("tpcb") {
                "transactions/s"
            } else {
                "journals/s"
            };
            bench_line(name, self.median(name), unit, "tpcb", yardstick);
        }
        for posters in ["1", "2", "4"] {
            let hot = self.median(&format!("post_hot_1000_x{posters}"));
            let uniform = self.median(&format!("post_uniform_1000_x{posters}"));
            let name = format!("post_hot_beside_uniform_1000_x{posters}");
            bench_line(
                &name,
                hot,
                "journals/s",
                &format!("post_uniform_1000_x{posters}"),
                uniform,
            );
        }
    }
}

/// A ratio with two decimals, without floats.
fn ratio(value: u64, of: u64) -> String {
    let hundredths = value.saturating_mul(100) / of.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn bench_line(name: &str, value: u64, unit: &str, ratio_to: &str, of: u64) {
    let ratio = ratio(value, of);
    println!(
        r#"BENCH {{"name":"{name}","value":{value},"unit":"{unit}","ratio_to":"{ratio_to}","ratio":{ratio}}}"#
    );
}
