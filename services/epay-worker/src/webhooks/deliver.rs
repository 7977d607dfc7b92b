//! The loop of deliveries.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::Pool;
use epay_engine::{Clock, Ids};
use epay_money::WebhookEndpointId;
use epay_pg::{PoolOptions, build_pool};
use epay_store::webhook::{self, Lanes};
use epay_webhook::{Guard, Jitter, Vault};
use tokio::task::JoinSet;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::client::{Lookup, client};
use super::keys::Rings;
use super::record::record;
use super::send::{Call, Sent, send};
use super::{BEAT, FLYING_MAX, LANES_MAX, LOST_AFTER, OUTCOMES_MAX};
use crate::WorkerError;

/// Connections: the loop does one thing at a time.
const CONNECTIONS: usize = 2;

/// What a deliverer is told at start.
#[derive(Debug, Clone)]
pub struct DelivererOptions {
    /// What opens the receivers' keys.
    pub vault: Arc<Vault>,
    /// Whom it may call.
    pub guard: Guard,
    /// Who knows the addresses of names.
    pub lookup: Arc<dyn Lookup>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn Ids>,
}

/// Delivers events until it is told to stop.
#[derive(Debug)]
pub struct Deliverer {
    pool: Pool,
    client: reqwest::Client,
    guard: Arc<Guard>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    rings: Rings,
    flying: JoinSet<Sent>,
    in_lane: HashMap<WebhookEndpointId, usize>,
    /// Ended, and not written yet.
    ended: Vec<Sent>,
}

impl Deliverer {
    /// A deliverer that has sent nothing yet.
    ///
    /// # Errors
    /// [`WorkerError`] when connections or the client cannot be set up at all.
    pub fn new(config: &Config, options: DelivererOptions) -> Result<Self, WorkerError> {
        // What is noted of a delivery may be lost with the machine: it is then sent again, as any may be.
        let mut config = config.clone();
        let known = config.get_options().unwrap_or_default();
        let unhurried = format!("{known} -c synchronous_commit=off");
        config.options(unhurried.trim_start());
        let pool = PoolOptions {
            size: CONNECTIONS,
            ..PoolOptions::named("epay webhooks").as_service()
        };
        Ok(Self {
            pool: build_pool(&config, &pool).map_err(WorkerError::broken)?,
            client: client(&options.guard, options.lookup)?,
            guard: Arc::new(options.guard),
            clock: options.clock,
            ids: options.ids,
            rings: Rings::new(options.vault),
            flying: JoinSet::new(),
            in_lane: HashMap::new(),
            ended: Vec::new(),
        })
    }

    /// Delivers until `stop`, then lets the calls under way end and writes what became of them. A database that goes away
    /// is waited for.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let begun = self.turn().await;
            if begun > 0 {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Some(one) = self.flying.join_next(), if !self.flying.is_empty() => self.land(one),
                () = tokio::time::sleep(BEAT) => {}
            }
        }
        while let Some(one) = self.flying.join_next().await {
            self.land(one);
        }
        self.write().await;
    }

    /// Sends what is due, waits for the answers and writes what they say; answers how many calls were made. For whoever
    /// wants one round and not a loop.
    ///
    /// # Errors
    /// [`WorkerError`] when nothing could be taken up.
    pub async fn round(&mut self) -> Result<usize, WorkerError> {
        let begun = self.take_up().await?;
        while let Some(one) = self.flying.join_next().await {
            self.land(one);
        }
        self.write().await;
        Ok(begun)
    }

    /// Writes what has ended and sends what is due; answers how many calls were begun.
    async fn turn(&mut self) -> usize {
        while let Some(one) = self.flying.try_join_next() {
            self.land(one);
        }
        self.write().await;
        match self.take_up().await {
            Ok(begun) => begun,
            Err(error) => {
                warn!(%error, "No webhooks could be taken up; the next look goes on");
                0
            }
        }
    }

    fn land(&mut self, ended: Result<Sent, tokio::task::JoinError>) {
        match ended {
            Ok(sent) => {
                let busy = self.in_lane.remove(&sent.claimed.endpoint).unwrap_or(0);
                if busy > 1 {
                    let left = busy.saturating_sub(1);
                    self.in_lane.insert(sent.claimed.endpoint, left);
                }
                self.ended.push(sent);
            }
            // Its delivery is due again when its claim ends; its lane's place is found again with the process.
            Err(error) => warn!(%error, "A call of a webhook did not end in good order"),
        }
    }

    /// Writes outcomes, as many a transaction as are allowed. What cannot be written is kept for the next turn, and sent
    /// again when that never comes.
    async fn write(&mut self) {
        while !self.ended.is_empty() {
            let count = self.ended.len().min(OUTCOMES_MAX);
            let batch = self.ended.get(..count).unwrap_or_default();
            let world = (
                self.clock.now(),
                &*self.ids,
                &draw as &(dyn Fn() -> Jitter + Sync),
            );
            if let Err(error) = record(&self.pool, batch, world).await {
                warn!(%error, "What became of webhooks could not be written yet");
                return;
            }
            self.ended.drain(..count);
        }
    }

    async fn take_up(&mut self) -> Result<usize, WorkerError> {
        let room = FLYING_MAX.saturating_sub(self.flying.len().saturating_add(self.ended.len()));
        if room == 0 {
            return Ok(0);
        }
        let now = self.clock.now();
        let client = self.pool.get().await?;
        let due = webhook::due_lanes(&client, now, LANES_MAX).await?;
        let (mut lanes, mut left) = (Lanes::default(), room);
        for endpoint in &due {
            let busy = self.in_lane.get(&endpoint.id).copied().unwrap_or(0);
            let places = endpoint.lane.places(now).saturating_sub(busy).min(left);
            if places > 0 {
                left = left.saturating_sub(places);
                lanes.billers.push(endpoint.biller.clone());
                lanes.endpoints.push(endpoint.id);
                lanes.places.push(i64::try_from(places).unwrap_or(1));
            }
        }
        if lanes.endpoints.is_empty() {
            return Ok(0);
        }
        self.rings.refresh(&client, &due, now).await?;
        let lost_at = now.checked_add(LOST_AFTER).map_err(WorkerError::broken)?;
        let claimed = webhook::claim_deliveries(&client, &lanes, now, lost_at).await?;
        drop(client);
        let urls: HashMap<_, _> = due.iter().map(|one| (one.id, &one.url)).collect();
        let count = claimed.len();
        for claimed in claimed {
            let endpoint = claimed.endpoint;
            let Some(url) = urls.get(&endpoint) else {
                continue;
            };
            let call = Call {
                keys: self.rings.of(endpoint),
                url: (*url).clone(),
                claimed,
            };
            let busy = self.in_lane.entry(endpoint).or_default();
            *busy = busy.saturating_add(1);
            let (client, guard) = (self.client.clone(), Arc::clone(&self.guard));
            self.flying.spawn(send(client, guard, call, now));
        }
        Ok(count)
    }
}

/// A draw of jitter.
fn draw() -> Jitter {
    Jitter::new(rand::random_range(0..=Jitter::MAX))
}
