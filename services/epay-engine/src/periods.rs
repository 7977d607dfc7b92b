//! Closed periods of a department's books.
//!
//! Two people agree; then the period is closed or reopened in a commit of its own, which waits for whoever is posting. From
//! then on nothing dated in it is posted, by whoever: the database refuses it, and posters, told so once, put late facts
//! on the first open day after it, with the day of the fact in the journal's source. Facts are never refused.

use epay_domain::proposal::Proposal;
use epay_ledger::Period;
use epay_ledger_pg::{BookPeriod, LedgerPgError};
use epay_money::BillerId;
use epay_store::StoreError;
use jiff::civil::Date;
use tracing::info;

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
        let known = epay_ledger_pg::periods(&**client, Some(&proposal.biller)).await;
        let known = known.map_err(failed)?;
        // An older agreement that is carried out late says nothing about what was agreed since.
        let newer = known
            .iter()
            .any(|one| one.period == period && one.proposal > proposal.id);
        if newer {
            return Ok(());
        }
        let tx = client.transaction().await.map_err(StoreError::from)?;
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
