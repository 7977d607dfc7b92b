//! Breaks, as they stand; what happened to each is in the events under its id.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::reconciliation::case::{Case, CaseItem, CaseState, Ended, Hint, Kept};
use epay_domain::reconciliation::{BreakClass, Level};
use epay_ledger::AccountCode;
use epay_money::{BillerId, BreakId, JournalId, RailId};
use jiff::civil::Date;
use postgres_types::Json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

const TABLE: &str = "recon.break";

/// Writes new breaks.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_cases_in(tx: &Transaction<'_>, cases: &[&Case]) -> Result<(), StoreError> {
    columns!(
        cases,
        billers = |case| case.biller.as_str(),
        ids = |case| case.id.uuid(),
        levels = |case| case.level.as_str(),
        classes = |case| case.class.as_str(),
        rails = |case| case.rail.as_ref().map(RailId::as_str),
        accounts = |case| case.account.as_str(),
        currencies = |case| case.currency.code(),
        differences = |case| case.difference_minor,
        kept = |case| case.kept.as_ref().map(|kept| kept.account.as_str()),
        minors = |case| case.kept.as_ref().map(|kept| kept.minor),
        expected = |case| Json(&case.expected),
        observed = |case| Json(&case.observed),
        hints = |case| Json(&case.hints),
        journals = |case| Json(&case.journals),
        owners = |case| case.owner.as_deref(),
        states = |case| case.state.as_str(),
        ended = |case| case.ended.as_ref().map(Json),
        opened_at = |case| case.opened_at,
        opened_on = |case| case.opened_on,
        changed = |case| case.changed_at,
        versions = |case| case.version,
    );
    let insert = tx
        .prepare_cached(
            "INSERT INTO recon.break (biller_id, break_id, level, class, rail, account, currency, difference_minor, \
             kept_account, kept_minor, expected, observed, hints, journals, owner, state, ended, opened_at, opened_on, \
             changed_at, version) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], \
             $8::int8[], $9::text[], $10::int8[], $11::jsonb[], $12::jsonb[], $13::jsonb[], $14::jsonb[], $15::text[], \
             $16::text[], $17::jsonb[], $18::timestamptz[], $19::date[], $20::timestamptz[], $21::int4[])",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &billers,
            &ids,
            &levels,
            &classes,
            &rails,
            &accounts,
            &currencies,
            &differences,
            &kept,
            &minors,
            &expected,
            &observed,
            &hints,
            &journals,
            &owners,
            &states,
            &ended,
            &opened_at,
            &opened_on,
            &changed,
            &versions,
        ],
    )
    .await?;
    Ok(())
}

/// Writes what may change of breaks. The caller has locked them.
///
/// # Errors
/// [`StoreError`].
pub async fn update_cases_in(tx: &Transaction<'_>, cases: &[&Case]) -> Result<(), StoreError> {
    columns!(
        cases,
        billers = |case| case.biller.as_str(),
        ids = |case| case.id.uuid(),
        classes = |case| case.class.as_str(),
        differences = |case| case.difference_minor,
        kept = |case| case.kept.as_ref().map(|kept| kept.minor),
        expected = |case| Json(&case.expected),
        hints = |case| Json(&case.hints),
        journals = |case| Json(&case.journals),
        owners = |case| case.owner.as_deref(),
        states = |case| case.state.as_str(),
        ended = |case| case.ended.as_ref().map(Json),
        changed = |case| case.changed_at,
        versions = |case| case.version,
    );
    let update = tx
        .prepare_cached(
            "UPDATE recon.break AS old SET class = new.class, difference_minor = new.difference_minor, \
             kept_minor = new.kept_minor, expected = new.expected, hints = new.hints, journals = new.journals, \
             owner = new.owner, state = new.state, ended = new.ended, changed_at = new.changed_at, version = new.version \
             FROM unnest($1::text[], $2::uuid[], $3::text[], $4::int8[], $5::int8[], $6::jsonb[], $7::jsonb[], $8::jsonb[], \
             $9::text[], $10::text[], $11::jsonb[], $12::timestamptz[], $13::int4[]) \
             AS new (biller_id, break_id, class, difference_minor, kept_minor, expected, hints, journals, owner, state, ended, \
             changed_at, version) \
             WHERE old.biller_id = new.biller_id AND old.break_id = new.break_id",
        )
        .await?;
    tx.execute(
        &update,
        &[
            &billers,
            &ids,
            &classes,
            &differences,
            &kept,
            &expected,
            &hints,
            &journals,
            &owners,
            &states,
            &ended,
            &changed,
            &versions,
        ],
    )
    .await?;
    Ok(())
}

