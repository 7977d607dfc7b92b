//! Payments: the projection that commands and pages read.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::Reference;
use epay_domain::payment::Payment;
use epay_money::{BillId, BillerId, PaymentId};
use jiff::Timestamp;
use tokio_postgres::Row;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

const COLUMNS: &str = "biller_id, payment_id, bill_id, reference, rail, amount_minor, currency, state, \
                       received_minor, payee, presentation, amount_editable, created_at, expires_at, version";

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
        presentation: reading.get("presentation")?,
        amount_editable: reading.get("amount_editable")?,
        created_at: reading.get("created_at")?,
        expires_at: reading.get("expires_at")?,
        version: reading.get("version")?,
    })
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
        presentations = |payment| payment.presentation.as_str(),
        editable = |payment| payment.amount_editable,
        created = |payment| payment.created_at,
        expires = |payment| payment.expires_at,
        versions = |payment| payment.version,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.payment (biller_id, payment_id, bill_id, reference, rail, amount_minor, currency, \
             state, received_minor, payee, presentation, amount_editable, created_at, expires_at, version) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int8[], \
             $7::text[], $8::text[], $9::int8[], $10::text[], $11::text[], $12::bool[], $13::timestamptz[], \
             $14::timestamptz[], $15::int4[])",
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
        ],
    )
    .await?;
    Ok(())
}

/// Writes what changes on a payment: state and what arrived.
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

/// A reference that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The department.
    pub biller: BillerId,
    /// The reference.
    pub reference: String,
    /// The payment that has it.
    pub payment: PaymentId,
    /// The payment's bill.
    pub bill: BillId,
}

/// The payments that references mean to their departments.
///
/// # Errors
/// [`StoreError`].
pub async fn resolve_references(
    client: &impl GenericClient,
    keys: &[(BillerId, String)],
) -> Result<Vec<Resolved>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        references = |key| key.1.as_str()
    );
    let statement = client
        .prepare_cached(
            "SELECT payment.biller_id, payment.reference, payment.payment_id, payment.bill_id \
             FROM epay.payment AS payment \
             JOIN unnest($1::text[], $2::text[]) AS wanted (biller_id, reference) USING (biller_id, reference)",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &references]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "payment",
                row,
            };
            Ok(Resolved {
                biller: reading.biller()?,
                reference: reading.get("reference")?,
                payment: PaymentId::new(reading.get("payment_id")?),
                bill: BillId::new(reading.get("bill_id")?),
            })
        })
        .collect()
}

/// Payments started by a batch whose time to pay has run out: (department, payment, bill).
///
/// # Errors
/// [`StoreError`].
pub async fn due_payments(
    client: &impl GenericClient,
    batch: uuid::Uuid,
    now: Timestamp,
) -> Result<Vec<(BillerId, PaymentId, BillId)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT payment.biller_id, payment.payment_id, payment.bill_id FROM epay.outbox AS line \
             JOIN epay.payment AS payment USING (biller_id, payment_id) \
             WHERE line.batch_id = $1 AND line.due_at <= $2 \
             AND payment.state IN ('created', 'awaiting_payer')",
        )
        .await?;
    let rows = client.query(&statement, &[&batch, &now]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "payment",
                row,
            };
            Ok((
                reading.biller()?,
                PaymentId::new(reading.get("payment_id")?),
                BillId::new(reading.get("bill_id")?),
            ))
        })
        .collect()
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
             AND ($2::uuid IS NULL OR bill_id = $2) AND ($3::text IS NULL OR reference = $3) \
             AND ($4::uuid IS NULL OR payment_id < $4) ORDER BY payment_id DESC LIMIT $5"
        ))
        .await?;
    let bill = filter.bill.map(BillId::uuid);
    let rows = client
        .query(
            &statement,
            &[
                &biller.as_str(),
                &bill,
                &filter.reference,
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let items = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<Payment>, StoreError>>()?;
    Ok(Page::cut(items, request, |payment| payment.id.uuid()))
}
