//! Rows read again after two people agreed, each alone; a message or file that was set apart whole is read from its beginning.
//!
//! Reading again is free of other effects: the row's neighbours are not looked at, and what is booked already is recognised by
//! the rail's reference, an entry of a statement by the bank's. A row that still cannot be read stays set apart, with
//! what is wrong now.

use deadpool_postgres::Transaction;
use epay_domain::proposal::Proposal;
use epay_domain::statement::{EntryDirection, Statement, StatementEntry, own_findings};
use epay_money::{HONG_KONG, StatementId};
use epay_statement::{RowContext, read_row};
use epay_store::{BadRow, BadRowKey, BadRowState, FileState, FileStep, RowSource, StoreError};
use jiff::Timestamp;
use jiff::civil::time;
use tracing::info;

use super::write::stored;
use crate::error::EngineError;
use crate::{Engine, inbound};

impl Engine {
    /// Reads a row again. One that was noted before is read once more where whoever noted it may not have come to the end,
    /// which books nothing twice.
    pub(crate) async fn redrive_row(
        &self,
        proposal: &Proposal,
        key: BadRowKey,
        correction: Option<&str>,
    ) -> Result<(), EngineError> {
        let row = {
            let client = self.core.pool.get().await?;
            epay_store::bad_row(&client, key).await?
        };
        let Some(row) = row else {
            return Ok(());
        };
        if row.proposal == Some(proposal.id) {
            return match row.source {
                // In the commit that noted it, or found again on the pending list.
                RowSource::Statement => Ok(()),
                RowSource::Message if is_whole(key) => Ok(()),
                RowSource::Message | RowSource::File => self.read_again(&row).await,
            };
        }
        if row.state != BadRowState::Waiting {
            return Ok(());
        }
        match row.source {
            RowSource::Statement => self.redrive_statement_row(proposal, &row, correction).await,
            RowSource::Message if is_whole(key) => self.redrive_message(proposal, key).await,
            RowSource::Message | RowSource::File => {
                self.note_drive(proposal, &row).await?;
                self.read_again(&row).await
            }
        }
    }

    async fn redrive_statement_row(
        &self,
        proposal: &Proposal,
        row: &BadRow,
        correction: Option<&str>,
    ) -> Result<(), EngineError> {
        let core = &self.core;
        let mut client = core.pool.get().await?;
        let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
        let tx = client.transaction().await.map_err(failed)?;
        let locked = epay_store::lock_bad_row_in(&tx, row.key).await?;
        if locked.is_none_or(|row| row.state != BadRowState::Waiting) {
            return Ok(());
        }
        let of = StatementId::new(row.key.message.uuid());
        let biller = row.biller.as_ref().unwrap_or(&core.treasury);
        let missing = EngineError::NotFound {
            what: "the statement",
        };
        let statement = epay_store::lock_statement_in(&tx, biller, of).await?;
        let statement = statement.ok_or(missing)?;
        let bytes = correction.map(str::as_bytes).or(row.raw.as_deref());
        let now = core.clock.now();
        let by = (proposal.id, now);
        match read_row(
            bytes.unwrap_or_default(),
            &context(&statement, row.key.entry),
        ) {
            Ok(entries) => {
                let first = row.key.entry;
                let last = epay_store::last_statement_line_in(&tx, biller, of).await?;
                // A row that lists several transactions goes on after the last line.
                let lines = std::iter::once(first).chain(last.saturating_add(1)..);
                let entries: Vec<StatementEntry> = entries
                    .into_iter()
                    .zip(lines)
                    .map(|(entry, line)| stored(&statement, entry, line))
                    .collect();
                add(&tx, statement, &entries, now).await?;
                epay_store::note_drive_in(&tx, row.key, BadRowState::Redriven, None, by).await?;
            }
            Err(still) => {
                let words = Some((still.code, still.message.as_str()));
                epay_store::note_drive_in(&tx, row.key, BadRowState::Waiting, words, by).await?;
            }
        }
        tx.commit().await.map_err(failed)
    }

