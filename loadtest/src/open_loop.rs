//! Load by a scenario: citizens come by a schedule, whether those before them were served or not.
//!
//! 1. A private cluster and `epay serve` are started, or `epay dev` where the scenario has a mix of rails; `pgbench` runs on the same cluster.
//! 2. The knee is looked for ([`knee`]), unless it is given.
//! 3. The parts of the scenario are run, each at its share of the knee. Bills are issued between them, not during; when a part is over,
//!    outcomes that nobody knows are asked for, all is booked and the outbox is performed before the next one begins.
//!    A mix adds the counterparties: what citizens do there, a rail that is made ill for a part, and evenings on which files come ([`by_rail`]).
//! 4. The books are audited. Then, and only then, the report is written ([`paper`]).
//!
//! Bounds: those of [`scenario`]; [`STEPS_MAX`] rates on the way to the knee; the client's own are in [`mod@drive`].

mod by_rail;
mod citizen;
mod cost;
mod customer;
mod drive;
mod import;
mod knee;
mod live;
mod machine;
mod page;
mod paper;
mod scenario;
mod schedule;
mod tally;
mod turns;
mod watchers;

pub(crate) use customer::Street;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use epay_pg::{Session, connect};
use jiff::Timestamp;

use self::by_rail::Found;
use self::cost::Counters;
use self::drive::{Driven, drive};
use self::import::Import;
use self::knee::{Next, Step};
use self::live::Live;
use self::machine::Machine;
use self::paper::{Paper, PartRow, RailRow, Yardstick};
use self::scenario::{Part, Scenario, Sick};
use self::schedule::Arrivals;
use self::watchers::Watchers;
use crate::audit::{Expected, Seen, audit, audit_rails};
use crate::bills::{Issued, Issuer};
use crate::cpu::Parties;
use crate::front::Front;
use crate::house::{DATABASE, House, HouseOptions, SANDBOX_DATABASE};
use crate::rails::{Mix, Rail};
use crate::yardstick;
use crate::{echo, report, rest};

/// Most rates on the way to the knee.
const STEPS_MAX: u64 = 40;
/// Before anything counts: connections, caches and plans are there then, as they are in service.
const WARM_UP: (u32, u32) = (200, 5);
/// The same where counterparties do their part, each with books of its own.
const WARM_UP_OF_MIX: (u32, u32) = (40, 5);
/// The first rate on the way to the knee, for both.
const FIRST_RATE: u32 = 100;
const FIRST_RATE_OF_MIX: u32 = 20;
/// Standard deviations by which there are more bills than a schedule has arrivals on the average: chance may bring more.
const DEVIATIONS_TO_SPARE: u64 = 7;
const BILLS_TO_SPARE: u64 = 20;

/// How to run it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The scenario: the name of one that comes with the program (steady, tax-day, hot-biller, watched, import, cost, all-rails, sick-rail, soak), or a file.
    scenario: String,
    /// The folder for the report.
    #[arg(long, default_value = "load-report")]
    out: PathBuf,
    /// Payments a second to take for the knee, instead of looking for it.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    knee: Option<u32>,
    /// The first rate on the way to the knee; 100 unless given, and 20 for a mix of rails.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    first_rate: Option<u32>,
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
    let mix = scenario.mix()?;
    let mut house = match &mix {
        None => House::start(&options.house).await?,
        Some(_) => House::start_with_every_rail(&options.house).await?,
    };
    yardstick::prepare(&house.cluster, options.house.pgbench_scale).await?;
    let mut run = Run::open(&house, &scenario, mix, options.seed).await?;
    let (rate, seconds) = if run.front.street().is_some() {
        WARM_UP_OF_MIX
    } else {
        WARM_UP
    };
    let seconds = options.seconds_at_most(seconds);
    run.part("warm-up", (rate, seconds), None).await?;
    // As `pgbench -i` does for its own tables; in service autovacuum does it within a minute.
    run.session.client().batch_execute("ANALYZE").await?;
    let mut yardsticks = yardsticks(&house, options, "before").await?;
    let (knee, steps) = run.knee(options).await?;
    println!("The knee is at {knee} payments a second.");
    if options.house.statements {
        report::count_statements(&run.session).await?;
    }
    let mut parts = Vec::with_capacity(scenario.parts.len());
    for part in &scenario.parts {
        let seconds = options.seconds_at_most(part.seconds);
        parts.push(run.of_scenario(&house, part, knee, seconds).await?);
        house.assert_alive()?;
    }
    if options.house.statements {
        report::print_statements(&run.session).await?;
    }
    yardsticks.extend(self::yardsticks(&house, options, "after").await?);
    if let Some(street) = run.front.street().cloned() {
        run.let_files_come(&street).await?;
    }
    let machine = Machine::read(&run.session, house.cluster.data_dir()).await?;
    run.session.close().await;
    house.close().await?;
    let audit = match run.front.street() {
        None => audit(&house.cluster, run.expected).await?,
        Some(_) => audit_rails(&house.cluster, &run.seen).await?,
    };
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

