//! Deliveries: which are due, who has them, and what people see of them.

use deadpool_postgres::GenericClient;
use epay_domain::webhook::Endpoint;
use epay_money::{BillerId, WebhookEndpointId};
use jiff::Timestamp;
use tokio_postgres::Row;

use super::endpoint::read as read_endpoint;
use crate::row::{Reading, columns};
use crate::{PageRequest, StoreError};

const TABLE: &str = "webhook.delivery";

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is due now or later.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// Its tries are used up; a replay takes it up again.
    GivenUp,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::GivenUp];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }
}

/// A delivery that somebody took up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The department.
    pub biller: BillerId,
    /// The receiver.
    pub endpoint: WebhookEndpointId,
    /// The event.
    pub event: String,
    /// The number of this attempt: whoever comes later has another.
    pub attempt: i32,
    /// How often it failed before.
    pub tries: i32,
    /// What is sent.
    pub body: String,
}

/// How much each receiver may be sent now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lanes {
    /// Their departments.
    pub billers: Vec<BillerId>,
    /// Themselves.
    pub endpoints: Vec<WebhookEndpointId>,
    /// Free places of each.
    pub places: Vec<i64>,
}

/// Receivers for which something is due and that are not paused, the longest waiting first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn due_lanes(
    client: &impl GenericClient,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Endpoint>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT e.* FROM webhook.endpoint AS e CROSS JOIN LATERAL \
             (SELECT next_at FROM webhook.delivery AS d WHERE d.biller_id = e.biller_id \
             AND d.endpoint_id = e.endpoint_id AND d.state = 'waiting' AND d.next_at <= $1 ORDER BY next_at LIMIT 1) AS due \
             WHERE e.state = 'enabled' AND (e.paused_until IS NULL OR e.paused_until <= $1) \
             ORDER BY due.next_at LIMIT $2",
        )
        .await?;
    let rows = client.query(&statement, &[&now, &limit]).await?;
    rows.iter().map(read_endpoint).collect()
}

/// Takes up deliveries, at most as many a receiver as it has places. Others leave them alone until `lost_at`.
///
/// # Errors
/// [`StoreError`].
pub async fn claim_deliveries(
    client: &impl GenericClient,
    lanes: &Lanes,
    now: Timestamp,
    lost_at: Timestamp,
) -> Result<Vec<Claimed>, StoreError> {
    columns!(lanes.billers, billers = |biller| biller.as_str());
    columns!(lanes.endpoints, endpoints = |one| one.uuid());
    let statement = client
        .prepare_cached(
            "WITH due AS MATERIALIZED (SELECT d.* FROM unnest($1::text[], $2::uuid[], $3::int8[]) \
             AS lane (biller, endpoint, places) CROSS JOIN LATERAL \
             (SELECT biller_id, endpoint_id, event_id FROM webhook.delivery WHERE biller_id = lane.biller \
             AND endpoint_id = lane.endpoint AND state = 'waiting' AND next_at <= $4 ORDER BY next_at LIMIT lane.places \
             FOR UPDATE SKIP LOCKED) AS d) \
             UPDATE webhook.delivery AS d SET attempts = attempts + 1, next_at = $5 \
             FROM due JOIN webhook.event AS event USING (biller_id, event_id) \
             WHERE d.biller_id = due.biller_id AND d.endpoint_id = due.endpoint_id AND d.event_id = due.event_id \
             RETURNING d.biller_id, d.endpoint_id, d.event_id, d.attempts, d.tries, event.body",
        )
        .await?;
    let rows = client
        .query(
            &statement,
            &[&billers, &endpoints, &lanes.places, &now, &lost_at],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading { table: TABLE, row };
            Ok(Claimed {
                biller: reading.biller()?,
                endpoint: WebhookEndpointId::new(reading.get("endpoint_id")?),
                event: reading.get("event_id")?,
                attempt: reading.get("attempts")?,
                tries: reading.get("tries")?,
                body: reading.get("body")?,
            })
        })
        .collect()
}

