//! Performs the outbox: one loop a worker, which takes what waits, a group of batches at a time, in one transaction.
//!
//! 1. Take the oldest batches that nobody has performed and nobody else performs now, at most [`BATCHES_MAX`].
//! 2. Do what they ask for in the database: news for watchers on other nodes, events for departments' systems, news for the
//!    planner of notices. It commits with the mark that they are performed, so it is done once.
//! 3. After the commit, wake the lanes where an order for a rail is among them.
//!
//! Where a group cannot be performed, its batches are performed one by one, and one that cannot is set apart with the reason and
//! taken again later: it holds up no other. The loop looks when this process or another one says that something was written,
//! and on a beat, which finds what a dead process left behind.
//!
//! Its commits do not wait for the disk: what is lost with the machine is lost from one moment on, together with the mark, and is
//! performed again.

use std::time::Duration;

use deadpool_postgres::{Pool, Transaction};
use epay_engine::Engine;
use epay_pg::{PoolOptions, build_pool};
use epay_store::{OutboxBatch, OutboxRow, SEND_ORDER};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::WorkerError;
use crate::webhooks::tell;
use crate::{news, notices};

/// Connections: one for the loop, and one to spare.
const CONNECTIONS: usize = 2;
/// Most batches that one transaction performs.
const BATCHES_MAX: usize = 64;
/// Least time between two looks, unless more waits than one takes: nothing in the outbox is waited for by the moment, and
/// what came meanwhile costs hardly more than one batch of it.
const GATHER: Duration = Duration::from_millis(50);
/// Between two looks when nobody says that something was written.
const BEAT: Duration = Duration::from_secs(1);
/// Pause after a look that failed: the database is away.
const PAUSE: Duration = Duration::from_millis(500);

/// Performs the outbox.
#[derive(Debug)]
pub struct Performer {
    engine: Engine,
    pool: Pool,
    /// Wakes the lanes: an order was queued.
    wake_orders: watch::Sender<()>,
    /// People are told of news: a planner waits for them.
    tells_people: bool,
}

impl Performer {
    /// One that notes news for a [`Planner`](crate::Planner) where `tells_people` says that there is one.
    ///
    /// # Errors
    /// [`WorkerError::Broken`] when the connection's settings make no pool.
    pub fn new(config: &Config, engine: Engine, tells_people: bool) -> Result<Self, WorkerError> {
        let options = PoolOptions {
            size: CONNECTIONS,
            ..PoolOptions::named("epay outbox").as_service()
        };
        Ok(Self {
            engine,
            pool: build_pool(&unhurried(config), &options).map_err(WorkerError::broken)?,
            wake_orders: watch::Sender::new(()),
            tells_people,
        })
    }

    /// Changes when an order for a rail was among what was performed.
    pub(crate) fn orders_queued(&self) -> watch::Receiver<()> {
        self.wake_orders.subscribe()
    }

    /// Performs until `stop`. `heard` changes when another process says that it has written something.
    pub(crate) async fn run(self, mut heard: watch::Receiver<()>, stop: CancellationToken) {
        let mut written = self.engine.outbox_written();
        while !stop.is_cancelled() {
            match self.round().await {
                // More may wait than fitted.
                Ok(count) if count >= BATCHES_MAX => continue,
                Ok(_count) => {
                    let gathered = tokio::time::sleep(GATHER);
                    let _stopped = stop.run_until_cancelled(gathered).await;
                }
                Err(error) => {
                    warn!(%error, "The outbox was not performed; it is tried again");
                    // Not sooner, whatever is written meanwhile.
                    let paused = tokio::time::sleep(PAUSE);
                    let _stopped = stop.run_until_cancelled(paused).await;
                    continue;
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = written.changed() => {}
                Ok(()) = heard.changed() => {}
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    /// Performs what waits, one group of it; answers how many batches were taken.
    ///
    /// # Errors
    /// [`WorkerError`] when the database is away. What was not performed is taken again.
    pub async fn round(&self) -> Result<usize, WorkerError> {
        let now = self.engine.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let limit = i64::try_from(BATCHES_MAX).unwrap_or(i64::MAX);
        let batches = epay_store::take_batches_in(&tx, now, limit).await?;
        if batches.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        match self.perform_in(tx, &batches, now).await {
            Ok(()) => self.wake_lanes(&batches),
            Err(error) => {
                drop(client);
                info!(%error, batches = batches.len(), "A group of the outbox is performed one by one");
                for batch in &batches {
                    self.perform_one(batch.id).await?;
                }
            }
        }
        Ok(batches.len())
    }

    /// Performs one batch, or sets it apart.
    async fn perform_one(&self, batch: Uuid) -> Result<(), WorkerError> {
        let now = self.engine.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let Some(taken) = epay_store::take_batch_in(&tx, batch, now).await? else {
            return Ok(());
        };
        let batches = [taken];
        match self.perform_in(tx, &batches, now).await {
            Ok(()) => self.wake_lanes(&batches),
            Err(error) => {
                let reason = epay_engine::chain(&error);
                warn!(%batch, reason, "A batch of the outbox cannot be performed now; it is tried again later");
                epay_store::note_failure(&client, batch, &reason, now).await?;
            }
        }
        Ok(())
    }

    async fn perform_in(
        &self,
        tx: Transaction<'_>,
        batches: &[OutboxBatch],
        now: Timestamp,
    ) -> Result<(), WorkerError> {
        news::publish(&tx, rows(batches)).await?;
        tell(&tx, batches, now).await?;
        if self.tells_people {
            let has_news = |batch: &&OutboxBatch| batch.rows.iter().any(notices::is_news);
            let told: Vec<Uuid> = batches.iter().filter(has_news).map(|one| one.id).collect();
            if !told.is_empty() {
                epay_store::notice::note_news(&tx, &told).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    fn wake_lanes(&self, batches: &[OutboxBatch]) {
        if rows(batches).any(|row| row.kind == SEND_ORDER) {
            self.wake_orders.send_replace(());
        }
    }
}

fn rows(batches: &[OutboxBatch]) -> impl Iterator<Item = &OutboxRow> {
    batches.iter().flat_map(|batch| &batch.rows)
}

/// The same connections, whose commits do not wait for the disk.
fn unhurried(config: &Config) -> Config {
    let mut config = config.clone();
    let options = config.get_options().unwrap_or_default();
    let options = format!("{options} -c synchronous_commit=off");
    config.options(options.trim_start());
    config
}
