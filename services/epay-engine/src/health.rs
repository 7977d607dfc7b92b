//! How the rails are doing, as this process and all others see it.
//!
//! Workers send and gateways choose, and each process breaks its own circuit. So every process writes down what it
//! sees of the rails that it calls, on a beat and whenever a breaker opens or closes, and reads what the others saw.
//! Choosing a rail reads memory only. What the others saw expires by age, so that a process that stopped, or a
//! database that cannot be read, leaves no rail in disgrace.

use std::collections::BTreeMap;
use std::time::Duration;

use arc_swap::ArcSwap;
use epay_domain::routing::Condition;
use epay_domain::routing::health::{OBSERVATION_AGE_MAX, Observation, combined};
use epay_money::RailId;
use epay_rail_kit::transport::{Breaker, Health, Transport};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use crate::{Engine, EngineError};

/// Between two exchanges: a few of them fit into the age at which an observation expires.
const BEAT: Duration = Duration::from_secs(3);
/// What was seen so long ago is removed: whoever saw it is gone.
const FORGOTTEN: SignedDuration = SignedDuration::from_mins(10);

/// What is known of the rails.
#[derive(Debug)]
pub(crate) struct RailsHealth {
    /// This process, among those that share a database.
    node: Uuid,
    transport: Transport,
    others: ArcSwap<BTreeMap<RailId, Vec<Observation>>>,
}

impl RailsHealth {
    pub(crate) fn new(node: Uuid, transport: Transport) -> Self {
        Self {
            node,
            transport,
            others: ArcSwap::default(),
        }
    }

    /// How a rail is doing, all that is known put together.
    pub(crate) fn of(&self, rail: &RailId, now: Timestamp) -> Condition {
        let own = self.transport.health(rail);
        let others = self.others.load();
        let seen = others.get(rail).into_iter().flatten().copied();
        combined(
            own.map(|own| observed(own, now)).into_iter().chain(seen),
            now,
        )
    }

    fn own(&self, now: Timestamp) -> Vec<(RailId, Observation)> {
        let all = self.transport.all_health().into_iter();
        all.map(|(rail, own)| (rail, observed(own, now))).collect()
    }
}

fn observed(own: Health, now: Timestamp) -> Observation {
    Observation {
        open: own.breaker == Breaker::Open,
        calls: own.calls,
        failures: own.failures,
        at: now,
    }
}

impl Engine {
    /// Writes down how this process sees the rails, and reads how the others do: one exchange.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`]; what was read before goes on counting until it is too old.
    pub async fn share_health(&self) -> Result<(), EngineError> {
        let health = &self.core.health;
        let now = self.now();
        let earlier = |age: SignedDuration| now.checked_sub(age).unwrap_or(now);
        let own = health.own(now);
        let client = self.core.pool.get().await?;
        if !own.is_empty() {
            epay_store::put_rail_health(&client, health.node, &own).await?;
        }
        epay_store::forget_rail_health(&client, earlier(FORGOTTEN)).await?;
        let since = earlier(OBSERVATION_AGE_MAX);
        let seen = epay_store::rail_health(&client, health.node, since).await?;
        let mut others: BTreeMap<RailId, Vec<Observation>> = BTreeMap::new();
        for (rail, one) in seen {
            others.entry(rail).or_default().push(one);
        }
        health.others.store(others.into());
        Ok(())
    }

    /// Shares what is known of the rails' health until `stop`: on a beat, and at once when a breaker opens or closes.
    pub async fn keep_sharing_health(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.share_health().await {
                warn!(%error, "The rails' health could not be shared; the next beat tries again");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.core.transport.breaker_changed() => {}
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }
}
