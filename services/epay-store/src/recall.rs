//! Recalls: requests to have payments back, and what is to be said about them.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::recall::{Direction, Recall, RecallState};
use epay_domain::refund::RefundState;
use epay_money::{BillerId, PaymentId, RailId, RecallId, ReceiptId, RefundId};
use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::Reading;
use crate::{Page, PageRequest, ReceiptKey, StoreError};

/// Pause after the first attempt to say something, in seconds: longer than any call is waited for.
const FIRST_PAUSE_SECS: f64 = 30.0;
/// No pause between two attempts is longer.
const LONGEST_PAUSE_SECS: f64 = 3_600.0;

const TABLE: &str = "recall";

fn read(row: &Row) -> Result<Recall, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let (direction, state): (&str, &str) = (reading.get("direction")?, reading.get("state")?);
    Ok(Recall {
        id: RecallId::new(reading.get("recall_id")?),
        biller: reading.biller()?,
        direction: Direction::ALL
            .into_iter()
            .find(|known| known.as_str() == direction)
            .ok_or_else(|| unknown("direction"))?,
        rail: reading.rail()?,
        case: reading.get("case_id")?,
        payment: reading
            .get::<Option<Uuid>>("payment_id")?
            .map(PaymentId::new),
        receipt: reading
            .get::<Option<Uuid>>("receipt_id")?
            .map(ReceiptId::new),
        refund: reading.get::<Option<Uuid>>("refund_id")?.map(RefundId::new),
        order_key: reading.get("order_key")?,
        amount: reading.money("amount_minor")?,
        why: reading.get("why")?,
        state: RecallState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        answer: reading.get("answer")?,
        by: reading.get("person")?,
        told_at: reading.get("told_at")?,
        created_at: reading.get("created_at")?,
        changed_at: reading.get("changed_at")?,
        version: reading.get("version")?,
    })
}

/// When a worker must say something: at once, where there is something to say.
fn next_look(recall: &Recall) -> Option<Timestamp> {
    recall.to_tell().map(|_words| recall.changed_at)
}

/// Writes a new recall; `false` when it is there already, or an order's payment is asked for already.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_recall(
    client: &impl GenericClient,
    recall: &Recall,
) -> Result<bool, StoreError> {
    let statement = client
        .prepare_cached(
            "INSERT INTO epay.recall (biller_id, recall_id, direction, rail, case_id, payment_id, receipt_id, refund_id, \
             order_key, amount_minor, currency, why, state, answer, person, told_at, created_at, changed_at, version, next_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
             ON CONFLICT DO NOTHING",
        )
        .await?;
    let inserted = client
        .execute(
            &statement,
            &[
                &recall.biller.as_str(),
                &recall.id.uuid(),
                &recall.direction.as_str(),
                &recall.rail.as_str(),
                &recall.case,
                &recall.payment.map(PaymentId::uuid),
                &recall.receipt.map(ReceiptId::uuid),
                &recall.refund.map(RefundId::uuid),
                &recall.order_key,
                &recall.amount.minor(),
                &recall.amount.currency().code(),
                &recall.why,
                &recall.state.as_str(),
                &recall.answer,
                &recall.by,
                &recall.told_at,
                &recall.created_at,
                &recall.changed_at,
                &recall.version,
                &next_look(recall),
            ],
        )
        .await?;
    Ok(inserted > 0)
}

/// Writes a recall over the version before it; `false` when somebody else changed it.
///
/// # Errors
/// [`StoreError`].
pub async fn update_recall(
    client: &impl GenericClient,
    recall: &Recall,
) -> Result<bool, StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.recall SET payment_id = $3, receipt_id = $4, refund_id = $5, state = $6, answer = $7, \
             person = $8, told_at = $9, changed_at = $10, version = $11, next_at = $12, looks = 0 \
             WHERE biller_id = $1 AND recall_id = $2 AND version = $11 - 1",
        )
        .await?;
    let updated = client
        .execute(
            &statement,
            &[
                &recall.biller.as_str(),
                &recall.id.uuid(),
                &recall.payment.map(PaymentId::uuid),
                &recall.receipt.map(ReceiptId::uuid),
                &recall.refund.map(RefundId::uuid),
                &recall.state.as_str(),
                &recall.answer,
                &recall.by,
                &recall.told_at,
                &recall.changed_at,
                &recall.version,
                &next_look(recall),
            ],
        )
        .await?;
    Ok(updated > 0)
}

