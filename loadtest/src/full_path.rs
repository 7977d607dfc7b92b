//! The full path: `CreatePayment` by gRPC, then the bank's notice of the money, until all of it is booked.
//!
//! A closed loop: so many payers are under way at once, each pays the next bill as soon as its last notice was acknowledged;
//! where the gateway is too busy for one, the payer and the bank come back when it says so. A round's clock stops only when
//! every notice of it is booked, that is when its journal and its outbox lines are durable. One payment in [`WATCHED_ONE_IN`] is also followed by `WatchPayment` to its end.
//! Rounds alternate with `pgbench`; between two parts everything in the background comes to rest. Where there are several gateways,
//! each round has a second half in which one of them has all the work. With `--journals`, the tables are then filled and as many
//! rounds follow.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use epay_pg::{Session, connect};
use tokio::task::JoinSet;

use crate::audit::{Expected, audit};
use crate::bank::{Gathering, Teller};
use crate::bills::{Issued, issue};
use crate::cpu::{Parties, Used};
use crate::fill::fill;
use crate::flame::Sampling;
use crate::front::Front;
use crate::house::{DATABASE, House, HouseOptions};
use crate::payer::Caller;
use crate::report::Report;
use crate::yardstick::{self, Mix};
use crate::{report, rest};

/// Followed payments: enough for a percentile, too few to be a load of their own.
const WATCHED_ONE_IN: u64 = 50;
const WARM_UP_SECONDS: u32 = 2;
/// How to run it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Payments a round.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..))]
    payments: u32,
    /// Payments before anything counts: connections, caches and plans are there then, as they are in service.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    warm_up: u32,
    /// End a round after so many seconds, even if bills are left.
    #[arg(long)]
    seconds: Option<u64>,
    /// Payers under way at once.
    #[arg(long, default_value_t = 1_024)]
    in_flight: usize,
    /// Rounds; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of pgbench in a round.
    #[arg(long, default_value_t = 8)]
    pgbench_seconds: u32,
    /// Only start payments: no bank tells of money.
    #[arg(long, conflicts_with = "credits")]
    create_only: bool,
    /// Credits that the bank may tell of in one notice. A bank in a hurry tells of each; most gather what came in.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    credits: u16,
    /// Then put so many journals into the tables, and do the rounds again.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=200_000_000))]
    journals: u64,
    /// Then drive one round more, with `perf` beside it, and draw here where the processors were.
    #[arg(long)]
    flame_graph: Option<PathBuf>,
    #[command(flatten)]
    house: HouseOptions,
}

impl Options {
    /// Those of every round and of the warm-up.
    fn bills_wanted(&self) -> Result<usize> {
        let halves = if self.journals > 0 { 2_usize } else { 1 };
        let halves = halves.saturating_mul(if self.house.nodes > 1 { 2 } else { 1 });
        let sampled = usize::from(self.flame_graph.is_some());
        let rounds = self.rounds.saturating_mul(halves).saturating_add(sampled);
        let of_rounds = rounds.saturating_mul(usize::try_from(self.payments)?);
        Ok(of_rounds.saturating_add(usize::try_from(self.warm_up)?))
    }

    /// What is measured, as rows are named.
    fn label(&self) -> String {
        let first = if self.create_only {
            "CreatePayment alone"
        } else {
            "full path"
        };
        let mut words = vec![first.to_owned()];
        if self.credits > 1 {
            words.push(format!("up to {} credits a notice", self.credits));
        }
        words.extend(self.house.words());
        words.join(", ")
    }
}

/// One payment's waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// From the call to the answer of `CreatePayment`.
    pub(crate) create: Duration,
    /// From the post to the acknowledgement of the notice, where the bank told of it.
    pub(crate) notice: Option<Duration>,
    /// From the post of the notice to the news that the payment is settled, where it was watched.
    pub(crate) settled: Option<Duration>,
}

/// One round of ours.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) samples: Vec<Sample>,
    pub(crate) cents: i64,
    pub(crate) taken: Duration,
    pub(crate) used: Used,
}

