//! What a run writes: pieces of bounded size, in one transaction, the ledger's hot rows last.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;
use epay_domain::Receipt;
use epay_domain::reconciliation::Level;
use epay_domain::reconciliation::case::Case;
use epay_ledger::Journal;
use epay_money::{BillerId, BreakId};
use epay_store::StoredEvent;
use epay_store::reconciliation::{self as store, Expectation, MatchPart};
use jiff::Timestamp;
use uuid::Uuid;

use super::ROWS_MAX;
use crate::engine::Core;
use crate::error::BatchError;

/// Rows of one run.
#[derive(Debug, Default)]
pub(super) struct Writes {
    pub(super) matches: Vec<MatchPart>,
    pub(super) new_cases: Vec<BreakId>,
    /// Breaks that something was told to; new ones among them.
    pub(super) changed_cases: BTreeSet<BreakId>,
    pub(super) events: Vec<StoredEvent>,
    pub(super) expectations: Vec<Expectation>,
    /// Expectations that had a row and were seen.
    pub(super) met: Vec<(Level, Uuid)>,
    /// Those that a break says are not there.
    pub(super) missing: Vec<(Level, Uuid, BreakId)>,
    /// Breaks whose expectations people ended, or opened again.
    pub(super) ended: Vec<BreakId>,
    pub(super) reopened: Vec<BreakId>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) sources: Vec<(Uuid, i64)>,
}

impl Writes {
    /// Writes it all; `cases` are the breaks as they stand now.
    pub(super) async fn write_in(
        &self,
        tx: &Transaction<'_>,
        core: &Core,
        biller: &BillerId,
        (cases, journals): (&BTreeMap<BreakId, Case>, &[Journal]),
        now: Timestamp,
    ) -> Result<(), BatchError> {
        if !journals.is_empty() && !core.directory.knows(journals) {
            let client = core.pool.get().await?;
            core.directory.ensure(&client, journals).await?;
        }
        let new: BTreeSet<BreakId> = self.new_cases.iter().copied().collect();
        let inserted: Vec<&Case> = new.iter().filter_map(|id| cases.get(id)).collect();
        for rows in inserted.chunks(ROWS_MAX) {
            store::insert_cases_in(tx, rows).await?;
        }
        let changed = self.changed_cases.difference(&new);
        let changed: Vec<&Case> = changed.filter_map(|id| cases.get(id)).collect();
        for rows in changed.chunks(ROWS_MAX) {
            store::update_cases_in(tx, rows).await?;
        }
        self.write_expectations_in(tx, biller, now).await?;
        for rows in self.matches.chunks(ROWS_MAX) {
            store::insert_matches_in(tx, biller, rows, now).await?;
        }
        for rows in self.receipts.chunks(ROWS_MAX) {
            epay_store::insert_receipts_in(tx, rows).await?;
        }
        // One command a break and version: neighbours of one break are one row of its history.
        for rows in self
            .events
            .chunk_by(|one, next| one.aggregate == next.aggregate)
        {
            epay_store::insert_events_in(tx, rows).await?;
        }
        if !self.sources.is_empty() {
            store::note_reconciled_in(tx, biller, &self.sources, now).await?;
        }
        for rows in journals.chunks(epay_ledger_pg::JOURNALS_MAX) {
            epay_ledger_pg::post_in(tx, &core.directory, rows).await?;
        }
        Ok(())
    }

    /// What was expected before ends first: what is expected because a break ended is expected from now on.
    async fn write_expectations_in(
        &self,
        tx: &Transaction<'_>,
        biller: &BillerId,
        now: Timestamp,
    ) -> Result<(), BatchError> {
        for case in &self.ended {
            store::end_expectations_in(tx, biller, *case, now).await?;
        }
        for case in &self.reopened {
            store::reopen_expectations_in(tx, biller, *case, now).await?;
        }
        for rows in self.met.chunks(ROWS_MAX) {
            store::meet_expectations_in(tx, biller, rows, now).await?;
        }
        for rows in self.missing.chunks(ROWS_MAX) {
            store::stand_for_expectations_in(tx, biller, rows, now).await?;
        }
        for rows in self.expectations.chunks(ROWS_MAX) {
            store::insert_expectations_in(tx, biller, rows, now).await?;
        }
        Ok(())
    }
}
