//! What departments' systems were told is kept for a number of days and then removed: deliveries that ended, with their logs,
//! then events that no delivery needs, then the batches of the outbox that they were made of.
//!
//! First it is written down from when on events are kept, so that a replay that asks for older ones is refused instead of
//! bringing some of them. What waits is never removed. One call removes at most [`ROUNDS_MAX`] pieces of [`PIECE`] of each; the
//! next call goes on.

use epay_store::webhook as store;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{Engine, EngineError};

/// Most rows that one statement removes.
const PIECE: i64 = 1_000;
/// Most statements of a kind in one call.
const ROUNDS_MAX: usize = 100;
/// How much longer batches of the outbox are kept than what was made of them.
const OUTBOX_LONGER: SignedDuration = SignedDuration::from_hours(24);

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Deliveries.
    pub deliveries: u64,
    /// Events.
    pub events: u64,
    /// Batches of the outbox that had been performed.
    pub batches: u64,
}

/// A kind of row that is removed.
#[derive(Debug, Clone, Copy)]
enum Old {
    Deliveries,
    /// Deliveries for receivers that were taken away: nothing ends them.
    Undeliverable,
    Events,
    Batches,
    /// Notices to people.
    Notices,
}

impl Engine {
    /// Removes what departments' systems were told longer ago than `keep`.
    ///
    /// # Errors
    /// [`EngineError`]: what is left is removed by the next call.
    pub async fn remove_old_news(&self, keep: SignedDuration) -> Result<Removed, EngineError> {
        let kept_from = self.core.clock.now().checked_sub(keep);
        let kept_from = kept_from.map_err(|error| EngineError::Broken(error.to_string()))?;
        {
            let client = self.core.pool.get().await?;
            store::keep_events_from(&client, kept_from).await?;
        }
        let ended = self.remove(Old::Deliveries, kept_from).await?;
        let undeliverable = self.remove(Old::Undeliverable, kept_from).await?;
        Ok(Removed {
            deliveries: ended.saturating_add(undeliverable),
            events: self.remove(Old::Events, kept_from).await?,
            batches: self.remove(Old::Batches, kept_from).await?,
        })
    }

    /// Removes notices to people that ended longer ago than `keep`, with their facts; answers how many.
    ///
    /// # Errors
    /// [`EngineError`]: what is left is removed by the next call.
    pub async fn remove_old_notices(&self, keep: SignedDuration) -> Result<u64, EngineError> {
        let before = self.core.clock.now().checked_sub(keep);
        let before = before.map_err(|error| EngineError::Broken(error.to_string()))?;
        self.remove(Old::Notices, before).await
    }

    /// Piece by piece, each a commit of its own.
    async fn remove(&self, old: Old, before: Timestamp) -> Result<u64, EngineError> {
        let mut removed = 0_u64;
        for _round in 0..ROUNDS_MAX {
            let client = self.core.pool.get().await?;
            let piece = match old {
                Old::Deliveries => store::remove_deliveries(&client, before, PIECE).await?,
                Old::Undeliverable => store::remove_undeliverable(&client, before, PIECE).await?,
                Old::Events => store::remove_events(&client, before, PIECE).await?,
                Old::Notices => epay_store::notice::remove_notices(&client, before, PIECE).await?,
                Old::Batches => {
                    let before = before.checked_sub(OUTBOX_LONGER).unwrap_or(before);
                    let last = (first_id(before), before);
                    epay_store::remove_performed_batches(&client, last, PIECE).await?
                }
            };
            removed = removed.saturating_add(piece);
            if piece < u64::try_from(PIECE).unwrap_or(u64::MAX) {
                break;
            }
        }
        Ok(removed)
    }
}

/// The least id of version 7 of a moment: ids sort by time.
fn first_id(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    Uuid::from_u64_pair(millis << 16, 0)
}
