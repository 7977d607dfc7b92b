//! The beat that seals journals into the log.
//!
//! It runs beside everything else on one connection of its own, as the service role, whose commits wait for the disk: a
//! head that was seen must never be forgotten. Many workers may run it; one of them seals at a time. Nothing wakes it, so
//! that posting pays nothing: a look at a quiet ledger is a few reads.

use std::time::Duration;

use deadpool_postgres::Pool;
use epay_engine::Engine;
use epay_ledger_pg::{LedgerPgError, Sealed, Sealer};
use epay_pg::{PoolOptions, build_pool};
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};

use crate::WorkerError;

/// Between two looks: a journal waits for its seal less than a second.
const BEAT: Duration = Duration::from_millis(250);
/// Pause after a batch that failed.
const FAILED_PAUSE: Duration = Duration::from_secs(1);

/// Seals until `stop`. A database that goes away is waited for.
///
/// # Errors
/// [`WorkerError`] when the connection cannot be set up at all.
pub async fn seal_log(
    config: &Config,
    engine: Engine,
    mut sealer: Sealer,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    let options = PoolOptions {
        size: 1,
        ..PoolOptions::named("epay sealer").as_service()
    };
    let pool = build_pool(config, &options).map_err(WorkerError::broken)?;
    while !stop.is_cancelled() {
        let pause = match batch(&pool, &engine, &mut sealer).await {
            Ok(sealed) if sealed.is_more() => continue,
            Ok(_) => BEAT,
            Err(error) => {
                error!(
                    error = &error as &dyn std::error::Error,
                    "Journals were not sealed; the next beat tries again"
                );
                FAILED_PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    Ok(())
}

async fn batch(pool: &Pool, engine: &Engine, sealer: &mut Sealer) -> Result<Sealed, SealError> {
    let mut client = pool.get().await?;
    let sealed = sealer.seal(&mut client, engine.now()).await?;
    if let Sealed::Batch { journals, more } = sealed
        && journals > 0
    {
        debug!(journals, "Sealed journals");
        if more {
            info!(journals, "Sealed a batch of journals; more are waiting");
        }
    }
    Ok(sealed)
}

/// Why a batch was not sealed.
#[derive(Debug, thiserror::Error)]
enum SealError {
    #[error("no connection")]
    Pool(#[from] deadpool_postgres::PoolError),
    #[error("the ledger")]
    Ledger(#[from] LedgerPgError),
}
