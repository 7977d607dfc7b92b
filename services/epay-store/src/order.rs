//! Orders for rails: queued with the decision that made them, claimed by one worker at a time, kept for ever.
//!
//! A worker claims an order before it sends it ([`claim_orders`]); the claim is durable and has an end. An order whose
//! claim ended without an answer may have left the house: [`take_dead_orders`] finds it.

mod uses;

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::{BillerId, Money, PaymentId, RailId};
use epay_rail::{OrderKind, Question, Refund};
use jiff::Timestamp;
use postgres_types::Json;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use crate::StoreError;
use crate::row::{Reading, columns};

pub use uses::{instrument, known_uses, note_uses};

/// What an order asks, without the bytes of an instrument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum StoredAsk {
    /// Begin the collection.
    Collect,
    /// Take what the payer handed over.
    Tender {
        /// What it is.
        instrument: String,
    },
    /// Say what became of it.
    Query {
        /// Of what.
        question: Question,
    },
    /// Take what was authorised.
    Capture {
        /// How much.
        amount: Money,
    },
    /// Let go of what was authorised.
    Void,
    /// Make it unpayable.
    Close,
    /// Give money back.
    Refund {
        /// How much, and where to.
        refund: Refund,
    },
}

impl StoredAsk {
    /// Which kind of order it is.
    #[must_use]
    pub const fn kind(&self) -> OrderKind {
        match self {
            Self::Collect => OrderKind::Collect,
            Self::Tender { .. } => OrderKind::Tender,
            Self::Query { .. } => OrderKind::Query,
            Self::Capture { .. } => OrderKind::Capture,
            Self::Void => OrderKind::Void,
            Self::Close => OrderKind::Close,
            Self::Refund { .. } => OrderKind::Refund,
        }
    }
}

/// Where an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderState {
    /// It waits to be sent.
    Queued,
    /// Somebody has it; it may be on the wire.
    Sent,
    /// The rail answered.
    Answered,
    /// No answer came.
    Unknown,
    /// It certainly did not leave.
    NotSent,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Sent,
        Self::Answered,
        Self::Unknown,
        Self::NotSent,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
        }
    }
}

/// An order's name: the department and the key.
pub type OrderKey = (BillerId, String);

/// An order that has just been decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// The department.
    pub biller: BillerId,
    /// Its key.
    pub key: String,
    /// The payment that it is about.
    pub payment: PaymentId,
    /// The rail.
    pub rail: RailId,
    /// What is asked.
    pub ask: StoredAsk,
    /// What the rail asked to have handed back.
    pub kept: Option<String>,
    /// The moment that its words carry.
    pub at: Timestamp,
    /// The random bytes that its words carry.
    pub nonce: [u8; 16],
    /// Not to be sent before.
    pub next_at: Timestamp,
    /// The bytes of what the payer handed over.
    pub instrument: Option<Vec<u8>>,
}

/// An order as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// The department.
    pub biller: BillerId,
    /// Its key.
    pub key: String,
    /// The payment that it is about.
    pub payment: PaymentId,
    /// The rail.
    pub rail: RailId,
    /// What is asked.
    pub ask: StoredAsk,
    /// What the rail asked to have handed back.
    pub kept: Option<String>,
    /// The moment that its words carry.
    pub at: Timestamp,
    /// The random bytes that its words carry.
    pub nonce: [u8; 16],
    /// Where it is.
    pub state: OrderState,
    /// How often it was taken up to be sent.
    pub tries: u32,
    /// It may have left the house before.
    pub left_house: bool,
    /// What became of it, in a few words.
    pub detail: String,
    /// When it was decided.
    pub created_at: Timestamp,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderEnd {
    /// The department.
    pub biller: BillerId,
    /// Its key.
    pub key: String,
    /// Where it is now.
    pub state: OrderState,
    /// When it is to be sent again, where it is queued again.
    pub next_at: Timestamp,
    /// In a few words.
    pub detail: String,
}

