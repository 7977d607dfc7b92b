//! The desk: refunds, proposals and the accounts that refunds are paid to.
//!
//! Staff ask here, two people agree, and what rails say of refunds is recorded. It works as the committers of payments
//! do: commands queue, one task drains what waits into a batch, and a batch is one transaction: everything locked and
//! read, decided in memory, written with one statement a table, committed, answered. Two nodes on one database meet in
//! its row locks. What is refundable of a receipt is written only over the version that was read, and a constraint of
//! the database stands behind that.
//!
//! **Lock order**: proposals, refunds, what is refundable; then ledger balances. The desk locks no bill and no payment;
//! a committer locks what is refundable behind its bills, when a payer's bank takes money back.
//!
//! Bounds: [`QUEUE_COMMANDS_MAX`] commands wait, [`BATCH_COMMANDS_MAX`] share a commit, [`ATTEMPTS_MAX`] tries a batch.

mod book;
mod command;
mod decide;
mod refund;
mod snapshot;
mod writes;

pub(crate) use command::{Answer, Command, Tell};
pub use command::{
    DecideProposal, ProposeAcceptance, ProposeBreakResolution, ProposePayoutAccount, ProposePeriod,
    ProposeRedrive, ProposeResolution, RedirectRefund, RequestRefund,
};

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

use crate::engine::Core;
use crate::error::{BatchError, EngineError};
use snapshot::Snapshot;

/// Most commands that may wait; beyond it callers are told to come back.
pub(crate) const QUEUE_COMMANDS_MAX: usize = 4_096;
/// Most commands in one commit.
const BATCH_COMMANDS_MAX: usize = 256;
/// How often a batch is tried before its callers are told that the outcome is not confirmed.
const ATTEMPTS_MAX: u32 = 8;
/// Pause before a batch is tried again while the database is away; doubles each time.
const AWAY_PAUSE: Duration = Duration::from_millis(50);

/// A command and whoever waits for its answer.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) command: Command,
    pub(crate) reply: oneshot::Sender<Result<Answer, EngineError>>,
}

/// Runs until the queue is closed and empty.
pub(crate) async fn run(core: Arc<Core>, mut queue: mpsc::Receiver<Envelope>) {
    let mut waiting = Vec::with_capacity(BATCH_COMMANDS_MAX);
    while queue.recv_many(&mut waiting, BATCH_COMMANDS_MAX).await > 0 {
        let mut parts = vec![std::mem::take(&mut waiting)];
        while let Some(part) = parts.pop() {
            parts.extend(run_batch(&core, part).await);
        }
    }
}

/// Runs a batch. One that a command spoils comes back as halves, until that command stands alone.
async fn run_batch(core: &Core, mut batch: Vec<Envelope>) -> Vec<Vec<Envelope>> {
    let commands: Vec<&Command> = batch.iter().map(|envelope| &envelope.command).collect();
    match attempt(core, &commands).await {
        Ok(answers) => {
            for (envelope, answer) in batch.into_iter().zip(answers) {
                let _unheard = envelope.reply.send(answer);
            }
        }
        Err(BatchError::Spoiled(reason)) if batch.len() > 1 => {
            warn!(
                commands = batch.len(),
                reason, "A batch of the desk is halved"
            );
            let second = batch.split_off(batch.len().div_euclid(2));
            return vec![second, batch];
        }
        Err(failure) => {
            error!(?failure, commands = batch.len(), "The desk gave a batch up");
            let answer = match failure {
                BatchError::Spoiled(_) => {
                    EngineError::Broken("it could not be recorded".to_owned())
                }
                BatchError::Again(_) | BatchError::Away(_) => EngineError::Unavailable,
            };
            for envelope in batch {
                let _unheard = envelope.reply.send(Err(answer.clone()));
            }
        }
    }
    vec![]
}

async fn attempt(
    core: &Core,
    commands: &[&Command],
) -> Result<Vec<Result<Answer, EngineError>>, BatchError> {
    let mut pause = AWAY_PAUSE;
    for _ in 1..ATTEMPTS_MAX {
        match once(core, commands).await {
            Err(BatchError::Away(reason)) => {
                warn!(reason, "The database is away; the desk waits");
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2);
            }
            // Another node was in the way: the next decision sees what it did.
            Err(BatchError::Again(_)) => {}
            done => return done,
        }
    }
    once(core, commands).await
}

async fn once(
    core: &Core,
    commands: &[&Command],
) -> Result<Vec<Result<Answer, EngineError>>, BatchError> {
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    let snapshot = Snapshot::take(&tx, commands).await?;
    let calendar = core.calendar();
    let context = decide::Context {
        rails: &core.rails,
        calendar: &calendar,
        ids: core.ids.as_ref(),
        now: core.clock.now(),
    };
    let (writes, answers) = decide::decide(commands, snapshot, context);
    if writes.is_empty() {
        tx.rollback().await?;
        return Ok(answers);
    }
    writes
        .write_in(&tx, core, core.ids.next(), context.now)
        .await?;
    tx.commit().await?;
    core.tell_outbox(&writes.outbox);
    Ok(answers)
}
