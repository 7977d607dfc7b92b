//! Closed periods of a department's books.
//!
//! Two people agree; then the period is closed or reopened in a commit of its own, which waits for whoever is posting. From
//! then on nothing dated in it is posted, by whoever: the database refuses it, and posters, told so once, put late facts
//! on the first open day after it, with the day of the fact in the journal's source. Facts are never refused.

use deadpool_postgres::Transaction;
use epay_domain::proposal::Proposal;
use epay_ledger::Period;
use epay_ledger_pg::{BookPeriod, LedgerPgError};
use epay_money::{BillerId, ProposalId};
use epay_store::StoreError;
use jiff::civil::Date;
use tracing::{info, warn};

use crate::desk::{Command, ProposePeriod};
use crate::error::{EngineError, chain};
use crate::{Engine, Reader};

impl Engine {
    /// Proposes to close or to reopen a period.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn propose_period(&self, command: ProposePeriod) -> Result<Proposal, EngineError> {
        let keyed = command.keyed();
        self.proposal_answer(Command::Period(Box::new(command), keyed))
            .await
    }

    /// Carries out what two people agreed on. What was carried out before is done again to the same end.
    pub(crate) async fn put_period(
        &self,
        proposal: &Proposal,
        (first_day, last_day): (Date, Date),
        closed: bool,
    ) -> Result<(), EngineError> {
        let core = &self.core;
        let period = Period::from_days(first_day, last_day)
            .map_err(|error| EngineError::Broken(chain(&error)))?;
        let mut client = core.pool.get().await?;
        let tx = client.transaction().await.map_err(StoreError::from)?;
        epay_ledger_pg::lock_periods_in(&tx).await.map_err(failed)?;
        if let Some(later) = decided_later(&tx, proposal, period).await? {
            warn!(
                biller = %proposal.biller, %period, proposal = %proposal.id, %later,
                "What was agreed of a period is not carried out: something else was agreed since"
            );
            return Ok(());
        }
        let put = BookPeriod {
            biller: proposal.biller.clone(),
            period,
            closed,
            proposal: proposal.id,
            changed_at: core.clock.now(),
        };
        epay_ledger_pg::put_period_in(&tx, &put)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(StoreError::from)?;
        core.directory
            .read_periods(&**client)
            .await
            .map_err(failed)?;
        info!(biller = %put.biller, %period, closed, "A period was changed");
        Ok(())
    }
}

/// What was decided of a period after this proposal was, and is carried out already. Which of two was made first is no matter.
async fn decided_later(
    tx: &Transaction<'_>,
    proposal: &Proposal,
    period: Period,
) -> Result<Option<ProposalId>, EngineError> {
    let known = epay_ledger_pg::periods(&**tx, Some(&proposal.biller)).await;
    let known = known.map_err(failed)?;
    let stands = known.into_iter().find(|one| one.period == period);
    let Some(stands) = stands.filter(|one| one.proposal != proposal.id) else {
        return Ok(None);
    };
    let other = epay_store::proposal(tx, stands.proposal).await?;
    let later = other.is_some_and(|other| other.decided_at > proposal.decided_at);
    Ok(later.then_some(stands.proposal))
}

impl Reader {
    /// The periods of a department, or of all, that were closed at least once.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn periods(&self, biller: Option<&BillerId>) -> Result<Vec<BookPeriod>, EngineError> {
        let client = self.pool().get().await?;
        let found = epay_ledger_pg::periods(&**client, biller).await;
        found.map_err(failed)
    }
}

fn failed(error: LedgerPgError) -> EngineError {
    match error {
        LedgerPgError::Database(database) => StoreError::from(database).into(),
        other => EngineError::Broken(chain(&other)),
    }
}
