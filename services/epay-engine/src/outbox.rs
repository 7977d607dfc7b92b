//! What whoever performs the outbox asks of the engine: when there is something, and to tell payments that their time has run out.

use epay_store::OutboxRow;
use jiff::SignedDuration;
use tokio::sync::watch;
use uuid::Uuid;

use crate::batch::Command;
use crate::engine::Core;
use crate::{Engine, EngineError};

/// Most batches whose deadlines one look takes up: a batch has a few hundred payments.
const DEADLINE_BATCHES_MAX: i64 = 8;
/// How long nobody else takes up a deadline that was taken up: longer than telling a batch's payments takes.
const DEADLINE_LENT: SignedDuration = SignedDuration::from_secs(15);

impl Core {
    /// Wakes whoever performs the outbox, where a commit has put something in.
    pub(crate) fn tell_outbox(&self, written: &[OutboxRow]) {
        if !written.is_empty() {
            self.outbox.send_replace(());
        }
    }
}

impl Engine {
    /// Changes when this process has committed a batch of the outbox.
    #[must_use]
    pub fn outbox_written(&self) -> watch::Receiver<()> {
        self.core.outbox.subscribe()
    }

    /// Tells payments whose time has run out so. Answers how many batches of them were taken up.
    ///
    /// # Errors
    /// [`EngineError`]; what was not told is taken up again, here or by another process.
    pub async fn tell_deadlines(&self) -> Result<usize, EngineError> {
        let now = self.now();
        let until = now
            .checked_add(DEADLINE_LENT)
            .map_err(|error| EngineError::Broken(error.to_string()))?;
        let batches = {
            let client = self.core.pool.get().await?;
            epay_store::take_deadlines(&client, (now, until), DEADLINE_BATCHES_MAX).await?
        };
        for batch in &batches {
            self.expire(*batch).await?;
            let client = self.core.pool.get().await?;
            epay_store::forget_deadline(&client, *batch).await?;
        }
        Ok(batches.len())
    }

    /// Tells the payments that a batch started, and whose time has run out, so. Answers how many were told.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn expire(&self, batch: Uuid) -> Result<usize, EngineError> {
        let due = {
            let client = self.core.pool.get().await?;
            epay_store::due_payments(&client, batch, self.now()).await?
        };
        let told = due.len();
        let commands = due.into_iter().map(|of| self.ask(Command::Deadline(of)));
        futures_util::future::try_join_all(commands).await?;
        Ok(told)
    }
}
