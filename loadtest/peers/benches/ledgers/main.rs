//! Posting here and with the nearest peers written in Rust, on one private cluster with full durability, in turns:
//!
//! 1. this ledger, batches of 1,000 by 4 posters, spread over the accounts and with one hot account, and journal by journal;
//! 2. `cala-ledger`, batches of 1,000 by 4 callers, and 16 callers that post one by one, spread and hot;
//! 3. `sqlx-ledger`, 16 callers, spread and hot. Its crate comes without its tables; `sqlx_ledger.sql` has what its statements need.
//!
//! Every one moves a sum between two of [`ACCOUNTS`] accounts, each posting with two entries and both balances. The figures are medians
//! over the rounds. `EPAY_BENCH_ROUNDS` and `EPAY_BENCH_MS` change their length.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its result and stops at the first error"
)]

mod cala;
#[path = "../../../../ledger/epay-ledger-pg/benches/posting/ours.rs"]
#[expect(dead_code, reason = "the ledger's own benchmark has one more shape")]
mod ours;
mod report;
mod sqlx_ledger;

use std::time::{Duration, Instant};

use anyhow::Result;
use epay_ledger_pg::MIGRATIONS;
use epay_pg::{Cluster, ClusterConfig, MigrationSet, migrate};
use futures_util::future::join_all;
use sqlx::postgres::PgPoolOptions;

use crate::ours::{Load, Shape};
use crate::report::Report;

/// Accounts of each peer, as many as the lines among which this ledger chooses.
const ACCOUNTS: usize = 1_000;
/// Callers that post one by one.
const CALLERS: usize = 16;
/// Connections of a peer's pool: one a caller and some for its own work.
const CONNECTIONS: u32 = 24;

/// Which accounts postings meet.
#[derive(Debug, Clone, Copy)]
enum Meeting {
    Spread,
    Hot,
}

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let rounds = setting("EPAY_BENCH_ROUNDS", 5);
    let slice = Duration::from_millis(setting("EPAY_BENCH_MS", 2_000));
    let folder = tempfile::tempdir()?;
    let mut cluster = Cluster::start(ClusterConfig::new(folder.path().join("pg"))).await?;
    for name in ["ledger", "cala", "sqlx_ledger"] {
        cluster.ensure_database(name).await?;
    }
    let config = cluster.config("ledger");
    let sets: [MigrationSet; 1] = [MIGRATIONS];
    migrate(&config, &sets).await?;
    let ours = ours::Bench::prepare(&config).await;
    let pool = |url| {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_lazy(url)
    };
    let (cala, older) = (cluster.url("cala"), cluster.url("sqlx_ledger"));
    let cala = cala::Peer::prepare(pool(&cala)?).await?;
    let older = sqlx_ledger::Peer::prepare(pool(&older)?).await?;
    let mut report = Report::default();
    for _ in 0..rounds {
        for (name, shape, batch, posters) in [
            ("epay, batch 1,000", Shape::Uniform, 1_000, 4),
            ("epay, batch 1,000, hot account", Shape::Hot, 1_000, 4),
            ("epay, one by one, 16 callers", Shape::Uniform, 1, CALLERS),
        ] {
            let load = Load {
                shape,
                batch,
                posters,
            };
            report.add(name, ours.run(load, slice).await, 0);
        }
        let rate = cala.batches(1_000, 4, slice).await?;
        report.add("cala-ledger, batch 1,000", rate, 0);
        for (name, meeting) in [
            ("cala-ledger, one by one, 16 callers", Meeting::Spread),
            ("cala-ledger, hot account, 16 callers", Meeting::Hot),
        ] {
            let (rate, refused) = one_by_one(meeting, slice, |between| cala.post(between)).await;
            report.add(name, rate, refused);
        }
        for (name, meeting) in [
            ("sqlx-ledger, one by one, 16 callers", Meeting::Spread),
            ("sqlx-ledger, hot account, 16 callers", Meeting::Hot),
        ] {
            let (rate, refused) = one_by_one(meeting, slice, |between| older.post(between)).await;
            report.add(name, rate, refused);
        }
    }
    ours.assert_sound().await;
    report.print("epay, batch 1,000");
    cluster.stop().await?;
    Ok(())
}

/// [`CALLERS`] that post one by one: postings a second, and how many were refused.
async fn one_by_one<F>(
    meeting: Meeting,
    slice: Duration,
    post: impl Fn((usize, usize)) -> F,
) -> (u64, u64)
where
    F: Future<Output = bool>,
{
    let begun = Instant::now();
    let post = &post;
    let callers = (1_u64..).take(CALLERS).map(|seed| async move {
        let (mut random, mut posted, mut refused) = (ours::Random::new(seed), 0_u64, 0_u64);
        while begun.elapsed() < slice {
            if post(pair(&mut random, meeting)).await {
                posted += 1;
            } else {
                refused += 1;
            }
        }
        (posted, refused)
    });
    let all = join_all(callers).await;
    let (posted, refused) = all
        .iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (report::rate(posted, begun.elapsed()), refused)
}

/// Two accounts of so many: by chance, or always the same one on one side.
fn pair(random: &mut ours::Random, meeting: Meeting) -> (usize, usize) {
    let count = i32::try_from(ACCOUNTS).expect("few");
    let mut one = || usize::try_from(random.below(count - 1)).expect("a place");
    match meeting {
        Meeting::Hot => (0, one() + 1),
        Meeting::Spread => {
            let (debit, credit) = (one(), one());
            (
                debit,
                if credit == debit {
                    ACCOUNTS - 1
                } else {
                    credit
                },
            )
        }
    }
}
