//! The report: one folder with `report.md` for people, `report.json` for programs, and a picture a question.
//!
//! It is written after the audit, from figures only; nothing in it is measured here.

mod bars;
mod chart;
mod markdown;
mod rails;

pub(crate) use rails::RailRow;

use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::cost::Cost;
use super::knee::Step;
use super::machine::Machine;
use super::tally::{Count, Second, Tally};
use crate::report::{bench_line, ratio};
use chart::{Chart, Line};

/// What work may take of a first answer where nothing is waited for but the disk.
const WORK_MICROS: u64 = 5_000;

/// All that a run found out.
#[derive(Debug, Serialize)]
pub(crate) struct Paper {
    pub(crate) scenario: String,
    pub(crate) summary: String,
    /// When it ended, RFC 3339.
    pub(crate) ended_at: String,
    /// How the house differs from the usual one: several gateways, TLS.
    pub(crate) house: Vec<String>,
    pub(crate) machine: Machine,
    pub(crate) yardsticks: Vec<Yardstick>,
    /// The way to the knee; empty where the knee was given.
    pub(crate) steps: Vec<StepRow>,
    pub(crate) knee: u32,
    pub(crate) parts: Vec<PartRow>,
    /// What the audit said.
    pub(crate) audit: String,
}

/// Something else on the same cluster, in the same run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Yardstick {
    pub(crate) name: String,
    pub(crate) per_second: u64,
}

/// One rate on the way to the knee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StepRow {
    pub(crate) rate: u32,
    pub(crate) offered: u64,
    pub(crate) not_served: u64,
    pub(crate) p99_micros: u64,
    /// Of the money's news; zero where it does not count.
    pub(crate) settled_p99_micros: u64,
    pub(crate) carried: bool,
}

impl From<&Step> for StepRow {
    fn from(step: &Step) -> Self {
        Self {
            rate: step.rate,
            offered: step.offered,
            not_served: step.not_served,
            p99_micros: step.slow_micros,
            settled_p99_micros: step.settled_micros,
            carried: step.is_carried(),
        }
    }
}

/// The waits of one kind, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Waits {
    pub(crate) p50: u64,
    pub(crate) p90: u64,
    pub(crate) p99: u64,
    pub(crate) p999: u64,
    pub(crate) max: u64,
}

impl Waits {
    fn of(histogram: &hdrhistogram::Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile);
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max(),
        }
    }
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PartRow {
    pub(crate) name: String,
    pub(crate) seconds: u32,
    pub(crate) rate: u32,
    pub(crate) count: Count,
    /// Payments booked a second, from the first arrival until all of them were.
    pub(crate) paid_per_second: u64,
    pub(crate) answered: Waits,
    pub(crate) acknowledged: Waits,
    pub(crate) settled: Waits,
    /// How late the client itself was.
    pub(crate) client_late_p99_micros: u64,
    pub(crate) under_way_max: usize,
    /// Payments whose first caller had no answer, and that were asked about afterwards.
    pub(crate) asked_again: usize,
    pub(crate) cost: Cost,
    pub(crate) gateway_bytes: u64,
    pub(crate) watchers: usize,
    pub(crate) watcher_bytes: u64,
    pub(crate) imported_bills: u32,
    /// The rail that was ill, and how.
    pub(crate) ill: Option<String>,
    /// The rails of a mix.
    pub(crate) rails: Vec<RailRow>,
    pub(crate) timeline: Vec<Second>,
}

impl PartRow {
    /// The figures of a tally; the rest is filled in by whoever has it.
    pub(crate) fn of(tally: &Tally) -> Self {
        Self {
            name: String::new(),
            seconds: 0,
            rate: 0,
            count: tally.count,
            paid_per_second: 0,
            answered: Waits::of(&tally.answered),
            acknowledged: Waits::of(&tally.acknowledged),
            settled: Waits::of(&tally.settled),
            client_late_p99_micros: tally.late.value_at_quantile(0.99),
            under_way_max: 0,
            asked_again: 0,
            cost: Cost::default(),
            gateway_bytes: 0,
            watchers: 0,
            watcher_bytes: 0,
            imported_bills: 0,
            ill: None,
            rails: Vec::new(),
            timeline: tally.seconds(),
        }
    }
}

