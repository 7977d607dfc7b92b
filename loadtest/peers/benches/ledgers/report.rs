//! The table for people and the `BENCH` lines for machines.

use std::collections::BTreeMap;
use std::time::Duration;

/// Rates by name, one a round, in the order in which they were first measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    order: Vec<&'static str>,
    rates: BTreeMap<&'static str, (Vec<u64>, u64)>,
}

/// Things a second.
pub(crate) fn rate(count: u64, taken: Duration) -> u64 {
    let micros = u64::try_from(taken.as_micros()).expect("short").max(1);
    count.saturating_mul(1_000_000) / micros
}

impl Report {
    /// `refused` are postings that the ledger did not take.
    pub(crate) fn add(&mut self, name: &'static str, rate: u64, refused: u64) {
        println!("{name}: {rate}/s");
        if !self.order.contains(&name) {
            self.order.push(name);
        }
        let (rates, all_refused) = self.rates.entry(name).or_default();
        rates.push(rate);
        *all_refused += refused;
    }

    pub(crate) fn print(&self, ours: &str) {
        let [_, reference, _] = self.summary(ours);
        println!(
            "\n{:<40} {:>9} {:>9} {:>9} {:>9} {:>11}",
            "postings a second", "slowest", "median", "fastest", "refused", "epay is x"
        );
        for name in &self.order {
            let [slowest, median, fastest] = self.summary(name);
            let refused = self.rates.get(name).map_or(0, |(_, refused)| *refused);
            let tenths = (reference * 10).checked_div(median).unwrap_or(0);
            let times = format!("{}.{}", tenths / 10, tenths % 10);
            println!("{name:<40} {slowest:>9} {median:>9} {fastest:>9} {refused:>9} {times:>11}");
            println!(
                r#"BENCH {{"name":"{name}","value":{median},"unit":"postings/s","ratio_to":"epay in batches is so many times it","ratio":{times}}}"#
            );
        }
    }

    fn summary(&self, name: &str) -> [u64; 3] {
        let mut rates = self
            .rates
            .get(name)
            .map(|(rates, _)| rates.clone())
            .unwrap_or_default();
        rates.sort_unstable();
        let middle = rates.get(rates.len() / 2);
        [rates.first(), middle, rates.last()].map(|rate| rate.copied().unwrap_or(0))
    }
}
