//! What one small posting costs the server, whatever the disk and the other processes do: the processor time of the one process that
//! serves the connection, as Linux counts it, less that of a transaction that posts nothing. Warm, the same connection posts again and
//! again. Cold, it reads eight megabytes in between, as other connections would, and finds its code and plans in no near cache.

use std::fs;

use epay_ledger_pg::post_in;
use epay_pg::{Session, connect};
use tokio_postgres::Config;

use crate::ours::{Bench, Load, Random, Shape};

/// Postings a block. Blocks with and without postings take turns, and the middle one of the differences counts.
const BLOCK: u64 = 100;
const BLOCKS: usize = 15;

/// As the engine's transactions begin.
const KEEP_PLANS: &str =
    "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_hashjoin = off;
    SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off";
const COOL: &str = "SELECT length(repeat(repeat('x', 4000), 2000))";

const ONE: Load = Load {
    shape: Shape::Uniform,
    batch: 1,
    posters: 1,
};

/// Prints microseconds a posting of one journal.
pub(crate) async fn run(config: &Config, ours: &Bench) {
    let mut session = connect(config).await.expect("connects");
    let row = session
        .client()
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .expect("a process");
    let process: i32 = row.get(0);
    let mut random = Random::new(1);
    for (name, cold) in [("post_1_warm", false), ("post_1_cold", true)] {
        // The plans of this connection are made.
        block(&mut session, ours, &mut random, cold, true).await;
        let mut costs = Vec::new();
        for _ in 0..BLOCKS {
            let begun = processor_ns(process);
            block(&mut session, ours, &mut random, cold, false).await;
            let between = processor_ns(process);
            block(&mut session, ours, &mut random, cold, true).await;
            let with = processor_ns(process) - between;
            costs.push(with.saturating_sub(between - begun) / BLOCK / 1_000);
        }
        costs.sort_unstable();
        let middle = costs.get(BLOCKS / 2).expect("blocks");
        println!("{name}: {middle} us of the server's processor time a posting");
    }
    session.close().await;
}

async fn block(session: &mut Session, ours: &Bench, random: &mut Random, cold: bool, posts: bool) {
    for _ in 0..BLOCK {
        let journals = ours.batch(ONE, random);
        let client = session.client_mut();
        if cold {
            client.query_one(COOL, &[]).await.expect("reads");
        }
        let tx = client.transaction().await.expect("begins");
        tx.batch_execute(KEEP_PLANS).await.expect("sets");
        if posts {
            post_in(&tx, &ours.directory, &journals)
                .await
                .expect("posts");
            ours.count(1);
        }
        tx.commit().await.expect("commits");
    }
}

/// Nanoseconds that a process has run.
fn processor_ns(process: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/schedstat")).expect("Linux");
    let first = text.split(' ').next().expect("a number");
    first.parse().expect("a number")
}
