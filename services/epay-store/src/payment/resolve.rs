//! Which payment is meant: by reference, by the bill that it is for, and what a command about it must lock.

use deadpool_postgres::GenericClient;
use epay_domain::payment::PaymentPart;
use epay_money::{BillId, BillerId, PaymentId, RailId};
use tokio_postgres::Row;

use super::optional;
use crate::StoreError;
use crate::row::{Reading, columns};

/// A reference that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The department.
    pub biller: BillerId,
    /// The reference.
    pub reference: String,
    /// The payment that has it.
    pub payment: PaymentId,
    /// The payment's bills, in order.
    pub bills: Vec<BillId>,
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
            "SELECT payment.biller_id, payment.reference, payment.payment_id, payment.bill_id, payment.parts \
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
                bills: bills_of(reading)?,
            })
        })
        .collect()
}

/// For each of these bills and each rail, the payment of it alone that waits for its payer there. Where several wait, none:
/// which of them was meant cannot be told.
///
/// # Errors
/// [`StoreError`].
pub async fn waiting_payments(
    client: &impl GenericClient,
    bills: &[(BillerId, BillId)],
) -> Result<Vec<((BillerId, BillId, RailId), PaymentId)>, StoreError> {
    columns!(
        bills,
        billers = |bill| bill.0.as_str(),
        ids = |bill| bill.1.uuid()
    );
    let statement = client
        .prepare_cached(
            "SELECT payment.biller_id, payment.bill_id, payment.rail, (array_agg(payment.payment_id))[1] AS payment_id \
             FROM epay.payment AS payment \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, bill_id) USING (biller_id, bill_id) \
             WHERE payment.state = 'awaiting_payer' AND payment.parts IS NULL \
             GROUP BY payment.biller_id, payment.bill_id, payment.rail HAVING count(*) = 1",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "payment",
                row,
            };
            let bill = BillId::new(reading.get("bill_id")?);
            Ok((
                (reading.biller()?, bill, reading.rail()?),
                PaymentId::new(reading.get("payment_id")?),
            ))
        })
        .collect()
}

/// The bills of a row with `bill_id` and `parts`.
fn bills_of(reading: Reading<'_>) -> Result<Vec<BillId>, StoreError> {
    let parts: Option<Vec<PaymentPart>> = optional(reading, "parts")?;
    Ok(match parts {
        Some(parts) => parts.iter().map(|part| part.bill).collect(),
        None => vec![BillId::new(reading.get("bill_id")?)],
    })
}

/// A payment with its bills: what a command about it must lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentKey {
    /// The department.
    pub biller: BillerId,
    /// The payment.
    pub payment: PaymentId,
    /// Its bills, in order.
    pub bills: Vec<BillId>,
}

pub(super) fn read_key(row: &Row) -> Result<PaymentKey, StoreError> {
    let reading = Reading {
        table: "payment",
        row,
    };
    Ok(PaymentKey {
        biller: reading.biller()?,
        payment: PaymentId::new(reading.get("payment_id")?),
        bills: bills_of(reading)?,
    })
}

/// The bills of a payment.
///
/// # Errors
/// [`StoreError`].
pub async fn payment_key(
    client: &impl GenericClient,
    biller: &BillerId,
    payment: PaymentId,
) -> Result<Option<PaymentKey>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT biller_id, payment_id, bill_id, parts FROM epay.payment \
             WHERE biller_id = $1 AND payment_id = $2",
        )
        .await?;
    let row = client
        .query_opt(&statement, &[&biller.as_str(), &payment.uuid()])
        .await?;
    row.as_ref().map(read_key).transpose()
}
