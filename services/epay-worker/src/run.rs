//! A worker: it performs the outbox, sends orders, tells payments that their time has run out, and takes up what a crash left
//! behind, each in a loop of its own, until it is told to stop. A database that goes away is waited for.

use epay_engine::Engine;
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;

use crate::WorkerError;
use crate::news;
use crate::orders;
use crate::outbox::Performer;
use crate::sweep;

/// Runs a worker until `stop`, then lets what is under way end. News for people are noted for a
/// [`Planner`](crate::Planner) where `tells_people` says that there is one.
///
/// # Errors
/// [`WorkerError`] when a part of it broke off, which none should.
pub async fn run(
    config: Config,
    engine: Engine,
    tells_people: bool,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    let performer = Performer::new(&config, engine.clone(), tells_people)?;
    let woken = performer.orders_queued();
    let (wake_outbox, heard) = watch::channel(());
    let tasks = [
        tokio::spawn(news::hear_of_outbox(config, wake_outbox, stop.clone())),
        tokio::spawn(performer.run(heard, stop.clone())),
        tokio::spawn(orders::run(engine.clone(), woken, stop.clone())),
        tokio::spawn(sweep::run(engine, stop)),
    ];
    for task in tasks {
        task.await.map_err(WorkerError::broken)?;
    }
    Ok(())
}
