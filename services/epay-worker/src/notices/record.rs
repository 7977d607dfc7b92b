//! What came of tries: decided in memory, written once.

use std::collections::HashMap;

use deadpool_postgres::Pool;
use epay_domain::notification::{Notice, Tried, Try};
use epay_store::notice::{self, NoticeEvent};
use jiff::Timestamp;
use uuid::Uuid;

use crate::WorkerError;

/// A try that has ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) begun: Try,
    pub(super) tried: Tried,
    /// The channel's number for the message, or what it said. No address is in it.
    pub(super) detail: String,
}

/// Writes what came of tries.
pub(super) async fn record(
    pool: &Pool,
    outcomes: &[Outcome],
    now: Timestamp,
) -> Result<(), WorkerError> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let ids: Vec<Uuid> = outcomes
        .iter()
        .map(|one| one.begun.message.notice)
        .collect();
    let locked = notice::lock_notices_in(&tx, &ids).await?;
    let mut notices: HashMap<Uuid, Notice> = locked.into_iter().map(|one| (one.id, one)).collect();
    let mut events = Vec::with_capacity(outcomes.len());
    for one in outcomes {
        let message = one.begun.message;
        let Some(notice) = notices.get_mut(&message.notice) else {
            continue;
        };
        let fact = notice.tried(one.begun, one.tried, now);
        events.extend(fact.map(|fact| NoticeEvent {
            notice: notice.id,
            version: notice.version,
            fact,
            channel: Some(message.channel),
            detail: Some(one.detail.clone()).filter(|detail| !detail.is_empty()),
            at: now,
        }));
    }
    let notices: Vec<Notice> = notices.into_values().collect();
    notice::update_notices_in(&tx, &notices, &events).await?;
    tx.commit().await?;
    Ok(())
}
