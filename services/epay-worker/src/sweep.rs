//! The slow beat that finds what a crash left behind.

use std::time::Duration;

use epay_engine::Engine;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::WorkerError;

/// Between two beats.
const BEAT: Duration = Duration::from_secs(2);
/// A message this old was left behind: what is alive is done in well under a second.
const LEFT_BEHIND: SignedDuration = SignedDuration::from_secs(5);

/// Beats until `stop`.
pub(crate) async fn run(engine: Engine, stop: CancellationToken) {
    loop {
        if let Err(error) = beat(&engine).await {
            warn!(%error, "A sweep was not finished; the next one goes on");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

async fn beat(engine: &Engine) -> Result<(), WorkerError> {
    // What a crash left behind is performed, whatever is wrong with a file or a book: their failures are told of by themselves.
    let messages = engine.redrive(LEFT_BEHIND).await?;
    if let Err(error) = engine.resume_files().await {
        warn!(%error, "Files that were left behind are taken up again later");
    }
    match engine.reconcile_due().await {
        Ok(0) => {}
        Ok(books) => info!(books, "Reconciled {books} books"),
        Err(error) => warn!(%error, "Not every book is reconciled; the next beat tries again"),
    }
    if messages > 0 {
        info!(
            messages,
            "Took up {messages} messages that were left behind"
        );
    }
    Ok(())
}
