//! News becomes events, and events are queued.

use std::collections::BTreeSet;

use deadpool_postgres::GenericClient;
use epay_domain::webhook::{Endpoint, Happening, WebhookEvent};
use epay_engine::{events_of, happenings};
use epay_store::{OutboxBatch, webhook};
use jiff::Timestamp;
use tracing::warn;

use crate::WorkerError;

/// Makes events of the news of batches and queues them for the receivers that want them. Where a department has no receiver,
/// nothing is made.
///
/// # Errors
/// [`WorkerError`].
pub async fn tell(
    client: &impl GenericClient,
    batches: &[OutboxBatch],
    now: Timestamp,
) -> Result<(), WorkerError> {
    let happenings: Vec<Happening> = batches.iter().flat_map(happenings).collect();
    if happenings.is_empty() {
        return Ok(());
    }
    let billers: BTreeSet<&str> = happenings.iter().map(|one| one.biller.as_str()).collect();
    let billers: Vec<&str> = billers.into_iter().collect();
    let listeners = webhook::listeners(client, &billers).await?;
    let heard = |one: &&Happening| {
        listeners
            .iter()
            .any(|(listener, _full)| listener.biller == one.biller)
    };
    let happenings: Vec<&Happening> = happenings.iter().filter(heard).collect();
    if happenings.is_empty() {
        return Ok(());
    }
    let events = events_of(client, &happenings).await?;
    let events: Vec<WebhookEvent> = events.into_iter().map(|(_bill, event)| event).collect();
    let deliveries: Vec<_> = events
        .iter()
        .flat_map(|event| wanting(&listeners, event).map(move |listener| (event, listener.id)))
        .collect();
    webhook::put_events(client, &events, &deliveries, now).await?;
    Ok(())
}

fn wanting<'a>(
    listeners: &'a [(Endpoint, bool)],
    event: &'a WebhookEvent,
) -> impl Iterator<Item = &'a Endpoint> {
    listeners.iter().filter_map(|(listener, full)| {
        let wants = listener.biller == event.biller && listener.wants(event.event_type);
        if wants && *full {
            warn!(endpoint = %listener.id, event = event.id, "A webhook receiver has no room; a replay brings what it misses");
        }
        (wants && !full).then_some(listener)
    })
}
