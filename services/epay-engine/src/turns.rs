//! One queue for several takers, who take from it in turns.
//!
//! What a small batch costs hardly depends on what is in it, so where things come one by one they are gathered, without making
//! anybody wait who comes alone:
//!
//! 1. Whoever has the turn waits at the queue and takes what is there.
//! 2. Where the last batch was taken just now and little is there, it waits until there is enough, or the queue's time to
//!    gather has passed since then. What comes after a pause does not wait.
//! 3. A small batch keeps the turn until its commit is under way; what comes meanwhile is then one batch and not many. A large
//!    one passes it on once its rows are locked, so that it is not the only one that works.
//!
//! Bounded by the queue, by how much may be taken at once, and by the time to gather.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, mpsc};
use tokio::time::{Instant, timeout_at};

/// A batch of fewer is small.
const SMALL_BATCH: usize = 64;

/// How long a batch may grow that comes on the heels of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gather {
    /// Counted from when the last one was taken.
    pub(crate) time: Duration,
    /// So many are not gathered any longer.
    pub(crate) enough: usize,
}

/// A queue that several tasks take from.
#[derive(Debug)]
pub(crate) struct SharedQueue<T> {
    inner: Arc<Mutex<Inner<T>>>,
}

#[derive(Debug)]
struct Inner<T> {
    queue: mpsc::Receiver<T>,
    /// When somebody took last.
    taken_at: Option<Instant>,
    gather: Gather,
}

impl<T> Clone for SharedQueue<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T> SharedQueue<T> {
    pub(crate) fn new(queue: mpsc::Receiver<T>, gather: Gather) -> Self {
        let inner = Inner {
            queue,
            taken_at: None,
            gather,
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    /// Waits for its turn and then for something; takes what is there, `most` at once. Nothing once the queue is closed and empty.
    pub(crate) async fn take(&self, most: usize) -> Option<(Vec<T>, Turn<T>)> {
        let mut inner = Arc::clone(&self.inner).lock_owned().await;
        let mut taken = Vec::with_capacity(most);
        if inner.queue.recv_many(&mut taken, most).await == 0 {
            return None;
        }
        // Where everything has a batch of its own there is nothing to gather.
        if most == 1 {
            let (held, small) = (None, false);
            return Some((taken, Turn { held, small }));
        }
        inner.gather(&mut taken, most).await;
        let small = taken.len() < SMALL_BATCH;
        let held = Some(inner);
        Some((taken, Turn { held, small }))
    }
}

impl<T> Inner<T> {
    /// Where the last batch was taken just now, lets the next one grow.
    async fn gather(&mut self, taken: &mut Vec<T>, most: usize) {
        let Gather { time, enough } = self.gather;
        if let Some(until) = self.taken_at.and_then(|last| last.checked_add(time)) {
            while taken.len() < enough {
                let more = self
                    .queue
                    .recv_many(taken, most.saturating_sub(taken.len()));
                match timeout_at(until, more).await {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {}
                }
            }
        }
        self.taken_at = Some(Instant::now());
    }
}

/// The turn at a queue, until it is passed on or dropped.
#[derive(Debug)]
pub(crate) struct Turn<T> {
    held: Option<OwnedMutexGuard<Inner<T>>>,
    small: bool,
}

impl<T> Turn<T> {
    /// What the batch is about is locked: a large one lets the next one take.
    pub(crate) fn locked(&mut self) {
        if !self.small {
            self.held = None;
        }
    }

    /// The commit is next: whoever waits may take.
    pub(crate) fn committing(&mut self) {
        self.held = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::{Gather, SMALL_BATCH, SharedQueue};

    const TIME: Duration = Duration::from_millis(10);
    const ENOUGH: usize = 100;
    const GATHER: Gather = Gather {
        time: TIME,
        enough: ENOUGH,
    };

    async fn queue_of(waiting: usize) -> (mpsc::Sender<usize>, SharedQueue<usize>) {
        let (sender, queue) = mpsc::channel(1_024);
        put(&sender, 0..waiting).await;
        (sender, SharedQueue::new(queue, GATHER))
    }

    async fn put(sender: &mpsc::Sender<usize>, numbers: std::ops::Range<usize>) {
        for number in numbers {
            sender.send(number).await.expect("there is room");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_after_a_pause_does_not_wait_and_what_comes_on_its_heels_is_gathered() {
        let (sender, queue) = queue_of(1).await;
        let began = Instant::now();
        let (first, turn) = queue.take(512).await.expect("one waits");
        assert_eq!((first, began.elapsed()), (vec![0], Duration::ZERO));
        drop(turn);
        put(&sender, 1..3).await;
        let (second, turn) = queue.take(512).await.expect("two wait");
        assert_eq!((second, began.elapsed()), (vec![1, 2], TIME));
        drop(turn);
        tokio::time::advance(TIME).await;
        put(&sender, 3..4).await;
        let (third, _turn) = queue.take(512).await.expect("one waits");
        assert_eq!((third, began.elapsed()), (vec![3], TIME * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn enough_is_not_gathered_any_longer() {
        let (sender, queue) = queue_of(1).await;
        drop(queue.take(512).await);
        put(&sender, 0..ENOUGH).await;
        let began = Instant::now();
        let (taken, turn) = queue.take(512).await.expect("many wait");
        assert_eq!((taken.len(), began.elapsed()), (ENOUGH, Duration::ZERO));
        drop(turn);
        put(&sender, 1..ENOUGH).await;
        let (taken, _turn) = queue.take(512).await.expect("many wait");
        assert_eq!((taken.len(), began.elapsed()), (ENOUGH - 1, TIME));
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_batch_keeps_its_turn_until_its_commit_and_what_came_meanwhile_is_one_batch() {
        let (sender, queue) = queue_of(1).await;
        let (_first, mut turn) = queue.take(512).await.expect("one waits");
        turn.locked();
        put(&sender, 1..4).await;
        tokio::time::advance(TIME).await;
        let next = queue.take(512);
        tokio::pin!(next);
        assert!(
            futures_util::poll!(&mut next).is_pending(),
            "the turn is kept"
        );
        turn.committing();
        let (second, _turn) = next.await.expect("three wait");
        assert_eq!(second, [1, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_batch_passes_its_turn_on_as_soon_as_its_bills_are_locked() {
        let (sender, queue) = queue_of(SMALL_BATCH).await;
        let (first, mut turn) = queue.take(512).await.expect("many wait");
        assert_eq!(first.len(), SMALL_BATCH);
        put(&sender, 99..100).await;
        let next = queue.take(512);
        tokio::pin!(next);
        assert!(
            futures_util::poll!(&mut next).is_pending(),
            "the turn is kept"
        );
        turn.locked();
        let (second, _turn) = next.await.expect("one waits");
        assert_eq!(second, [99]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_dropped_with_a_failed_batch_is_free_again() {
        let (sender, queue) = queue_of(1).await;
        drop(queue.take(512).await.expect("one waits"));
        put(&sender, 1..2).await;
        assert!(queue.take(512).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn where_everything_has_a_commit_of_its_own_nobody_waits() {
        let (_sender, queue) = queue_of(2).await;
        let began = Instant::now();
        let (first, _held) = queue.take(1).await.expect("two wait");
        let (second, _turn) = queue.take(1).await.expect("one waits");
        assert_eq!((first, second), (vec![0], vec![1]));
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_queue_is_emptied_and_then_ends_every_taker() {
        let (sender, queue) = queue_of(1).await;
        drop(sender);
        assert!(queue.take(512).await.is_some());
        assert!(queue.take(512).await.is_none());
        assert!(queue.clone().take(512).await.is_none());
    }
}
