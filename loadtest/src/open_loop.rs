//! Load by a scenario: citizens come by a schedule, whether those before them were served or not.
//!
//! 1. A private cluster and `epay serve` are started; `pgbench` runs on the same cluster.
//! 2. The knee is looked for ([`knee`]), unless it is given.
//! 3. The parts of the scenario are run, each at its share of the knee. Bills are issued between them, not during; when a part is over,
//!    outcomes that nobody knows are asked for, all is booked and the outbox is performed before the next one begins.
//! 4. The books are audited. Then, and only then, the report is written ([`paper`]).
//!
//! Bounds: those of [`scenario`]; [`STEPS_MAX`] rates on the way to the knee; the client's own are in [`mod@drive`].

mod citizen;
mod cost;
mod drive;
mod import;
mod knee;
mod live;
mod machine;
mod paper;
mod scenario;
mod schedule;
mod tally;
mod watchers;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use epay_pg::{Session, connect};
use jiff::Timestamp;

use self::cost::Counters;
use self::drive::{Driven, drive};
use self::import::Import;
use self::knee::{Next, Step};
use self::live::Live;
use self::machine::Machine;
use self::paper::{Paper, PartRow, Yardstick};
use self::scenario::{Part, Scenario};
use self::schedule::Arrivals;
use self::watchers::Watchers;
use crate::audit::{Expected, audit};
use crate::bills::{Issued, Issuer};
use crate::cpu::Parties;
use crate::front::Front;
use crate::house::{DATABASE, House, HouseOptions};
use crate::yardstick::{self, Mix};
use crate::{echo, report, rest};

/// Most rates on the way to the knee.
const STEPS_MAX: u64 = 40;
/// Before anything counts: connections, caches and plans are there then, as they are in service.
const WARM_UP: (u32, u32) = (200, 5);
/// Standard deviations by which there are more bills than a schedule has arrivals on the average: chance may bring more.
const DEVIATIONS_TO_SPARE: u64 = 7;
const BILLS_TO_SPARE: u64 = 20;

/// How to run it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The scenario: the name of one that comes with the program (steady, tax-day, hot-biller, watched, import, cost, soak), or a file.
    scenario: String,
    /// The folder for the report.
    #[arg(long, default_value = "load-report")]
    out: PathBuf,
    /// Payments a second to take for the knee, instead of looking for it.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    knee: Option<u32>,
    /// The first rate on the way to the knee.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    first_rate: u32,
    /// Seconds of each rate on the way.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=600))]
    step_seconds: u32,
    /// No part longer than so many seconds: for a look at a scenario, not for figures.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    part_seconds_max: Option<u32>,
    /// Seconds of each pgbench.
    #[arg(long, default_value_t = 8)]
    pgbench_seconds: u32,
    /// Another one is another schedule.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    #[command(flatten)]
    house: HouseOptions,
}

impl Options {
    fn seconds_at_most(&self, seconds: u32) -> u32 {
        self.part_seconds_max
            .map_or(seconds, |most| seconds.min(most))
    }
}