    /// Decodes a rail's message again of which nothing could be read. If it still cannot be, its row waits again.
    async fn redrive_message(
        &self,
        proposal: &Proposal,
        key: BadRowKey,
    ) -> Result<(), EngineError> {
        let message = {
            let mut client = self.core.pool.get().await?;
            let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
            let tx = client.transaction().await.map_err(failed)?;
            let by = (proposal.id, self.core.clock.now());
            epay_store::note_drive_in(&tx, key, BadRowState::Redriven, None, by).await?;
            epay_store::await_message_in(&tx, key.message).await?;
            tx.commit().await.map_err(failed)?;
            epay_store::message(&client, key.message).await?
        };
        // Once it is pending it will be decoded, whatever crashes.
        if let Some(message) = message {
            inbound::process(&self.core, &self.queues()?, &[message])
                .await
                .map_err(|_logged| EngineError::Unavailable)?;
        }
        Ok(())
    }

    /// Notes that a row is read again; a file that was set apart whole begins anew.
    async fn note_drive(&self, proposal: &Proposal, row: &BadRow) -> Result<(), EngineError> {
        let now = self.core.clock.now();
        let mut client = self.core.pool.get().await?;
        let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
        let file = epay_store::rail_file(&client, row.key.message).await?;
        let tx = client.transaction().await.map_err(failed)?;
        let by = (proposal.id, now);
        epay_store::note_drive_in(&tx, row.key, BadRowState::Redriven, None, by).await?;
        if let Some(file) = file.filter(|file| file.state == FileState::Refused) {
            let again = FileStep::default();
            epay_store::step_file_in(&tx, &file, FileState::Stored, again, now).await?;
        }
        tx.commit().await.map_err(failed)
    }

    async fn read_again(&self, row: &BadRow) -> Result<(), EngineError> {
        if row.source == RowSource::Message {
            let message = {
                let client = self.core.pool.get().await?;
                epay_store::message(&client, row.key.message).await?
            };
            return match message {
                Some(message) => inbound::row::of_message(self, &message, row).await,
                None => Ok(()),
            };
        }
        let file = self.book_file(row.key.message, |_file| {}).await?;
        if !is_whole(row.key) {
            inbound::row::of_file(self, &file, row).await?;
        }
        info!(file = %file.id, row = row.key.entry, "A row of a file was read again");
        Ok(())
    }
}

/// Whether nothing of the message or file could be read.
const fn is_whole(key: BadRowKey) -> bool {
    key.entry == 0
}

fn context(statement: &Statement, line: i32) -> RowContext {
    let end_of_day = statement.to_date.to_datetime(time(23, 59, 59, 0));
    RowContext {
        format: statement.format.clone(),
        id: statement.sender_id.clone(),
        row: u32::try_from(line).unwrap_or(0),
        account: statement.account.clone(),
        currency: statement.currency,
        made_at: HONG_KONG.to_timestamp(end_of_day).ok(),
    }
}

/// Adds entries to a statement and makes its own checks again.
async fn add(
    tx: &Transaction<'_>,
    mut statement: Statement,
    entries: &[StatementEntry],
    now: Timestamp,
) -> Result<(), StoreError> {
    epay_store::insert_statement_entries_in(tx, entries).await?;
    for entry in entries {
        let sum = match entry.direction {
            EntryDirection::Credit => &mut statement.credits_minor,
            EntryDirection::Debit => &mut statement.debits_minor,
        };
        *sum = sum.saturating_add(entry.amount.minor());
        statement.entries = statement.entries.saturating_add(1);
    }
    statement.bad_rows = statement.bad_rows.saturating_sub(1);
    let stay = |finding: &epay_domain::statement::StatementFinding| !finding.is_of_sums();
    statement.findings.retain(stay);
    statement
        .findings
        .extend(own_findings(&statement.summary()));
    statement.changed_at = now;
    epay_store::update_statements_in(tx, &[&statement]).await
}
