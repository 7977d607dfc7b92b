//! Bringing files to departments' servers: queued once a file and shape, taken up by one worker, decided here.
//!
//! 1. [`Engine::plan_feed_deliveries`] queues every sealed file that is not queued yet.
//! 2. [`Engine::take_feed_deliveries`] takes up what is due. Nobody else touches it for [`DELIVERY_LOST_AFTER`]; whoever
//!    is at it longer says so ([`Engine::keep_feed_delivery`]), and what a dead process had is due again after that.
//! 3. [`Engine::end_feed_delivery`] decides what follows and writes it with a line of the log.
//!
//! A file is so brought at least once. Twice does no harm: it is the same bytes under the same name.

use epay_feed::{DeliveryOutcome, DeliveryState, Shape, after_delivery_attempt};
use epay_money::BillerId;
use epay_store::feed::{
    DeliveryNote, DeliveryPlan, FeedDelivery, FeedDeliveryFilter, FeedKey, TakenDelivery,
};
use jiff::SignedDuration;
use tracing::{error, info, warn};

use crate::{Engine, EngineError, Reader};

/// A delivery of which nobody heard for so long is taken up by another.
pub const DELIVERY_LOST_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Most files and shapes that one look queues; the next one goes on.
const PLANNED_MAX: i64 = 1_000;
/// Most that one look takes up for a server.
const TAKEN_MAX: i64 = 16;
/// Deliveries on a page.
const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 1_000;
/// Longest words of an attempt that are kept.
const WORDS_CHARACTERS_MAX: usize = 500;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryEnd {
    /// How.
    pub outcome: DeliveryOutcome,
    /// Why, for people.
    pub words: String,
    /// Where the file was brought to.
    pub destination: String,
    /// How long it took.
    pub took: SignedDuration,
}

/// Has a file brought again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeliverFeed {
    /// The feed.
    pub key: FeedKey,
    /// The file.
    pub sequence: i64,
    /// In one shape; in every one that it was queued in when unset.
    pub shape: Option<Shape>,
    /// Who asks.
    pub caller: String,
}

impl Reader {
    /// Deliveries of a feed, newest file first, and the place after which the next page begins, if there are more.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn feed_deliveries(
        &self,
        filter: &FeedDeliveryFilter,
        size: i64,
    ) -> Result<(Vec<FeedDelivery>, Option<(i64, Shape)>), EngineError> {
        let size = if size <= 0 {
            PAGE_DEFAULT
        } else {
            size.min(PAGE_MAX)
        };
        let client = self.pool().get().await?;
        let limit = size.saturating_add(1);
        let mut found = epay_store::feed::feed_deliveries(&client, filter, limit).await?;
        let shown = usize::try_from(size).unwrap_or(usize::MAX);
        let more = found.len() > shown;
        found.truncate(shown);
        let last = found.last().filter(|_last| more);
        let next = last.map(|last| (last.key.sequence, last.key.shape));
        Ok((found, next))
    }
}

impl Engine {
    /// Queues what a department wants brought and was never queued; answers how many files and shapes.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn plan_feed_deliveries(&self, plan: &DeliveryPlan) -> Result<u64, EngineError> {
        let now = self.core.clock.now();
        let client = self.core.pool.get().await?;
        Ok(epay_store::feed::plan_deliveries(&client, plan, now, PLANNED_MAX).await?)
    }

    /// Takes up what is due for a department's server, in the order of the files.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn take_feed_deliveries(
        &self,
        biller: &BillerId,
    ) -> Result<Vec<TakenDelivery>, EngineError> {
        let now = self.core.clock.now();
        let until = now.saturating_add(DELIVERY_LOST_AFTER).unwrap_or(now);
        let client = self.core.pool.get().await?;
        let times = (now, until);
        Ok(epay_store::feed::take_deliveries(&client, biller, times, TAKEN_MAX).await?)
    }

    /// Says that a delivery is still under way; `false` where somebody else has it by now.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn keep_feed_delivery(&self, taken: &TakenDelivery) -> Result<bool, EngineError> {
        let now = self.core.clock.now();
        let until = now.saturating_add(DELIVERY_LOST_AFTER).unwrap_or(now);
        let client = self.core.pool.get().await?;
        Ok(epay_store::feed::keep_delivery(&client, taken, until).await?)
    }

    /// Decides what follows from an attempt and writes it; answers how far the delivery has come.
    ///
    /// # Errors
    /// [`EngineError`]: the delivery is due again when its time is up.
    pub async fn end_feed_delivery(
        &self,
        taken: TakenDelivery,
        end: DeliveryEnd,
    ) -> Result<DeliveryState, EngineError> {
        let now = self.core.clock.now();
        let tries = u32::try_from(taken.tries).unwrap_or(0);
        let next = after_delivery_attempt(end.outcome, tries, now);
        let key = &taken.key;
        let (biller, sequence) = (&key.feed.biller, key.sequence);
        let (shape, words) = (key.shape.as_str(), &end.words);
        match next.state {
            DeliveryState::Delivered => {
                info!(%biller, sequence, shape, outcome = end.outcome.as_str(), "A file was brought to its department");
            }
            DeliveryState::Waiting => {
                warn!(%biller, sequence, shape, words, next = %next.at, "A file could not be brought to its department yet");
            }
            DeliveryState::GivenUp | DeliveryState::Conflict => {
                error!(%biller, sequence, shape, words, state = next.state.as_str(), "A file is not brought to its department");
            }
        }
        let note = DeliveryNote {
            next,
            outcome: end.outcome,
            words: end.words.chars().take(WORDS_CHARACTERS_MAX).collect(),
            destination: end.destination,
            at: now,
            latency_ms: i32::try_from(end.took.as_millis()).unwrap_or(i32::MAX),
            taken,
        };
        let client = self.core.pool.get().await?;
        epay_store::feed::note_delivery(&client, &note).await?;
        Ok(next.state)
    }

    /// Has a file brought again, whatever became of it, with all its tries. The same bytes that lie there already are left
    /// as they are, and another file is not written over.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a file that was never queued for a server.
    pub async fn redeliver_feed(
        &self,
        command: RedeliverFeed,
    ) -> Result<Vec<FeedDelivery>, EngineError> {
        let now = self.core.clock.now();
        let of = (&command.key, command.sequence);
        let again = {
            let client = self.core.pool.get().await?;
            epay_store::feed::redeliver(&client, of, command.shape, now).await?
        };
        if again == 0 {
            return Err(EngineError::NotFound {
                what: "the delivery of this file",
            });
        }
        let (biller, sequence, caller) = (&command.key.biller, command.sequence, &command.caller);
        info!(%biller, sequence, caller, "A file is to be brought again");
        let filter = FeedDeliveryFilter {
            feed: command.key,
            sequence: Some(command.sequence),
            before: None,
        };
        let (found, _all) = self.reader().feed_deliveries(&filter, 0).await?;
        Ok(found)
    }
}