/// Runs a scenario to its report.
pub(crate) async fn run(options: &Options) -> Result<()> {
    let scenario = read_scenario(&options.scenario)?;
    println!("{}: {}", scenario.name, scenario.summary);
    let mut house = House::start(&options.house).await?;
    yardstick::prepare(&house.cluster, options.house.pgbench_scale).await?;
    let session = connect(&house.cluster.config(DATABASE)).await?;
    let mut run = Run {
        front: Front::open(&house).await?,
        issuer: Issuer::open(&house, &scenario.bill_types).await?,
        parties: house.parties()?,
        session,
        expected: Expected::default(),
        seed: options.seed,
    };
    let (rate, seconds) = WARM_UP;
    run.part("warm-up", rate, options.seconds_at_most(seconds))
        .await?;
    // As `pgbench -i` does for its own tables; in service autovacuum does it within a minute.
    run.session.client().batch_execute("ANALYZE").await?;
    let mut yardsticks = yardsticks(&house, options, "before").await?;
    let (knee, steps) = run.knee(options).await?;
    println!("The knee is at {knee} payments a second.");
    let mut parts = Vec::with_capacity(scenario.parts.len());
    for part in &scenario.parts {
        let seconds = options.seconds_at_most(part.seconds);
        parts.push(run.of_scenario(&house, part, knee, seconds).await?);
        house.assert_alive()?;
    }
    yardsticks.extend(self::yardsticks(&house, options, "after").await?);
    let machine = Machine::read(&run.session, house.cluster.data_dir()).await?;
    let expected = run.expected;
    run.session.close().await;
    house.close().await?;
    let audit = audit(&house.cluster, expected).await?;
    house.cluster.stop().await?;
    let paper = Paper {
        scenario: scenario.name,
        summary: scenario.summary,
        ended_at: Timestamp::now().round(jiff::Unit::Second)?.to_string(),
        house: options.house.words(),
        machine,
        yardsticks,
        steps: steps.iter().map(Into::into).collect(),
        knee,
        parts,
        audit,
    };
    paper.write(&options.out)?;
    println!("{}", paper.audit);
    println!("The report is {}", options.out.join("report.md").display());
    paper.print_bench_lines();
    Ok(())
}

fn read_scenario(named: &str) -> Result<Scenario> {
    let own = scenario::OWN.iter().find(|(name, _)| *name == named);
    let text = match own {
        Some((_, text)) => (*text).to_owned(),
        None => std::fs::read_to_string(Path::new(named))
            .with_context(|| format!("{named} is neither a scenario of ours nor a file"))?,
    };
    Scenario::read(&text).context(named.to_owned())
}

async fn yardsticks(house: &House, options: &Options, when: &str) -> Result<Vec<Yardstick>> {
    let mut yardsticks = Vec::new();
    for (name, mix) in [
        ("pgbench TPC-B, 32 clients", Mix::TpcB),
        ("pgbench -N, 32 clients", Mix::SimpleUpdate),
    ] {
        let per_second = yardstick::run(&house.cluster, options.pgbench_seconds, mix).await?;
        println!("{name}, {when}: {per_second} transactions a second");
        yardsticks.push(Yardstick {
            name: format!("{name}, {when}"),
            per_second,
        });
    }
    let per_second = echo::run(options.pgbench_seconds).await?;
    println!("tonic echo, {when}: {per_second} calls a second");
    yardsticks.push(Yardstick {
        name: format!("tonic echo, 64 in flight, {when}"),
        per_second,
    });
    Ok(yardsticks)
}

/// What every part uses, and what the books must hold in the end.
struct Run {
    front: Front,
    issuer: Issuer,
    parties: Parties,
    session: Session,
    expected: Expected,
    seed: u64,
}

impl Run {
    /// Goes up until the gateway no longer carries what comes.
    async fn knee(&mut self, options: &Options) -> Result<(u32, Vec<Step>)> {
        if let Some(knee) = options.knee {
            return Ok((knee, Vec::new()));
        }
        let mut steps = Vec::new();
        for _ in 0..STEPS_MAX {
            match knee::next(&steps, options.first_rate) {
                Next::Try(rate) => {
                    let row = self.part("up", rate, options.step_seconds).await?;
                    let step = Step {
                        rate,
                        offered: row.count.came,
                        not_served: row.count.not_served(),
                        slow_micros: row.answered.p99,
                    };
                    let word = if step.is_carried() {
                        "carried"
                    } else {
                        "not carried"
                    };
                    println!(
                        "{rate} a second: {word}, p99 {} ms, {} not served",
                        step.slow_micros.div_euclid(1_000),
                        step.not_served
                    );
                    steps.push(step);
                }
                Next::Knee(Some(knee)) => return Ok((knee, steps)),
                Next::Knee(None) => {
                    bail!("{} a second are more than it carries", options.first_rate)
                }
            }
        }
        bail!("no knee below rate {STEPS_MAX} of the way")
    }