/// Every open break of a book, locked in the order of their ids.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_open_cases_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
) -> Result<Vec<Case>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM recon.break WHERE biller_id = $1 AND state = 'open' ORDER BY break_id FOR UPDATE",
        )
        .await?;
    let rows = tx.query(&select, &[&biller.as_str()]).await?;
    rows.iter().map(read).collect()
}

/// One break, locked.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_case_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    id: BreakId,
) -> Result<Option<Case>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM recon.break WHERE biller_id = $1 AND break_id = $2 FOR UPDATE",
        )
        .await?;
    let row = tx
        .query_opt(&select, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// One break.
///
/// # Errors
/// [`StoreError`].
pub async fn case(
    client: &impl GenericClient,
    biller: &BillerId,
    id: BreakId,
) -> Result<Option<Case>, StoreError> {
    let select = client
        .prepare_cached("SELECT * FROM recon.break WHERE biller_id = $1 AND break_id = $2")
        .await?;
    let row = client
        .query_opt(&select, &[&biller.as_str(), &id.uuid()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Which breaks are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only those of this book.
    pub biller: Option<BillerId>,
    /// Only of this class.
    pub class: Option<BreakClass>,
    /// Only in this state.
    pub state: Option<CaseState>,
    /// Only those that this person looks after; nobody where it is empty.
    pub owner: Option<String>,
    /// Only of this rail.
    pub rail: Option<RailId>,
    /// Only those opened on this day or before it.
    pub opened_until: Option<Date>,
}

/// Breaks, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn cases(
    client: &impl GenericClient,
    filter: &CaseFilter,
    request: PageRequest,
) -> Result<Page<Case>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT * FROM recon.break WHERE ($1::text IS NULL OR biller_id = $1) AND ($2::text IS NULL OR class = $2) \
             AND ($3::text IS NULL OR state = $3) AND ($4::text IS NULL OR coalesce(owner, '') = $4) \
             AND ($5::text IS NULL OR rail = $5) AND ($6::date IS NULL OR opened_on <= $6) \
             AND ($7::uuid IS NULL OR break_id < $7) ORDER BY break_id DESC LIMIT $8",
        )
        .await?;
    let rows = client
        .query(
            &select,
            &[
                &filter.biller.as_ref().map(BillerId::as_str),
                &filter.class.map(BreakClass::as_str),
                &filter.state.map(CaseState::as_str),
                &filter.owner,
                &filter.rail.as_ref().map(RailId::as_str),
                &filter.opened_until,
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, request, |case: &Case| case.id.uuid()))
}

pub(super) fn read(row: &Row) -> Result<Case, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let rail: Option<&str> = reading.get("rail")?;
    let kept: Option<&str> = reading.get("kept_account")?;
    let kept = match kept.zip(reading.get::<Option<i64>>("kept_minor")?) {
        Some((account, minor)) => Some(Kept {
            account: AccountCode::new(account).map_err(|_bad| unknown("kept_account"))?,
            minor,
        }),
        None => None,
    };
    let state: &str = reading.get("state")?;
    Ok(Case {
        id: BreakId::new(reading.get::<Uuid>("break_id")?),
        biller: reading.biller()?,
        level: Level::from_word(reading.get("level")?).ok_or_else(|| unknown("level"))?,
        class: BreakClass::from_word(reading.get("class")?).ok_or_else(|| unknown("class"))?,
        rail: rail
            .map(RailId::new)
            .transpose()
            .map_err(|_bad| unknown("rail"))?,
        account: reading.get("account")?,
        currency: reading.money("difference_minor")?.currency(),
        difference_minor: reading.get("difference_minor")?,
        kept,
        expected: reading.get::<Json<Vec<CaseItem>>>("expected")?.0,
        observed: reading.get::<Json<Vec<CaseItem>>>("observed")?.0,
        hints: reading.get::<Json<Vec<Hint>>>("hints")?.0,
        journals: reading.get::<Json<Vec<JournalId>>>("journals")?.0,
        owner: reading.get("owner")?,
        state: CaseState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        ended: reading
            .get::<Option<Json<Ended>>>("ended")?
            .map(|ended| ended.0),
        opened_at: reading.get("opened_at")?,
        opened_on: reading.get("opened_on")?,
        changed_at: reading.get("changed_at")?,
        version: reading.get("version")?,
    })
}
