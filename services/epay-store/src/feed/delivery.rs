//! Where files stand on their way to departments' servers, and the log of attempts.

use deadpool_postgres::GenericClient;
use epay_feed::{DeliveryNext, DeliveryOutcome, DeliveryState, Shape};
use epay_money::{BillerId, Currency};
use jiff::Timestamp;
use postgres_types::Json;
use serde::Deserialize;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::FeedKey;
use crate::StoreError;
use crate::row::Reading;

const TABLE: &str = "feed.delivery";

/// What a department wants brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPlan {
    /// The department.
    pub biller: BillerId,
    /// Only files in this currency.
    pub currency: Option<Currency>,
    /// In which shapes.
    pub shapes: Vec<Shape>,
    /// From this number on.
    pub from: i64,
}

/// One file in one shape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryKey {
    /// The feed.
    pub feed: FeedKey,
    /// The file.
    pub sequence: i64,
    /// The shape.
    pub shape: Shape,
}

/// A delivery that somebody has taken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenDelivery {
    /// Which.
    pub key: DeliveryKey,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// How often it failed before.
    pub tries: i32,
}

/// An attempt that has ended, and what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryNote {
    /// What was taken up.
    pub taken: TakenDelivery,
    /// What becomes of it.
    pub next: DeliveryNext,
    /// How it ended.
    pub outcome: DeliveryOutcome,
    /// Why, for people.
    pub words: String,
    /// Where it was brought to.
    pub destination: String,
    /// When it ended.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub latency_ms: i32,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FeedDeliveryAttempt {
    /// Which attempt, from 1.
    pub attempt: i32,
    /// When it ended.
    pub at: Timestamp,
    /// Where to.
    pub destination: String,
    /// How it ended: a word of [`DeliveryOutcome`].
    pub outcome: String,
    /// Why, for people.
    pub words: String,
    /// How long it took, in milliseconds.
    pub latency_ms: i32,
}

/// A delivery as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedDelivery {
    /// Which.
    pub key: DeliveryKey,
    /// How far it has come.
    pub state: DeliveryState,
    /// How the last attempt ended.
    pub outcome: Option<DeliveryOutcome>,
    /// Why, for people.
    pub words: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is due, while it waits.
    pub next_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The last ten attempts, oldest first.
    pub log: Vec<FeedDeliveryAttempt>,
}

/// Which deliveries of a feed are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedDeliveryFilter {
    /// The feed.
    pub feed: FeedKey,
    /// Only of this file.
    pub sequence: Option<i64>,
    /// Only those after this place of the list.
    pub before: Option<(i64, Shape)>,
}

/// Queues every sealed file that a plan wants and that was never queued, oldest first, at most `limit`; answers how many.
///
/// # Errors
/// [`StoreError`].
pub async fn plan_deliveries(
    client: &impl GenericClient,
    plan: &DeliveryPlan,
    now: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let insert = client
        .prepare_cached(
            "INSERT INTO feed.delivery (biller_id, currency, sequence, shape, state, next_at, created_at) \
             SELECT file.biller_id, file.currency, file.sequence, wanted.shape, 'waiting', $5, $5 FROM feed.file AS file \
             CROSS JOIN unnest($3::text[]) AS wanted (shape) \
             WHERE file.biller_id = $1 AND ($2::text IS NULL OR file.currency = $2) AND file.sequence >= $4 \
             AND NOT EXISTS (SELECT FROM feed.delivery AS known WHERE (known.biller_id, known.currency, known.sequence, \
              known.shape) = (file.biller_id, file.currency, file.sequence, wanted.shape)) \
             ORDER BY file.sealed_at, file.sequence LIMIT $6 ON CONFLICT DO NOTHING",
        )
        .await?;
    let shapes: Vec<&str> = plan.shapes.iter().map(|shape| shape.as_str()).collect();
    let parameters: [&(dyn ToSql + Sync); 6] = [
        &plan.biller.as_str(),
        &plan.currency.map(Currency::code),
        &shapes,
        &plan.from,
        &now,
        &limit,
    ];
    Ok(client.execute(&insert, &parameters).await?)
}