/// One recall.
///
/// # Errors
/// [`StoreError`].
pub async fn recall(
    client: &impl GenericClient,
    biller: &BillerId,
    id: RecallId,
) -> Result<Option<Recall>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.recall WHERE biller_id = $1 AND recall_id = $2")
        .await?;
    let row = client
        .query_opt(&statement, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The recall that we asked for under this key.
///
/// # Errors
/// [`StoreError`].
pub async fn recall_by_key(
    client: &impl GenericClient,
    rail: &RailId,
    key: &str,
) -> Result<Option<Recall>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.recall WHERE rail = $1 AND direction = 'asked' AND case_id = $2",
        )
        .await?;
    let row = client
        .query_opt(&statement, &[&rail.as_str(), &key])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The recall of a refund that waits for the other side's answer.
///
/// # Errors
/// [`StoreError`].
pub async fn open_recall_of(
    client: &impl GenericClient,
    biller: &BillerId,
    refund: RefundId,
) -> Result<Option<Recall>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.recall WHERE biller_id = $1 AND refund_id = $2 AND direction = 'asked' \
             AND state = 'waiting'",
        )
        .await?;
    let row = client
        .query_opt(&statement, &[&biller.as_str(), &refund.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Takes recalls about which something is to be said, the longest waiting first, at most `limit`. Each is then left
/// alone by others for a pause that doubles with every look.
///
/// # Errors
/// [`StoreError`].
pub async fn claim_recalls(
    client: &impl GenericClient,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Recall>, StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.recall SET looks = looks + 1, \
             next_at = $1::timestamptz + make_interval(secs => least($3::float8, $4::float8 * power(2, least(looks, 20)))) \
             WHERE (biller_id, recall_id) IN (SELECT biller_id, recall_id FROM epay.recall WHERE next_at <= $1 \
             ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING *",
        )
        .await?;
    client
        .query(
            &statement,
            &[&now, &limit, &LONGEST_PAUSE_SECS, &FIRST_PAUSE_SECS],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Recalls whose refund a second person has decided, with its state, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn returning_recalls(
    client: &impl GenericClient,
    limit: i64,
) -> Result<Vec<(Recall, RefundState)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT recall.*, refund.state AS refund_state FROM epay.recall AS recall \
             JOIN epay.refund AS refund USING (biller_id, refund_id) \
             WHERE recall.state = 'returning' AND refund.state <> 'proposed' LIMIT $1",
        )
        .await?;
    let rows = client.query(&statement, &[&limit]).await?;
    let with_state = |row: &Row| {
        let word: &str = Reading { table: TABLE, row }.get("refund_state")?;
        let state = RefundState::ALL
            .into_iter()
            .find(|known| known.as_str() == word)
            .ok_or(StoreError::Unknown {
                table: "refund",
                column: "state",
            })?;
        Ok((read(row)?, state))
    };
    rows.iter().map(with_state).collect()
}

/// The receipt of a credit, with the payment that brought it: what was booked first, where one credit paid several bills.
///
/// # Errors
/// [`StoreError`].
pub async fn receipt_of(
    tx: &Transaction<'_>,
    key: &ReceiptKey,
) -> Result<Option<(ReceiptId, Option<PaymentId>)>, StoreError> {
    let statement = tx
        .prepare_cached(
            "SELECT receipt_id, payment_id FROM epay.receipt WHERE biller_id = $1 AND rail = $2 AND rail_account = $3 \
             AND rail_reference = $4 ORDER BY part LIMIT 1",
        )
        .await?;
    let row = tx
        .query_opt(
            &statement,
            &[
                &key.biller.as_str(),
                &key.rail.as_str(),
                &key.rail_account,
                &key.rail_reference,
            ],
        )
        .await?;
    row.map(|row| {
        let payment: Option<Uuid> = row.try_get(1)?;
        Ok((ReceiptId::new(row.try_get(0)?), payment.map(PaymentId::new)))
    })
    .transpose()
}

/// Which recalls are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecallFilter {
    /// Only those of this department.
    pub biller: Option<BillerId>,
    /// Only those in this state.
    pub state: Option<RecallState>,
}

/// Recalls, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn recalls(
    client: &impl GenericClient,
    filter: &RecallFilter,
    request: PageRequest,
) -> Result<Page<Recall>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.recall WHERE ($1::text IS NULL OR biller_id = $1) \
             AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR recall_id < $3) \
             ORDER BY recall_id DESC LIMIT $4",
        )
        .await?;
    let rows = client
        .query(
            &statement,
            &[
                &filter.biller.as_ref().map(BillerId::as_str),
                &filter.state.map(RecallState::as_str),
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, request, |recall| recall.id.uuid()))
}
