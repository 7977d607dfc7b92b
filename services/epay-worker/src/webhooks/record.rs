//! What becomes of attempts: decided in memory, written once.

use std::collections::{BTreeSet, HashMap};

use deadpool_postgres::Pool;
use epay_domain::webhook::{Endpoint, WebhookEvent, suspension_event};
use epay_engine::Ids;
use epay_money::{BillerId, WebhookEndpointId};
use epay_store::webhook::{self, Outcome};
use epay_webhook::{Attempted, Jitter, LaneNews, after_attempt};
use jiff::Timestamp;
use tracing::{info, warn};

use super::send::Sent;
use crate::WorkerError;

/// Writes what became of calls: the log, the deliveries, and how their receivers are doing.
pub(super) async fn record(
    pool: &Pool,
    sent: &[Sent],
    (now, ids, jitter): (Timestamp, &dyn Ids, &(dyn Fn() -> Jitter + Sync)),
) -> Result<(), WorkerError> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let keys: BTreeSet<(BillerId, WebhookEndpointId)> = sent
        .iter()
        .map(|one| (one.claimed.biller.clone(), one.claimed.endpoint))
        .collect();
    let keys: Vec<_> = keys.into_iter().collect();
    let before = webhook::lock_endpoints_in(&tx, &keys).await?;
    let mut after: HashMap<_, _> = before.iter().map(|one| (one.id, one.clone())).collect();
    let (mut outcomes, mut events) = (Vec::with_capacity(sent.len()), Vec::new());
    for one in sent {
        let Some(endpoint) = after.get_mut(&one.claimed.endpoint) else {
            continue;
        };
        let suspended = endpoint.lane.suspended_at.is_some();
        let tries = u32::try_from(one.claimed.tries).unwrap_or(0);
        let next = after_attempt(one.attempted, (tries, suspended), now, jitter());
        let failing_since = endpoint.lane.failing_since;
        let (lane, news) = endpoint.lane.after(one.attempted, now, jitter());
        endpoint.lane = lane;
        events.extend(announce(endpoint, news, failing_since, ids, now)?);
        outcomes.push(outcome(one, next, now));
    }
    webhook::write_outcomes_in(&tx, &outcomes).await?;
    let changed: Vec<Endpoint> = before
        .into_iter()
        .filter_map(|one| after.remove(&one.id).filter(|after| after.lane != one.lane))
        .collect();
    if !changed.is_empty() {
        webhook::update_lanes_in(&tx, &changed).await?;
    }
    for event in &events {
        let listeners = webhook::listeners(&tx, &[event.biller.as_str()]).await?;
        // The suspended one as well: it is what probes carry, and tells it when it is back.
        let to: Vec<_> = listeners
            .iter()
            .map(|(one, _full)| (event, one.id))
            .collect();
        webhook::put_events(&tx, std::slice::from_ref(event), &to, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn announce(
    endpoint: &Endpoint,
    news: LaneNews,
    failing_since: Option<Timestamp>,
    ids: &dyn Ids,
    now: Timestamp,
) -> Result<Option<WebhookEvent>, WorkerError> {
    match news {
        LaneNews::None => Ok(None),
        LaneNews::Recovered => {
            info!(endpoint = %endpoint.id, biller = %endpoint.biller, "A webhook receiver takes deliveries again");
            Ok(None)
        }
        LaneNews::Suspended => {
            warn!(endpoint = %endpoint.id, biller = %endpoint.biller, "A webhook receiver has failed for too long and is only probed");
            suspension_event(
                &endpoint.biller,
                endpoint.id,
                failing_since,
                ids.next(),
                now,
            )
            .map(Some)
            .map_err(WorkerError::broken)
        }
    }
}

fn outcome(sent: &Sent, next: epay_webhook::Next, now: Timestamp) -> Outcome {
    if sent.attempted == Attempted::Failed {
        info!(
            endpoint = %sent.claimed.endpoint, event = sent.claimed.event, attempt = sent.claimed.attempt,
            status = sent.status, problem = sent.problem, "A webhook was not taken"
        );
    }
    Outcome {
        claimed: sent.claimed.clone(),
        next,
        at: now,
        status: sent.status,
        problem: sent.problem.clone(),
        latency_ms: i32::try_from(sent.took.as_millis()).unwrap_or(i32::MAX),
        response: sent.response.clone(),
    }
}