    /// One part of the scenario, with what goes on beside it.
    async fn of_scenario(
        &mut self,
        house: &House,
        part: &Part,
        knee: u32,
        seconds: u32,
    ) -> Result<PartRow> {
        let watchers = match usize::try_from(part.watchers)? {
            0 => None,
            count => {
                println!("{count} citizens leave their code open");
                let bills = self.issuer.issue(count).await?;
                self.expected.add_unpaid(count)?;
                let watchers = Watchers::open(house, &self.parties, bills).await?;
                rest::performed(&self.session).await?;
                Some(watchers)
            }
        };
        let import = match part.import_bills {
            0 => None,
            count => Some(Import::begin(house, count)?),
        };
        let mut row = self.part(&part.name, part.rate(knee), seconds).await?;
        if let Some(import) = import {
            row.imported_bills = import.end().await?;
        }
        if let Some(watchers) = watchers {
            row.watchers = watchers.len();
            row.watcher_bytes = watchers.bytes_each;
        }
        println!(
            "{}: {} came a second, {} paid a second, p99 {} ms, {} turned away",
            row.name,
            row.rate,
            row.paid_per_second,
            row.answered.p99.div_euclid(1_000),
            row.count.turned_away
        );
        Ok(row)
    }

    /// So many seconds at a rate, until all of it is booked and everything is at rest.
    async fn part(&mut self, name: &str, rate: u32, seconds: u32) -> Result<PartRow> {
        let wanted = u64::from(rate).saturating_mul(u64::from(seconds));
        let deviations = wanted.isqrt().saturating_mul(DEVIATIONS_TO_SPARE);
        let spare = deviations.saturating_add(BILLS_TO_SPARE);
        let bills = usize::try_from(wanted.saturating_add(spare))?;
        let bills: Arc<[Issued]> = self.issuer.issue(bills).await?.into();
        rest::performed(&self.session).await?;
        let before = Counters::read(&self.parties, &self.session).await?;
        // Each part has its own schedule, and the same one in every run of a seed.
        self.seed = self.seed.wrapping_add(1);
        let arrivals = Arrivals::new(self.seed, rate, seconds);
        let live = Live::begin(name, rate, seconds)?;
        let started = Instant::now();
        let driven = drive(&self.front, &bills, arrivals, &live).await?;
        let asked_minor = self.ask_again(&driven, &bills).await?;
        rest::booked(&self.session).await?;
        let booked = started.elapsed();
        let gateway_bytes = self.parties.resident_bytes()?;
        live.end();
        rest::performed(&self.session).await?;
        let after = Counters::read(&self.parties, &self.session).await?;
        let paid = driven.tally.count.paid;
        let asked_again = driven.unanswered.len();
        let minor = driven.tally.minor.saturating_add(asked_minor);
        self.expected.add_paid(paid, asked_again, minor)?;
        Ok(PartRow {
            name: name.to_owned(),
            seconds,
            rate,
            paid_per_second: report::rate(
                usize::try_from(paid)?,
                booked.max(Duration::from_secs(seconds.into())),
            ),
            under_way_max: driven.under_way_max,
            asked_again,
            cost: after.each(before, paid),
            gateway_bytes,
            ..PartRow::of(&driven.tally)
        })
    }

    /// Finds out about the payments whose callers had no answer; answers their minor units.
    async fn ask_again(&self, driven: &Driven, bills: &[Issued]) -> Result<i64> {
        let mut minor = 0_i64;
        for place in &driven.unanswered {
            let (caller, mut bank) = self.front.at(*place)?;
            let bill = bills.get(*place).context("no bill")?;
            let paid = citizen::ask_again(&caller, &mut bank, bill).await?;
            minor = minor.saturating_add(paid);
        }
        Ok(minor)
    }
}
