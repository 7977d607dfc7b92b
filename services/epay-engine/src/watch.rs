//! Waking those who watch a payment.
//!
//! 1. A hub keeps one channel a watched payment, and none for the others: it costs what is watched, not what is paid.
//! 2. A change that this process makes wakes its watchers at once, and so does one that another node tells of.
//! 3. What nobody told of is found by one look for all watchers ([`look_after`]): however many watch, the store is asked one question
//!    of [`LOOKED_AT_MAX`] payments every [`LOOK_EVERY`].
//!
//! Bounds: so many watched payments can be there as the door lets in; among `n` of them a change that nobody told of is seen after
//! `n / LOOKED_AT_MAX` looks, rounded up.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadpool_postgres::Pool;
use epay_money::{BillerId, PaymentId};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::EngineError;

/// Between two looks at the store.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Most payments that one look asks for: it finds only what nobody told of, so few that those who pay do not notice it.
const LOOKED_AT_MAX: usize = 512;

/// Watched payments, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct WatchHub {
    watched: Arc<Mutex<BTreeMap<PaymentId, Watched>>>,
}

#[derive(Debug)]
struct Watched {
    biller: BillerId,
    /// The latest version that any of its watchers has read. The others were woken by the same change.
    seen: i32,
    changed: watch::Sender<()>,
}

/// A payment that is watched, and what is known of it.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    key: (BillerId, PaymentId),
    seen: i32,
}

impl WatchHub {
    pub(crate) fn watch(&self, biller: &BillerId, payment: PaymentId) -> Watch {
        let changed = match self.watched.lock() {
            Ok(mut watched) => watched
                .entry(payment)
                .or_insert_with(|| Watched {
                    biller: biller.clone(),
                    seen: 0,
                    changed: watch::Sender::new(()),
                })
                .changed
                .subscribe(),
            Err(_poisoned) => watch::Sender::new(()).subscribe(),
        };
        Watch {
            payment,
            changed: Some(changed),
            hub: self.clone(),
        }
    }

    /// Wakes the watchers of these payments.
    pub(crate) fn wake(&self, payments: impl Iterator<Item = PaymentId>) {
        let Ok(watched) = self.watched.lock() else {
            return;
        };
        if watched.is_empty() {
            return;
        }
        for payment in payments {
            if let Some(watched) = watched.get(&payment) {
                watched.changed.send_replace(());
            }
        }
    }

    /// The next of them behind `last`, at most `most`.
    fn after(&self, last: Option<PaymentId>, most: usize) -> Vec<Known> {
        let Ok(watched) = self.watched.lock() else {
            return Vec::new();
        };
        let from = last.map_or(Bound::Unbounded, Bound::Excluded);
        let next = watched.range((from, Bound::Unbounded)).take(most);
        next.map(|(payment, watched)| Known {
            key: (watched.biller.clone(), *payment),
            seen: watched.seen,
        })
        .collect()
    }

    fn saw(&self, payment: PaymentId, version: i32) {
        if let Ok(mut watched) = self.watched.lock()
            && let Some(watched) = watched.get_mut(&payment)
        {
            watched.seen = watched.seen.max(version);
        }
    }

    fn forget(&self, payment: PaymentId) {
        if let Ok(mut watched) = self.watched.lock()
            && watched
                .get(&payment)
                .is_some_and(|watched| watched.changed.receiver_count() == 0)
        {
            watched.remove(&payment);
        }
    }
}

/// Looks at the store until `stop`, on behalf of everybody who watches in this process. A look that fails is made again at its time.
pub(crate) async fn look_after(hub: WatchHub, pool: Pool, stop: CancellationToken) {
    let mut time = tokio::time::interval(LOOK_EVERY);
    time.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = time.tick() => {}
        }
        let known = hub.after(last, LOOKED_AT_MAX);
        // Behind the last one the round begins again, at the next look.
        last = match known.last() {
            Some(known_last) if known.len() == LOOKED_AT_MAX => Some(known_last.key.1),
            Some(_) | None => None,
        };
        if let Err(error) = look(&hub, &pool, &known).await {
            tracing::debug!(%error, "Watched payments could not be looked at");
        }
    }
}

async fn look(hub: &WatchHub, pool: &Pool, known: &[Known]) -> Result<(), EngineError> {
    if known.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = known.iter().map(|known| known.key.clone()).collect();
    let client = pool.get().await?;
    let versions = epay_store::payment_versions(&client, &keys).await?;
    let grown = known.iter().filter(|known| {
        let now = versions.get(&known.key.1);
        now.is_some_and(|version| *version > known.seen)
    });
    hub.wake(grown.map(|known| known.key.1));
    Ok(())
}

/// One watcher of one payment.
#[derive(Debug)]
pub struct Watch {
    payment: PaymentId,
    changed: Option<watch::Receiver<()>>,
    hub: WatchHub,
}

impl Watch {
    /// Waits until the payment has changed. Changes before the call count from the last call on. It may wake for nothing.
    pub async fn changed(&mut self) {
        let gone = match &mut self.changed {
            Some(receiver) => receiver.changed().await.is_err(),
            None => true,
        };
        if gone {
            // The hub is broken and wakes nobody: whoever watches may still end it.
            std::future::pending::<()>().await;
        }
    }

    /// Says which version of the payment was read, so that it is not woken for that one again.
    pub fn saw(&self, version: i32) {
        self.hub.saw(self.payment, version);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.changed = None;
        self.hub.forget(self.payment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(number: u128) -> PaymentId {
        PaymentId::new(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn every_watched_payment_is_looked_at_in_turn_and_what_nobody_watches_is_forgotten() {
        let (hub, biller) = (WatchHub::default(), BillerId::new("rvd").unwrap());
        let watches: Vec<Watch> = (1..=5).map(|n| hub.watch(&biller, payment(n))).collect();
        let twice = hub.watch(&biller, payment(2));
        let ids = |known: Vec<Known>| known.into_iter().map(|k| k.key.1).collect::<Vec<_>>();
        assert_eq!(ids(hub.after(None, 2)), [payment(1), payment(2)]);
        assert_eq!(
            ids(hub.after(Some(payment(2)), 9)),
            [payment(3), payment(4), payment(5)]
        );
        drop(watches);
        assert_eq!(ids(hub.after(None, 9)), [payment(2)]);
        drop(twice);
        assert_eq!(hub.after(None, 9), []);
    }

    #[test]
    fn the_latest_version_that_was_read_is_known() {
        let (hub, biller) = (WatchHub::default(), BillerId::new("rvd").unwrap());
        let (one, other) = (
            hub.watch(&biller, payment(1)),
            hub.watch(&biller, payment(1)),
        );
        one.saw(3);
        other.saw(2);
        let seen: Vec<i32> = hub.after(None, 9).iter().map(|known| known.seen).collect();
        assert_eq!(seen, [3]);
    }
}
