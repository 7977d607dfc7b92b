//! A committer: one batch at a time, one commit a batch.
//!
//! There are two queues, each with committers of its own: what callers ask for, who wait, and facts, for which nobody waits
//! and which may be gathered longer. Committers of a queue take from it in turns ([`SharedQueue`]). One takes whatever is
//! waiting, up to [`BATCH_COMMANDS_MAX`], and runs it: transaction, snapshot, decision, writes, commit, answers. It keeps its
//! turn at least until its bills are locked, so commands of one queue about one bill are decided in the order in which they
//! came; a commit's way to the disk hides behind the next one's batch, and batches grow by themselves under load. A batch
//! that another committer or node was in the way of is decided again, [`ATTEMPTS_MAX`] times; a batch that the database
//! refuses for another reason is halved until the one command that spoils it stands alone.

use std::sync::Arc;
use std::time::Duration;

use epay_money::PaymentId;
use tokio::sync::oneshot;
use tracing::{error, warn};

use crate::batch::{Command, Context, Decided, Snapshot, Writes, decide};
use crate::engine::Core;
use crate::error::{BatchError, EngineError};
use crate::plans::with_kept_plans;
use crate::turns::{Gather, SharedQueue, Turn};

/// Most commands in one commit: past a few hundred the rate no longer grows and answers only come later.
pub(crate) const BATCH_COMMANDS_MAX: usize = 512;
/// Most commands that may wait in a queue; beyond it callers are told to come back.
pub(crate) const QUEUE_COMMANDS_MAX: usize = 4_096;
/// Where less room than this is left among the facts, callers are told to come back as well.
pub(crate) const FACTS_ROOM_MIN: usize = QUEUE_COMMANDS_MAX.div_euclid(4);
/// How long what is asked may be gathered. Somebody waits for it.
pub(crate) const GATHER_ASKED: Gather = Gather {
    time: Duration::from_millis(3),
    enough: 64,
};
/// How long facts may be gathered. Nobody waits for one, and each costs less in a larger batch.
pub(crate) const GATHER_FACTS: Gather = Gather {
    time: Duration::from_millis(40),
    enough: 256,
};
/// How often a batch is tried before its callers are told that the outcome is not confirmed.
const ATTEMPTS_MAX: u32 = 6;
/// Pause before a batch is tried again while the database is away; doubles each time.
const AWAY_PAUSE: Duration = Duration::from_millis(50);

/// A command and whoever waits for its answer.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) command: Command,
    /// Nobody waits for some commands; they are found again by their keys if they fail.
    pub(crate) reply: Option<oneshot::Sender<Result<Decided, EngineError>>>,
}

/// Runs until the queue is closed and empty.
pub(crate) async fn run(core: Arc<Core>, queue: SharedQueue<Envelope>) {
    let most = core.commits.commands_max();
    while let Some((batch, mut turn)) = queue.take(most).await {
        run_batch(&core, batch, &mut turn).await;
    }
}

async fn run_batch(core: &Core, batch: Vec<Envelope>, turn: &mut Turn<Envelope>) {
    let mut parts = vec![batch];
    while let Some(mut part) = parts.pop() {
        let commands: Vec<&Command> = part.iter().map(|envelope| &envelope.command).collect();
        match attempt(core, &commands, turn).await {
            Ok(answers) => {
                core.watch.wake(part.iter().filter_map(changed_payment));
                for (envelope, answer) in part.into_iter().zip(answers) {
                    reply(envelope, answer);
                }
            }
            Err(BatchError::Spoiled(reason)) if part.len() > 1 => {
                warn!(
                    commands = part.len(),
                    reason, "A batch is halved to find what spoils it"
                );
                let second = part.split_off(part.len().div_euclid(2));
                parts.push(second);
                parts.push(part);
            }
            Err(BatchError::Spoiled(reason)) => {
                error!(reason, "A command cannot be written");
                for envelope in part {
                    reply(
                        envelope,
                        Err(EngineError::Broken("it could not be recorded".to_owned())),
                    );
                }
            }
            Err(BatchError::Again(reason) | BatchError::Away(reason)) => {
                error!(commands = part.len(), reason, "A batch was given up");
                for envelope in part {
                    reply(envelope, Err(EngineError::Unavailable));
                }
            }
        }
    }
}

fn changed_payment(envelope: &Envelope) -> Option<PaymentId> {
    envelope.command.payment().map(|(_biller, payment)| payment)
}

fn reply(envelope: Envelope, answer: Result<Decided, EngineError>) {
    match (envelope.reply, answer) {
        (Some(waiter), answer) => {
            // A caller that hung up has its answer kept under its key.
            let _unheard = waiter.send(answer);
        }
        (None, Ok(_)) => {}
        (None, Err(error)) => warn!(
            code = error.code(),
            "A fact could not be recorded yet; it will be tried again"
        ),
    }
}

/// Tries a batch until it is written, spoiled or out of attempts.
async fn attempt(
    core: &Core,
    commands: &[&Command],
    turn: &mut Turn<Envelope>,
) -> Result<Vec<Result<Decided, EngineError>>, BatchError> {
    let mut pause = AWAY_PAUSE;
    let mut attempts = 1_u32;
    loop {
        // On the heap: it holds the futures of every statement of a batch.
        match Box::pin(once(core, commands, turn)).await {
            Err(BatchError::Away(reason)) if attempts < ATTEMPTS_MAX => {
                warn!(attempts, reason, "The database is away; the batch waits");
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2);
            }
            Err(BatchError::Again(reason)) if attempts < ATTEMPTS_MAX => {
                warn!(
                    attempts,
                    reason, "Somebody was in the way; the batch is decided again"
                );
            }
            // What was in the way is still there: it is nobody else, it is one of the commands.
            Err(BatchError::Again(reason)) => return Err(BatchError::Spoiled(reason)),
            done => return done,
        }
        attempts = attempts.saturating_add(1);
    }
}

async fn once(
    core: &Core,
    commands: &[&Command],
    turn: &mut Turn<Envelope>,
) -> Result<Vec<Result<Decided, EngineError>>, BatchError> {
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    let taken = Box::pin(Snapshot::take(&tx, commands));
    let snapshot = with_kept_plans(&tx, taken).await?;
    turn.locked();
    let (writes, answers) = {
        let catalogue = core.catalogue.load();
        let calendar = core.calendar();
        let context = Context {
            catalogue: &catalogue,
            rails: &core.rails,
            health: &core.health,
            calendar: &calendar,
            ids: core.ids.as_ref(),
            now: core.clock.now(),
        };
        decide(commands, snapshot, context)
    };
    if writes.is_empty() {
        tx.rollback().await?;
        return Ok(answers);
    }
    write(core, &tx, &writes).await?;
    turn.committing();
    tx.commit().await?;
    core.tell_outbox(&writes.outbox);
    Ok(answers)
}

async fn write(
    core: &Core,
    tx: &deadpool_postgres::Transaction<'_>,
    writes: &Writes,
) -> Result<(), BatchError> {
    let batch = core.ids.next();
    writes
        .write_in(tx, &core.pool, &core.directory, batch, core.clock.now())
        .await
}
