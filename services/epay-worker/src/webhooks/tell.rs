//! News becomes events, and events are queued.

use std::collections::BTreeSet;

use deadpool_postgres::GenericClient;
use epay_domain::PublicEventKind;
use epay_domain::webhook::{Endpoint, Happening, WebhookEvent, webhook_event};
use epay_money::BillId;
use epay_store::{OutboxBatch, webhook};
use jiff::Timestamp;
use tracing::warn;

use crate::WorkerError;

/// Makes events of a batch's news and queues them for the receivers that want them. Where a department has no receiver,
/// nothing is made.
///
/// # Errors
/// [`WorkerError`].
pub async fn tell(
    client: &impl GenericClient,
    batch: &OutboxBatch,
    now: Timestamp,
) -> Result<(), WorkerError> {
    let happenings = happenings(batch);
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

/// The events of news, in its order, each with its bill. The same news makes the same events whenever it is asked for.
pub(crate) async fn events_of(
    client: &impl GenericClient,
    happenings: &[&Happening],
) -> Result<Vec<(BillId, WebhookEvent)>, WorkerError> {
    let bills: Vec<_> = happenings
        .iter()
        .map(|one| (one.biller.clone(), one.bill))
        .collect();
    let facts = webhook::bill_facts(client, &bills).await?;
    let mut events = Vec::new();
    for happening in happenings {
        // A bill is written with its first event: there is none without.
        let Some(bill) = facts.get(&(happening.biller.clone(), happening.bill)) else {
            continue;
        };
        let event = webhook_event(happening, bill).map_err(WorkerError::queue)?;
        events.extend(event.map(|event| (happening.bill, event)));
    }
    Ok(events)
}

/// The lines of a batch that are news of bills.
pub(crate) fn happenings(batch: &OutboxBatch) -> Vec<Happening> {
    let read = |(row, line): (&epay_store::OutboxRow, u32)| {
        Some(Happening {
            batch: batch.id,
            line,
            at: batch.at,
            biller: row.biller.clone(),
            kind: PublicEventKind::read(&row.kind)?,
            bill: row.bill?,
            payment: row.payment,
            minor: row.minor,
        })
    };
    batch.rows.iter().zip(0_u32..).filter_map(read).collect()
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
