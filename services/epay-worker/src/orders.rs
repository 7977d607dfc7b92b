//! Orders for rails, a lane a rail, and the timers of payments.
//!
//! A lane claims no more orders than its rail takes calls at once, so that a rail that answers slowly keeps its own
//! orders waiting and nobody else's. It looks when the outbox says that an order was queued, when one of its calls has
//! ended, and on a beat, which finds orders whose time has come and those that a dead worker left behind.

use std::time::Duration;

use epay_engine::Engine;
use epay_money::RailId;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Between two looks at a quiet lane.
const BEAT: Duration = Duration::from_millis(500);
/// Between two looks for orders that somebody died with.
const BURY: Duration = Duration::from_secs(2);
/// Between two looks at the timers of payments.
const TICK: Duration = Duration::from_millis(250);

/// Runs all lanes and the timer until `stop`, then lets the calls under way end.
pub(crate) async fn run(engine: Engine, woken: watch::Receiver<()>, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    for (rail, at_once) in engine.lanes() {
        let lane = Lane {
            engine: engine.clone(),
            rail,
            at_once: usize::try_from(at_once.max(1)).unwrap_or(1),
        };
        tasks.spawn(lane.run(woken.clone(), stop.clone()));
    }
    tasks.spawn(refunds(engine.clone(), stop.clone()));
    tasks.spawn(timers(engine, stop));
    while tasks.join_next().await.is_some() {}
}

async fn timers(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = engine.tick_payments().await {
            warn!(%error, "The timers of payments were not all looked at; the next look goes on");
        }
        if let Err(error) = engine.tell_deadlines().await {
            warn!(%error, "Not all payments whose time has run out were told; a later look goes on");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Apart from the timers of payments: a rail that is slow to answer a refund holds up nothing else.
async fn refunds(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = engine.carry_out_proposals().await {
            warn!(%error, "What was agreed was not all carried out; the next look goes on");
        }
        if let Err(error) = engine.send_refunds().await {
            warn!(%error, "Refunds were not all taken up; the next look goes on");
        }
        if let Err(error) = engine.tell_recalls().await {
            warn!(%error, "Recalls were not all taken up; the next look goes on");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

struct Lane {
    engine: Engine,
    rail: RailId,
    at_once: usize,
}

impl Lane {
    async fn run(self, mut woken: watch::Receiver<()>, stop: CancellationToken) {
        let mut flying = JoinSet::new();
        let mut bury_at = Instant::now();
        while !stop.is_cancelled() {
            if Instant::now() >= bury_at {
                self.bury().await;
                bury_at = Instant::now() + BURY;
            }
            self.claim(&mut flying).await;
            tokio::select! {
                () = stop.cancelled() => {}
                changed = woken.changed() => {
                    if changed.is_err() {
                        // Nobody can wake us any more: the beat alone goes on.
                        tokio::time::sleep(BEAT).await;
                    }
                }
                Some(_ended) = flying.join_next(), if !flying.is_empty() => {}
                () = tokio::time::sleep(BEAT) => {}
            }
        }
        while flying.join_next().await.is_some() {}
    }

    async fn bury(&self) {
        let limit = i64::try_from(self.at_once).unwrap_or(i64::MAX);
        match self.engine.bury_orders(&self.rail, limit).await {
            Ok(0) => {}
            Ok(count) => info!(rail = %self.rail, count, "Took up orders that were left behind"),
            Err(error) => warn!(rail = %self.rail, %error, "Dead orders were not taken up"),
        }
    }

    async fn claim(&self, flying: &mut JoinSet<()>) {
        let room = self.at_once.saturating_sub(flying.len());
        if room == 0 {
            return;
        }
        let limit = i64::try_from(room).unwrap_or(i64::MAX);
        let orders = match self.engine.claim_orders(&self.rail, limit).await {
            Ok(orders) => orders,
            Err(error) => {
                warn!(rail = %self.rail, %error, "No orders could be claimed");
                return;
            }
        };
        for order in orders {
            let engine = self.engine.clone();
            flying.spawn(async move {
                if let Err(error) = engine.send_order(&order).await {
                    let key = &order.key;
                    warn!(key, %error, "What became of an order could not be recorded yet");
                }
            });
        }
    }
}
