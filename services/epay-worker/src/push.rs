//! Bringing sealed files to departments' servers by SFTP, and fetching the acknowledgements that lie there.
//!
//! Each destination has a loop of its own, so that a dead server delays nobody else's files. One look: what is sealed is
//! queued; what is due is taken up, all over one connection, file after file; each ends with a line in the log. Then, every
//! [`LOOK_FOR_ACKNOWLEDGEMENTS`], files in `ack/` are taken in. The engine decides what follows from an attempt; here it is
//! only made.
//!
//! A connection that cannot be made fails everything that was taken up for it: one knock on a dead server a pause, not one
//! a file. A process that dies leaves at most a `.part`, and the next attempt begins the file anew.

mod acknowledgements;
mod put;

use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use epay_engine::{DeliveryEnd, Engine};
use epay_feed::{DeliveryOutcome, DeliveryState};
use epay_sftp::{Server, Session, SftpError};
use epay_store::feed::{DeliveryPlan, TakenDelivery};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{FileSigner, WorkerError};
use acknowledgements::Acknowledgements;
use put::put;

/// Between two looks for files that are due.
const BEAT: Duration = Duration::from_secs(10);
/// Between two looks for acknowledgements.
const LOOK_FOR_ACKNOWLEDGEMENTS: Duration = Duration::from_secs(60);
/// While a file is under way, the database is told so again: three times before it is taken for lost.
const KEEP: Duration = Duration::from_secs(20);

/// Where a department takes its files.
#[derive(Clone)]
pub struct FeedDestination {
    /// What it wants.
    pub plan: DeliveryPlan,
    /// Its server.
    pub server: Server,
    /// The folder there.
    pub folder: String,
    /// How it is named in the log: user, server and folder.
    pub name: String,
    /// What signs digests.
    pub signer: Option<Arc<FileSigner>>,
}

impl fmt::Debug for FeedDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let biller = &self.plan.biller;
        write!(f, "FeedDestination({biller} at {})", self.name)
    }
}

/// What one look came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Files and shapes that lie there now.
    pub delivered: usize,
    /// Attempts that failed.
    pub failed: usize,
    /// Files of acknowledgements that were put away.
    pub acknowledgements: usize,
}

/// Brings files to one destination.
#[derive(Debug)]
pub struct FeedPusher {
    engine: Engine,
    destination: FeedDestination,
    acknowledgements: Acknowledgements,
    looked: Option<Instant>,
}

impl FeedPusher {
    /// A pusher that has brought nothing yet.
    #[must_use]
    pub fn new(engine: Engine, destination: FeedDestination) -> Self {
        Self {
            engine,
            destination,
            acknowledgements: Acknowledgements::default(),
            looked: None,
        }
    }

