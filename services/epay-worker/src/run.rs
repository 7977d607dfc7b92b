//! A worker: the job queue's loop and the slow beat beside it, until it is told to stop.
//!
//! The queue's loop ends when the database goes away under one of its jobs. It is then begun again, after a pause,
//! for as long as it takes: a worker outlives its database, or timers would stop for good. Jobs that a dead loop or
//! a dead process held are given back by whichever worker lives, [`DEAD_AFTER`] after its last sign of life.

use std::sync::Arc;
use std::time::Duration;

use epay_engine::Engine;
use graphile_worker::tokio_postgres::TokioPostgresDatabase;
use graphile_worker::{Worker, WorkerOptions, WorkerRecoveryConfig};
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::WorkerError;
use crate::orders;
use crate::sweep;
use crate::tasks::{Expire, Hands, PerformBatch};

/// Jobs that one worker runs at once: they are short and wait for the database.
const JOBS_AT_ONCE: usize = 4;
/// Connections of the job queue.
const CONNECTIONS: usize = 6;
/// How often the queue is looked at when no notification comes.
const POLL: Duration = Duration::from_secs(1);
/// How long running jobs may take to end when the worker stops.
const GRACE: Duration = Duration::from_secs(10);
/// Between two signs of life in the queue's table of workers.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// How often somebody looks for workers that are dead.
const LOOK_FOR_DEAD: Duration = Duration::from_secs(5);
/// A worker that gave no sign for so long is dead: five missed ones. A job that is done twice because its worker was
/// only slow does no harm, so this is short.
const DEAD_AFTER: Duration = Duration::from_secs(15);
/// Pause before a loop that ended is begun again.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// Runs a worker until `stop`, then lets running jobs end. A database that goes away is waited for. News for people are noted for a
/// [`Planner`](crate::Planner) where `tells_people` says that there is one.
///
/// # Errors
/// [`WorkerError`] when the queue cannot be reached at the start.
pub async fn run(
    config: Config,
    engine: Engine,
    tells_people: bool,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    let database = TokioPostgresDatabase::from_config(unhurried(config), CONNECTIONS)
        .map_err(WorkerError::queue)?;
    let (wake_orders, woken) = watch::channel(());
    let hands = Hands {
        engine,
        pool: database.pool().clone(),
        wake_orders: Arc::new(wake_orders),
        tells_people,
    };
    let worker = open(&database, &hands, &stop).await?;
    let sweeper = tokio::spawn(sweep::run(hands.clone(), stop.clone()));
    let orders = tokio::spawn(orders::run(hands.engine.clone(), woken, stop.clone()));
    let mut next = Some(worker);
    while let Some(worker) = next {
        let ended = worker.run().await;
        if stop.is_cancelled() {
            // Jobs that could not be given back are found by others, or at the next start.
            ended.unwrap_or_else(|error| warn!(%error, "The worker did not stop in good order"));
            break;
        }
        warn!(?ended, "The job queue's loop ended and is begun again");
        next = begin_again(&database, &hands, &stop).await;
    }
    orders.await.map_err(WorkerError::queue)?;
    sweeper.await.map_err(WorkerError::queue)
}

/// The same connections, whose commits do not wait for the disk. What a job notes (taken, performed, timer set) may be
/// lost with the machine, all from one moment on: the job is then done again, as any job may be. Commands that a job
/// gives to the engine run on the engine's own connections and do wait.
fn unhurried(mut config: Config) -> Config {
    let options = config.get_options().unwrap_or_default();
    let options = format!("{options} -c synchronous_commit=off");
    config.options(options.trim_start());
    config
}

/// Tries until the queue can be reached; nothing when told to stop.
async fn begin_again(
    database: &TokioPostgresDatabase,
    hands: &Hands,
    stop: &CancellationToken,
) -> Option<Worker> {
    loop {
        stop.run_until_cancelled(tokio::time::sleep(RESTART_PAUSE))
            .await?;
        match open(database, hands, stop).await {
            Ok(worker) => {
                info!("The job queue's loop runs again");
                return Some(worker);
            }
            Err(error) => warn!(%error, "The job queue cannot be reached yet"),
        }
    }
}

async fn open(
    database: &TokioPostgresDatabase,
    hands: &Hands,
    stop: &CancellationToken,
) -> Result<Worker, WorkerError> {
    let stop = stop.clone();
    let recovery = WorkerRecoveryConfig::default()
        .heartbeat_interval(HEARTBEAT)
        .sweep_interval(LOOK_FOR_DEAD)
        .sweep_threshold(DEAD_AFTER)
        .recovery_delay(Duration::ZERO);
    WorkerOptions::default()
        .database(database.clone())
        .concurrency(JOBS_AT_ONCE)
        .poll_interval(POLL)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(async move { stop.cancelled().await })
        .shutdown_grace_period(GRACE)
        .worker_recovery(recovery)
        .add_extension(hands.clone())
        .define_job::<PerformBatch>()
        .define_job::<Expire>()
        .init()
        .await
        .map_err(WorkerError::queue)
}
