//! Closed periods: what the database says of them, and what posters remember.

use std::collections::HashMap;

use epay_ledger::{NotPeriod, Period};
use epay_money::{BillerId, ProposalId};
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::{GenericClient, Row, Transaction};

use crate::error::LedgerPgError;

/// A period of a department's books that was closed at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookPeriod {
    /// The department.
    pub biller: BillerId,
    /// The period.
    pub period: Period,
    /// Nothing more is posted into it.
    pub closed: bool,
    /// What two people agreed on last.
    pub proposal: ProposalId,
    /// When that was carried out.
    pub changed_at: Timestamp,
}

/// What a poster remembers: the closed periods of each department.
pub(crate) type ClosedPeriods = HashMap<BillerId, Vec<Period>>;

/// The lock that the trigger on journals takes shared.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7306371621093503849)";

const SELECT: &str = "SELECT biller_id, first_day, last_day, state = 'closed', proposal_id, changed_at FROM ledger.period
     WHERE $1::text IS NULL OR biller_id = $1 ORDER BY biller_id, last_day DESC, first_day";

const PUT: &str = "INSERT INTO ledger.period AS p (biller_id, first_day, last_day, state, proposal_id, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (biller_id, first_day, last_day) DO UPDATE
        SET state = excluded.state, proposal_id = excluded.proposal_id, changed_at = excluded.changed_at";

/// The periods of a department, or of all, the newest first.
///
/// # Errors
/// [`LedgerPgError`].
pub async fn periods(
    client: &impl GenericClient,
    biller: Option<&BillerId>,
) -> Result<Vec<BookPeriod>, LedgerPgError> {
    let biller = biller.map(BillerId::as_str);
    let rows = client.query(SELECT, &[&biller]).await?;
    rows.iter().map(read).collect()
}

/// Waits for whoever is posting, and for whoever changes a period; until the transaction ends, nobody else does either.
///
/// # Errors
/// [`LedgerPgError::Database`].
pub async fn lock_periods_in(tx: &Transaction<'_>) -> Result<(), LedgerPgError> {
    Ok(tx.batch_execute(LOCK).await?)
}

/// Closes or reopens a period. Waits for whoever is posting, and whoever posts afterwards sees it.
///
/// # Errors
/// [`LedgerPgError`].
pub async fn put_period_in(tx: &Transaction<'_>, period: &BookPeriod) -> Result<(), LedgerPgError> {
    lock_periods_in(tx).await?;
    let state = if period.closed { "closed" } else { "reopened" };
    let (first, last) = (period.period.first_day(), period.period.last_day());
    tx.execute(
        PUT,
        &[
            &period.biller.as_str(),
            &first,
            &last,
            &state,
            &period.proposal.uuid(),
            &period.changed_at,
        ],
    )
    .await?;
    Ok(())
}

/// Every closed period.
pub(crate) async fn closed_periods(
    client: &impl GenericClient,
) -> Result<ClosedPeriods, LedgerPgError> {
    let mut closed = ClosedPeriods::new();
    for one in periods(client, None).await? {
        if one.closed {
            closed.entry(one.biller).or_default().push(one.period);
        }
    }
    Ok(closed)
}

fn read(row: &Row) -> Result<BookPeriod, LedgerPgError> {
    let biller = row.try_get::<_, &str>(0)?.parse();
    let (first, last): (Date, Date) = (row.try_get(1)?, row.try_get(2)?);
    let period = Period::from_days(first, last);
    Ok(BookPeriod {
        biller: biller.map_err(LedgerPgError::Book)?,
        period: period.map_err(|source: NotPeriod| LedgerPgError::Period { first, source })?,
        closed: row.try_get(3)?,
        proposal: ProposalId::new(row.try_get(4)?),
        changed_at: row.try_get(5)?,
    })
}
