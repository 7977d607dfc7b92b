//! A worker: the job queue's loop and the slow beat beside it, until it is told to stop.

use std::time::Duration;

use epay_engine::Engine;
use graphile_worker::WorkerOptions;
use graphile_worker::tokio_postgres::TokioPostgresDatabase;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;

use crate::WorkerError;
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

/// Runs a worker until `stop`, then lets running jobs end.
///
/// # Errors
/// [`WorkerError`] when the queue cannot be reached.
pub async fn run(
    config: Config,
    engine: Engine,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    let database =
        TokioPostgresDatabase::from_config(config, CONNECTIONS).map_err(WorkerError::queue)?;
    let hands = Hands {
        engine,
        pool: database.pool().clone(),
    };
    let sweeper = tokio::spawn(sweep::run(hands.clone(), stop.clone()));
    let worker = WorkerOptions::default()
        .database(database)
        .concurrency(JOBS_AT_ONCE)
        .poll_interval(POLL)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(async move { stop.cancelled().await })
        .shutdown_grace_period(GRACE)
        .add_extension(hands)
        .define_job::<PerformBatch>()
        .define_job::<Expire>()
        .init()
        .await
        .map_err(WorkerError::queue)?;
    let ran = worker.run().await.map_err(WorkerError::queue);
    sweeper.await.map_err(WorkerError::queue)?;
    ran
}
