//! How long a journal waits for its seal while others are posted at a steady rate, far below what the machine can do.
//!
//! One session posts in order, so the journals that a beat sealed are the oldest that waited: each waited from the end of
//! its commit to the end of the commit of its head.

use std::time::{Duration, Instant};

use epay_pg::connect;
use tokio::time::{MissedTickBehavior, interval};
use tokio_postgres::Config;

use crate::ours::{Bench, Load, Random, Shape};
use crate::{beating, setting};

/// Between two batches.
const PAUSE: Duration = Duration::from_millis(50);
/// Twenty batches a second: 400 journals.
const LOAD: Load = Load {
    shape: Shape::Hot,
    batch: 20,
    posters: 1,
};
/// How much longer the sealer beats than journals are posted.
const LONGER: Duration = Duration::from_secs(2);

pub(crate) async fn run(bench: &Bench, config: &Config) {
    let slice = Duration::from_millis(setting("EPAY_BENCH_LAG_MS", 15_000));
    let end = Instant::now() + slice;
    let sealing = beating(config, end + LONGER);
    let mut session = connect(config).await.expect("connects");
    let mut random = Random::new(1);
    let mut posted: Vec<(Instant, u64)> = vec![];
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < end {
        beat.tick().await;
        let count = bench.post_batch(&mut session, LOAD, &mut random).await;
        posted.push((Instant::now(), count));
    }
    session.close().await;
    let sealed = sealing.join().expect("sealed");
    let mut waits = waits(&posted, &sealed);
    assert_eq!(
        waits.len() as u64,
        posted.iter().map(|(_at, count)| count).sum::<u64>(),
        "every journal was sealed"
    );
    waits.sort_unstable();
    for (name, place) in [("p50", 50), ("p99", 99)] {
        let wait = waits.get((waits.len() * place / 100).min(waits.len() - 1));
        println!(
            r#"BENCH {{"name":"log: seal lag {name}","value":{},"unit":"ms"}}"#,
            wait.expect("some were posted").as_millis()
        );
    }
}

/// The wait of each journal: the oldest is sealed first.
fn waits(posted: &[(Instant, u64)], sealed: &[(Instant, u64)]) -> Vec<Duration> {
    let each = |of: &[(Instant, u64)]| -> Vec<Instant> {
        of.iter()
            .flat_map(|(at, count)| (0..*count).map(move |_| *at))
            .collect()
    };
    let (posted, sealed) = (each(posted), each(sealed));
    let both = posted.iter().zip(&sealed);
    both.map(|(posted, sealed)| sealed.saturating_duration_since(*posted))
        .collect()
}
