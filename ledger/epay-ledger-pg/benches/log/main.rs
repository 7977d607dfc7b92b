//! The log behind the ledger, on one private cluster with full durability:
//!
//! 1. posting alone, and posting with a sealer beside it that beats as the worker's does, in turns: the ratio of the two is
//!    what the log costs the hot path. Between the turns the sealer catches up alone: its own rate;
//! 2. how long a journal waits for its seal at a steady load;
//! 3. the size and time of proofs in a log of ten million leaves that lie in PostgreSQL as sealing would have laid them
//!    (synthetic leaves, copied in), journal found by its id as a caller would.
//!
//! `cargo bench -p epay-ledger-pg --bench log`. `EPAY_BENCH_ROUNDS`, `EPAY_BENCH_MS`, `EPAY_BENCH_LAG_MS` and `EPAY_BENCH_LEAVES` change its
//! length.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its result and stops at the first error"
)]

#[path = "../posting/ours.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod ours;

mod lag;
mod proofs;
#[path = "../posting/report.rs"]
#[expect(dead_code, reason = "the other benchmark prints another table")]
mod report;

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use epay_ledger::log::SigningKey;
use epay_ledger_pg::{MIGRATIONS, Sealed, Sealer};
use epay_pg::{Cluster, ClusterConfig, MigrationSet, connect, migrate};
use jiff::Timestamp;
use tokio_postgres::{Client, Config};

use crate::ours::{Bench, Load, Shape};
use crate::report::rate;

/// As the worker beats.
const BEAT: Duration = Duration::from_millis(250);
/// What posts: batches as a busy engine makes them.
const LOAD: Load = Load {
    shape: Shape::Hot,
    batch: 200,
    posters: 2,
};

/// A number from the environment, for longer runs by hand.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// A key made of one byte, in PKCS#8.
fn sealer() -> Sealer {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend([1; 32]);
    let key = SigningKey::from_pkcs8("bench", &der).expect("a key");
    Sealer::new(key, "bench.example/ledger").expect("a sealer")
}

/// Seals until nothing waits; how many journals that were.
async fn catch_up(sealer: &mut Sealer, client: &mut Client) -> u64 {
    let mut count = 0;
    loop {
        match sealer.seal(client, Timestamp::now()).await.expect("seals") {
            Sealed::Batch { journals, more } => {
                count += journals as u64;
                if !more {
                    return count;
                }
            }
            Sealed::Elsewhere => return count,
        }
    }
}

/// A sealer that beats until a moment; when it sealed, and how many journals. On a thread and runtime of its own, as the
/// worker is a process of its own.
fn beating(config: &Config, until: Instant) -> JoinHandle<Vec<(Instant, u64)>> {
    let config = config.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let mut session = connect(&config).await.expect("connects");
            let mut sealer = sealer();
            let mut sealed = vec![];
            while Instant::now() < until {
                let count = catch_up(&mut sealer, session.client_mut()).await;
                sealed.push((Instant::now(), count));
                tokio::time::sleep(BEAT).await;
            }
            session.close().await;
            sealed
        })
    })
}

/// Posts with a sealer beside; journals a second, and how many were sealed meanwhile.
async fn beside(bench: &Bench, config: &Config, slice: Duration) -> (u64, u64) {
    let sealing = beating(config, Instant::now() + slice);
    let posted = bench.run(LOAD, slice).await;
    let sealed = sealing.join().expect("sealed");
    (posted, sealed.iter().map(|(_at, count)| count).sum())
}

fn middle(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rounds = setting("EPAY_BENCH_ROUNDS", 5);
    let slice = Duration::from_millis(setting("EPAY_BENCH_MS", 3_000));
    let folder = tempfile::tempdir().expect("a folder");
    let mut cluster = Cluster::start(ClusterConfig::new(folder.path().join("pg")))
        .await
        .expect("starts");
    cluster.ensure_database("ledger").await.expect("a database");
    cluster.ensure_database("proofs").await.expect("a database");
    let (config, proofs) = (cluster.config("ledger"), cluster.config("proofs"));
    let sets: [MigrationSet; 1] = [MIGRATIONS];
    migrate(&config, &sets).await.expect("migrates");
    migrate(&proofs, &sets).await.expect("migrates");

    let bench = Bench::prepare(&config).await;
    let mut session = connect(&config).await.expect("connects");
    let mut sealer = sealer();
    let (mut alone, mut together, mut ratios, mut sealing) = (vec![], vec![], vec![], vec![]);
    for round in 1..=rounds {
        let without = bench.run(LOAD, slice).await;
        let begun = Instant::now();
        let sealed = catch_up(&mut sealer, session.client_mut()).await;
        let sealed = rate(sealed, begun.elapsed());
        let (with, meanwhile) = beside(&bench, &config, slice).await;
        catch_up(&mut sealer, session.client_mut()).await;
        println!(
            "round {round} of {rounds}: posting {without}/s alone, {with}/s with {meanwhile} sealed beside; sealing alone {sealed}/s"
        );
        alone.push(without);
        together.push(with);
        ratios.push(with * 100 / without.max(1));
        sealing.push(sealed);
    }
    lag::run(&bench, &config).await;
    bench.assert_sound().await;
    session.close().await;
    let ratio = middle(ratios);
    println!(
        r#"BENCH {{"name":"log: posting, sealer beside","value":{},"unit":"journals/s","ratio_to":"posting alone","ratio":{}.{:02}}}"#,
        middle(together),
        ratio / 100,
        ratio % 100
    );
    println!(
        r#"BENCH {{"name":"log: sealing","value":{},"unit":"journals/s"}}"#,
        middle(sealing)
    );
    proofs::run(&proofs, setting("EPAY_BENCH_LEAVES", 10_000_000)).await;
    cluster.stop().await.expect("stops");
}