/// What citizens of a mix find outside of the gateway.
async fn street(house: &House, mix: Option<Mix>) -> Result<Option<Street>> {
    let Some((mix, (sandbox, back))) = mix.zip(house.sandbox()?) else {
        return Ok(None);
    };
    let books = connect(&house.cluster.config(SANDBOX_DATABASE)).await?;
    Ok(Some(Street {
        mix,
        sandbox,
        back,
        books,
    }))
}

async fn yardsticks(house: &House, options: &Options, when: &str) -> Result<Vec<Yardstick>> {
    let mut yardsticks = Vec::new();
    for (name, mix) in [
        ("pgbench TPC-B, 32 clients", yardstick::Mix::TpcB),
        ("pgbench -N, 32 clients", yardstick::Mix::SimpleUpdate),
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
    /// Of a mix: what citizens saw.
    seen: Seen,
    seed: u64,
    data_dir: PathBuf,
}

impl Run {
    async fn open(house: &House, scenario: &Scenario, mix: Option<Mix>, seed: u64) -> Result<Self> {
        Ok(Self {
            issuer: Issuer::open(house, &scenario.bill_types, mix.as_ref()).await?,
            front: Front::open(house)
                .await?
                .with_street(street(house, mix).await?),
            parties: house.parties()?,
            session: connect(&house.cluster.config(DATABASE)).await?,
            expected: Expected::default(),
            seen: Seen::default(),
            seed,
            data_dir: house.cluster.data_dir().to_owned(),
        })
    }

    /// Goes up until the gateway no longer carries what comes.
    async fn knee(&mut self, options: &Options) -> Result<(u32, Vec<Step>)> {
        if let Some(knee) = options.knee {
            return Ok((knee, Vec::new()));
        }
        let first = options.first_rate.unwrap_or(match self.front.street() {
            None => FIRST_RATE,
            Some(_) => FIRST_RATE_OF_MIX,
        });
        let mut steps = Vec::new();
        for _ in 0..STEPS_MAX {
            match knee::next(&steps, first) {
                Next::Try(rate) => {
                    let row = self.part("up", (rate, options.step_seconds), None).await?;
                    let step = Step {
                        rate,
                        offered: row.count.came,
                        not_served: row.count.not_served(),
                        slow_micros: row.answered.p99,
                        settled_micros: match self.front.street() {
                            None => 0,
                            Some(_) => row.settled.p99,
                        },
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
                    bail!("{first} a second are more than it carries")
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
        let load = (part.rate(knee), seconds);
        let mut row = self.part(&part.name, load, part.sick.as_ref()).await?;
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
    async fn part(
        &mut self,
        name: &str,
        (rate, seconds): (u32, u32),
        sick: Option<&Sick>,
    ) -> Result<PartRow> {
        let wanted = u64::from(rate).saturating_mul(u64::from(seconds));
        let deviations = wanted.isqrt().saturating_mul(DEVIATIONS_TO_SPARE);
        let spare = deviations.saturating_add(BILLS_TO_SPARE);
        let bills = usize::try_from(wanted.saturating_add(spare))?;
        let bills: Arc<[Issued]> = self.issuer.issue(bills).await?.into();
        rest::performed(&self.session).await?;
        if let Some(street) = self.front.street() {
            self.look_at_tables(street).await?;
        }
        rest::on_disk(&self.data_dir).await?;
        let before = Counters::read(&self.parties, &self.session).await?;
        // Each part has its own schedule, and the same one in every run of a seed.
        self.seed = self.seed.wrapping_add(1);
        let arrivals = Arrivals::new(self.seed, rate, seconds);
        let live = Live::begin(name, rate, seconds)?;
        let started = Instant::now();
        let driven = self.drive_sick(sick, (&bills, arrivals), &live).await?;
        let found = self.settle_accounts(&driven, &bills).await?;
        rest::booked(&self.session).await?;
        let booked = started.elapsed();
        let gateway_bytes = self.parties.resident_bytes()?;
        live.end();
        rest::performed(&self.session).await?;
        let after = Counters::read(&self.parties, &self.session).await?;
        let paid = driven.tally.count.paid;
        Ok(PartRow {
            name: name.to_owned(),
            seconds,
            rate,
            paid_per_second: report::rate(
                usize::try_from(paid)?,
                booked.max(Duration::from_secs(seconds.into())),
            ),
            under_way_max: driven.under_way_max,
            asked_again: driven.open.len(),
            ill: sick.map(|sick| format!("{}: {}", sick.rail.name(), sick.fault)),
            rails: RailRow::of(&driven.tally, &found),
            cost: after.each(before, paid),
            gateway_bytes,
            ..PartRow::of(&driven.tally)
        })
    }

    /// Lets citizens come, with a rail ill while they do.
    async fn drive_sick(
        &self,
        sick: Option<&Sick>,
        (bills, arrivals): (&Arc<[Issued]>, Arrivals),
        live: &Live,
    ) -> Result<Driven> {
        let Some((sick, street)) = sick.zip(self.front.street()) else {
            return drive(&self.front, bills, arrivals, live).await;
        };
        let number = street.make_ill(sick).await?;
        let driven = drive(&self.front, bills, arrivals, live).await?;
        street.sandbox.take_back_fault(number).await?;
        Ok(driven)
    }

    /// Finds out about those who left without knowing, and notes what the books must hold; of a mix, answers what was found.
    async fn settle_accounts(
        &mut self,
        driven: &Driven,
        bills: &Arc<[Issued]>,
    ) -> Result<BTreeMap<Rail, Found>> {
        let Some(street) = self.front.street().cloned() else {
            let asked_minor = self.ask_again(driven, bills).await?;
            let minor = driven.tally.minor.saturating_add(asked_minor);
            let paid = driven.tally.count.paid;
            self.expected.add_paid(paid, driven.open.len(), minor)?;
            return Ok(BTreeMap::new());
        };
        let found = self.find_again(&street, driven, bills).await?;
        for (rail, tally) in &driven.tally.rails {
            self.seen.add(*rail, tally.count.paid, tally.minor)?;
        }
        for (rail, found) in &found {
            self.seen.add(*rail, found.paid, found.minor)?;
        }
        Ok(found)
    }

    /// Finds out about the payments whose callers had no answer; answers their minor units.
    async fn ask_again(&self, driven: &Driven, bills: &[Issued]) -> Result<i64> {
        let mut minor = 0_i64;
        for open in &driven.open {
            let (caller, mut bank) = self.front.at(open.place)?;
            let bill = bills.get(open.place).context("no bill")?;
            let paid = citizen::ask_again(&caller, &mut bank, bill).await?;
            minor = minor.saturating_add(paid);
        }
        Ok(minor)
    }
}
