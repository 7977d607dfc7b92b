//! Rail messages: stored raw before they are acknowledged, pending until their credits are booked.

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::{BillerId, MessageId, RailId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

/// A message that has just come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id here.
    pub id: MessageId,
    /// The rail.
    pub rail: RailId,
    /// The channel key that signed it.
    pub channel_key: String,
    /// The sender's own id of it: the same id again is the same message.
    pub sender_id: String,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// The bytes.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
    /// The order that it answers; nothing where the rail sent it of its own accord.
    pub answers: Option<Answers>,
}

/// Which order a message answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The department of the order.
    pub biller: BillerId,
    /// The order's key.
    pub key: String,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// What became of a message at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// Stored now.
    New,
    /// The same message was stored before.
    Duplicate,
    /// Another body was stored before under the sender's id.
    OtherBody,
}

/// A message as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// Its id here.
    pub id: MessageId,
    /// The rail.
    pub rail: RailId,
    /// The bytes.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
    /// The order that it answers.
    pub answers: Option<Answers>,
}

/// Stores messages and marks the new ones pending; answers one verdict a message, in order.
///
/// # Errors
/// [`StoreError`].
pub async fn record_messages_in(
    tx: &Transaction<'_>,
    messages: &[NewMessage],
) -> Result<Vec<Recorded>, StoreError> {
    columns!(
        messages,
        ids = |message| message.id.uuid(),
        rails = |message| message.rail.as_str(),
        keys = |message| message.channel_key.as_str(),
        senders = |message| message.sender_id.as_str(),
        digests = |message| message.digest.as_slice(),
        bodies = |message| message.body.as_slice(),
        times = |message| message.received_at,
        order_billers = |message| message.answers.as_ref().map(|order| order.biller.as_str()),
        order_keys = |message| message.answers.as_ref().map(|order| order.key.as_str()),
        statuses = |message| message
            .answers
            .as_ref()
            .map(|order| i32::from(order.status)),
    );
    let insert = tx
        .prepare_cached(
            "WITH stored AS (INSERT INTO epay.rail_message \
             (message_id, rail, channel_key, sender_id, digest, body, received_at, order_biller, order_key, \
             reply_status) \
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], \
             $7::timestamptz[], $8::text[], $9::text[], $10::int4[]) ON CONFLICT (rail, channel_key, sender_id) DO NOTHING \
             RETURNING message_id, received_at), \
             pending AS (INSERT INTO epay.rail_message_pending SELECT message_id, received_at FROM stored) \
             SELECT message_id FROM stored",
        )
        .await?;
    let rows = tx
        .query(
            &insert,
            &[
                &ids,
                &rails,
                &keys,
                &senders,
                &digests,
                &bodies,
                &times,
                &order_billers,
                &order_keys,
                &statuses,
            ],
        )
        .await?;
    if rows.len() == messages.len() {
        return Ok(vec![Recorded::New; messages.len()]);
    }
    let mut stored = Vec::with_capacity(rows.len());
    for row in &rows {
        stored.push(row.try_get::<_, Uuid>(0)?);
    }
    verdicts(tx, messages, &stored).await
}

/// What became of each message when not all of them were new.
async fn verdicts(
    tx: &Transaction<'_>,
    messages: &[NewMessage],
    stored: &[Uuid],
) -> Result<Vec<Recorded>, StoreError> {
    columns!(
        messages,
        rails = |message| message.rail.as_str(),
        keys = |message| message.channel_key.as_str(),
        senders = |message| message.sender_id.as_str(),
        digests = |message| message.digest.as_slice(),
    );
    let select = tx
        .prepare_cached(
            "SELECT known.digest = wanted.digest FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) \
             WITH ORDINALITY AS wanted (rail, channel_key, sender_id, digest, place) \
             JOIN epay.rail_message AS known USING (rail, channel_key, sender_id) ORDER BY wanted.place",
        )
        .await?;
    let same = tx
        .query(&select, &[&rails, &keys, &senders, &digests])
        .await?;
    messages
        .iter()
        .zip(&same)
        .map(|(message, row)| {
            Ok(if stored.contains(&message.id.uuid()) {
                Recorded::New
            } else if row.try_get::<_, bool>(0)? {
                Recorded::Duplicate
            } else {
                Recorded::OtherBody
            })
        })
        .collect()
}

/// Takes messages off the pending list: every credit in them is booked, or quarantined.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_pending_in(
    tx: &Transaction<'_>,
    messages: &[MessageId],
) -> Result<(), StoreError> {
    columns!(messages, ids = |message| message.uuid());
    let statement = tx
        .prepare_cached("DELETE FROM epay.rail_message_pending WHERE message_id = ANY($1)")
        .await?;
    tx.execute(&statement, &[&ids]).await?;
    Ok(())
}

/// Puts a message back on the pending list: it will be decoded again, and what of it is booked stays booked.
///
/// # Errors
/// [`StoreError`].
pub async fn await_message_in(tx: &Transaction<'_>, message: MessageId) -> Result<(), StoreError> {
    let insert = tx
        .prepare_cached(
            "INSERT INTO epay.rail_message_pending (message_id, received_at) \
             SELECT message_id, received_at FROM epay.rail_message WHERE message_id = $1 ON CONFLICT DO NOTHING",
        )
        .await?;
    tx.execute(&insert, &[&message.uuid()]).await?;
    Ok(())
}

fn read(row: &tokio_postgres::Row) -> Result<RawMessage, StoreError> {
    let reading = Reading {
        table: "rail_message",
        row,
    };
    Ok(RawMessage {
        id: MessageId::new(reading.get("message_id")?),
        rail: reading.rail()?,
        body: reading.get("body")?,
        received_at: reading.get("received_at")?,
        answers: answers(reading)?,
    })
}

fn answers(reading: Reading<'_>) -> Result<Option<Answers>, StoreError> {
    let Some(key) = reading.get::<Option<String>>("order_key")? else {
        return Ok(None);
    };
    let unknown = |column| StoreError::Unknown {
        table: "rail_message",
        column,
    };
    let biller = reading
        .get::<Option<&str>>("order_biller")?
        .and_then(|text| BillerId::new(text).ok())
        .ok_or_else(|| unknown("order_biller"))?;
    let status = reading
        .get::<Option<i32>>("reply_status")?
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| unknown("reply_status"))?;
    Ok(Some(Answers {
        biller,
        key,
        status,
    }))
}

/// Messages that came before `before` and are still pending, oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn pending_messages(
    client: &impl GenericClient,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<RawMessage>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT message.* FROM epay.rail_message_pending AS pending \
             JOIN epay.rail_message AS message USING (message_id) \
             WHERE pending.received_at < $1 ORDER BY pending.message_id LIMIT $2",
        )
        .await?;
    client
        .query(&statement, &[&before, &limit])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// One message as it arrived.
///
/// # Errors
/// [`StoreError`].
pub async fn message(
    client: &impl GenericClient,
    id: MessageId,
) -> Result<Option<RawMessage>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.rail_message WHERE message_id = $1")
        .await?;
    client
        .query_opt(&statement, &[&id.uuid()])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}