impl Paper {
    /// Writes the folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let put = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| path.display().to_string())
        };
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        put("report.json", serde_json::to_string_pretty(self)? + "\n")?;
        put("report.md", markdown::of(self))?;
        put("rates.svg", self.rates().svg())?;
        put("waits.svg", self.waits().svg())?;
        if let Some(picture) = rails::picture(self) {
            put("rails.svg", picture.svg())?;
        }
        if !self.steps.is_empty() {
            put("knee.svg", self.way_to_the_knee().svg())?;
        }
        Ok(())
    }

    /// The figures that `cargo xtask bench` shows.
    pub(crate) fn print_bench_lines(&self) {
        let tpcb = self.yardsticks.iter().map(|stick| stick.per_second).next();
        let beside = tpcb.map(|tpcb| ("pgbench TPC-B", ratio(self.knee.into(), tpcb)));
        let name = format!("{}: the knee", self.scenario);
        bench_line(&name, self.knee.into(), "payments/s", beside);
        let (p50, p99) = (self.machine.sync_p50_micros, self.machine.sync_p99_micros);
        for (word, micros) in [("p50", p50), ("p99", p99)] {
            let name = format!("{}: one page reaches the disk, {word}", self.scenario);
            bench_line(&name, micros, "us", None);
        }
        // What a first answer may take at half of the knee: three times to the disk, and some milliseconds of work.
        let allowed = p50.saturating_mul(3).saturating_add(WORK_MICROS);
        for part in &self.parts {
            let name = |what: &str| format!("{}: {}, {what}", self.scenario, part.name);
            let beside = (
                "three times to the disk + 5 ms",
                ratio(part.answered.p99, allowed),
            );
            bench_line(
                &name("first answer p99"),
                part.answered.p99,
                "us",
                Some(beside),
            );
            bench_line(
                &name("paid"),
                part.paid_per_second,
                "payments/s",
                self.unwatched(part),
            );
            let mebibytes = part.gateway_bytes.div_euclid(1 << 20);
            bench_line(&name("memory of the gateway"), mebibytes, "MiB", None);
            if part.watchers > 0 {
                bench_line(
                    &name("memory of one watch"),
                    part.watcher_bytes,
                    "bytes",
                    None,
                );
            }
            if part.count.turned_away > 0 {
                let count = part.count;
                bench_line(&name("turned away"), count.turned_away, "citizens", None);
                let silent = count.turned_away_without_hint;
                bench_line(&name("of them without a hint"), silent, "citizens", None);
            }
        }
        rails::print_bench_lines(self);
    }

    /// A part with watchers beside the one at the same rate without them.
    fn unwatched(&self, part: &PartRow) -> Option<(&'static str, String)> {
        let same = |other: &&PartRow| other.rate == part.rate && other.watchers == 0;
        let alone = self.parts.iter().find(same).filter(|_| part.watchers > 0)?;
        let beside = ratio(part.paid_per_second, alone.paid_per_second);
        Some(("nobody watches", beside))
    }

    fn timeline(&self) -> impl Iterator<Item = &Second> {
        self.parts.iter().flat_map(|part| &part.timeline)
    }

    fn line(&self, name: &'static str, value: impl Fn(&Second) -> u64) -> Line {
        let points = (0..).zip(self.timeline().map(value));
        Line {
            name,
            points: points.collect(),
        }
    }

    fn rates(&self) -> Chart {
        Chart {
            title: format!("{}: what came and what was paid", self.scenario),
            across: "seconds",
            up: "payments a second",
            lines: vec![
                self.line("came", |second| second.came.into()),
                self.line("paid", |second| second.paid.into()),
                self.line("turned away", |second| second.turned_away.into()),
            ],
        }
    }

    fn waits(&self) -> Chart {
        Chart {
            title: format!("{}: waits for the first answer", self.scenario),
            across: "seconds",
            up: "microseconds",
            lines: vec![
                self.line("p50", |second| second.p50_micros),
                self.line("p99", |second| second.p99_micros),
            ],
        }
    }

    fn way_to_the_knee(&self) -> Chart {
        let mut steps: Vec<&StepRow> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.rate);
        let points = steps.iter().map(|step| (step.rate.into(), step.p99_micros));
        Chart {
            title: format!("The knee is at {} payments a second", self.knee),
            across: "payments a second that came",
            up: "microseconds, p99 of the first answer",
            lines: vec![Line {
                name: "p99",
                points: points.collect(),
            }],
        }
    }
}
