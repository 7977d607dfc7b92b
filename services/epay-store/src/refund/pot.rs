//! What is refundable of receipts: read under a lock, written only over the version that was read.

use deadpool_postgres::Transaction;
use epay_domain::Receipt;
use epay_domain::refund::{Pot, Source};
use epay_money::{BillerId, PaymentId, ReceiptId};

use super::source_of;
use crate::StoreError;
use crate::receipt;
use crate::row::{Reading, columns};

/// A receipt of a department.
pub type PotKey = (BillerId, ReceiptId);

/// Reads receipts.
///
/// # Errors
/// [`StoreError`].
pub async fn receipts_in(
    tx: &Transaction<'_>,
    keys: &[PotKey],
) -> Result<Vec<Receipt>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = tx
        .prepare_cached(
            "SELECT receipt.* FROM epay.receipt AS receipt \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, receipt_id) USING (biller_id, receipt_id)",
        )
        .await?;
    tx.query(&statement, &[&billers, &ids])
        .await?
        .iter()
        .map(receipt::read)
        .collect()
}

/// Reads every receipt of payments, in order: what a payer's bank says of a payment is about all of them.
///
/// # Errors
/// [`StoreError`].
pub async fn receipts_of_payments_in(
    tx: &Transaction<'_>,
    keys: &[(BillerId, PaymentId)],
) -> Result<Vec<Receipt>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    // Found through the bills' index: a bill has few receipts.
    let statement = tx
        .prepare_cached(
            "SELECT receipt.* FROM unnest($1::text[], $2::uuid[]) AS wanted (biller_id, payment_id) \
             JOIN epay.payment AS payment USING (biller_id, payment_id) \
             CROSS JOIN LATERAL (SELECT payment.bill_id UNION SELECT (part ->> 'bill')::uuid \
                FROM jsonb_array_elements(coalesce(payment.parts, '[]')) AS part) AS of (bill_id) \
             JOIN epay.receipt AS receipt ON receipt.biller_id = payment.biller_id \
              AND receipt.bill_id = of.bill_id AND receipt.payment_id = payment.payment_id \
             ORDER BY receipt.biller_id, receipt.receipt_id",
        )
        .await?;
    tx.query(&statement, &[&billers, &ids])
        .await?
        .iter()
        .map(receipt::read)
        .collect()
}

/// Makes rows for the parts of receipts that have none yet. Rows that are there already stay as they are.
///
/// # Errors
/// [`StoreError`].
pub async fn open_pots_in(tx: &Transaction<'_>, pots: &[Pot]) -> Result<(), StoreError> {
    let mut pots: Vec<&Pot> = pots.iter().collect();
    pots.sort_by(|one, other| {
        (&one.biller, one.receipt, one.source).cmp(&(&other.biller, other.receipt, other.source))
    });
    columns!(
        pots,
        billers = |pot| pot.biller.as_str(),
        receipts = |pot| pot.receipt.uuid(),
        sources = |pot| pot.source.as_str(),
        currencies = |pot| pot.currency.code(),
        received = |pot| pot.received_minor,
        taken = |pot| pot.taken_minor,
        reclaimed = |pot| pot.reclaimed_minor,
        short = |pot| pot.short_minor,
        versions = |pot| pot.version,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.refundable (biller_id, receipt_id, source, currency, received_minor, taken_minor, \
             reclaimed_minor, short_minor, version) SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], \
             $4::text[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int4[]) ON CONFLICT DO NOTHING",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &receipts,
            &sources,
            &currencies,
            &received,
            &taken,
            &reclaimed,
            &short,
            &versions,
        ],
    )
    .await?;
    Ok(())
}

/// Locks every part of receipts, in the order of their keys.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_pots_in(tx: &Transaction<'_>, keys: &[PotKey]) -> Result<Vec<Pot>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = tx
        .prepare_cached(
            "SELECT pot.* FROM epay.refundable AS pot \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, receipt_id) USING (biller_id, receipt_id) \
             ORDER BY biller_id, receipt_id, source FOR UPDATE OF pot",
        )
        .await?;
    let rows = tx.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| {
            let table = "refundable";
            let reading = Reading { table, row };
            let received = reading.money("received_minor")?;
            Ok(Pot {
                biller: reading.biller()?,
                receipt: ReceiptId::new(reading.get("receipt_id")?),
                source: source_of(reading, table)?,
                currency: received.currency(),
                received_minor: received.minor(),
                taken_minor: reading.get("taken_minor")?,
                reclaimed_minor: reading.get("reclaimed_minor")?,
                short_minor: reading.get("short_minor")?,
                version: reading.get("version")?,
            })
        })
        .collect()
}

/// Writes what is gone of parts, each row only over the version that was read: `(before, after)`. Answers how many
/// were written; fewer than given means that somebody else was there first, and the caller must begin again.
///
/// # Errors
/// [`StoreError`]; the constraint `never_more_than_received` stands behind the program.
pub async fn write_pots_in(
    tx: &Transaction<'_>,
    changes: &[(i32, &Pot)],
) -> Result<u64, StoreError> {
    columns!(
        changes,
        billers = |change| change.1.biller.as_str(),
        receipts = |change| change.1.receipt.uuid(),
        sources = |change| Source::as_str(change.1.source),
        taken = |change| change.1.taken_minor,
        reclaimed = |change| change.1.reclaimed_minor,
        short = |change| change.1.short_minor,
        before = |change| change.0,
        after = |change| change.1.version,
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.refundable AS pot SET taken_minor = new.taken_minor, \
             reclaimed_minor = new.reclaimed_minor, short_minor = new.short_minor, version = new.after \
             FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int4[], \
             $8::int4[]) AS new (biller_id, receipt_id, source, taken_minor, reclaimed_minor, short_minor, before, \
             after) \
             WHERE pot.biller_id = new.biller_id AND pot.receipt_id = new.receipt_id AND pot.source = new.source \
             AND pot.version = new.before",
        )
        .await?;
    Ok(tx
        .execute(
            &statement,
            &[
                &billers, &receipts, &sources, &taken, &reclaimed, &short, &before, &after,
            ],
        )
        .await?)
}