/// Takes up what is due for a department's server, oldest first, at most `limit`. Others leave it alone until
/// `taken_until`.
///
/// # Errors
/// [`StoreError`].
pub async fn take_deliveries(
    client: &impl GenericClient,
    biller: &BillerId,
    (now, taken_until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<TakenDelivery>, StoreError> {
    let update = client
        .prepare_cached(
            "WITH due AS MATERIALIZED (SELECT biller_id, currency, sequence, shape FROM feed.delivery \
             WHERE biller_id = $1 AND state = 'waiting' AND next_at <= $2 AND (taken_until IS NULL OR taken_until <= $2) \
             ORDER BY sequence, currency, shape LIMIT $4 FOR UPDATE SKIP LOCKED) \
             UPDATE feed.delivery AS d SET attempts = attempts + 1, taken_until = $3 FROM due \
             WHERE (d.biller_id, d.currency, d.sequence, d.shape) = (due.biller_id, due.currency, due.sequence, due.shape) \
             RETURNING d.*",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 4] = [&biller.as_str(), &now, &taken_until, &limit];
    let rows = client.query(&update, &parameters).await?;
    let taken: Result<Vec<TakenDelivery>, StoreError> = rows
        .iter()
        .map(|row| {
            let reading = Reading { table: TABLE, row };
            Ok(TakenDelivery {
                key: read_key(reading)?,
                attempt: reading.get("attempts")?,
                tries: reading.get("tries")?,
            })
        })
        .collect();
    let mut taken = taken?;
    taken.sort_by(|one, other| (one.key.sequence, &one.key).cmp(&(other.key.sequence, &other.key)));
    Ok(taken)
}

/// Says that a delivery is still under way; `false` where somebody else has it by now.
///
/// # Errors
/// [`StoreError`].
pub async fn keep_delivery(
    client: &impl GenericClient,
    taken: &TakenDelivery,
    taken_until: Timestamp,
) -> Result<bool, StoreError> {
    let update = client
        .prepare_cached(
            "UPDATE feed.delivery SET taken_until = $6 WHERE biller_id = $1 AND currency = $2 AND sequence = $3 \
             AND shape = $4 AND attempts = $5",
        )
        .await?;
    let key = &taken.key;
    let parameters: [&(dyn ToSql + Sync); 6] = [
        &key.feed.biller.as_str(),
        &key.feed.currency.code(),
        &key.sequence,
        &key.shape.as_str(),
        &taken.attempt,
        &taken_until,
    ];
    Ok(client.execute(&update, &parameters).await? > 0)
}

/// Writes how an attempt ended: the log always, the delivery only where nobody else took it up since.
///
/// # Errors
/// [`StoreError`].
pub async fn note_delivery(
    client: &impl GenericClient,
    note: &DeliveryNote,
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached(
            "WITH log AS (INSERT INTO feed.delivery_attempt (biller_id, currency, sequence, shape, attempt, at, destination, \
             outcome, words, latency_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)) \
             UPDATE feed.delivery SET state = $11, tries = $12, next_at = $13, taken_until = NULL, outcome = $8, words = $9, \
             ended_at = CASE WHEN $11 = 'waiting' THEN NULL ELSE $6 END \
             WHERE biller_id = $1 AND currency = $2 AND sequence = $3 AND shape = $4 AND attempts = $5 AND state = 'waiting'",
        )
        .await?;
    let key = &note.taken.key;
    let tries = i32::try_from(note.next.tries).unwrap_or(i32::MAX);
    let parameters: [&(dyn ToSql + Sync); 13] = [
        &key.feed.biller.as_str(),
        &key.feed.currency.code(),
        &key.sequence,
        &key.shape.as_str(),
        &note.taken.attempt,
        &note.at,
        &note.destination,
        &note.outcome.as_str(),
        &note.words,
        &note.latency_ms,
        &note.next.state.as_str(),
        &tries,
        &note.next.at,
    ];
    client.execute(&statement, &parameters).await?;
    Ok(())
}

/// Has a file brought again, in one shape or in all that were ever queued, with all its tries; answers how many.
///
/// # Errors
/// [`StoreError`].
pub async fn redeliver(
    client: &impl GenericClient,
    (feed, sequence): (&FeedKey, i64),
    shape: Option<Shape>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let update = client
        .prepare_cached(
            "UPDATE feed.delivery SET state = 'waiting', tries = 0, next_at = $5, ended_at = NULL \
             WHERE biller_id = $1 AND currency = $2 AND sequence = $3 AND ($4::text IS NULL OR shape = $4)",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 5] = [
        &feed.biller.as_str(),
        &feed.currency.code(),
        &sequence,
        &shape.map(Shape::as_str),
        &now,
    ];
    Ok(client.execute(&update, &parameters).await?)
}

/// A delivery with its log.
const SELECT: &str = "SELECT d.*, (SELECT jsonb_agg(jsonb_build_object('attempt', attempt, 'at', at, 'destination', \
    destination, 'outcome', outcome, 'words', words, 'latency_ms', latency_ms) ORDER BY attempt) FROM (SELECT * FROM \
    feed.delivery_attempt AS a WHERE (a.biller_id, a.currency, a.sequence, a.shape) = \
    (d.biller_id, d.currency, d.sequence, d.shape) ORDER BY attempt DESC LIMIT 10) AS last) AS log FROM feed.delivery AS d";

/// Deliveries of a feed, the newest file first; at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_deliveries(
    client: &impl GenericClient,
    filter: &FeedDeliveryFilter,
    limit: i64,
) -> Result<Vec<FeedDelivery>, StoreError> {
    let select = client
        .prepare_cached(&format!(
            "{SELECT} WHERE d.biller_id = $1 AND d.currency = $2 AND ($3::int8 IS NULL OR d.sequence = $3) \
             AND ($4::int8 IS NULL OR (d.sequence, d.shape) < ($4, $5)) ORDER BY d.sequence DESC, d.shape DESC LIMIT $6"
        ))
        .await?;
    let (sequence, shape) = filter.before.unzip();
    let parameters: [&(dyn ToSql + Sync); 6] = [
        &filter.feed.biller.as_str(),
        &filter.feed.currency.code(),
        &filter.sequence,
        &sequence,
        &shape.map(Shape::as_str),
        &limit,
    ];
    let rows = client.query(&select, &parameters).await?;
    rows.iter().map(read).collect()
}

/// Deliveries of a department, or of all, that somebody should look at: given up, in conflict, or before a server that is
/// not the one that was agreed. Oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn deliveries_for_attention(
    client: &impl GenericClient,
    biller: Option<&BillerId>,
    limit: i64,
) -> Result<Vec<FeedDelivery>, StoreError> {
    let select = client
        .prepare_cached(&format!(
            "{SELECT} WHERE ($1::text IS NULL OR d.biller_id = $1) AND d.state <> 'delivered' \
             AND (d.state <> 'waiting' OR d.outcome = 'wrong_key') \
             ORDER BY d.created_at, d.biller_id, d.currency, d.sequence, d.shape LIMIT $2"
        ))
        .await?;
    let parameters: [&(dyn ToSql + Sync); 2] = [&biller.map(BillerId::as_str), &limit];
    let rows = client.query(&select, &parameters).await?;
    rows.iter().map(read).collect()
}

