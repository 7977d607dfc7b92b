//! Proposals, their limits, and the list of those whose consequences are not carried out yet.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::proposal::{Limit, Limits, Proposal, ProposalState, Subject, SubjectKind};
use epay_money::{BillerId, Currency, Money, ProposalId};
use jiff::Timestamp;
use postgres_types::Json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

fn read(row: &Row) -> Result<Proposal, StoreError> {
    let table = "proposal";
    let reading = Reading { table, row };
    let unknown = |column| StoreError::Unknown { table, column };
    let state: &str = reading.get("state")?;
    let minor: Option<i64> = reading.get("amount_minor")?;
    let currency: Option<&str> = reading.get("currency")?;
    let amount = match minor.zip(currency) {
        None => None,
        Some((minor, code)) => {
            let currency: Currency = code.parse().map_err(|_bad| unknown("currency"))?;
            Some(Money::new(minor, currency))
        }
    };
    Ok(Proposal {
        id: ProposalId::new(reading.get("proposal_id")?),
        biller: reading.biller()?,
        subject: reading.get::<Json<Subject>>("subject")?.0,
        amount,
        reason: reading.get("reason")?,
        maker: reading.get("maker")?,
        made_at: reading.get("made_at")?,
        state: ProposalState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        checker: reading.get("checker")?,
        decided_at: reading.get("decided_at")?,
        decision: reading.get("decision")?,
        version: reading.get("version")?,
    })
}

/// The id of what a proposal is about.
fn subject_id(subject: &Subject) -> Uuid {
    match subject {
        Subject::Refund { refund } => refund.uuid(),
        Subject::Resolution { payment, .. } => payment.uuid(),
        Subject::PayoutAccount { account } => account.uuid(),
        Subject::RedriveRow { message, .. } => message.uuid(),
        Subject::AcceptStatement { statement } => statement.uuid(),
        Subject::BreakResolution { id, .. } => id.uuid(),
        // A period has no id: its days are found in the subject.
        Subject::PeriodClose { .. } | Subject::PeriodReopen { .. } => Uuid::nil(),
    }
}

/// Writes new proposals.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_proposals_in(
    tx: &Transaction<'_>,
    proposals: &[&Proposal],
) -> Result<(), StoreError> {
    columns!(
        proposals,
        billers = |proposal| proposal.biller.as_str(),
        ids = |proposal| proposal.id.uuid(),
        kinds = |proposal| proposal.subject.kind().as_str(),
        subjects = |proposal| Json(&proposal.subject),
        subject_ids = |proposal| subject_id(&proposal.subject),
        minors = |proposal| proposal.amount.map(Money::minor),
        currencies = |proposal| proposal.amount.map(|amount| amount.currency().code()),
        reasons = |proposal| proposal.reason.as_str(),
        makers = |proposal| proposal.maker.as_str(),
        made = |proposal| proposal.made_at,
        states = |proposal| proposal.state.as_str(),
        versions = |proposal| proposal.version,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.proposal (biller_id, proposal_id, kind, subject, subject_id, amount_minor, currency, \
             reason, maker, made_at, state, version) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::jsonb[], $5::uuid[], $6::int8[], \
             $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[], $12::int4[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &kinds,
            &subjects,
            &subject_ids,
            &minors,
            &currencies,
            &reasons,
            &makers,
            &made,
            &states,
            &versions,
        ],
    )
    .await?;
    Ok(())
}

/// Writes decisions, each only where none stands yet. Answers how many were written.
///
/// # Errors
/// [`StoreError`].
pub async fn decide_proposals_in(
    tx: &Transaction<'_>,
    proposals: &[&Proposal],
) -> Result<u64, StoreError> {
    columns!(
        proposals,
        ids = |proposal| proposal.id.uuid(),
        states = |proposal| proposal.state.as_str(),
        checkers = |proposal| proposal.checker.as_deref(),
        times = |proposal| proposal.decided_at,
        decisions = |proposal| proposal.decision.as_deref(),
        versions = |proposal| proposal.version,
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.proposal SET state = new.state, checker = new.checker, decided_at = new.decided_at, \
             decision = new.decision, version = new.version \
             FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::int4[]) \
             AS new (proposal_id, state, checker, decided_at, decision, version) \
             WHERE proposal.proposal_id = new.proposal_id AND proposal.state = 'waiting' \
             AND proposal.version = new.version - 1",
        )
        .await?;
    Ok(tx
        .execute(
            &statement,
            &[&ids, &states, &checkers, &times, &decisions, &versions],
        )
        .await?)
}

