//! Waking those who watch a payment, within this process.
//!
//! A hub keeps one channel a watched payment, and none for the others: it costs what is watched, not what is
//! paid. A change that another node made is seen by the watcher's own slow look at the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use epay_money::PaymentId;
use tokio::sync::watch;

/// Watched payments.
#[derive(Debug, Clone, Default)]
pub(crate) struct WatchHub {
    watched: Arc<Mutex<HashMap<PaymentId, watch::Sender<()>>>>,
}

impl WatchHub {
    pub(crate) fn watch(&self, payment: PaymentId) -> Watch {
        let changed = match self.watched.lock() {
            Ok(mut watched) => watched
                .entry(payment)
                .or_insert_with(|| watch::Sender::new(()))
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
            if let Some(sender) = watched.get(&payment) {
                sender.send_replace(());
            }
        }
    }

    fn forget(&self, payment: PaymentId) {
        if let Ok(mut watched) = self.watched.lock()
            && watched
                .get(&payment)
                .is_some_and(|sender| sender.receiver_count() == 0)
        {
            watched.remove(&payment);
        }
    }
}

/// One watcher of one payment.
#[derive(Debug)]
pub struct Watch {
    payment: PaymentId,
    changed: Option<watch::Receiver<()>>,
    hub: WatchHub,
}

impl Watch {
    /// Waits until the payment changes in this process. Changes before the call count from the last call on.
    pub async fn changed(&mut self) {
        let gone = match &mut self.changed {
            Some(receiver) => receiver.changed().await.is_err(),
            None => true,
        };
        if gone {
            // Nobody will wake us: the caller's own timer must.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.changed = None;
        self.hub.forget(self.payment);
    }
}
