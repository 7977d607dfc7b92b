//! A bank that tells of several credits at once: of all that were booked while its last notice was under way, up to a number.
//!
//! One notice a connection is under way; what waits meanwhile makes the next one larger, so nobody waits on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use tokio::sync::{mpsc, oneshot};

use super::{Bank, Credit};

/// Credits that may wait: more than there are payers.
const WAITING_MAX: usize = 65_536;

type Waiting = (Credit, oneshot::Sender<()>);

/// Where credits are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Gathering {
    queue: mpsc::Sender<Waiting>,
}

impl Gathering {
    /// One for a connection, with at most so many credits a notice.
    pub(crate) fn new(bank: Bank, credits_max: usize, notices: Arc<AtomicU64>) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(async move {
            if let Err(error) = run(bank, credits_max, waiting, &notices).await {
                println!("A bank stopped: {error:#}");
            }
        });
        Self { queue }
    }

    /// Done when the gateway has acknowledged the notice in which the credit was.
    pub(crate) async fn tell(&self, credit: Credit) -> Result<()> {
        let (told, acknowledged) = oneshot::channel();
        let handed = self.queue.send((credit, told)).await;
        handed.ok().context("the bank stopped")?;
        acknowledged.await.context("the bank was not heard")
    }
}

/// Until nobody can hand in more, or the gateway does not hear: then everybody who waits is told so by a closed door.
async fn run(
    mut bank: Bank,
    credits_max: usize,
    mut queue: mpsc::Receiver<Waiting>,
    notices: &AtomicU64,
) -> Result<()> {
    let mut waiting = Vec::with_capacity(credits_max);
    while queue.recv_many(&mut waiting, credits_max).await > 0 {
        let (credits, told): (Vec<Credit>, Vec<_>) = waiting.drain(..).unzip();
        bank.tell(&credits).await?;
        notices.fetch_add(1, Ordering::Relaxed);
        for told in told {
            let _left = told.send(());
        }
    }
    Ok(())
}
