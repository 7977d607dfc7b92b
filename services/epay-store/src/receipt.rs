//! Receipts: the record of every credit. Append only.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::Receipt;
use epay_domain::bill::ClearedPart;
use epay_money::{BillId, BillerId, JournalId, MessageId, PaymentId, RailId, ReceiptId};
use postgres_types::Json;
use tokio_postgres::Row;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

/// What makes a credit the same credit: department, rail, account and the bank's reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptKey {
    /// The department whose account was credited.
    pub biller: BillerId,
    /// The rail.
    pub rail: RailId,
    /// The account.
    pub rail_account: String,
    /// The bank's reference.
    pub rail_reference: String,
}

pub(crate) fn read(row: &Row) -> Result<Receipt, StoreError> {
    let reading = Reading {
        table: "receipt",
        row,
    };
    Ok(Receipt {
        id: ReceiptId::new(reading.get("receipt_id")?),
        biller: reading.biller()?,
        rail: reading.rail()?,
        rail_account: reading.get("rail_account")?,
        rail_reference: reading.get("rail_reference")?,
        part: reading.get("part")?,
        message: MessageId::new(reading.get("message_id")?),
        bill: reading
            .get::<Option<uuid::Uuid>>("bill_id")?
            .map(BillId::new),
        payment: reading
            .get::<Option<uuid::Uuid>>("payment_id")?
            .map(PaymentId::new),
        matched_by: reading.matched_by()?,
        amount: reading.money("amount_minor")?,
        applied_minor: reading.get("applied_minor")?,
        cleared: reading
            .get::<Option<Json<Vec<ClearedPart>>>>("cleared_parts")?
            .map_or_else(Vec::new, |cleared| cleared.0),
        overpaid_minor: reading.get("overpaid_minor")?,
        forwarded_minor: reading.get("forwarded_minor")?,
        duplicate_minor: reading.get("duplicate_minor")?,
        unapplied_minor: reading.get("unapplied_minor")?,
        hold_reason: reading.hold_reason()?,
        instructed_at: reading.get("instructed_at")?,
        receipt_business_date: reading.get("receipt_business_date")?,
        value_date: reading.get("value_date")?,
        on_time: reading.get("on_time")?,
        journal: JournalId::new(reading.get("journal_id")?),
        fee_minor: reading.get("fee_minor")?,
        fee_journal: reading
            .get::<Option<uuid::Uuid>>("fee_journal_id")?
            .map(JournalId::new),
        created_at: reading.get("created_at")?,
    })
}

/// Which of these credits are recorded already.
///
/// # Errors
/// [`StoreError`].
pub async fn known_receipts_in(
    tx: &Transaction<'_>,
    keys: &[ReceiptKey],
) -> Result<Vec<ReceiptKey>, StoreError> {
    columns!(
        keys,
        billers = |key| key.biller.as_str(),
        rails = |key| key.rail.as_str(),
        accounts = |key| key.rail_account.as_str(),
        references = |key| key.rail_reference.as_str(),
    );
    let statement = tx
        .prepare_cached(
            "SELECT receipt.biller_id, receipt.rail, receipt.rail_account, receipt.rail_reference \
             FROM epay.receipt AS receipt JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[]) \
             AS wanted (biller_id, rail, rail_account, rail_reference) \
             USING (biller_id, rail, rail_account, rail_reference)",
        )
        .await?;
    let rows = tx
        .query(&statement, &[&billers, &rails, &accounts, &references])
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "receipt",
                row,
            };
            Ok(ReceiptKey {
                biller: reading.biller()?,
                rail: reading.rail()?,
                rail_account: reading.get("rail_account")?,
                rail_reference: reading.get("rail_reference")?,
            })
        })
        .collect()
}

