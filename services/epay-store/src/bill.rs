//! Bills: the projection that commands and pages read.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::bill::{
    Bill, BillPart, BillState, Instalment, Licence, RevenueLine, SealedFactor,
};
use epay_money::{BillId, BillTypeCode, BillerId, PaymentId};
use epay_notice::Mark;
use jiff::civil::Date;
use postgres_types::Json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

const COLUMNS: &str = "biller_id, bill_id, bill_type, number, amount_minor, currency, applied_minor, state, \
                       due_date, description, lines, created_at, paid_at, version, under_way, revision, \
                       instalments, instalment_missed, second_factor, parts, licence_mark, licence_expires_on";

pub(crate) fn read(row: &Row) -> Result<Bill, StoreError> {
    let reading = Reading { table: "bill", row };
    Ok(Bill {
        id: BillId::new(reading.get("bill_id")?),
        biller: reading.biller()?,
        bill_type: reading.bill_type()?,
        number: reading.get("number")?,
        amount: reading.money("amount_minor")?,
        applied_minor: reading.get("applied_minor")?,
        state: reading.bill_state()?,
        due_date: reading.get("due_date")?,
        description: reading.get("description")?,
        lines: reading.get::<Json<Vec<RevenueLine>>>("lines")?.0,
        parts: reading
            .get::<Option<Json<Vec<BillPart>>>>("parts")?
            .map_or_else(Vec::new, |parts| parts.0),
        instalments: reading.get::<Json<Vec<Instalment>>>("instalments")?.0,
        instalment_missed: reading.get("instalment_missed")?,
        second_factor: second_factor(&reading)?,
        licence: licence(&reading)?,
        created_at: reading.get("created_at")?,
        paid_at: reading.get("paid_at")?,
        revision: reading.get("revision")?,
        version: reading.get("version")?,
        under_way: reading.get::<Json<Vec<PaymentId>>>("under_way")?.0,
    })
}

/// The digest, which the database keeps at its length.
fn second_factor(reading: &Reading<'_>) -> Result<Option<SealedFactor>, StoreError> {
    let bytes: Option<Vec<u8>> = reading.get("second_factor")?;
    Ok(bytes
        .and_then(|bytes| bytes.try_into().ok())
        .map(SealedFactor))
}

/// The licence, whose mark the database keeps masked.
fn licence(reading: &Reading<'_>) -> Result<Option<Licence>, StoreError> {
    let expires_on: Option<Date> = reading.get("licence_expires_on")?;
    let Some(expires_on) = expires_on else {
        return Ok(None);
    };
    let masked: String = reading.get("licence_mark")?;
    let mark = Mark::try_from(masked).map_err(|_fault| StoreError::Unknown {
        table: "bill",
        column: "licence_mark",
    })?;
    Ok(Some(Licence { mark, expires_on }))
}

fn mark(bill: &Bill) -> Option<&str> {
    bill.licence.as_ref().map(|licence| licence.mark.as_str())
}

fn expiry(bill: &Bill) -> Option<Date> {
    bill.licence.as_ref().map(|licence| licence.expires_on)
}

/// A digest as the database takes it.
fn digest(bill: &Bill) -> Option<&[u8]> {
    bill.second_factor
        .as_ref()
        .map(|sealed| sealed.0.as_slice())
}

/// Parts as the database takes them: nothing where a bill has none.
fn parts_of(bill: &Bill) -> Option<Json<&[BillPart]>> {
    (!bill.parts.is_empty()).then_some(Json(bill.parts.as_slice()))
}

