//! The relay's loop.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{ROUND_MAX, Relay, RelayError, Relayed};

/// Between two looks when nothing waits.
const BEAT: Duration = Duration::from_millis(250);
/// Between two looks whether the worker that relays is gone.
const STANDBY_PAUSE: Duration = Duration::from_secs(5);
/// Pause after a round that failed; each further one doubles it.
const BACK_OFF_MIN: Duration = Duration::from_secs(1);
/// The longest pause.
const BACK_OFF_MAX: Duration = Duration::from_secs(60);

impl Relay {
    /// Relays until `stop`. A broker or a database that goes away is waited for: what is to be carried waits in the database.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut failing = None;
        while let Some(round) = stop.run_until_cancelled(Box::pin(self.round())).await {
            let pause = match round {
                Ok(relayed) => {
                    if failing.take().is_some() {
                        info!("Events are relayed again");
                    }
                    pause_after(relayed)
                }
                Err(error) => {
                    let pause = next_back_off(failing);
                    tell(&error, failing.is_some());
                    failing = Some(pause);
                    pause
                }
            };
            let slept = stop.run_until_cancelled(tokio::time::sleep(pause)).await;
            if slept.is_none() {
                return;
            }
        }
    }
}

fn pause_after(relayed: Relayed) -> Duration {
    match relayed {
        Relayed::ByAnother => STANDBY_PAUSE,
        // A full round: more may wait.
        Relayed::Batches(count) if i64::try_from(count) == Ok(ROUND_MAX) => Duration::ZERO,
        Relayed::Batches(_) => BEAT,
    }
}

fn next_back_off(last: Option<Duration>) -> Duration {
    last.map_or(BACK_OFF_MIN, |last| {
        last.saturating_mul(2).min(BACK_OFF_MAX)
    })
}

/// Once aloud; what follows of the same is for whoever looks closely.
fn tell(error: &RelayError, again: bool) {
    let error = error as &dyn std::error::Error;
    if again {
        debug!(error, "Events are still not relayed");
    } else {
        warn!(error, "Events are not relayed; they wait in the database");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::next_back_off;

    #[test]
    fn pauses_double_from_a_second_to_a_minute() {
        let mut last = None;
        let mut seconds = Vec::new();
        for _ in 0..8 {
            let pause = next_back_off(last);
            seconds.push(pause.as_secs());
            last = Some(pause);
        }
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(next_back_off(Some(Duration::MAX)) <= Duration::from_secs(60));
    }
}
