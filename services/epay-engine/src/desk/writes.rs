//! What a batch of the desk writes: one statement a table, the journals last.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;
use epay_domain::proposal::Proposal;
use epay_domain::refund::{Pot, Refund};
use epay_ledger::Journal;
use epay_money::{BillerId, PayoutAccountId, ProposalId, RefundId};
use epay_store::{FirstAnswer, OutboxRow, PayoutRow, StoredEvent};
use jiff::Timestamp;
use uuid::Uuid;

use super::snapshot::PartKey;
use crate::engine::Core;
use crate::error::BatchError;
use crate::reconcile::told::{self, Told};

/// Rows of one batch.
#[derive(Debug, Default)]
pub(super) struct Writes {
    pub(super) new_refunds: BTreeMap<(BillerId, RefundId), Refund>,
    pub(super) changed_refunds: BTreeMap<(BillerId, RefundId), Refund>,
    /// The version that was read, and the part as it stands now.
    pub(super) pots: BTreeMap<PartKey, (i32, Pot)>,
    pub(super) new_proposals: Vec<Proposal>,
    pub(super) decided: Vec<Proposal>,
    pub(super) awaited: Vec<ProposalId>,
    pub(super) new_accounts: Vec<PayoutRow>,
    pub(super) verified_accounts: Vec<(BillerId, PayoutAccountId)>,
    pub(super) events: Vec<StoredEvent>,
    pub(super) answers: Vec<FirstAnswer>,
    pub(super) outbox: Vec<OutboxRow>,
    pub(super) journals: Vec<Journal>,
    /// What the bank's statement must show because of what the bank told.
    pub(super) told: Vec<Told>,
}

impl Writes {
    /// Nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Writes it all in the caller's transaction. New accounts of the ledger are made first, on a connection of their
    /// own.
    pub(super) async fn write_in(
        &self,
        tx: &Transaction<'_>,
        core: &Core,
        batch: Uuid,
        now: Timestamp,
    ) -> Result<(), BatchError> {
        if !self.journals.is_empty() && !core.directory.knows(&self.journals) {
            let client = core.pool.get().await?;
            core.directory.ensure(&client, &self.journals).await?;
        }
        self.write_pots(tx).await?;
        self.write_proposals(tx, now).await?;
        let new: Vec<&Refund> = self.new_refunds.values().collect();
        if !new.is_empty() {
            epay_store::insert_refunds_in(tx, &new).await?;
        }
        let changed: Vec<&Refund> = self.changed_refunds.values().collect();
        if !changed.is_empty() {
            epay_store::update_refunds_in(tx, &changed).await?;
        }
        epay_store::insert_events_in(tx, &self.events).await?;
        if !self.answers.is_empty() {
            epay_store::insert_answers_in(tx, &self.answers, now).await?;
        }
        if !self.outbox.is_empty() {
            epay_store::put_batch_in(tx, batch, &self.outbox, now).await?;
        }
        told::write_in(tx, &self.told, now).await?;
        epay_ledger_pg::post_in(tx, &core.directory, &self.journals).await?;
        Ok(())
    }

    /// Each part of a receipt is written over the version that was read, or the batch is decided again.
    async fn write_pots(&self, tx: &Transaction<'_>) -> Result<(), BatchError> {
        let pots: Vec<(i32, &Pot)> = self.pots.values().map(|(read, pot)| (*read, pot)).collect();
        if !pots.is_empty() {
            let written = epay_store::write_pots_in(tx, &pots).await?;
            all(written, pots.len(), "what is refundable")?;
        }
        Ok(())
    }

    async fn write_proposals(
        &self,
        tx: &Transaction<'_>,
        now: Timestamp,
    ) -> Result<(), BatchError> {
        let new: Vec<&Proposal> = self.new_proposals.iter().collect();
        if !new.is_empty() {
            epay_store::insert_proposals_in(tx, &new).await?;
        }
        let decided: Vec<&Proposal> = self.decided.iter().collect();
        if !decided.is_empty() {
            let written = epay_store::decide_proposals_in(tx, &decided).await?;
            all(written, decided.len(), "a proposal")?;
        }
        if !self.awaited.is_empty() {
            epay_store::await_proposals_in(tx, &self.awaited, now).await?;
        }
        let accounts: Vec<&PayoutRow> = self.new_accounts.iter().collect();
        if !accounts.is_empty() {
            epay_store::insert_payout_accounts_in(tx, &accounts, now).await?;
        }
        if !self.verified_accounts.is_empty() {
            epay_store::verify_payout_accounts_in(tx, &self.verified_accounts).await?;
        }
        Ok(())
    }
}

/// Somebody changed a row after it was read: the batch is decided again.
fn all(written: u64, wanted: usize, what: &str) -> Result<(), BatchError> {
    if u64::try_from(wanted) == Ok(written) {
        Ok(())
    } else {
        Err(BatchError::Again(format!(
            "{what} was changed by another node"
        )))
    }
}
