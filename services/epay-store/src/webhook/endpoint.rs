//! Receivers and what signs for them.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::webhook::{Endpoint, EndpointState, EventType};
use epay_money::{BillerId, WebhookEndpointId};
use epay_webhook::{Lane, Sealed};
use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

const TABLE: &str = "webhook.endpoint";

/// A key of a receiver, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Its id; a UUID of version 7, so that newer ones sort after older ones.
    pub id: Uuid,
    /// Its secret part.
    pub sealed: Sealed,
    /// Its public half, as receivers' libraries take it.
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops signing; unset for the newest.
    pub expires_at: Option<Timestamp>,
}

pub(super) fn read(row: &Row) -> Result<Endpoint, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let state: &str = reading.get("state")?;
    let words: Vec<&str> = reading.get("event_types")?;
    let event_types = words
        .into_iter()
        .map(|word| EventType::read(word).ok_or_else(|| unknown("event_types")));
    Ok(Endpoint {
        id: WebhookEndpointId::new(reading.get("endpoint_id")?),
        biller: reading.biller()?,
        url: reading.get("url")?,
        description: reading.get("description")?,
        event_types: event_types.collect::<Result<_, _>>()?,
        state: EndpointState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        lane: Lane {
            failures: u32::try_from(reading.get::<i32>("failures")?)
                .map_err(|_negative| unknown("failures"))?,
            failing_since: reading.get("failing_since")?,
            paused_until: reading.get("paused_until")?,
            suspended_at: reading.get("suspended_at")?,
        },
        created_at: reading.get("created_at")?,
        changed_at: reading.get("changed_at")?,
        version: reading.get("version")?,
    })
}

/// Holds off others who register receivers of a department, to the end of the transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_biller_in(tx: &Transaction<'_>, biller: &BillerId) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached("SELECT pg_advisory_xact_lock(hashtextextended('webhook:' || $1, 0))")
        .await?;
    tx.execute(&statement, &[&biller.as_str()]).await?;
    Ok(())
}

/// How many receivers a department has.
///
/// # Errors
/// [`StoreError`].
pub async fn count_endpoints_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
) -> Result<i64, StoreError> {
    let statement = tx
        .prepare_cached(
            "SELECT count(*) FROM webhook.endpoint WHERE biller_id = $1 AND state <> 'deleted'",
        )
        .await?;
    let row = tx.query_one(&statement, &[&biller.as_str()]).await?;
    Ok(row.try_get(0)?)
}

fn words(event_types: &[EventType]) -> Vec<&'static str> {
    event_types.iter().map(|one| one.as_str()).collect()
}

/// Writes a new receiver.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_endpoint_in(
    tx: &Transaction<'_>,
    endpoint: &Endpoint,
) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached(
            "INSERT INTO webhook.endpoint (biller_id, endpoint_id, url, description, event_types, state, created_at, \
             changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &endpoint.biller.as_str(),
            &endpoint.id.uuid(),
            &endpoint.url,
            &endpoint.description,
            &words(&endpoint.event_types),
            &endpoint.state.as_str(),
            &endpoint.created_at,
            &endpoint.changed_at,
            &endpoint.version,
        ],
    )
    .await?;
    Ok(())
}

/// Writes what a department changed; the receiver must be locked.
///
/// # Errors
/// [`StoreError`].
pub async fn update_endpoint_in(
    tx: &Transaction<'_>,
    endpoint: &Endpoint,
) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached(
            "UPDATE webhook.endpoint SET url = $3, description = $4, event_types = $5, state = $6, changed_at = $7, \
             version = $8 WHERE biller_id = $1 AND endpoint_id = $2",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &endpoint.biller.as_str(),
            &endpoint.id.uuid(),
            &endpoint.url,
            &endpoint.description,
            &words(&endpoint.event_types),
            &endpoint.state.as_str(),
            &endpoint.changed_at,
            &endpoint.version,
        ],
    )
    .await?;
    update_lanes_in(tx, std::slice::from_ref(endpoint)).await
}

/// Writes how receivers are doing; they must be locked.
///
/// # Errors
/// [`StoreError`].
pub async fn update_lanes_in(
    tx: &Transaction<'_>,
    endpoints: &[Endpoint],
) -> Result<(), StoreError> {
    columns!(
        endpoints,
        billers = |one| one.biller.as_str(),
        ids = |one| one.id.uuid(),
        failures = |one| i32::try_from(one.lane.failures).unwrap_or(i32::MAX),
        failing = |one| one.lane.failing_since,
        paused = |one| one.lane.paused_until,
        suspended = |one| one.lane.suspended_at,
    );
    let statement = tx
        .prepare_cached(
            "UPDATE webhook.endpoint AS e SET failures = n.failures, failing_since = n.failing, paused_until = n.paused, \
             suspended_at = n.suspended FROM unnest($1::text[], $2::uuid[], $3::int4[], $4::timestamptz[], \
             $5::timestamptz[], $6::timestamptz[]) AS n (biller, id, failures, failing, paused, suspended) \
             WHERE e.biller_id = n.biller AND e.endpoint_id = n.id",
        )
        .await?;
    tx.execute(
        &statement,
        &[&billers, &ids, &failures, &failing, &paused, &suspended],
    )
    .await?;
    Ok(())
}

