//! The one list of work that falls due, and the one task that does it in order.
//!
//! Order: by due time, then by the order of setting. When somebody moves the clock, it is set to the time of each timer
//! on the way before that timer's work is done, so a daily job that is a month behind runs thirty times, each on its
//! own day. Work that fails is put off past the time that was asked for, so that a broken counterparty holds nobody up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Alarm, Counterparty, Frame};
use crate::books::BooksError;
use crate::channel::sender::{chain, sleep_or_forever};
use crate::clock::ADVANCE_DAYS_MAX;
use crate::hk_time::next_at;

/// The pause after the database did not answer.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// The first pause after work failed, doubled up to [`RETRY_SECONDS_MAX`].
const RETRY_SECONDS_FIRST: i64 = 1;

/// The longest pause after work failed.
const RETRY_SECONDS_MAX: i64 = 60;

/// Requests to move the clock that may wait for one another.
const MOVES_MAX: usize = 16;

/// Work that fell due.
#[derive(Debug, Clone, PartialEq)]
pub struct DueWork {
    pub(super) timer_id: i64,
    /// Who does it.
    pub counterparty: String,
    /// What is to be done, in the counterparty's words.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Whatever else the counterparty wrote down.
    pub body: Value,
    /// When it was due.
    pub due_at: Timestamp,
    /// How often it failed.
    pub attempts: u32,
}

impl DueWork {
    /// Work as it is stored: who, what and about what are the three names.
    pub(crate) fn stored(
        timer_id: i64,
        (counterparty, kind, subject): (String, String, String),
        body: Value,
        due_at: Timestamp,
        attempts: u32,
    ) -> Self {
        Self {
            timer_id,
            counterparty,
            kind,
            subject,
            body,
            due_at,
            attempts,
        }
    }
}

/// A timer as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct TimerRow {
    /// Who does it.
    pub counterparty: String,
    /// What is to be done.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// How often it failed.
    pub attempts: i32,
    /// Why it failed last.
    pub last_problem: Option<String>,
}

/// Where to move the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To this instant.
    At(Timestamp),
    /// By so much.
    By(SignedDuration),
    /// To the next time that Hong Kong's clocks show this.
    NextInHongKong(jiff::civil::Time),
}

/// Why the clock was not moved.
#[derive(Debug, Error)]
pub enum ClockError {
    /// The clock would go back.
    #[error("the clock stands at {now} and never goes back")]
    Backwards {
        /// Where it stands.
        now: Timestamp,
    },
    /// Too far for one request.
    #[error("one request moves the clock by at most {ADVANCE_DAYS_MAX} days")]
    TooFar,
    /// The books did not answer.
    #[error(transparent)]
    Books(#[from] BooksError),
    /// The sandbox is stopping.
    #[error("the sandbox is stopping")]
    Stopping,
}

type Reply = oneshot::Sender<Result<u64, ClockError>>;

/// The handle by which the clock is moved.
#[derive(Debug, Clone)]
pub struct MoveClock {
    commands: mpsc::Sender<(Target, Reply)>,
}

impl MoveClock {
    /// Moves the clock and waits until all work that fell due on the way is done. Returns how much work that was.
    ///
    /// # Errors
    /// [`ClockError`] says why not.
    pub async fn to(&self, target: Target) -> Result<u64, ClockError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send((target, reply)).await;
        sent.ok().ok_or(ClockError::Stopping)?;
        answer.await.ok().ok_or(ClockError::Stopping)?
    }
}

/// The task that does due work.
pub struct Timers {
    frame: Frame,
    counterparties: Arc<BTreeMap<&'static str, Arc<dyn Counterparty>>>,
    commands: mpsc::Receiver<(Target, Reply)>,
}

impl std::fmt::Debug for Timers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timers").finish_non_exhaustive()
    }
}

impl Timers {
    /// Prepares the task.
    pub(crate) fn new(
        frame: Frame,
        counterparties: Arc<BTreeMap<&'static str, Arc<dyn Counterparty>>>,
    ) -> (Self, MoveClock) {
        let (sender, commands) = mpsc::channel(MOVES_MAX);
        let timers = Self {
            frame,
            counterparties,
            commands,
        };
        (timers, MoveClock { commands: sender })
    }

