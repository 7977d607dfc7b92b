//! Posting beside the usual yardstick, on one private cluster with full durability:
//!
//! 1. `pgbench` TPC-B (prepared statements, 8 and 32 clients; the better of the two counts);
//! 2. bare loops that copy transfers into one table with a key, or journals and entries with all indexes of the ledger, and add folded
//!    balances: the floors of the row cost;
//! 3. this crate, from recipe to commit, in batches of 1,000 with 1, 2 and 4 posters, spread over the accounts, with one clearing
//!    account that receives everything, and scattered so that nothing folds; and one journal at a time;
//! 4. in the end, the server's processor time for one journal: what a posting costs that nobody shares.
//!
//! The parts take turns, round after round, because the machine's disk and neighbours change from minute to minute. Each
//! ratio is taken within a round, and the median of the rounds counts. In the end the ledger is added up: what was fast must also be right.
//!
//! `cargo bench -p epay-ledger-pg --bench posting` (about a minute). `EPAY_BENCH_ROUNDS` and `EPAY_BENCH_MS` change its length.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its result and stops at the first error"
)]

mod fixed;
mod lean;
mod ours;
mod report;
mod yardstick;

use std::time::Duration;

use epay_ledger_pg::MIGRATIONS;
use epay_pg::{Cluster, ClusterConfig, MigrationSet, migrate};

use crate::lean::Floor;
use crate::ours::{Load, Shape};
use crate::report::Report;

/// What is measured, in the order of a round.
#[derive(Debug, Clone, Copy)]
enum Part {
    TpcB { clients: u32 },
    Lean { floor: Floor, posters: usize },
    Ours(Load),
}

const PARTS: [(&str, Part); 12] = [
    ("tpcb_8_clients", Part::TpcB { clients: 8 }),
    ("lean_copy_1000_x2", lean(Floor::Transfers)),
    ("lean_rows_1000_x2", lean(Floor::Journals)),
    ("post_uniform_1000_x1", ours(Shape::Uniform, 1_000, 1)),
    ("post_hot_1000_x1", ours(Shape::Hot, 1_000, 1)),
    ("tpcb_32_clients", Part::TpcB { clients: 32 }),
    ("post_uniform_1000_x2", ours(Shape::Uniform, 1_000, 2)),
    ("post_hot_1000_x2", ours(Shape::Hot, 1_000, 2)),
    ("post_uniform_1000_x4", ours(Shape::Uniform, 1_000, 4)),
    ("post_hot_1000_x4", ours(Shape::Hot, 1_000, 4)),
    ("post_scattered_1000_x4", ours(Shape::Scattered, 1_000, 4)),
    ("post_hot_1_x4", ours(Shape::Hot, 1, 4)),
];

const fn lean(floor: Floor) -> Part {
    Part::Lean { floor, posters: 2 }
}

const fn ours(shape: Shape, batch: usize, posters: usize) -> Part {
    Part::Ours(Load {
        shape,
        batch,
        posters,
    })
}

/// A number from the environment, for longer runs by hand.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rounds = setting("EPAY_BENCH_ROUNDS", 5);
    let slice = Duration::from_millis(setting("EPAY_BENCH_MS", 1_800));
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = Cluster::start(ClusterConfig::new(folder.path().join("pg")))
        .await
        .expect("starts");
    cluster.ensure_database("ledger").await.expect("a database");
    cluster.ensure_database("tpcb").await.expect("a database");
    let config = cluster.config("ledger");
    let sets: [MigrationSet; 1] = [MIGRATIONS];
    migrate(&config, &sets).await.expect("migrates");
    yardstick::prepare(&cluster).await;
    lean::prepare(&config).await;
    let ours = ours::Bench::prepare(&config).await;

    let mut report = Report::default();
    for round in 1..=rounds {
        for (name, part) in PARTS {
            let rate = match part {
                Part::TpcB { clients } => yardstick::run(&cluster, clients, slice).await,
                Part::Lean { floor, posters } => lean::run(&config, floor, posters, slice).await,
                Part::Ours(load) => ours.run(load, slice).await,
            };
            println!("round {round} of {rounds}: {name} {rate}/s");
            report.add(name, rate);
        }
    }
    fixed::run(&config, &ours).await;
    ours.assert_sound().await;
    report.print(&PARTS.map(|(name, _)| name));
    cluster.stop().await.expect("stops");
}
