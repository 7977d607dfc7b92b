//! What must still be seen. A row is written when something was not seen at first sight, and closed when it is.

use deadpool_postgres::Transaction;
use epay_domain::reconciliation::Level;
use epay_domain::reconciliation::case::ItemKind;
use epay_domain::statement::EntryDirection;
use epay_money::{BillerId, BreakId, Currency, JournalId, RailId};
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::StoreError;
use crate::row::{Reading, columns};

const TABLE: &str = "recon.expectation";

/// Something that must be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Where: in a rail's report or on a statement.
    pub level: Level,
    /// The receipt, batch or other thing.
    pub id: Uuid,
    /// What it is.
    pub kind: ItemKind,
    /// The rail, where it is about one.
    pub rail: Option<RailId>,
    /// The account on the rail or at the bank.
    pub account: String,
    /// Which way the money goes.
    pub direction: EntryDirection,
    /// The rail's or bank's reference.
    pub rail_reference: Option<String>,
    /// Our reference, or the batch's name.
    pub reference: Option<String>,
    /// The bill's number.
    pub bill_number: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// What must be seen, in minor units.
    pub minor: i64,
    /// Of how much.
    pub gross_minor: i64,
    /// Less which fee, where it is known.
    pub fee_minor: Option<i64>,
    /// The day it is from.
    pub day: Date,
    /// By when; unset where it is expected because of a break, on whatever day.
    pub expected_on: Option<Date>,
    /// The break that says that it is not there.
    pub case: Option<BreakId>,
    /// What booked it, of a receipt: read with it, never written.
    pub journal: Option<JournalId>,
}

/// Writes open expectations; one that is there is opened again.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_expectations_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    expectations: &[Expectation],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        expectations,
        levels = |one| one.level.as_str(),
        ids = |one| one.id,
        kinds = |one| one.kind.as_str(),
        rails = |one| one.rail.as_ref().map(RailId::as_str),
        accounts = |one| one.account.as_str(),
        directions = |one| one.direction.as_str(),
        rail_references = |one| one.rail_reference.as_deref(),
        references = |one| one.reference.as_deref(),
        numbers = |one| one.bill_number.as_deref(),
        currencies = |one| one.currency.code(),
        minors = |one| one.minor,
        gross = |one| one.gross_minor,
        fees = |one| one.fee_minor,
        days = |one| one.day,
        expected = |one| one.expected_on,
        cases = |one| one.case.map(|id| id.uuid()),
    );
    let insert = tx
        .prepare_cached(
            "INSERT INTO recon.expectation (biller_id, level, item_id, kind, rail, account, direction, rail_reference, \
             reference, bill_number, currency, minor, gross_minor, fee_minor, day, expected_on, break_id, state, \
             changed_at) SELECT $1, *, 'open', $18 FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], \
             $8::text[], $9::text[], $10::text[], $11::text[], $12::int8[], $13::int8[], $14::int8[], $15::date[], $16::date[], \
             $17::uuid[]) ON CONFLICT (biller_id, level, item_id) DO UPDATE SET state = 'open', \
             break_id = EXCLUDED.break_id, changed_at = EXCLUDED.changed_at",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &biller.as_str(),
            &levels,
            &ids,
            &kinds,
            &rails,
            &accounts,
            &directions,
            &rail_references,
            &references,
            &numbers,
            &currencies,
            &minors,
            &gross,
            &fees,
            &days,
            &expected,
            &cases,
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// Every open expectation of a book.
///
/// # Errors
/// [`StoreError`].
pub async fn open_expectations_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
) -> Result<Vec<Expectation>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT e.*, r.journal_id FROM recon.expectation AS e \
             LEFT JOIN epay.receipt AS r ON r.biller_id = e.biller_id AND r.receipt_id = e.item_id \
             WHERE e.biller_id = $1 AND e.state = 'open' ORDER BY e.item_id",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str()]).await?;
    rows.iter().map(read).collect()
}

/// Closes expectations that were seen.
///
/// # Errors
/// [`StoreError`].
pub async fn meet_expectations_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    met: &[(Level, Uuid)],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        met,
        levels = |(level, _)| level.as_str(),
        ids = |(_, id)| id,
    );
    let update = tx
        .prepare_cached(
            "UPDATE recon.expectation AS old SET state = 'met', changed_at = $4 \
             FROM unnest($2::text[], $3::uuid[]) AS met (level, item_id) \
             WHERE old.biller_id = $1 AND old.level = met.level AND old.item_id = met.item_id",
        )
        .await?;
    tx.execute(&update, &[&biller.as_str(), &levels, &ids, &now])
        .await?;
    Ok(())
}