/// Locks and reads bills, in the order of their keys, so that two batches cannot wait for each other.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_bills_in(
    tx: &Transaction<'_>,
    keys: &[(BillerId, BillId)],
) -> Result<Vec<Bill>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = tx
        .prepare_cached(
            "SELECT bill.* FROM epay.bill AS bill \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, bill_id) USING (biller_id, bill_id) \
             ORDER BY bill.biller_id, bill.bill_id FOR UPDATE OF bill",
        )
        .await?;
    tx.query(&statement, &[&billers, &ids])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Inserts new bills.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_bills_in(tx: &Transaction<'_>, bills: &[&Bill]) -> Result<(), StoreError> {
    columns!(
        bills,
        billers = |bill| bill.biller.as_str(),
        ids = |bill| bill.id.uuid(),
        types = |bill| bill.bill_type.as_str(),
        numbers = |bill| bill.number.as_str(),
        amounts = |bill| bill.amount.minor(),
        currencies = |bill| bill.amount.currency().code(),
        applied = |bill| bill.applied_minor,
        states = |bill| bill.state.as_str(),
        dues = |bill| bill.due_date,
        descriptions = |bill| bill.description.as_str(),
        lines = |bill| Json(&bill.lines),
        created = |bill| bill.created_at,
        paid = |bill| bill.paid_at,
        versions = |bill| bill.version,
        instalments = |bill| Json(&bill.instalments),
        factors = |bill| digest(bill),
        parts = |bill| parts_of(bill),
        marks = |bill| mark(bill),
        expiries = |bill| expiry(bill),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.bill (biller_id, bill_id, bill_type, number, amount_minor, currency, \
             applied_minor, state, due_date, description, lines, created_at, paid_at, version, instalments, second_factor, \
             parts, licence_mark, licence_expires_on) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::int8[], $6::text[], \
             $7::int8[], $8::text[], $9::date[], $10::text[], $11::jsonb[], $12::timestamptz[], \
             $13::timestamptz[], $14::int4[], $15::jsonb[], $16::bytea[], $17::jsonb[], $18::text[], $19::date[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &types,
            &numbers,
            &amounts,
            &currencies,
            &applied,
            &states,
            &dues,
            &descriptions,
            &lines,
            &created,
            &paid,
            &versions,
            &instalments,
            &factors,
            &parts,
            &marks,
            &expiries,
        ],
    )
    .await?;
    Ok(())
}

/// Writes what changes on a bill: state, what was applied, when it was paid.
///
/// # Errors
/// [`StoreError`].
pub async fn update_bills_in(tx: &Transaction<'_>, bills: &[&Bill]) -> Result<(), StoreError> {
    columns!(
        bills,
        billers = |bill| bill.biller.as_str(),
        ids = |bill| bill.id.uuid(),
        applied = |bill| bill.applied_minor,
        states = |bill| bill.state.as_str(),
        paid = |bill| bill.paid_at,
        versions = |bill| bill.version,
        missed = |bill| bill.instalment_missed,
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.bill SET applied_minor = new.applied_minor, state = new.state, \
             paid_at = new.paid_at, version = new.version, instalment_missed = new.instalment_missed \
             FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::text[], $5::timestamptz[], $6::int4[], \
             $7::bool[]) AS new (biller_id, bill_id, applied_minor, state, paid_at, version, instalment_missed) \
             WHERE bill.biller_id = new.biller_id AND bill.bill_id = new.bill_id",
        )
        .await?;
    tx.execute(
        &statement,
        &[&billers, &ids, &applied, &states, &paid, &versions, &missed],
    )
    .await?;
    Ok(())
}

/// Writes what revised bills say. What else changes on a bill is written by [`update_bills_in`].
///
/// # Errors
/// [`StoreError`].
pub async fn revise_bills_in(tx: &Transaction<'_>, bills: &[&Bill]) -> Result<(), StoreError> {
    columns!(
        bills,
        billers = |bill| bill.biller.as_str(),
        ids = |bill| bill.id.uuid(),
        amounts = |bill| bill.amount.minor(),
        dues = |bill| bill.due_date,
        descriptions = |bill| bill.description.as_str(),
        lines = |bill| Json(&bill.lines),
        revisions = |bill| bill.revision,
        instalments = |bill| Json(&bill.instalments),
        factors = |bill| digest(bill),
        parts = |bill| parts_of(bill),
        marks = |bill| mark(bill),
        expiries = |bill| expiry(bill),
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.bill SET amount_minor = new.amount_minor, due_date = new.due_date, \
             description = new.description, lines = new.lines, revision = new.revision, instalments = new.instalments, \
             second_factor = new.second_factor, parts = new.parts, licence_mark = new.licence_mark, \
             licence_expires_on = new.licence_expires_on \
             FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::date[], $5::text[], $6::jsonb[], $7::int4[], \
             $8::jsonb[], $9::bytea[], $10::jsonb[], $11::text[], $12::date[]) AS new (biller_id, bill_id, amount_minor, due_date, \
             description, lines, revision, instalments, second_factor, parts, licence_mark, licence_expires_on) \
             WHERE bill.biller_id = new.biller_id AND bill.bill_id = new.bill_id",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &amounts,
            &dues,
            &descriptions,
            &lines,
            &revisions,
            &instalments,
            &factors,
            &parts,
            &marks,
            &expiries,
        ],
    )
    .await?;
    Ok(())
}

