//! The slow beat that finds what a crash left behind.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::WorkerError;
use crate::tasks::{Hands, perform};

/// Between two beats.
const BEAT: Duration = Duration::from_secs(2);
/// A message or batch this old was left behind: what is alive is done in well under a second.
const LEFT_BEHIND: SignedDuration = SignedDuration::from_secs(5);
/// Most batches that one beat performs.
const BATCHES_MAX: i64 = 100;

/// Beats until `stop`.
pub(crate) async fn run(hands: Hands, stop: CancellationToken) {
    loop {
        if let Err(error) = beat(&hands).await {
            warn!(%error, "A sweep was not finished; the next one goes on");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

async fn beat(hands: &Hands) -> Result<(), WorkerError> {
    // What a crash left behind is performed, whatever is wrong with a file or a book: their failures are told of by themselves.
    let messages = hands.engine.redrive(LEFT_BEHIND).await?;
    if let Err(error) = hands.engine.resume_files().await {
        warn!(%error, "Files that were left behind are taken up again later");
    }
    match hands.engine.reconcile_due().await {
        Ok(0) => {}
        Ok(books) => info!(books, "Reconciled {books} books"),
        Err(error) => warn!(%error, "Not every book is reconciled; the next beat tries again"),
    }
    let before = hands
        .engine
        .now()
        .checked_sub(LEFT_BEHIND)
        .map_err(WorkerError::queue)?;
    let batches = {
        let client = hands.pool.get().await?;
        epay_store::unperformed_batches(&client, before, BATCHES_MAX).await?
    };
    let count = batches.len();
    for batch in batches {
        perform(hands, batch).await?;
    }
    if messages > 0 || count > 0 {
        info!(
            messages,
            batches = count,
            "Took up {messages} messages and {count} batches that were left behind"
        );
    }
    Ok(())
}
