//! Where commands wait, and what becomes of one for which there is no room.
//!
//! What callers ask for is refused, with the word of when to come back; what has happened waits for room. Each queue is
//! bounded, and has committers of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::task::TaskTracker;

use crate::committer::{self, Envelope};
use crate::desk;
use crate::engine::Core;
use crate::error::EngineError;
use crate::turns::{Gather, SharedQueue};

/// When a caller that found a full queue should come back.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// What such a caller is told.
const OVERLOADED: EngineError = EngineError::Overloaded {
    retry_after: RETRY_AFTER,
};

/// Where commands wait.
#[derive(Debug, Clone)]
pub(crate) struct Queues {
    /// What callers ask for, who wait for their answer.
    asked: mpsc::Sender<Envelope>,
    /// What has happened and only needs to be recorded.
    facts: mpsc::Sender<Envelope>,
    /// Where what rails say of refunds goes.
    pub(crate) desk: mpsc::Sender<desk::Envelope>,
}

impl Queues {
    /// Opens them, each with who takes from it.
    pub(crate) fn open(core: &Arc<Core>, tasks: &TaskTracker) -> Self {
        let asked = open_queue(core, tasks, committer::GATHER_ASKED);
        let facts = open_queue(core, tasks, committer::GATHER_FACTS);
        let (desk, queue) = mpsc::channel(desk::QUEUE_COMMANDS_MAX);
        tasks.spawn(desk::run(Arc::clone(core), queue));
        Self { asked, facts, desk }
    }

    /// Waits for room: for facts, which must not be refused.
    pub(crate) async fn put(&self, envelope: Envelope) {
        // Closed only at the end of the drain; a fact is then found again as pending.
        let _stopped = self.facts.send(envelope).await;
    }

    /// For what is asked, which is refused where too much waits. Nothing new is begun while money that came waits to be booked.
    pub(crate) fn try_put(&self, envelope: Envelope) -> Result<(), EngineError> {
        if self.facts.capacity() < committer::FACTS_ROOM_MIN {
            return Err(OVERLOADED);
        }
        Ok(self.asked.try_send(envelope)?)
    }
}

impl<T> From<TrySendError<T>> for EngineError {
    fn from(error: TrySendError<T>) -> Self {
        match error {
            TrySendError::Full(_) => OVERLOADED,
            TrySendError::Closed(_) => Self::Stopping,
        }
    }
}

/// A queue with its committers.
fn open_queue(core: &Arc<Core>, tasks: &TaskTracker, gather: Gather) -> mpsc::Sender<Envelope> {
    let (sender, queue) = mpsc::channel(committer::QUEUE_COMMANDS_MAX);
    let queue = SharedQueue::new(queue, gather);
    for _ in 0..core.commits.committers() {
        tasks.spawn(committer::run(Arc::clone(core), queue.clone()));
    }
    sender
}

#[cfg(test)]
mod tests {
    use epay_money::{BillerId, PaymentId};
    use epay_store::PaymentKey;
    use uuid::Uuid;

    use super::*;
    use crate::batch::Command;

    fn envelope() -> Envelope {
        let of = PaymentKey {
            biller: BillerId::new("ird").expect("a department's name"),
            payment: PaymentId::new(Uuid::nil()),
            bills: vec![],
        };
        let (command, reply) = (Command::Check(of), None);
        Envelope { command, reply }
    }

    fn queues(asked_max: usize) -> (Queues, [mpsc::Receiver<Envelope>; 2]) {
        let (asked, asked_queue) = mpsc::channel(asked_max);
        let (facts, facts_queue) = mpsc::channel(committer::QUEUE_COMMANDS_MAX);
        let (desk, _) = mpsc::channel(1);
        (Queues { asked, facts, desk }, [asked_queue, facts_queue])
    }

    fn overloaded(put: &Result<(), EngineError>) -> bool {
        matches!(put, Err(EngineError::Overloaded { retry_after }) if *retry_after == RETRY_AFTER)
    }

    #[tokio::test]
    async fn what_is_asked_of_a_full_queue_is_told_when_to_come_back() {
        let (queues, _takers) = queues(1);
        assert!(queues.try_put(envelope()).is_ok());
        assert!(overloaded(&queues.try_put(envelope())));
    }

    #[tokio::test]
    async fn nothing_new_is_begun_while_many_facts_wait_and_facts_still_have_room() {
        let (queues, [_asked, mut facts]) = queues(8);
        let most = committer::QUEUE_COMMANDS_MAX - committer::FACTS_ROOM_MIN;
        for _ in 0..most {
            queues.put(envelope()).await;
        }
        assert!(queues.try_put(envelope()).is_ok());
        queues.put(envelope()).await;
        assert!(overloaded(&queues.try_put(envelope())));
        facts.recv().await.expect("facts wait");
        assert!(queues.try_put(envelope()).is_ok());
    }

    #[tokio::test]
    async fn a_house_that_ends_says_that_it_is_stopping() {
        let (queues, takers) = queues(8);
        drop(takers);
        assert!(matches!(
            queues.try_put(envelope()),
            Err(EngineError::Stopping)
        ));
    }
}
