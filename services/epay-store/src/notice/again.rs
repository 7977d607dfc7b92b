//! Planning anew, because the holidays are others: which bills, and how far it has come.

use deadpool_postgres::{GenericClient, Transaction};
use epay_money::{BillId, BillerId};
use uuid::Uuid;

use super::NewNotice;
use super::news::NO_BILLER;
use crate::StoreError;
use crate::row::{Reading, columns};

/// A bill by its key.
type BillKey = (BillerId, BillId);

/// The key as the database has it; one before all others where there is none.
fn key(after: Option<&BillKey>) -> (&str, Uuid) {
    after.map_or((NO_BILLER, Uuid::nil()), |(biller, bill)| {
        (biller.as_str(), bill.uuid())
    })
}

/// Notes that the holidays are others.
///
/// # Errors
/// [`StoreError`].
pub async fn note_holidays_in(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let (biller, bill) = key(None);
    let statement = tx
        .prepare_cached("INSERT INTO epay.notice_news (biller_id, bill_id) VALUES ($1, $2)")
        .await?;
    tx.execute(&statement, &[&biller, &bill]).await?;
    Ok(())
}

/// Bills of which something is to be paid, behind one, in the order of their keys.
///
/// # Errors
/// [`StoreError`].
pub async fn unpaid_bills_after(
    client: &impl GenericClient,
    after: Option<&BillKey>,
    limit: i64,
) -> Result<Vec<BillKey>, StoreError> {
    let (biller, bill) = key(after);
    let statement = client
        .prepare_cached(
            "SELECT biller_id, bill_id FROM epay.bill WHERE (biller_id, bill_id) > ($1, $2) \
             AND state IN ('open', 'part_paid') ORDER BY biller_id, bill_id LIMIT $3",
        )
        .await?;
    let rows = client.query(&statement, &[&biller, &bill, &limit]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading { table: "bill", row };
            Ok((reading.biller()?, BillId::new(reading.get("bill_id")?)))
        })
        .collect()
}

/// Notes how far the look at all bills has come.
///
/// # Errors
/// [`StoreError`].
pub async fn advance_holidays_in(
    tx: &Transaction<'_>,
    position: i64,
    after: &BillKey,
) -> Result<(), StoreError> {
    let (biller, bill) = key(Some(after));
    let statement = tx
        .prepare_cached(
            "UPDATE epay.notice_news SET biller_id = $2, bill_id = $3 WHERE position = $1",
        )
        .await?;
    tx.execute(&statement, &[&position, &biller, &bill]).await?;
    Ok(())
}

/// Gives notices that nobody has tried to send yet the moments that they have by these plans.
///
/// # Errors
/// [`StoreError`].
pub async fn move_notices_in(
    tx: &Transaction<'_>,
    notices: &[NewNotice],
) -> Result<u64, StoreError> {
    columns!(
        notices,
        bills = |one| one.bill.uuid(),
        people = |one| one.person,
        names = |one| one.planned.name(),
        moments = |one| one.planned.not_before,
    );
    // Locked in the order in which everybody locks notices.
    let statement = tx
        .prepare_cached(
            "WITH moved AS MATERIALIZED (SELECT n.notice_id, p.next_at FROM epay.notice AS n \
             JOIN unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) AS p (bill_id, person_id, name, next_at) \
             USING (bill_id, person_id, name) \
             WHERE n.state = 'created' AND n.attempts = 0 AND n.next_at IS NOT NULL AND n.next_at <> p.next_at \
             ORDER BY n.notice_id FOR UPDATE OF n) \
             UPDATE epay.notice AS n SET next_at = moved.next_at FROM moved WHERE n.notice_id = moved.notice_id",
        )
        .await?;
    Ok(tx
        .execute(&statement, &[&bills, &people, &names, &moments])
        .await?)
}
