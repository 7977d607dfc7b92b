//! Events, and who is to get them.

use std::collections::HashMap;

use deadpool_postgres::GenericClient;
use epay_domain::webhook::{BillFacts, Endpoint, WebhookEvent};
use epay_money::{BillId, BillerId, WebhookEndpointId};
use jiff::Timestamp;

use super::endpoint::read;
use crate::StoreError;
use crate::row::{Reading, columns};

/// Most deliveries that wait for one receiver. Beyond that it gets no more until some are through; the events are kept,
/// and a replay brings them.
pub const WAITING_MAX: i64 = 50_000;

/// The receivers of these departments that are switched on, suspended ones too; and which of them have no room.
///
/// # Errors
/// [`StoreError`].
pub async fn listeners(
    client: &impl GenericClient,
    billers: &[&str],
) -> Result<Vec<(Endpoint, bool)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT e.*, EXISTS (SELECT FROM webhook.delivery AS d WHERE d.biller_id = e.biller_id \
             AND d.endpoint_id = e.endpoint_id AND d.state = 'waiting' OFFSET $2) AS is_full \
             FROM webhook.endpoint AS e WHERE biller_id = ANY ($1::text[]) AND state = 'enabled' \
             ORDER BY biller_id, endpoint_id",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &WAITING_MAX]).await?;
    rows.iter()
        .map(|row| Ok((read(row)?, row.try_get("is_full")?)))
        .collect()
}

/// What receivers want to know of bills.
///
/// # Errors
/// [`StoreError`].
pub async fn bill_facts(
    client: &impl GenericClient,
    bills: &[(BillerId, BillId)],
) -> Result<HashMap<(BillerId, BillId), BillFacts>, StoreError> {
    columns!(
        bills,
        billers = |(biller, _)| biller.as_str(),
        ids = |(_, bill)| bill.uuid(),
    );
    let statement = client
        .prepare_cached(
            "SELECT biller_id, bill_id, bill_type, number, amount_minor, currency FROM epay.bill \
             WHERE (biller_id, bill_id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading { table: "bill", row };
            let facts = BillFacts {
                bill_type: reading.get("bill_type")?,
                number: reading.get("number")?,
                amount: reading.money("amount_minor")?,
            };
            let bill = BillId::new(reading.get("bill_id")?);
            Ok(((reading.biller()?, bill), facts))
        })
        .collect()
}

/// Keeps events and queues them for receivers. Again, it changes nothing: one that is known stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn put_events(
    client: &impl GenericClient,
    events: &[WebhookEvent],
    deliveries: &[(&WebhookEvent, WebhookEndpointId)],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        events,
        billers = |event| event.biller.as_str(),
        ids = |event| event.id.as_str(),
        types = |event| event.event_type.as_str(),
        times = |event| event.at,
        bodies = |event| event.body.as_str(),
    );
    columns!(
        deliveries,
        owners = |(event, _)| event.biller.as_str(),
        endpoints = |(_, endpoint)| endpoint.uuid(),
        of = |(event, _)| event.id.as_str(),
    );
    let statement = client
        .prepare_cached(
            "WITH kept AS (INSERT INTO webhook.event (biller_id, event_id, type, at, body) \
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[]) \
             ON CONFLICT DO NOTHING) \
             INSERT INTO webhook.delivery (biller_id, endpoint_id, event_id, state, next_at, created_at) \
             SELECT biller, endpoint, event, 'waiting', $9, $9 \
             FROM unnest($6::text[], $7::uuid[], $8::text[]) AS n (biller, endpoint, event) ON CONFLICT DO NOTHING",
        )
        .await?;
    client
        .execute(
            &statement,
            &[
                &billers, &ids, &types, &times, &bodies, &owners, &endpoints, &of, &now,
            ],
        )
        .await?;
    Ok(())
}
