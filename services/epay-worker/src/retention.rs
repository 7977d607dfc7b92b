//! The beat that removes what departments' systems were told long ago.
//!
//! Many workers may run it: they skip what another one removes. Removing waits for the slow hours of nobody, because each piece
//! is small and found by an index.

use std::time::Duration;

use epay_engine::{Engine, Removed};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Between two looks: what is a day older than it must be does no harm.
const BEAT: Duration = Duration::from_secs(3_600);

/// Removes until `stop` what is older than `keep`.
pub async fn remove_old_news(engine: Engine, keep: SignedDuration, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match engine.remove_old_news(keep).await {
            Ok(removed) if removed != Removed::default() => {
                info!(?removed, "What was told long ago is removed");
            }
            Ok(_) => {}
            Err(error) => {
                warn!(%error, "What was told long ago is not all removed; the next beat goes on");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}