/// Measures, audits, reports.
pub(crate) async fn run(options: &Options) -> Result<()> {
    println!("Starting a private cluster and epay serve");
    let mut house = House::start(&options.house).await?;
    yardstick::prepare(&house.cluster, options.house.pgbench_scale).await?;
    let round_payments = usize::try_from(options.payments)?;
    let warm_up = usize::try_from(options.warm_up)?;
    let started = Instant::now();
    let bills: Arc<[Issued]> = issue(&house, options.bills_wanted()?).await?.into();
    println!("Issued {} bills in {:.1?}", bills.len(), started.elapsed());

    let notices = Arc::new(AtomicU64::new(0));
    let load = Load::prepare(options, &house, &notices).await?;
    let mut measured = load
        .warm_up(&house, bills.get(..warm_up).unwrap_or_default())
        .await?;
    let mut rounds = bills
        .get(warm_up..)
        .unwrap_or_default()
        .chunks(round_payments);
    let report = load.rounds(&mut house, &mut rounds, options, &mut measured);
    let report = report.await?;
    let mut filled = None;
    if options.journals > 0 {
        println!("Putting {} journals into the tables", options.journals);
        fill(&load.session, options.journals).await?;
        let report = load.rounds(&mut house, &mut rounds, options, &mut measured);
        filled = Some(report.await?);
    }
    if options.house.statements {
        report::print_statements(&load.session).await?;
    }
    if let (Some(picture), Some(bills)) = (&options.flame_graph, rounds.next()) {
        let sampled = load.sampled(&house, bills, picture).await?;
        load.count(&mut measured, &sampled)?;
    }
    load.session.close().await;
    house.close().await?;
    if options.credits > 1 {
        measured.set_notices(notices.load(Ordering::Relaxed))?;
    }
    let audited = audit(&house.cluster, measured).await?;
    house.cluster.stop().await?;
    report.print(options.in_flight)?;
    if let Some(filled) = &filled {
        println!("With {} journals more in the tables:", options.journals);
        filled.print(options.in_flight)?;
    }
    println!("{audited}");
    report.print_bench_lines()?;
    if let Some(filled) = &filled {
        filled.print_bench_beside(&report, options.journals);
    }
    Ok(())
}

/// What every round uses.
struct Load {
    all: Side,
    /// Where one gateway of several has all the work.
    alone: Option<Side>,
    in_flight: usize,
    length: Option<Duration>,
    statements: bool,
    create_only: bool,
    parties: Parties,
    session: Session,
    data_dir: PathBuf,
}

/// The connections of a round.
struct Side {
    front: Front,
    /// Banks that gather credits; none where each is told of by itself.
    gatherings: Vec<Gathering>,
}

impl Side {
    /// To so many gateways of the house.
    async fn open(
        house: &House,
        gateways: usize,
        credits_max: u16,
        notices: &Arc<AtomicU64>,
    ) -> Result<Self> {
        let front = Front::open_to(house, gateways).await?;
        let gatherings = match credits_max {
            1 => Vec::new(),
            most => front.gatherings(most.into(), notices),
        };
        Ok(Self { front, gatherings })
    }

    /// The connections of one payer.
    fn at(&self, place: usize) -> Result<(Caller, Teller)> {
        let (caller, bank) = self.front.at(place)?;
        let gathering = place
            .checked_rem(self.gatherings.len())
            .and_then(|at| self.gatherings.get(at));
        let teller = match gathering {
            Some(gathering) => Teller::Together(gathering.clone()),
            None => Teller::Each(bank),
        };
        Ok((caller, teller))
    }
}

impl Load {
    async fn prepare(options: &Options, house: &House, notices: &Arc<AtomicU64>) -> Result<Self> {
        let open = |gateways| Side::open(house, gateways, options.credits, notices);
        let alone = match house.gateways() {
            1 => None,
            _ => Some(open(1).await?),
        };
        Ok(Self {
            all: open(house.gateways()).await?,
            alone,
            in_flight: options.in_flight,
            length: options.seconds.map(Duration::from_secs),
            statements: options.house.statements,
            create_only: options.create_only,
            parties: house.parties()?,
            session: connect(&house.cluster.config(DATABASE)).await?,
            data_dir: house.cluster.data_dir().to_owned(),
        })
    }

    async fn warm_up(&self, house: &House, bills: &[Issued]) -> Result<Expected> {
        let mut measured = Expected::default();
        self.rest().await?;
        let round = self.round(&self.all, bills.into()).await?;
        self.count(&mut measured, &round)?;
        // As `pgbench -i` does for its own tables; in service autovacuum does it within a minute.
        self.session.client().batch_execute("ANALYZE").await?;
        if self.statements {
            report::count_statements(&self.session).await?;
        }
        self.rest().await?;
        yardstick::run(&house.cluster, WARM_UP_SECONDS, Mix::TpcB).await?;
        Ok(measured)
    }

