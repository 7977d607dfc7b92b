//! What may be used once only on a rail, and what a payer handed over with an order.

use deadpool_postgres::GenericClient;
use epay_money::RailId;
use jiff::Timestamp;

use super::StoredOrder;
use crate::StoreError;

/// Notes what may be used once only, before its order leaves. Answers what another order has used already; one that
/// certainly was not sent has used nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn note_uses(
    client: &impl GenericClient,
    order: &StoredOrder,
    uses: &[String],
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let statement = client
        .prepare_cached(
            "INSERT INTO epay.rail_use (rail, what, biller_id, order_key, at) \
             SELECT $1, what, $3, $4, $5 FROM unnest($2::text[]) AS what \
             ON CONFLICT (rail, what) DO UPDATE SET biller_id = $3, order_key = $4, at = $5 \
             WHERE EXISTS (SELECT FROM epay.rail_order AS other WHERE other.biller_id = rail_use.biller_id \
             AND other.order_key = rail_use.order_key AND other.state = 'not_sent')",
        )
        .await?;
    let (rail, biller) = (order.rail.as_str(), order.biller.as_str());
    client
        .execute(&statement, &[&rail, &uses, &biller, &order.key, &now])
        .await?;
    let statement = client
        .prepare_cached(
            "SELECT what FROM epay.rail_use WHERE rail = $1 AND what = ANY($2) \
             AND (biller_id, order_key) <> ($3, $4)",
        )
        .await?;
    let rows = client
        .query(&statement, &[&rail, &uses, &biller, &order.key])
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Which of these have been used already.
///
/// # Errors
/// [`StoreError`].
pub async fn known_uses(
    client: &impl GenericClient,
    rail: &RailId,
    uses: &[String],
) -> Result<Vec<String>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT what FROM epay.rail_use WHERE rail = $1 AND what = ANY($2) \
             AND NOT EXISTS (SELECT FROM epay.rail_order AS other WHERE other.biller_id = rail_use.biller_id \
             AND other.order_key = rail_use.order_key AND other.state = 'not_sent')",
        )
        .await?;
    let rows = client.query(&statement, &[&rail.as_str(), &uses]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// What a payer handed over with an order, until it was answered.
///
/// # Errors
/// [`StoreError`].
pub async fn instrument(
    client: &impl GenericClient,
    order: &StoredOrder,
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT kind, bytes FROM epay.rail_instrument WHERE biller_id = $1 AND order_key = $2",
        )
        .await?;
    let row = client
        .query_opt(&statement, &[&order.biller.as_str(), &order.key])
        .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .transpose()
}