/// A delivery as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The department.
    pub biller: BillerId,
    /// The receiver.
    pub endpoint: WebhookEndpointId,
    /// The event.
    pub event: String,
    /// What it is about.
    pub event_type: String,
    /// When it happened.
    pub event_at: Timestamp,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is due, while it waits.
    pub next_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A line of the log of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// The event.
    pub event: String,
    /// Which attempt, from 1.
    pub attempt: i32,
    /// When it ended.
    pub at: Timestamp,
    /// The receiver's status.
    pub status: Option<i32>,
    /// Why there is none.
    pub problem: Option<String>,
    /// How long it took, in milliseconds.
    pub latency_ms: i32,
    /// The beginning of the answer.
    pub response: String,
}

/// Which deliveries of a receiver are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// The department.
    pub biller: BillerId,
    /// The receiver.
    pub endpoint: WebhookEndpointId,
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those of events before this one.
    pub before: Option<String>,
}

fn read(row: &Row) -> Result<Delivery, StoreError> {
    let reading = Reading { table: TABLE, row };
    let word: &str = reading.get("state")?;
    let state = DeliveryState::ALL
        .into_iter()
        .find(|known| known.as_str() == word)
        .ok_or(StoreError::Unknown {
            table: TABLE,
            column: "state",
        })?;
    let next_at = reading.get("next_at")?;
    Ok(Delivery {
        biller: reading.biller()?,
        endpoint: WebhookEndpointId::new(reading.get("endpoint_id")?),
        event: reading.get("event_id")?,
        event_type: reading.get("type")?,
        event_at: reading.get("event_at")?,
        state,
        attempts: reading.get("attempts")?,
        next_at: (state == DeliveryState::Waiting).then_some(next_at),
        ended_at: reading.get("ended_at")?,
    })
}

/// Deliveries of a receiver, the newest event first; and the event after which the next page begins.
///
/// # Errors
/// [`StoreError`].
pub async fn deliveries(
    client: &impl GenericClient,
    filter: &DeliveryFilter,
    size: i64,
) -> Result<(Vec<Delivery>, Option<String>), StoreError> {
    let request = PageRequest { size, after: None };
    let statement = client
        .prepare_cached(
            "SELECT d.*, event.type, event.at AS event_at FROM webhook.delivery AS d \
             JOIN webhook.event AS event USING (biller_id, event_id) WHERE biller_id = $1 AND d.endpoint_id = $2 \
             AND ($3::text IS NULL OR d.state = $3) AND ($4::text IS NULL OR event_id < $4) \
             ORDER BY event_id DESC LIMIT $5",
        )
        .await?;
    let limit = request.limit();
    let rows = client
        .query(
            &statement,
            &[
                &filter.biller.as_str(),
                &filter.endpoint.uuid(),
                &filter.state.map(DeliveryState::as_str),
                &filter.before,
                &limit,
            ],
        )
        .await?;
    let mut found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let shown = usize::try_from(limit.saturating_sub(1)).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let next = found
        .last()
        .filter(|_| more)
        .map(|delivery| delivery.event.clone());
    Ok((found, next))
}

/// The log of these deliveries of a receiver: the last ten attempts of each, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn attempts(
    client: &impl GenericClient,
    biller: &BillerId,
    endpoint: WebhookEndpointId,
    events: &[&str],
) -> Result<Vec<DeliveryAttempt>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT last.* FROM unnest($3::text[]) AS wanted (event) CROSS JOIN LATERAL \
             (SELECT * FROM webhook.attempt WHERE biller_id = $1 AND endpoint_id = $2 AND event_id = wanted.event \
             ORDER BY attempt DESC LIMIT 10) AS last ORDER BY last.event_id, last.attempt",
        )
        .await?;
    let rows = client
        .query(&statement, &[&biller.as_str(), &endpoint.uuid(), &events])
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "webhook.attempt",
                row,
            };
            Ok(DeliveryAttempt {
                event: reading.get("event_id")?,
                attempt: reading.get("attempt")?,
                at: reading.get("at")?,
                status: reading.get("status")?,
                problem: reading.get("problem")?,
                latency_ms: reading.get("latency_ms")?,
                response: reading.get("response")?,
            })
        })
        .collect()
}