/// Writes which payments may still take money for each bill.
///
/// # Errors
/// [`StoreError`].
pub async fn update_under_way_in(tx: &Transaction<'_>, bills: &[&Bill]) -> Result<(), StoreError> {
    columns!(
        bills,
        billers = |bill| bill.biller.as_str(),
        ids = |bill| bill.id.uuid(),
        under_way = |bill| Json(&bill.under_way),
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.bill SET under_way = new.under_way \
             FROM unnest($1::text[], $2::uuid[], $3::jsonb[]) AS new (biller_id, bill_id, under_way) \
             WHERE bill.biller_id = new.biller_id AND bill.bill_id = new.bill_id",
        )
        .await?;
    tx.execute(&statement, &[&billers, &ids, &under_way])
        .await?;
    Ok(())
}

/// The bills that numbers mean to their departments: the oldest that is still to be paid, else the newest.
///
/// # Errors
/// [`StoreError`].
pub async fn resolve_numbers(
    client: &impl GenericClient,
    keys: &[(BillerId, String)],
) -> Result<Vec<(BillerId, String, BillId)>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        numbers = |key| key.1.as_str()
    );
    let statement = client
        .prepare_cached(
            "SELECT DISTINCT ON (bill.biller_id, bill.number) bill.biller_id, bill.number, bill.bill_id \
             FROM epay.bill AS bill \
             JOIN unnest($1::text[], $2::text[]) AS wanted (biller_id, number) USING (biller_id, number) \
             ORDER BY bill.biller_id, bill.number, (bill.state IN ('open', 'part_paid')) DESC, \
             CASE WHEN bill.state IN ('open', 'part_paid') THEN bill.due_date END ASC, bill.bill_id DESC",
        )
        .await?;
    let rows = client.query(&statement, &[&billers, &numbers]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading { table: "bill", row };
            Ok((
                reading.biller()?,
                reading.get("number")?,
                BillId::new(reading.get("bill_id")?),
            ))
        })
        .collect()
}

/// One bill.
///
/// # Errors
/// [`StoreError`].
pub async fn bill(
    client: &impl GenericClient,
    biller: &BillerId,
    id: BillId,
) -> Result<Option<Bill>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM epay.bill WHERE biller_id = $1 AND bill_id = $2"
        ))
        .await?;
    let row = client
        .query_opt(&statement, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The bill that a payer holds, by its kind and number: the oldest that is still to be paid, else the newest.
///
/// # Errors
/// [`StoreError`].
pub async fn find_bill(
    client: &impl GenericClient,
    biller: &BillerId,
    bill_type: &BillTypeCode,
    number: &str,
) -> Result<Option<Bill>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM epay.bill WHERE biller_id = $1 AND number = $3 AND bill_type = $2 \
             ORDER BY (state IN ('open', 'part_paid')) DESC, \
             CASE WHEN state IN ('open', 'part_paid') THEN due_date END ASC, bill_id DESC LIMIT 1"
        ))
        .await?;
    let row = client
        .query_opt(
            &statement,
            &[&biller.as_str(), &bill_type.as_str(), &number],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// The bills of a department, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn bills(
    client: &impl GenericClient,
    biller: &BillerId,
    state: Option<BillState>,
    request: PageRequest,
) -> Result<Page<Bill>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM epay.bill WHERE biller_id = $1 \
             AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR bill_id < $3) \
             ORDER BY bill_id DESC LIMIT $4"
        ))
        .await?;
    let state = state.map(BillState::as_str);
    let rows = client
        .query(
            &statement,
            &[&biller.as_str(), &state, &request.after, &request.limit()],
        )
        .await?;
    let items = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<Bill>, StoreError>>()?;
    Ok(Page::cut(items, request, |bill| -> Uuid { bill.id.uuid() }))
}