const INSERT: &str = "INSERT INTO epay.receipt (biller_id, receipt_id, rail, rail_account, rail_reference, message_id, \
    bill_id, payment_id, matched_by, currency, amount_minor, applied_minor, overpaid_minor, \
    forwarded_minor, duplicate_minor, unapplied_minor, hold_reason, instructed_at, \
    receipt_business_date, value_date, on_time, journal_id, fee_minor, fee_journal_id, created_at, part, \
    cleared_parts) \
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], \
    $7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::int8[], $12::int8[], $13::int8[], \
    $14::int8[], $15::int8[], $16::int8[], $17::text[], $18::timestamptz[], $19::date[], $20::date[], \
    $21::bool[], $22::uuid[], $23::int8[], $24::uuid[], $25::timestamptz[], $26::int4[], \
    $27::jsonb[])";

/// Inserts receipts. One that another node recorded in the meantime fails the statement: the batch is then
/// decided again, and finds it.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_receipts_in(
    tx: &Transaction<'_>,
    receipts: &[Receipt],
) -> Result<(), StoreError> {
    columns!(
        receipts,
        billers = |receipt| receipt.biller.as_str(),
        ids = |receipt| receipt.id.uuid(),
        rails = |receipt| receipt.rail.as_str(),
        accounts = |receipt| receipt.rail_account.as_str(),
        references = |receipt| receipt.rail_reference.as_str(),
        messages = |receipt| receipt.message.uuid(),
        bills = |receipt| receipt.bill.map(BillId::uuid),
        payments = |receipt| receipt.payment.map(PaymentId::uuid),
        matched = |receipt| receipt.matched_by.as_str(),
        currencies = |receipt| receipt.amount.currency().code(),
        amounts = |receipt| receipt.amount.minor(),
        applied = |receipt| receipt.applied_minor,
        overpaid = |receipt| receipt.overpaid_minor,
        forwarded = |receipt| receipt.forwarded_minor,
        duplicate = |receipt| receipt.duplicate_minor,
        unapplied = |receipt| receipt.unapplied_minor,
        reasons = |receipt| receipt.hold_reason.map(epay_domain::HoldReason::as_str),
        instructed = |receipt| receipt.instructed_at,
        business = |receipt| receipt.receipt_business_date,
        values = |receipt| receipt.value_date,
        on_time = |receipt| receipt.on_time,
        journals = |receipt| receipt.journal.uuid(),
        fees = |receipt| receipt.fee_minor,
        fee_journals = |receipt| receipt.fee_journal.map(JournalId::uuid),
        created = |receipt| receipt.created_at,
        parts = |receipt| receipt.part,
        // Nothing where the bill has no parts.
        cleared = |receipt| {
            let cleared = receipt.cleared.as_slice();
            (!cleared.is_empty()).then_some(Json(cleared))
        },
    );
    let statement = tx.prepare_cached(INSERT).await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &rails,
            &accounts,
            &references,
            &messages,
            &bills,
            &payments,
            &matched,
            &currencies,
            &amounts,
            &applied,
            &overpaid,
            &forwarded,
            &duplicate,
            &unapplied,
            &reasons,
            &instructed,
            &business,
            &values,
            &on_time,
            &journals,
            &fees,
            &fee_journals,
            &created,
            &parts,
            &cleared,
        ],
    )
    .await?;
    Ok(())
}

/// Which receipts are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiptFilter {
    /// Only those of this bill.
    pub bill: Option<BillId>,
    /// Only those of this payment.
    pub payment: Option<PaymentId>,
}

/// The receipts of a department, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn receipts(
    client: &impl GenericClient,
    biller: &BillerId,
    filter: ReceiptFilter,
    request: PageRequest,
) -> Result<Page<Receipt>, StoreError> {
    // A payment's receipts are found through its bill's index: a bill has few.
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.receipt WHERE biller_id = $1 AND ($2::uuid IS NULL OR bill_id = $2) \
             AND ($3::uuid IS NULL OR payment_id = $3) AND ($4::uuid IS NULL OR receipt_id < $4) \
             ORDER BY receipt_id DESC LIMIT $5",
        )
        .await?;
    let bill = filter.bill.map(BillId::uuid);
    let payment = filter.payment.map(PaymentId::uuid);
    let rows = client
        .query(
            &statement,
            &[
                &biller.as_str(),
                &bill,
                &payment,
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let items = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<Receipt>, StoreError>>()?;
    Ok(Page::cut(items, request, |receipt| receipt.id.uuid()))
}
