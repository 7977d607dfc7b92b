//! Payments: the projection that commands and pages read.

use std::collections::HashMap;

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::Reference;
use epay_domain::payment::{Payment, PaymentState};
use epay_money::{BillId, BillerId, PaymentId};
use jiff::Timestamp;
use postgres_types::Json;
use tokio_postgres::Row;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

mod resolve;

pub use resolve::{PaymentKey, Resolved, payment_key, resolve_references, waiting_payments};

use resolve::read_key;

const COLUMNS: &str = "biller_id, payment_id, bill_id, reference, rail, amount_minor, currency, state, \
                       received_minor, payee, presentation, amount_editable, created_at, expires_at, version, method, \
                       parts, remote";

fn read(row: &Row) -> Result<Payment, StoreError> {
    let reading = Reading {
        table: "payment",
        row,
    };
    let reference = Reference::read(reading.get("reference")?).ok_or(StoreError::Unknown {
        table: "payment",
        column: "reference",
    })?;
    Ok(Payment {
        id: PaymentId::new(reading.get("payment_id")?),
        biller: reading.biller()?,
        bill: BillId::new(reading.get("bill_id")?),
        reference,
        rail: reading.rail()?,
        amount: reading.money("amount_minor")?,
        state: reading.payment_state()?,
        received_minor: reading.get("received_minor")?,
        payee: reading.get("payee")?,
        presentation: optional(reading, "presentation")?,
        method: reading.get("method")?,
        parts: optional(reading, "parts")?.unwrap_or_default(),
        remote: optional(reading, "remote")?,
        amount_editable: reading.get("amount_editable")?,
        created_at: reading.get("created_at")?,
        expires_at: reading.get("expires_at")?,
        version: reading.get("version")?,
    })
}

fn optional<T: for<'a> serde::Deserialize<'a>>(
    reading: Reading<'_>,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    Ok(reading.get::<Option<Json<T>>>(column)?.map(|json| json.0))
}

/// A JSON document, or nothing.
pub(crate) fn json<T>(value: Option<&T>) -> Option<Json<&T>> {
    value.map(Json)
}

/// Reads payments of locked bills. The bill's lock protects them: a payment never changes its bill.
///
/// # Errors
/// [`StoreError`].
pub async fn payments_in(
    tx: &Transaction<'_>,
    keys: &[(BillerId, PaymentId)],
) -> Result<Vec<Payment>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = tx
        .prepare_cached(
            "SELECT payment.* FROM epay.payment AS payment \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, payment_id) USING (biller_id, payment_id)",
        )
        .await?;
    tx.query(&statement, &[&billers, &ids])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The versions of payments; one that does not exist has none.
///
/// # Errors
/// [`StoreError`].
pub async fn payment_versions(
    client: &impl GenericClient,
    keys: &[(BillerId, PaymentId)],
) -> Result<HashMap<PaymentId, i32>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = client
        .prepare_cached(
            "SELECT payment_id, version FROM epay.payment \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, payment_id) USING (biller_id, payment_id)",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "payment",
                row,
            };
            let id = PaymentId::new(reading.get("payment_id")?);
            Ok((id, reading.get("version")?))
        })
        .collect()
}

