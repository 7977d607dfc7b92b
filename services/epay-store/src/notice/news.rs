//! What the planner has not looked at yet, and what it reads of bills and money.

use std::collections::HashMap;

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::bill::Bill;
use epay_domain::refund::Refund;
use epay_domain::{Receipt, Reference};
use epay_money::{BillId, BillerId, Money, PaymentId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::outbox::{OutboxBatch, read_batch};
use crate::row::{Reading, columns};
use crate::{StoreError, bill, receipt, refund};

/// Sorts before every department.
pub(super) const NO_BILLER: &str = "";

/// Something for the planner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewsItem {
    /// A batch of the outbox.
    Batch(OutboxBatch),
    /// A person subscribed to the account of this bill.
    Subscribed {
        /// The department.
        biller: BillerId,
        /// The bill.
        bill: BillId,
        /// The person.
        person: Uuid,
        /// Since when.
        since: Timestamp,
    },
    /// The holidays are others.
    Holidays {
        /// Bills behind this one, in the order of their keys, are still to be planned anew; every one where there is none.
        after: Option<(BillerId, BillId)>,
    },
}

/// Notes that batches of the outbox are for the planner. Again, it changes nothing while a batch waits.
///
/// # Errors
/// [`StoreError`].
pub async fn note_news(client: &impl GenericClient, batches: &[Uuid]) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached(
            "INSERT INTO epay.notice_news (batch_id) SELECT * FROM unnest($1::uuid[]) ON CONFLICT (batch_id) DO NOTHING",
        )
        .await?;
    client.execute(&statement, &[&batches]).await?;
    Ok(())
}

/// Notes that a person subscribed to the account of these bills.
///
/// # Errors
/// [`StoreError`].
pub async fn note_subscription(
    client: &impl GenericClient,
    person: Uuid,
    bills: &[(BillerId, BillId)],
    since: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        bills,
        billers = |(biller, _)| biller.as_str(),
        ids = |(_, bill)| bill.uuid(),
    );
    let statement = client
        .prepare_cached(
            "INSERT INTO epay.notice_news (biller_id, bill_id, person_id, since) \
             SELECT biller, bill, $3, $4 FROM unnest($1::text[], $2::uuid[]) AS n (biller, bill)",
        )
        .await?;
    client
        .execute(&statement, &[&billers, &ids, &person, &since])
        .await?;
    Ok(())
}

/// News with their positions, the oldest first, at most `limit`; those that another planner has are skipped.
///
/// # Errors
/// [`StoreError`].
pub async fn take_news_in(
    tx: &Transaction<'_>,
    limit: i64,
) -> Result<Vec<(i64, NewsItem)>, StoreError> {
    let statement = tx
        .prepare_cached(
            "SELECT b.lines, b.created_at, n.* FROM epay.notice_news AS n \
             LEFT JOIN epay.outbox_batch AS b ON b.batch_id = n.batch_id \
             WHERE n.batch_id IS NULL OR b.batch_id IS NOT NULL \
             ORDER BY n.position LIMIT $1 FOR UPDATE OF n SKIP LOCKED",
        )
        .await?;
    let rows = tx.query(&statement, &[&limit]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "notice_news",
                row,
            };
            let item = match reading.get::<Option<Uuid>>("batch_id")? {
                Some(batch) => NewsItem::Batch(read_batch(batch, row)?),
                None => of_bill(&reading)?,
            };
            Ok((reading.get("position")?, item))
        })
        .collect()
}

/// News that name a bill: a subscription to it, or how far a look at all bills has come.
fn of_bill(reading: &Reading<'_>) -> Result<NewsItem, StoreError> {
    let bill = BillId::new(reading.get("bill_id")?);
    let Some(person) = reading.get("person_id")? else {
        let is_first = reading.get::<&str>("biller_id")? == NO_BILLER;
        return Ok(NewsItem::Holidays {
            after: if is_first {
                None
            } else {
                Some((reading.biller()?, bill))
            },
        });
    };
    Ok(NewsItem::Subscribed {
        biller: reading.biller()?,
        bill,
        person,
        since: reading.get("since")?,
    })
}

/// Removes news that were planned.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_news_in(tx: &Transaction<'_>, positions: &[i64]) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached("DELETE FROM epay.notice_news WHERE position = ANY($1)")
        .await?;
    tx.execute(&statement, &[&positions]).await?;
    Ok(())
}

/// Bills by their keys.
///
/// # Errors
/// [`StoreError`].
pub async fn bills_of(
    client: &impl GenericClient,
    keys: &[(BillerId, BillId)],
) -> Result<HashMap<BillId, Bill>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = client
        .prepare_cached(
            "SELECT bill.* FROM epay.bill AS bill \
             JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS wanted (biller_id, bill_id) USING (biller_id, bill_id)",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| bill::read(row).map(|bill| (bill.id, bill)))
        .collect()
}

/// Receipts of bills that were written since, the oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn receipts_of_bills(
    client: &impl GenericClient,
    keys: &[(BillerId, BillId)],
    since: Timestamp,
) -> Result<Vec<Receipt>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = client
        .prepare_cached(
            "SELECT receipt.* FROM epay.receipt AS receipt \
             JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS wanted (biller_id, bill_id) USING (biller_id, bill_id) \
             WHERE receipt.created_at >= $3 ORDER BY receipt.created_at, receipt.receipt_id",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids, &since]).await?;
    rows.iter().map(receipt::read).collect()
}

/// Refunds of bills that reached the payer since.
///
/// # Errors
/// [`StoreError`].
pub async fn refunds_of_bills(
    client: &impl GenericClient,
    keys: &[(BillerId, BillId)],
    since: Timestamp,
) -> Result<Vec<Refund>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = client
        .prepare_cached(
            "SELECT refund.* FROM epay.refund AS refund \
             JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS wanted (biller_id, bill_id) USING (biller_id, bill_id) \
             WHERE refund.state = 'refunded' AND refund.changed_at >= $3",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids, &since]).await?;
    rows.iter().map(refund::read).collect()
}

/// A payment that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEnd {
    /// Its id.
    pub id: PaymentId,
    /// What the payer was asked for.
    pub amount: Money,
    /// Its number.
    pub reference: Reference,
    /// It was promised, and the promise came back.
    pub dishonoured: bool,
}

/// Of these payments those that failed; what expired or was given up is no failure.
///
/// # Errors
/// [`StoreError`].
pub async fn ended_payments(
    client: &impl GenericClient,
    keys: &[(BillerId, PaymentId)],
) -> Result<HashMap<PaymentId, PaymentEnd>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = client
        .prepare_cached(
            "SELECT p.biller_id, p.payment_id, p.amount_minor, p.currency, p.reference, EXISTS (SELECT FROM epay.event AS e \
             WHERE e.biller_id = p.biller_id AND e.aggregate_id = p.payment_id \
             AND e.kind IN ('dishonoured', 'returned_after_honour')) AS is_dishonoured FROM epay.payment AS p \
             JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS wanted (biller_id, payment_id) USING (biller_id, payment_id) \
             WHERE p.state = 'failed'",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| {
            let table = "payment";
            let reading = Reading { table, row };
            let reference: &str = reading.get("reference")?;
            let id = PaymentId::new(reading.get("payment_id")?);
            let end = PaymentEnd {
                id,
                amount: reading.money("amount_minor")?,
                reference: Reference::read(reference).ok_or(StoreError::Unknown {
                    table,
                    column: "reference",
                })?,
                dishonoured: reading.get("is_dishonoured")?,
            };
            Ok((id, end))
        })
        .collect()
}
