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

    /// The yardstick of each round: the better of the two numbers of clients.
    fn yardstick(&self) -> Vec<u64> {
        let of = |name| self.rates.get(name).cloned().unwrap_or_default();
        let (few, many) = (of("tpcb_8_clients"), of("tpcb_32_clients"));
        few.into_iter()
            .zip(many)
            .map(|(few, many)| few.max(many))
            .collect()
    }

    /// The middle one of the rounds' ratios, in hundredths: both sides of each are of the same minute.
    fn ratio(&self, name: &str, to: &[u64]) -> u64 {
        let rates = self.rates.get(name).cloned().unwrap_or_default();
        let ratios = rates.iter().zip(to);
        let mut ratios: Vec<u64> = ratios
            .map(|(rate, to)| rate.saturating_mul(100) / (*to).max(1))
            .collect();
        ratios.sort_unstable();
        ratios.get(ratios.len() / 2).copied().unwrap_or(0)
    }

    pub(crate) fn print(&self, names: &[&'static str]) {
        let yardstick = self.yardstick();
        println!(
            "\n{:<24} {:>10} {:>10} {:>10} {:>8}",
            "", "slowest/s", "median/s", "fastest/s", "x TPC-B"
        );
        for name in names {
            let (slowest, median, fastest) = self.summary(name);
            let ratio = decimal(self.ratio(name, &yardstick));
            println!("{name:<24} {slowest:>10} {median:>10} {fastest:>10} {ratio:>8}");
        }
        println!();
        for name in names {
            let unit = if name.starts_with("tpcb") {
                "transactions/s"
            } else if name.starts_with("lean_copy") {
                "transfers/s"
            } else {
                "journals/s"
            };
            self.bench_line(name, name, unit, "tpcb", &yardstick);
        }
        for posters in ["1", "2", "4"] {
            let hot = format!("post_hot_1000_x{posters}");
            let uniform = format!("post_uniform_1000_x{posters}");
            let to = self
                .rates
                .get(uniform.as_str())
                .cloned()
                .unwrap_or_default();
            self.bench_line(
                &format!("{hot}_beside_uniform"),
                &hot,
                "journals/s",
                &uniform,
                &to,
            );
        }
        let of = "post_uniform_1000_x2";
        for floor in ["lean_copy_1000_x2", "lean_rows_1000_x2"] {
            let to = self.rates.get(floor).cloned().unwrap_or_default();
            let name = format!("{of}_beside_{floor}");
            self.bench_line(&name, of, "journals/s", floor, &to);
        }
    }

    fn bench_line(&self, name: &str, of: &str, unit: &str, ratio_to: &str, to: &[u64]) {
        let value = self.summary(of).1;
        let ratio = decimal(self.ratio(of, to));
        println!(
            r#"BENCH {{"name":"{name}","value":{value},"unit":"{unit}","ratio_to":"{ratio_to}","ratio":{ratio}}}"#
        );
    }
}

/// Hundredths as a decimal, without floats.
fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