fn read_key(reading: Reading<'_>) -> Result<DeliveryKey, StoreError> {
    let word: &str = reading.get("shape")?;
    let shape = Shape::ALL.into_iter().find(|one| one.as_str() == word);
    Ok(DeliveryKey {
        feed: super::key(reading)?,
        sequence: reading.get("sequence")?,
        shape: shape.ok_or(StoreError::Unknown {
            table: TABLE,
            column: "shape",
        })?,
    })
}

fn read(row: &Row) -> Result<FeedDelivery, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let state: &str = reading.get("state")?;
    let state = DeliveryState::ALL.iter().find(|one| one.as_str() == state);
    let state = *state.ok_or_else(|| unknown("state"))?;
    let outcome: Option<&str> = reading.get("outcome")?;
    let known = |word: &str| {
        let found = DeliveryOutcome::ALL.iter().find(|one| one.as_str() == word);
        found.copied().ok_or_else(|| unknown("outcome"))
    };
    let next_at = reading.get("next_at")?;
    let log = reading.get::<Option<Json<Vec<FeedDeliveryAttempt>>>>("log")?;
    Ok(FeedDelivery {
        key: read_key(reading)?,
        state,
        outcome: outcome.map(known).transpose()?,
        words: reading.get("words")?,
        attempts: reading.get("attempts")?,
        next_at: (state == DeliveryState::Waiting).then_some(next_at),
        ended_at: reading.get("ended_at")?,
        log: log.map_or_else(Vec::new, |log| log.0),
    })
}
