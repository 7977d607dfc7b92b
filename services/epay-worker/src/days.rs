//! The beat that closes days at a time of the day, and says which files no department took.
//!
//! Many workers may run it: a day is closed by one of them. A day that cannot be closed yet is looked at again on the next
//! beat. What nobody took is told by a line in the log each time that their number changes, and always by
//! `ListFeedAlerts`.

use std::time::Duration;

use epay_engine::{Engine, EngineError};
use epay_feed::Shape;
use jiff::civil::Time;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Between two looks.
const BEAT: Duration = Duration::from_secs(60);

/// Closes days until `stop`.
pub async fn close_days(engine: Engine, at: Time, stop: CancellationToken) {
    let mut told = 0;
    while !stop.is_cancelled() {
        // The day's commit is one long transaction: kept on the heap.
        if let Err(error) = Box::pin(beat(&engine, at, &mut told)).await {
            warn!(%error, "Days were not all looked at; the next beat goes on");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

async fn beat(engine: &Engine, at: Time, told: &mut usize) -> Result<(), EngineError> {
    let closed = engine.close_due_days(at).await?;
    if closed > 0 {
        info!(closed, "Days were closed");
    }
    let alerts = engine.feed_alerts(None).await?;
    if alerts.len() != *told {
        *told = alerts.len();
        for alert in &alerts {
            let (file, shape) = (&alert.file, alert.shape.map(Shape::as_str));
            warn!(
                biller = %file.key.biller, sequence = file.sequence, day = %file.day, shape,
                reason = alert.reason.code(), words = alert.words, alerts = alerts.len(),
                "A file is not with its department as it should be"
            );
        }
    }
    Ok(())
}
