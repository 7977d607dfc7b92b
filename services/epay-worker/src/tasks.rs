//! The jobs: performing a batch of the outbox, and telling payments that their time has run out.

use std::sync::Arc;

use deadpool_postgres::Pool;
use epay_engine::Engine;
use epay_store::{OUTBOX_TASK, SEND_ORDER};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::WorkerError;
use crate::webhooks::tell;
use crate::{news, notices};

/// Slack after the last deadline of a batch, so that every payment of it is due.
const DEADLINE_SLACK: SignedDuration = SignedDuration::from_millis(100);

/// What every job works with.
#[derive(Debug, Clone)]
pub(crate) struct Hands {
    pub(crate) engine: Engine,
    pub(crate) pool: Pool,
    /// Wakes the lanes: an order was queued.
    pub(crate) wake_orders: Arc<watch::Sender<()>>,
    /// People are told of news: a planner waits for them.
    pub(crate) tells_people: bool,
}

/// Performs the effects of one batch of the outbox.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PerformBatch {
    batch: Uuid,
}

impl TaskHandler for PerformBatch {
    const IDENTIFIER: &'static str = OUTBOX_TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        perform(hands(&context)?, self.batch)
            .await
            .map_err(|error| error.to_string())
    }
}

/// Tells the payments of one batch that their time has run out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Expire {
    batch: Uuid,
}

impl TaskHandler for Expire {
    const IDENTIFIER: &'static str = "expire";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let told = hands(&context)?.engine.expire(self.batch).await;
        told.map(|_count| ()).map_err(|error| error.to_string())
    }
}

fn hands(context: &WorkerContext) -> Result<&Hands, String> {
    context
        .get_ext::<Hands>()
        .ok_or_else(|| "the worker was started without hands".to_owned())
}

/// Every effect may be performed again: news is only news, a timer has a key, an event is queued once, and a plan is
/// made once.
pub(crate) async fn perform(hands: &Hands, batch: Uuid) -> Result<(), WorkerError> {
    let client = hands.pool.get().await?;
    let now = hands.engine.now();
    if let Some(batch) = epay_store::batch(&client, batch).await? {
        if let Some(last) = batch.rows.iter().filter_map(|row| row.due_at).max() {
            let at = last
                .checked_add(DEADLINE_SLACK)
                .map_err(WorkerError::queue)?;
            client
                .execute(
                    "SELECT graphile_worker.add_job('expire', json_build_object('batch', $1::uuid), \
                     run_at => $2, job_key => 'expire:' || $1::uuid::text)",
                    &[&batch.id, &at],
                )
                .await?;
        }
        if batch.rows.iter().any(|row| row.kind == SEND_ORDER) {
            hands.wake_orders.send_replace(());
        }
        news::publish(&client, &batch.rows).await?;
        tell(&client, &batch, now).await?;
        if hands.tells_people && batch.rows.iter().any(notices::is_news) {
            epay_store::notice::note_news(&client, batch.id).await?;
        }
    }
    epay_store::mark_performed(&client, batch, now).await?;
    Ok(())
}
