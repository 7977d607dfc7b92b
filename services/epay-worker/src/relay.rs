//! The relay: events of every department into a stream of NATS `JetStream`, for systems of the house that want all of them.
//!
//! One session of the database holds a lock, and its worker relays; the others stand by. A round reads at most [`ROUND_MAX`]
//! batches that wait, makes the events that webhooks carry as well, has the broker store them, and only then forgets the
//! batches. What fails is done again as a whole: the broker knows events by their ids and stores each once, within
//! [`DUPLICATE_WINDOW`].

mod nats;
mod run;

pub use nats::RelayOptions;

use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{CreateStreamError, PublishError};
use deadpool_postgres::{Client, Pool};
use epay_domain::webhook::{Happening, WebhookEvent};
use epay_money::BillId;
use epay_pg::{PoolOptions, build_pool};
use epay_store::{OutboxBatch, StoreError};
use tokio_postgres::Config;

use epay_engine::{EngineError, events_of, happenings};

use crate::WorkerError;

/// Batches of the outbox that one round takes.
const ROUND_MAX: i64 = 256;
/// Events that the broker has been given and has not stored yet.
const IN_FLIGHT_MAX: usize = 1_024;
/// How long the broker knows an event's id.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(2 * 3_600);

/// What became of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relayed {
    /// Another worker relays.
    ByAnother,
    /// The broker has the events of so many batches.
    Batches(usize),
}

/// Why a round changed nothing here. The broker may have some of its events: the next round brings all of them again.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The database gave no connection.
    #[error("no connection to the database")]
    Pool(#[from] deadpool_postgres::PoolError),
    /// The database.
    #[error("the store did not do what was asked")]
    Store(#[from] StoreError),
    /// Batches did not become events.
    #[error("no events were made")]
    Events(#[from] EngineError),
    /// The file that says who we are.
    #[error("the broker's credentials cannot be read")]
    Credentials(#[source] std::io::Error),
    /// The broker is away, or does not let us in.
    #[error("no connection to the broker")]
    Connect(#[from] async_nats::ConnectError),
    /// There is no stream, and none could be made.
    #[error("the broker has no stream for us")]
    Stream(#[from] CreateStreamError),
    /// An event was not stored.
    #[error("the broker did not say that it stored an event")]
    Publish(#[from] PublishError),
}

/// Carries batches of the outbox to the broker.
#[derive(Debug)]
pub struct Relay {
    options: RelayOptions,
    pool: Pool,
    /// The session with the lock, while we have it.
    session: Option<Client>,
    /// The broker. A connection that failed is not used again: what it still holds back would come late.
    stream: Option<Context>,
    /// Whether batches were told to wait for us. Once a process, so that somebody can switch that off.
    enabled: bool,
}

impl Relay {
    /// A relay on one connection of its own, as the service role.
    ///
    /// # Errors
    /// [`WorkerError`] when the connection cannot be set up at all.
    pub fn new(config: &Config, options: RelayOptions) -> Result<Self, WorkerError> {
        let session = PoolOptions {
            size: 1,
            ..PoolOptions::named("epay relay").as_service()
        };
        Ok(Self {
            options,
            pool: build_pool(config, &session).map_err(WorkerError::broken)?,
            session: None,
            stream: None,
            enabled: false,
        })
    }

    /// Carries what waits, one bounded piece of it.
    ///
    /// # Errors
    /// [`RelayError`]; what was read still waits.
    pub async fn round(&mut self) -> Result<Relayed, RelayError> {
        let done = self.carry().await;
        if done.is_err() {
            self.stream = None;
        }
        done
    }

    async fn carry(&mut self) -> Result<Relayed, RelayError> {
        self.take_up().await?;
        let Some(session) = &self.session else {
            return Ok(Relayed::ByAnother);
        };
        let stream = match &self.stream {
            Some(stream) if nats::is_connected(stream) => stream.clone(),
            _ => Box::pin(nats::connect(&self.options)).await?,
        };
        self.stream = Some(stream.clone());
        let waiting = epay_store::relay_batches(session, ROUND_MAX).await?;
        let (positions, batches): (Vec<i64>, Vec<OutboxBatch>) = waiting.into_iter().unzip();
        if positions.is_empty() {
            return Ok(Relayed::Batches(0));
        }
        let news: Vec<Happening> = batches.iter().flat_map(happenings).collect();
        let news: Vec<&Happening> = news.iter().collect();
        let events = events_of(session, &news).await?;
        for wave in waves(events) {
            for part in wave.chunks(IN_FLIGHT_MAX) {
                nats::publish(&stream, &self.options.subject_prefix, part).await?;
            }
        }
        epay_store::forget_relayed(session, &positions).await?;
        Ok(Relayed::Batches(positions.len()))
    }

    /// Sees to it that we hold the lock, unless another session does.
    async fn take_up(&mut self) -> Result<(), RelayError> {
        if self.session.as_ref().is_some_and(|held| !held.is_closed()) {
            return Ok(());
        }
        self.session = None;
        let session = self.pool.get().await?;
        if !self.enabled {
            epay_store::enable_relay(&session).await?;
            self.enabled = true;
        }
        if epay_store::lock_relay(&session).await? {
            self.session = Some(session);
        }
        Ok(())
    }
}

/// Events, with the bill of each, in waves: a bill has at most one event in each. A wave goes out when the one before it is
/// stored, so an event that was lost on the way is not overtaken by a later one of its bill.
fn waves(events: Vec<(BillId, WebhookEvent)>) -> Vec<Vec<WebhookEvent>> {
    let mut waves: Vec<Vec<WebhookEvent>> = Vec::new();
    let mut told: HashMap<BillId, usize> = HashMap::new();
    for (bill, event) in events {
        let place = told.entry(bill).or_default();
        match waves.get_mut(*place) {
            Some(wave) => wave.push(event),
            None => waves.push(vec![event]),
        }
        *place = place.saturating_add(1);
    }
    waves
}