/// Inserts new payments.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_payments_in(
    tx: &Transaction<'_>,
    payments: &[&Payment],
) -> Result<(), StoreError> {
    columns!(
        payments,
        billers = |payment| payment.biller.as_str(),
        ids = |payment| payment.id.uuid(),
        bills = |payment| payment.bill.uuid(),
        references = |payment| payment.reference.as_str(),
        rails = |payment| payment.rail.as_str(),
        amounts = |payment| payment.amount.minor(),
        currencies = |payment| payment.amount.currency().code(),
        states = |payment| payment.state.as_str(),
        received = |payment| payment.received_minor,
        payees = |payment| payment.payee.as_str(),
        presentations = |payment| json(payment.presentation.as_ref()),
        editable = |payment| payment.amount_editable,
        created = |payment| payment.created_at,
        expires = |payment| payment.expires_at,
        versions = |payment| payment.version,
        methods = |payment| payment.method.as_str(),
        parts = |payment| (!payment.parts.is_empty()).then_some(Json(&payment.parts)),
        remotes = |payment| json(payment.remote.as_ref()),
        nexts = |payment| payment.remote.as_ref().and_then(|remote| remote.next_at),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.payment (biller_id, payment_id, bill_id, reference, rail, amount_minor, currency, \
             state, received_minor, payee, presentation, amount_editable, created_at, expires_at, version, \
             method, parts, remote, next_at) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int8[], \
             $7::text[], $8::text[], $9::int8[], $10::text[], $11::jsonb[], $12::bool[], $13::timestamptz[], \
             $14::timestamptz[], $15::int4[], $16::text[], $17::jsonb[], $18::jsonb[], $19::timestamptz[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &bills,
            &references,
            &rails,
            &amounts,
            &currencies,
            &states,
            &received,
            &payees,
            &presentations,
            &editable,
            &created,
            &expires,
            &versions,
            &methods,
            &parts,
            &remotes,
            &nexts,
        ],
    )
    .await?;
    Ok(())
}

/// Writes what changes on a payment that is only shown: state and what arrived.
///
/// # Errors
/// [`StoreError`].
pub async fn update_payments_in(
    tx: &Transaction<'_>,
    payments: &[&Payment],
) -> Result<(), StoreError> {
    columns!(
        payments,
        billers = |payment| payment.biller.as_str(),
        ids = |payment| payment.id.uuid(),
        states = |payment| payment.state.as_str(),
        received = |payment| payment.received_minor,
        versions = |payment| payment.version,
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.payment SET state = new.state, received_minor = new.received_minor, version = new.version \
             FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int8[], $5::int4[]) \
             AS new (biller_id, payment_id, state, received_minor, version) \
             WHERE payment.biller_id = new.biller_id AND payment.payment_id = new.payment_id",
        )
        .await?;
    tx.execute(&statement, &[&billers, &ids, &states, &received, &versions])
        .await?;
    Ok(())
}

/// Writes what changes on a payment whose rail is asked: also what is known of it, when it is looked at again, and the
/// rail itself where the payment goes on by another.
///
/// # Errors
/// [`StoreError`].
pub async fn update_remote_payments_in(
    tx: &Transaction<'_>,
    payments: &[&Payment],
) -> Result<(), StoreError> {
    columns!(
        payments,
        billers = |payment| payment.biller.as_str(),
        ids = |payment| payment.id.uuid(),
        states = |payment| payment.state.as_str(),
        received = |payment| payment.received_minor,
        versions = |payment| payment.version,
        presentations = |payment| json(payment.presentation.as_ref()),
        remotes = |payment| json(payment.remote.as_ref()),
        nexts = |payment| payment.remote.as_ref().and_then(|remote| remote.next_at),
        unclear = |payment| unclear_since(payment),
        rails = |payment| payment.rail.as_str(),
        payees = |payment| payment.payee.as_str(),
        expires = |payment| payment.expires_at,
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.payment SET state = new.state, received_minor = new.received_minor, \
             version = new.version, presentation = new.presentation, remote = new.remote, \
             next_at = new.next_at, unclear_since = new.unclear_since, rail = new.rail, payee = new.payee, \
             expires_at = new.expires_at \
             FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int8[], $5::int4[], $6::jsonb[], $7::jsonb[], \
             $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $12::timestamptz[]) \
             AS new (biller_id, payment_id, state, received_minor, version, presentation, remote, next_at, \
             unclear_since, rail, payee, expires_at) \
             WHERE payment.biller_id = new.biller_id AND payment.payment_id = new.payment_id",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &states,
            &received,
            &versions,
            &presentations,
            &remotes,
            &nexts,
            &unclear,
            &rails,
            &payees,
            &expires,
        ],
    )
    .await?;
    Ok(())
}