fn read(row: &Row) -> Result<StoredOrder, StoreError> {
    let reading = Reading {
        table: "rail_order",
        row,
    };
    let unknown = |column| StoreError::Unknown {
        table: "rail_order",
        column,
    };
    let state = OrderState::ALL
        .into_iter()
        .find(|state| reading.get::<&str>("state").ok() == Some(state.as_str()))
        .ok_or_else(|| unknown("state"))?;
    let nonce: &[u8] = reading.get("nonce")?;
    Ok(StoredOrder {
        biller: reading.biller()?,
        key: reading.get("order_key")?,
        payment: PaymentId::new(reading.get("payment_id")?),
        rail: reading.rail()?,
        ask: reading.get::<Json<StoredAsk>>("ask")?.0,
        kept: reading.get("kept")?,
        at: reading.get("at")?,
        nonce: nonce.try_into().map_err(|_length| unknown("nonce"))?,
        state,
        tries: u32::try_from(reading.get::<i32>("tries")?).unwrap_or(0),
        left_house: reading.get("left_house")?,
        detail: reading.get("detail")?,
        created_at: reading.get("created_at")?,
    })
}

/// Queues orders, with what the payer handed over where there is such a thing.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_orders_in(
    tx: &Transaction<'_>,
    orders: &[NewOrder],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        orders,
        billers = |order| order.biller.as_str(),
        keys = |order| order.key.as_str(),
        payments = |order| order.payment.uuid(),
        rails = |order| order.rail.as_str(),
        kinds = |order| order.ask.kind().as_str(),
        asks = |order| Json(&order.ask),
        kept = |order| order.kept.as_deref(),
        times = |order| order.at,
        nonces = |order| order.nonce.as_slice(),
        nexts = |order| order.next_at,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.rail_order (biller_id, order_key, payment_id, rail, kind, ask, kept, at, nonce, \
             next_at, state, created_at) \
             SELECT *, 'queued', $11 FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], \
             $6::jsonb[], $7::text[], $8::timestamptz[], $9::bytea[], $10::timestamptz[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers, &keys, &payments, &rails, &kinds, &asks, &kept, &times, &nonces, &nexts, &now,
        ],
    )
    .await?;
    let with = "INSERT INTO epay.rail_instrument (biller_id, order_key, kind, bytes) VALUES ($1, $2, $3, $4)";
    for order in orders {
        if let (Some(bytes), StoredAsk::Tender { instrument }) = (&order.instrument, &order.ask) {
            let statement = tx.prepare_cached(with).await?;
            tx.execute(
                &statement,
                &[&order.biller.as_str(), &order.key, instrument, bytes],
            )
            .await?;
        }
    }
    Ok(())
}

/// Claims queued orders of a rail until `until`, the longest waiting first, at most `limit`. An order that never left
/// the house carries the moment of this claim.
///
/// # Errors
/// [`StoreError`].
pub async fn claim_orders(
    client: &impl GenericClient,
    rail: &RailId,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<StoredOrder>, StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.rail_order SET state = 'sent', tries = tries + 1, next_at = $3, \
             at = CASE WHEN tries = 0 OR left_house THEN at ELSE $2 END \
             WHERE (biller_id, order_key) IN (SELECT biller_id, order_key FROM epay.rail_order \
             WHERE rail = $1 AND state = 'queued' AND next_at <= $2 ORDER BY next_at LIMIT $4 \
             FOR UPDATE SKIP LOCKED) RETURNING *",
        )
        .await?;
    client
        .query(&statement, &[&rail.as_str(), &now, &until, &limit])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Orders whose claim has ended without an answer; they are claimed anew until `until`, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn take_dead_orders(
    client: &impl GenericClient,
    rail: &RailId,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<StoredOrder>, StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.rail_order SET next_at = $3, left_house = true \
             WHERE (biller_id, order_key) IN (SELECT biller_id, order_key FROM epay.rail_order \
             WHERE rail = $1 AND state = 'sent' AND next_at <= $2 ORDER BY next_at LIMIT $4 \
             FOR UPDATE SKIP LOCKED) RETURNING *",
        )
        .await?;
    client
        .query(&statement, &[&rail.as_str(), &now, &until, &limit])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Writes what became of orders. One that was answered stays answered, unless it is to be sent again. What a payer handed over goes with the end.