    /// Brings files until `stop`. Whatever is away is waited for.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let late = |looked: Instant| looked.elapsed() >= LOOK_FOR_ACKNOWLEDGEMENTS;
            let look = self.looked.is_none_or(late);
            // A look that is cut off is what a crash leaves: the next one makes it good.
            match stop.run_until_cancelled(Box::pin(self.look(look))).await {
                None => return,
                Some(Ok(_pushed)) => {}
                Some(Err(error)) => {
                    warn!(%error, destination = self.destination.name, "Files were not all brought; the next look goes on");
                }
            }
            let _stopped = stop.run_until_cancelled(tokio::time::sleep(BEAT)).await;
        }
    }

    /// Looks once, for acknowledgements as well. For whoever wants one round and not a loop.
    ///
    /// # Errors
    /// [`WorkerError`] when the database is away; what goes wrong at the server is in the log of deliveries.
    pub async fn round(&mut self) -> Result<Pushed, WorkerError> {
        Box::pin(self.look(true)).await
    }

    async fn look(&mut self, acknowledgements: bool) -> Result<Pushed, WorkerError> {
        let plan = &self.destination.plan;
        self.engine.plan_feed_deliveries(plan).await?;
        let taken = self.engine.take_feed_deliveries(&plan.biller).await?;
        let mut pushed = Pushed::default();
        if taken.is_empty() && !acknowledgements {
            return Ok(pushed);
        }
        if acknowledgements {
            self.looked = Some(Instant::now());
        }
        let begun = Instant::now();
        let session = match Session::connect(&self.destination.server).await {
            Ok(session) => session,
            Err(error) => {
                if taken.is_empty() {
                    warn!(%error, destination = self.destination.name, "Acknowledgements could not be looked for");
                }
                pushed.failed = taken.len();
                for one in taken {
                    self.end(one, Err(error.clone()), begun).await?;
                }
                return Ok(pushed);
            }
        };
        self.put_all(&session, taken.into(), &mut pushed).await?;
        if acknowledgements {
            let biller = &self.destination.plan.biller;
            let of = (&self.engine, biller, self.destination.folder.as_str());
            pushed.acknowledgements = self.acknowledgements.take(&session, of).await?;
        }
        session.close().await;
        Ok(pushed)
    }

    /// Puts down one after the other. What is left when the connection has ended fails with it.
    async fn put_all(
        &self,
        session: &Session,
        mut waiting: VecDeque<TakenDelivery>,
        pushed: &mut Pushed,
    ) -> Result<(), WorkerError> {
        let mut lost: Option<SftpError> = None;
        while let Some(one) = waiting.front() {
            let begun = Instant::now();
            let put = match &lost {
                Some(error) => Err(error.clone()),
                None => self.put_kept(session, one, &waiting).await?,
            };
            if let Err(error @ (SftpError::Broken(_) | SftpError::Timeout)) = &put {
                lost = Some(error.clone());
            }
            let Some(one) = waiting.pop_front() else {
                break;
            };
            let state = self.end(one, put, begun).await?;
            let count = match state {
                DeliveryState::Delivered => &mut pushed.delivered,
                DeliveryState::Waiting | DeliveryState::GivenUp | DeliveryState::Conflict => {
                    &mut pushed.failed
                }
            };
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// Puts one down, and tells the database now and then that all that were taken up still are.
    async fn put_kept(
        &self,
        session: &Session,
        one: &TakenDelivery,
        waiting: &VecDeque<TakenDelivery>,
    ) -> Result<Result<Put, SftpError>, WorkerError> {
        let mut work = pin!(put(&self.engine, session, &self.destination, &one.key));
        loop {
            tokio::select! {
                ended = &mut work => return ended,
                () = tokio::time::sleep(KEEP) => {
                    for taken in waiting {
                        self.engine.keep_feed_delivery(taken).await?;
                    }
                }
            }
        }
    }

    async fn end(
        &self,
        taken: TakenDelivery,
        put: Result<Put, SftpError>,
        begun: Instant,
    ) -> Result<DeliveryState, WorkerError> {
        let put = put.unwrap_or_else(|error| Put {
            outcome: match error {
                SftpError::HostKey { .. } => DeliveryOutcome::WrongKey,
                _ => DeliveryOutcome::Failed,
            },
            words: error.to_string(),
        });
        let end = DeliveryEnd {
            outcome: put.outcome,
            words: put.words,
            destination: self.destination.name.clone(),
            took: SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX),
        };
        Ok(self.engine.end_feed_delivery(taken, end).await?)
    }
}

/// How an attempt over a connection that stands has ended.
#[derive(Debug)]
struct Put {
    outcome: DeliveryOutcome,
    words: String,
}

impl Put {
    fn new(outcome: DeliveryOutcome, words: impl Into<String>) -> Self {
        Self {
            outcome,
            words: words.into(),
        }
    }
}

/// A path on a server: a folder, and what lies in it.
fn within(folder: &str, name: &str) -> String {
    match folder.trim_end_matches('/') {
        // The folder in which a session begins.
        "" if !folder.starts_with('/') => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_path_lies_in_its_folder() {
        let table = [
            ("", "a"),
            ("/", "/a"),
            ("in", "in/a"),
            ("in/", "in/a"),
            ("/srv/in", "/srv/in/a"),
        ];
        for (folder, path) in table {
            assert_eq!(within(folder, "a"), path);
        }
    }
}
