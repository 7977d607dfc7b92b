//! A statement that was set apart counts once two people accepted it. Whatever of it was told before stays told once.
//!
//! It takes no place in the chain of its account, which the statement before it has; reconciliation takes it up like any
//! other.

use epay_domain::proposal::Proposal;
use epay_domain::statement::StatementState;
use epay_money::StatementId;
use epay_store::StoreError;
use tracing::info;

use crate::desk::{Command, ProposeAcceptance};
use crate::{Engine, EngineError};

impl Engine {
    /// Proposes to let a statement count that was set apart.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn propose_acceptance(
        &self,
        command: ProposeAcceptance,
    ) -> Result<Proposal, EngineError> {
        let keyed = command.keyed();
        self.proposal_answer(Command::Accept(Box::new(command), keyed))
            .await
    }

    /// Lets it count. One that counts already is no news.
    pub(crate) async fn accept_statement(
        &self,
        proposal: &Proposal,
        id: StatementId,
    ) -> Result<(), EngineError> {
        let biller = &proposal.biller;
        let mut client = self.core.pool.get().await?;
        let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
        let tx = client.transaction().await.map_err(failed)?;
        let statement = epay_store::lock_statement_in(&tx, biller, id).await?;
        let Some(mut statement) = statement.filter(|one| one.state == StatementState::SetApart)
        else {
            return Ok(());
        };
        // One at a time decides which entry of an account counts.
        epay_store::lock_statement_account_in(&tx, biller, &statement.account).await?;
        epay_store::accept_statement_entries_in(&tx, biller, id).await?;
        statement.state = StatementState::Accepted;
        statement.changed_at = self.core.clock.now();
        epay_store::update_statements_in(&tx, &[&statement]).await?;
        tx.commit().await.map_err(failed)?;
        info!(statement = %id, "A statement was accepted by two people");
        Ok(())
    }
}