/// One receiver, whatever became of it.
///
/// # Errors
/// [`StoreError`].
pub async fn endpoint(
    client: &impl GenericClient,
    biller: &BillerId,
    id: WebhookEndpointId,
) -> Result<Option<Endpoint>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM webhook.endpoint WHERE biller_id = $1 AND endpoint_id = $2")
        .await?;
    let row = client
        .query_opt(&statement, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// One receiver, locked.
///
/// # Errors
/// [`StoreError`].
pub async fn endpoint_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    id: WebhookEndpointId,
) -> Result<Option<Endpoint>, StoreError> {
    let found = lock_endpoints_in(tx, &[(biller.clone(), id)]).await?;
    Ok(found.into_iter().next())
}

/// Receivers, locked in the order of their keys.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_endpoints_in(
    tx: &Transaction<'_>,
    keys: &[(BillerId, WebhookEndpointId)],
) -> Result<Vec<Endpoint>, StoreError> {
    columns!(
        keys,
        billers = |(biller, _)| biller.as_str(),
        ids = |(_, id)| id.uuid(),
    );
    let statement = tx
        .prepare_cached(
            "SELECT * FROM webhook.endpoint WHERE (biller_id, endpoint_id) IN \
             (SELECT * FROM unnest($1::text[], $2::uuid[])) ORDER BY biller_id, endpoint_id FOR UPDATE",
        )
        .await?;
    let rows = tx.query(&statement, &[&billers, &ids]).await?;
    rows.iter().map(read).collect()
}

/// Receivers of a department, or of all; newest first, without those that are gone.
///
/// # Errors
/// [`StoreError`].
pub async fn endpoints(
    client: &impl GenericClient,
    biller: Option<&BillerId>,
    request: PageRequest,
) -> Result<Page<Endpoint>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM webhook.endpoint WHERE ($1::text IS NULL OR biller_id = $1) AND state <> 'deleted' \
             AND ($2::uuid IS NULL OR endpoint_id < $2) ORDER BY endpoint_id DESC LIMIT $3",
        )
        .await?;
    let biller = biller.map(BillerId::as_str);
    let rows = client
        .query(&statement, &[&biller, &request.after, &request.limit()])
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, request, |one| one.id.uuid()))
}

/// Writes a new key.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_key_in(
    tx: &Transaction<'_>,
    endpoint: &Endpoint,
    key: &StoredKey,
) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached(
            "INSERT INTO webhook.signing_key (biller_id, endpoint_id, key_id, vault_key_id, sealed, public_key, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &endpoint.biller.as_str(),
            &endpoint.id.uuid(),
            &key.id,
            &key.sealed.key_id,
            &key.sealed.bytes,
            &key.public_key,
            &key.created_at,
            &key.expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// Has every key of a receiver end at `at`, or sooner where it would anyway.
///
/// # Errors
/// [`StoreError`].
pub async fn expire_keys_in(
    tx: &Transaction<'_>,
    endpoint: &Endpoint,
    at: Timestamp,
) -> Result<(), StoreError> {
    let statement = tx
        .prepare_cached(
            "UPDATE webhook.signing_key SET expires_at = $3 WHERE biller_id = $1 AND endpoint_id = $2 \
             AND (expires_at IS NULL OR expires_at > $3)",
        )
        .await?;
    tx.execute(
        &statement,
        &[&endpoint.biller.as_str(), &endpoint.id.uuid(), &at],
    )
    .await?;
    Ok(())
}

/// The keys of receivers that sign at `now`, the newest of each first.
///
/// # Errors
/// [`StoreError`].
pub async fn signing_keys(
    client: &impl GenericClient,
    keys: &[(BillerId, WebhookEndpointId)],
    now: Timestamp,
) -> Result<Vec<(WebhookEndpointId, StoredKey)>, StoreError> {
    columns!(
        keys,
        billers = |(biller, _)| biller.as_str(),
        ids = |(_, id)| id.uuid(),
    );
    let statement = client
        .prepare_cached(
            "SELECT * FROM webhook.signing_key WHERE (biller_id, endpoint_id) IN \
             (SELECT * FROM unnest($1::text[], $2::uuid[])) AND (expires_at IS NULL OR expires_at > $3) \
             ORDER BY endpoint_id, key_id DESC",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids, &now]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "webhook.signing_key",
                row,
            };
            let key = StoredKey {
                id: reading.get("key_id")?,
                sealed: Sealed {
                    key_id: reading.get("vault_key_id")?,
                    bytes: reading.get("sealed")?,
                },
                public_key: reading.get("public_key")?,
                created_at: reading.get("created_at")?,
                expires_at: reading.get("expires_at")?,
            };
            Ok((WebhookEndpointId::new(reading.get("endpoint_id")?), key))
        })
        .collect()
}