fn unclear_since(payment: &Payment) -> Option<Timestamp> {
    if payment.state != PaymentState::Unclear {
        return None;
    }
    let doubt = payment.remote.as_ref()?.doubt.as_ref()?;
    Some(doubt.since)
}

/// Payments that must be looked at again by `now`, the longest overdue first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn payments_due(
    client: &impl GenericClient,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<PaymentKey>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT biller_id, payment_id, bill_id, parts FROM epay.payment WHERE next_at <= $1 \
             ORDER BY next_at LIMIT $2",
        )
        .await?;
    let rows = client.query(&statement, &[&now, &limit]).await?;
    rows.iter().map(read_key).collect()
}

/// Payments whose outcome is not known, the oldest doubt first; of one department or of all. `after` is the last
/// payment of the page before.
///
/// # Errors
/// [`StoreError`].
pub async fn unclear_payments(
    client: &impl GenericClient,
    biller: Option<&BillerId>,
    request: PageRequest,
) -> Result<Page<Payment>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM epay.payment WHERE unclear_since IS NOT NULL \
             AND ($1::text IS NULL OR biller_id = $1) \
             AND ($2::uuid IS NULL OR (unclear_since, payment_id) > \
             (SELECT last.unclear_since, last.payment_id FROM epay.payment AS last WHERE last.payment_id = $2)) \
             ORDER BY unclear_since, payment_id LIMIT $3"
        ))
        .await?;
    let biller = biller.map(BillerId::as_str);
    let rows = client
        .query(&statement, &[&biller, &request.after, &request.limit()])
        .await?;
    let items = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<Payment>, StoreError>>()?;
    Ok(Page::cut(items, request, |payment| payment.id.uuid()))
}

/// Payments started by a batch whose time to pay has run out.
///
/// # Errors
/// [`StoreError`].
pub async fn due_payments(
    client: &impl GenericClient,
    batch: uuid::Uuid,
    now: Timestamp,
) -> Result<Vec<PaymentKey>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT payment.biller_id, payment.payment_id, payment.bill_id, payment.parts FROM epay.outbox AS line \
             JOIN epay.payment AS payment USING (biller_id, payment_id) \
             WHERE line.batch_id = $1 AND line.due_at <= $2 \
             AND payment.state IN ('created', 'awaiting_payer')",
        )
        .await?;
    let rows = client.query(&statement, &[&batch, &now]).await?;
    rows.iter().map(read_key).collect()
}

/// One payment.
///
/// # Errors
/// [`StoreError`].
pub async fn payment(
    client: &impl GenericClient,
    biller: &BillerId,
    id: PaymentId,
) -> Result<Option<Payment>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM epay.payment WHERE biller_id = $1 AND payment_id = $2"
        ))
        .await?;
    let row = client
        .query_opt(&statement, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Which payments are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Only those of this bill.
    pub bill: Option<BillId>,
    /// Only the one with this reference.
    pub reference: Option<String>,
}

/// The payments of a department, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn payments(
    client: &impl GenericClient,
    biller: &BillerId,
    filter: &PaymentFilter,
    request: PageRequest,
) -> Result<Page<Payment>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM epay.payment WHERE biller_id = $1 \
             AND ($2::uuid IS NULL OR bill_id = $2 OR parts @> $6::jsonb) AND ($3::text IS NULL OR reference = $3) \
             AND ($4::uuid IS NULL OR payment_id < $4) ORDER BY payment_id DESC LIMIT $5"
        ))
        .await?;
    let bill = filter.bill.map(BillId::uuid);
    let part = filter
        .bill
        .map(|bill| serde_json::json!([{ "bill": bill }]));
    let rows = client
        .query(
            &statement,
            &[
                &biller.as_str(),
                &bill,
                &filter.reference,
                &request.after,
                &request.limit(),
                &part,
            ],
        )
        .await?;
    let items = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<Payment>, StoreError>>()?;
    Ok(Page::cut(items, request, |payment| payment.id.uuid()))
}