/// Notes which break says of each open expectation that it is not there.
///
/// # Errors
/// [`StoreError`].
pub async fn stand_for_expectations_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    missing: &[(Level, Uuid, BreakId)],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        missing,
        levels = |(level, ..)| level.as_str(),
        ids = |(_, id, _)| id,
        cases = |(.., case)| case.uuid(),
    );
    let update = tx
        .prepare_cached(
            "UPDATE recon.expectation AS old SET break_id = missing.break_id, changed_at = $5 \
             FROM unnest($2::text[], $3::uuid[], $4::uuid[]) AS missing (level, item_id, break_id) \
             WHERE old.biller_id = $1 AND old.level = missing.level AND old.item_id = missing.item_id",
        )
        .await?;
    tx.execute(&update, &[&biller.as_str(), &levels, &ids, &cases, &now])
        .await?;
    Ok(())
}

/// Ends what is expected because of a break, or that it says is not there: people decided that it need not come.
///
/// # Errors
/// [`StoreError`].
pub async fn end_expectations_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    case: BreakId,
    now: Timestamp,
) -> Result<(), StoreError> {
    move_of_case(tx, biller, case, ("open", "ended"), now).await
}

/// Expects again what people had ended with a break.
///
/// # Errors
/// [`StoreError`].
pub async fn reopen_expectations_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    case: BreakId,
    now: Timestamp,
) -> Result<(), StoreError> {
    move_of_case(tx, biller, case, ("ended", "open"), now).await
}

/// Expects no more what a rail was to pay back because of a break. Answers whether it was still expected: what came is met.
///
/// # Errors
/// [`StoreError`].
pub async fn end_claim_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    case: BreakId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE recon.expectation SET state = 'ended', changed_at = $4 WHERE biller_id = $1 AND level = $2 \
             AND item_id = $3 AND state = 'open'",
        )
        .await?;
    let level = Level::Bank.as_str();
    let parameters: [&(dyn ToSql + Sync); 4] = [&biller.as_str(), &level, &case.uuid(), &now];
    Ok(tx.execute(&update, &parameters).await? == 1)
}

async fn move_of_case(
    tx: &Transaction<'_>,
    biller: &BillerId,
    case: BreakId,
    (from, to): (&str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = tx
        .prepare_cached(
            "UPDATE recon.expectation SET state = $4, changed_at = $5 WHERE biller_id = $1 AND break_id = $2 AND state = $3",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 5] = [&biller.as_str(), &case.uuid(), &from, &to, &now];
    tx.execute(&update, &parameters).await?;
    Ok(())
}

fn read(row: &Row) -> Result<Expectation, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let direction: &str = reading.get("direction")?;
    let rail: Option<&str> = reading.get("rail")?;
    let case: Option<Uuid> = reading.get("break_id")?;
    Ok(Expectation {
        level: Level::from_word(reading.get("level")?).ok_or_else(|| unknown("level"))?,
        id: reading.get("item_id")?,
        kind: ItemKind::from_word(reading.get("kind")?).ok_or_else(|| unknown("kind"))?,
        rail: rail
            .map(RailId::new)
            .transpose()
            .map_err(|_bad| unknown("rail"))?,
        account: reading.get("account")?,
        direction: EntryDirection::ALL
            .into_iter()
            .find(|known| known.as_str() == direction)
            .ok_or_else(|| unknown("direction"))?,
        rail_reference: reading.get("rail_reference")?,
        reference: reading.get("reference")?,
        bill_number: reading.get("bill_number")?,
        currency: reading.money("minor")?.currency(),
        minor: reading.get("minor")?,
        gross_minor: reading.get("gross_minor")?,
        fee_minor: reading.get("fee_minor")?,
        day: reading.get("day")?,
        expected_on: reading.get("expected_on")?,
        case: case.map(BreakId::new),
        journal: reading
            .get::<Option<Uuid>>("journal_id")?
            .map(JournalId::new),
    })
}