/// Locks proposals and reads them, in the order of their ids.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_proposals_in(
    tx: &Transaction<'_>,
    ids: &[ProposalId],
) -> Result<Vec<Proposal>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let statement = tx
        .prepare_cached(
            "SELECT * FROM epay.proposal WHERE proposal_id = ANY ($1) ORDER BY proposal_id FOR UPDATE",
        )
        .await?;
    tx.query(&statement, &[&ids])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// One proposal.
///
/// # Errors
/// [`StoreError`].
pub async fn proposal(
    client: &impl GenericClient,
    id: ProposalId,
) -> Result<Option<Proposal>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.proposal WHERE proposal_id = $1")
        .await?;
    client
        .query_opt(&statement, &[&id.uuid()])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Which proposals are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProposalFilter {
    /// Only those of this department.
    pub biller: Option<BillerId>,
    /// Only those in this state.
    pub state: Option<ProposalState>,
    /// Only those of this kind.
    pub kind: Option<SubjectKind>,
}

/// Proposals, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn proposals(
    client: &impl GenericClient,
    filter: &ProposalFilter,
    request: PageRequest,
) -> Result<Page<Proposal>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.proposal WHERE ($1::text IS NULL OR biller_id = $1) \
             AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3) \
             AND ($4::uuid IS NULL OR proposal_id < $4) ORDER BY proposal_id DESC LIMIT $5",
        )
        .await?;
    let rows = client
        .query(
            &statement,
            &[
                &filter.biller.as_ref().map(BillerId::as_str),
                &filter.state.map(ProposalState::as_str),
                &filter.kind.map(SubjectKind::as_str),
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, request, |proposal| proposal.id.uuid()))
}

/// Who may agree to how much.
///
/// # Errors
/// [`StoreError`].
pub async fn approval_limits(client: &impl GenericClient) -> Result<Limits, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT role, kind, most_minor FROM epay.approval_limit ORDER BY role, kind",
        )
        .await?;
    let rows = client.query(&statement, &[]).await?;
    let limits = rows.iter().map(|row| {
        let reading = Reading {
            table: "approval_limit",
            row,
        };
        let kind: &str = reading.get("kind")?;
        Ok(Limit {
            role: reading.get("role")?,
            kind: SubjectKind::ALL
                .into_iter()
                .find(|known| known.as_str() == kind)
                .ok_or(StoreError::Unknown {
                    table: "approval_limit",
                    column: "kind",
                })?,
            most_minor: reading.get("most_minor")?,
        })
    });
    Ok(Limits::new(limits.collect::<Result<_, StoreError>>()?))
}

/// Puts approved proposals on the list of those to carry out.
///
/// # Errors
/// [`StoreError`].
pub async fn await_proposals_in(
    tx: &Transaction<'_>,
    ids: &[ProposalId],
    at: Timestamp,
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.proposal_pending (proposal_id, approved_at) SELECT unnest($1::uuid[]), $2",
        )
        .await?;
    tx.execute(&statement, &[&ids, &at]).await?;
    Ok(())
}

/// Approved proposals whose consequences are to be carried out, oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn awaited_proposals(
    client: &impl GenericClient,
    limit: i64,
) -> Result<Vec<Proposal>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT proposal.* FROM epay.proposal_pending JOIN epay.proposal USING (proposal_id) \
             ORDER BY approved_at LIMIT $1",
        )
        .await?;
    client
        .query(&statement, &[&limit])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Takes a proposal off the list: its consequences are carried out.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_proposal(
    client: &impl GenericClient,
    id: ProposalId,
) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached("DELETE FROM epay.proposal_pending WHERE proposal_id = $1")
        .await?;
    client.execute(&statement, &[&id.uuid()]).await?;
    Ok(())
}