    /// Rounds, each with its yardstick beside it.
    async fn rounds<'a>(
        &self,
        house: &mut House,
        mut parts: impl Iterator<Item = &'a [Issued]>,
        options: &Options,
        measured: &mut Expected,
    ) -> Result<Report> {
        let mut report = Report::new(options.label());
        for number in 1..=options.rounds {
            let rate = yardstick::run(&house.cluster, options.pgbench_seconds, Mix::TpcB).await?;
            let mut said = format!("pgbench {rate} transactions/s");
            // Whoever comes second in one round comes first in the next: a machine's speed drifts.
            let mut sides = [
                Some((&self.all, false)),
                self.alone.as_ref().map(|side| (side, true)),
            ];
            if number.is_multiple_of(2) {
                sides.reverse();
            }
            for (side, alone) in sides.into_iter().flatten() {
                let Some(part) = parts.next() else { break };
                let round = self.round(side, part.into()).await?;
                house.assert_alive()?;
                self.count(measured, &round)?;
                let paid = report::rate(round.samples.len(), round.taken);
                if alone {
                    report.add_alone(paid);
                    write!(said, ", one of them alone {paid}")?;
                } else {
                    report.add(rate, &round)?;
                    write!(said, ", {} {paid} payments/s", options.label())?;
                }
                self.rest().await?;
            }
            println!("round {number} of {}: {said}", options.rounds);
        }
        Ok(report)
    }

    /// A round with a profiler beside it, which draws a picture. Sampling costs, so its rate is nobody's figure.
    async fn sampled(&self, house: &House, bills: &[Issued], picture: &Path) -> Result<Round> {
        let sampling = Sampling::begin(&self.parties, house.folder())?;
        let round = self.round(&self.all, bills.into()).await?;
        sampling.end(picture)?;
        Ok(round)
    }

    /// Pays the bills, all or as many as the round's length allows, and waits until all is booked.
    async fn round(&self, side: &Side, bills: Arc<[Issued]>) -> Result<Round> {
        let next = Arc::new(AtomicUsize::new(0));
        let before = self.parties.used()?;
        let started = Instant::now();
        let end = self.length.map(|length| started + length);
        let mut payers = JoinSet::new();
        for place in 0..self.in_flight {
            let (caller, teller) = side.at(place)?;
            payers.spawn(pay_on(
                caller,
                teller,
                Arc::clone(&bills),
                Arc::clone(&next),
                end,
                self.create_only,
            ));
        }
        let mut round = Round {
            samples: Vec::with_capacity(bills.len()),
            cents: 0,
            taken: Duration::ZERO,
            used: Used::default(),
        };
        while let Some(paid) = payers.join_next().await {
            let (samples, cents) = paid??;
            round.samples.extend(samples);
            round.cents = round.cents.saturating_add(cents);
        }
        rest::booked(&self.session).await?;
        round.taken = started.elapsed();
        round.used = self.parties.used()?.since(before);
        Ok(round)
    }

    /// Adds to what the books must hold.
    fn count(&self, measured: &mut Expected, round: &Round) -> Result<()> {
        if self.create_only {
            return measured.add_unpaid(round.samples.len());
        }
        measured.add_paid(u64::try_from(round.samples.len())?, 0, round.cents)
    }

    async fn rest(&self) -> Result<()> {
        rest::performed(&self.session).await?;
        rest::on_disk(&self.data_dir).await
    }
}

/// One payer after another, until the bills or the time run out.
async fn pay_on(
    caller: Caller,
    mut teller: Teller,
    bills: Arc<[Issued]>,
    next: Arc<AtomicUsize>,
    end: Option<Instant>,
    create_only: bool,
) -> Result<(Vec<Sample>, i64)> {
    let (mut samples, mut cents) = (Vec::new(), 0_i64);
    while end.is_none_or(|end| Instant::now() < end) {
        let Some(bill) = bills.get(next.fetch_add(1, Ordering::Relaxed)) else {
            break;
        };
        if create_only {
            samples.push(create(&caller, bill).await?);
            continue;
        }
        samples.push(pay(&caller, &mut teller, bill).await?);
        cents = cents.saturating_add(bill.amount_minor);
    }
    Ok((samples, cents))
}

async fn create(caller: &Caller, bill: &Issued) -> Result<Sample> {
    let started = Instant::now();
    caller
        .pay_when_there_is_room(bill.number, &bill.name)
        .await?;
    Ok(Sample {
        create: started.elapsed(),
        notice: None,
        settled: None,
    })
}

async fn pay(caller: &Caller, teller: &mut Teller, bill: &Issued) -> Result<Sample> {
    let started = Instant::now();
    let payment = caller
        .pay_when_there_is_room(bill.number, &bill.name)
        .await?;
    let create = started.elapsed();
    let watch = if bill.number.is_multiple_of(WATCHED_ONE_IN) {
        Some(caller.watch(&payment).await?)
    } else {
        None
    };
    let posted = Instant::now();
    teller.tell(bill.credit(&payment.reference)).await?;
    let notice = posted.elapsed();
    let settled = match watch {
        Some(watch) => {
            watch.settled().await?;
            Some(posted.elapsed())
        }
        None => None,
    };
    Ok(Sample {
        create,
        notice: Some(notice),
        settled,
    })
}