    /// Runs until `stop` is cancelled; work that has begun is done first.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.catch_up(self.frame.now()).await {
                Ok(_done) => self.pause().await,
                Err(error) => Err(error),
            };
            let pause = pause.unwrap_or_else(|error| {
                warn!(error = %chain(&error), "The books did not answer; due work waits");
                Some(STORE_PAUSE)
            });
            tokio::select! {
                () = stop.cancelled() => {}
                Some((target, reply)) = self.commands.recv() => {
                    // A caller who hung up does not want to know.
                    drop(reply.send(self.move_clock(target).await));
                }
                () = self.frame.wake_timers.notified() => {}
                () = sleep_or_forever(pause) => {}
            }
        }
    }

    /// How long until the next timer is due.
    async fn pause(&self) -> Result<Option<Duration>, BooksError> {
        let next = self.frame.books.next_timer_at().await?;
        Ok(next.map(|at| {
            Duration::try_from(at.duration_since(self.frame.now())).unwrap_or(Duration::ZERO)
        }))
    }

    async fn move_clock(&self, target: Target) -> Result<u64, ClockError> {
        let now = self.frame.now();
        let target = match target {
            Target::At(at) => at,
            Target::By(by) => now.saturating_add(by).ok().ok_or(ClockError::TooFar)?,
            Target::NextInHongKong(time) => next_at(now, time),
        };
        if target < now {
            return Err(ClockError::Backwards { now });
        }
        if target.duration_since(now)
            > SignedDuration::from_hours(ADVANCE_DAYS_MAX.saturating_mul(24))
        {
            return Err(ClockError::TooFar);
        }
        let done = self.catch_up(target).await?;
        self.set(target).await?;
        info!("The clock stands at {target}; {done} timers ran on the way");
        self.frame.wake_sender.notify_one();
        Ok(done)
    }

    async fn set(&self, at: Timestamp) -> Result<(), BooksError> {
        let ahead = self.frame.clock().ahead_at(at);
        self.frame.books.store_clock(ahead).await?;
        self.frame.clock().move_to(ahead);
        Ok(())
    }

    /// Does all work that is due by a time, in order, each at its own time. Returns how much was done.
    async fn catch_up(&self, until: Timestamp) -> Result<u64, BooksError> {
        let mut done = 0_u64;
        while let Some(work) = self.frame.books.first_timer(until).await? {
            if work.due_at > self.frame.now() {
                self.set(work.due_at).await?;
            }
            let now = self.frame.now().max(work.due_at);
            match self.do_work(&work, now).await {
                Ok(()) => {
                    self.frame.books.drop_timer(work.timer_id).await?;
                    done = done.saturating_add(1);
                }
                Err(problem) => {
                    warn!(
                        counterparty = work.counterparty,
                        kind = work.kind,
                        subject = work.subject,
                        problem,
                        "Due work failed and is tried again"
                    );
                    let doubled = 1_i64.checked_shl(work.attempts.min(16)).unwrap_or(i64::MAX);
                    let pause = RETRY_SECONDS_FIRST
                        .saturating_mul(doubled)
                        .min(RETRY_SECONDS_MAX);
                    let after = until.max(now);
                    let again = after
                        .saturating_add(SignedDuration::from_secs(pause))
                        .unwrap_or(after);
                    self.frame
                        .books
                        .put_off_timer(work.timer_id, again, &problem)
                        .await?;
                }
            }
            self.frame.wake_sender.notify_one();
        }
        Ok(done)
    }

    async fn do_work(&self, work: &DueWork, now: Timestamp) -> Result<(), String> {
        let Some(counterparty) = self.counterparties.get(work.counterparty.as_str()) else {
            return Err("there is no such counterparty".to_owned());
        };
        let alarm = Alarm {
            frame: &self.frame,
            now,
        };
        counterparty
            .due(work, alarm)
            .await
            .map_err(|error| chain(error.as_ref()))
    }
}
