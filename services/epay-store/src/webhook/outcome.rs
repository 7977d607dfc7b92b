//! What became of attempts.

use deadpool_postgres::Transaction;
use epay_webhook::Next;
use jiff::Timestamp;

use super::delivery::{Claimed, DeliveryState};
use crate::StoreError;
use crate::row::columns;

/// An attempt that has ended, and what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was taken up.
    pub claimed: Claimed,
    /// What becomes of it.
    pub next: Next,
    /// When it ended.
    pub at: Timestamp,
    /// The receiver's status.
    pub status: Option<u16>,
    /// Why there is none.
    pub problem: Option<String>,
    /// How long it took, in milliseconds.
    pub latency_ms: i32,
    /// The beginning of the answer.
    pub response: String,
}

impl Outcome {
    const fn state(&self) -> DeliveryState {
        match self.next {
            Next::Delivered => DeliveryState::Delivered,
            Next::Again { .. } => DeliveryState::Waiting,
            Next::GivenUp => DeliveryState::GivenUp,
        }
    }

    fn next_at(&self) -> Timestamp {
        match self.next {
            Next::Again { at, .. } => at,
            Next::Delivered | Next::GivenUp => self.at,
        }
    }

    fn tries(&self) -> i32 {
        let more = i32::from(!matches!(
            self.next,
            Next::Delivered | Next::Again { counted: false, .. }
        ));
        self.claimed.tries.saturating_add(more)
    }
}

/// Writes outcomes: the log always, the delivery only where nobody else took it up since.
///
/// # Errors
/// [`StoreError`].
pub async fn write_outcomes_in(
    tx: &Transaction<'_>,
    outcomes: &[Outcome],
) -> Result<(), StoreError> {
    columns!(
        outcomes,
        billers = |one| one.claimed.biller.as_str(),
        endpoints = |one| one.claimed.endpoint.uuid(),
        events = |one| one.claimed.event.as_str(),
        attempts = |one| one.claimed.attempt,
        times = |one| one.at,
        statuses = |one| one.status.map(i32::from),
        problems = |one| one.problem.as_deref(),
        latencies = |one| one.latency_ms,
        responses = |one| one.response.as_str(),
        states = |one| one.state().as_str(),
        next = |one| one.next_at(),
        tries = |one| one.tries(),
    );
    let statement = tx
        .prepare_cached(
            "WITH log AS (INSERT INTO webhook.attempt (biller_id, endpoint_id, event_id, attempt, at, status, problem, \
             latency_ms, response) SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int4[], \
             $5::timestamptz[], $6::int4[], $7::text[], $8::int4[], $9::text[])) \
             UPDATE webhook.delivery AS d SET state = n.state, next_at = n.next, tries = n.tries, \
             ended_at = CASE WHEN n.state = 'waiting' THEN NULL ELSE n.at END \
             FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int4[], $5::timestamptz[], $10::text[], \
             $11::timestamptz[], $12::int4[]) AS n (biller, endpoint, event, attempt, at, state, next, tries) \
             WHERE d.biller_id = n.biller AND d.endpoint_id = n.endpoint AND d.event_id = n.event \
             AND d.attempts = n.attempt AND d.state = 'waiting'",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers, &endpoints, &events, &attempts, &times, &statuses, &problems, &latencies,
            &responses, &states, &next, &tries,
        ],
    )
    .await?;
    Ok(())
}
