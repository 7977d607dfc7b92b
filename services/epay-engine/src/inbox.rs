//! The inbox: raw messages, stored in batches before they are acknowledged, then handed on.

use std::sync::Arc;
use std::time::Duration;

use epay_store::{NewMessage, RawMessage, Recorded};
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use crate::engine::Core;
use crate::error::{BatchError, EngineError};
use crate::plans::with_kept_plans;
use crate::turns::{Gather, SharedQueue, Turn};

/// Most messages in one commit. With bodies of a few kilobytes this is well below a megabyte.
pub(crate) const BATCH_MESSAGES_MAX: usize = 256;
/// Most messages that may wait to be stored; beyond it the sender is told to come back.
pub(crate) const QUEUE_MESSAGES_MAX: usize = 2_048;
/// How long messages may be gathered: a bank's server waits for the answer, and no person.
pub(crate) const GATHER: Gather = Gather {
    time: Duration::from_millis(20),
    enough: 128,
};
/// How many batches may be on their way to the disk at once: one fsync hides behind another.
pub(crate) const STORERS: usize = 2;

/// A message and the sender's request that waits for it.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) message: NewMessage,
    pub(crate) reply: oneshot::Sender<Result<Recorded, EngineError>>,
}

/// Runs until the queue is closed and empty. New messages go to `inbound`, which is bounded: when booking
/// cannot keep up, storing waits.
pub(crate) async fn run(
    core: Arc<Core>,
    queue: SharedQueue<Arrival>,
    inbound: mpsc::Sender<RawMessage>,
) {
    let most = core.commits.messages_max();
    while let Some((arrivals, turn)) = queue.take(most).await {
        store(&core, arrivals, turn, &inbound).await;
    }
}

async fn store(
    core: &Core,
    arrivals: Vec<Arrival>,
    turn: Turn<Arrival>,
    inbound: &mpsc::Sender<RawMessage>,
) {
    let (messages, replies): (Vec<NewMessage>, Vec<_>) = arrivals
        .into_iter()
        .map(|arrival| (arrival.message, arrival.reply))
        .unzip();
    let verdicts = match record(core, &messages, turn).await {
        Ok(verdicts) => verdicts,
        Err(failure) => {
            error!(
                ?failure,
                messages = messages.len(),
                "Rail messages could not be stored"
            );
            for reply in replies {
                let _unheard = reply.send(Err(EngineError::Unavailable));
            }
            return;
        }
    };
    for ((message, verdict), reply) in messages.into_iter().zip(verdicts).zip(replies) {
        let _unheard = reply.send(match verdict {
            Recorded::OtherBody => Err(EngineError::MessageIdReused),
            Recorded::New | Recorded::Duplicate => Ok(verdict),
        });
        if verdict == Recorded::New {
            let raw = RawMessage {
                id: message.id,
                rail: message.rail,
                body: message.body,
                received_at: message.received_at,
                answers: message.answers,
            };
            // Closed only at the end of the drain; the message is then found again as pending.
            let _stopped = inbound.send(raw).await;
        }
    }
}

async fn record(
    core: &Core,
    messages: &[NewMessage],
    mut turn: Turn<Arrival>,
) -> Result<Vec<Recorded>, BatchError> {
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    // Nothing is locked: messages stand in no order, and their ids show one that was told twice.
    turn.locked();
    let stored = epay_store::record_messages_in(&tx, messages);
    let verdicts = with_kept_plans(&tx, stored).await?;
    turn.committing();
    tx.commit().await?;
    Ok(verdicts)
}