///
/// # Errors
/// [`StoreError`].
pub async fn end_orders_in(tx: &Transaction<'_>, ends: &[OrderEnd]) -> Result<(), StoreError> {
    columns!(
        ends,
        billers = |end| end.biller.as_str(),
        keys = |end| end.key.as_str(),
        states = |end| end.state.as_str(),
        nexts = |end| end.next_at,
        details = |end| end.detail.as_str(),
    );
    let statement = tx
        .prepare_cached(
            "WITH ended AS (UPDATE epay.rail_order SET state = new.state, next_at = new.next_at, \
             detail = new.detail, left_house = left_house OR new.state = 'unknown' \
             FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[]) \
             AS new (biller_id, order_key, state, next_at, detail) \
             WHERE rail_order.biller_id = new.biller_id AND rail_order.order_key = new.order_key \
             AND (rail_order.state <> 'answered' OR new.state = 'queued') \
             RETURNING rail_order.biller_id, rail_order.order_key, rail_order.state) \
             DELETE FROM epay.rail_instrument AS bytes USING ended WHERE bytes.biller_id = ended.biller_id \
             AND bytes.order_key = ended.order_key AND ended.state IN ('answered', 'not_sent')",
        )
        .await?;
    tx.execute(&statement, &[&billers, &keys, &states, &nexts, &details])
        .await?;
    Ok(())
}

/// Queues an order again that may have left the house: the rail knows a repeat by its key.
///
/// # Errors
/// [`StoreError`].
pub async fn repeat_order(
    client: &impl GenericClient,
    order: &StoredOrder,
    next_at: Timestamp,
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.rail_order SET state = 'queued', left_house = true, next_at = $3 \
             WHERE biller_id = $1 AND order_key = $2 AND state = 'sent'",
        )
        .await?;
    client
        .execute(&statement, &[&order.biller.as_str(), &order.key, &next_at])
        .await?;
    Ok(())
}

/// Orders by their keys, where they are known.
///
/// # Errors
/// [`StoreError`].
pub async fn orders(
    client: &impl GenericClient,
    wanted: &[OrderKey],
) -> Result<Vec<StoredOrder>, StoreError> {
    columns!(
        wanted,
        billers = |order| order.0.as_str(),
        keys = |order| order.1.as_str(),
    );
    let statement = client
        .prepare_cached(
            "SELECT rail_order.* FROM epay.rail_order AS rail_order \
             JOIN unnest($1::text[], $2::text[]) AS wanted (biller_id, order_key) USING (biller_id, order_key)",
        )
        .await?;
    client
        .query(&statement, &[&billers, &keys])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Locks orders and reads them. Their bills must be locked: whoever else changes orders takes one at a time, or those
/// that nobody has.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_orders_in(
    tx: &Transaction<'_>,
    wanted: &[OrderKey],
) -> Result<Vec<StoredOrder>, StoreError> {
    columns!(
        wanted,
        billers = |order| order.0.as_str(),
        keys = |order| order.1.as_str(),
    );
    let statement = tx
        .prepare_cached(
            "SELECT * FROM epay.rail_order WHERE (biller_id, order_key) IN \
             (SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY biller_id, order_key FOR UPDATE",
        )
        .await?;
    tx.query(&statement, &[&billers, &keys])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Every order about a payment, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn orders_of(
    client: &impl GenericClient,
    biller: &BillerId,
    payment: PaymentId,
) -> Result<Vec<StoredOrder>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.rail_order WHERE biller_id = $1 AND payment_id = $2 ORDER BY created_at, order_key",
        )
        .await?;
    client
        .query(&statement, &[&biller.as_str(), &payment.uuid()])
        .await?
        .iter()
        .map(read)
        .collect()
}
