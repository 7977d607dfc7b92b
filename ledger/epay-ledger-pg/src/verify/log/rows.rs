//! Rows of a statement, some at a time: several statements are read side by side, and none is held whole.

use std::collections::VecDeque;

use epay_ledger::log::LogHash;
use tokio_postgres::{Portal, Row, Transaction};

use crate::error::LedgerPgError;
use crate::log::fresh::fields;
use crate::log::read::read_hash;
use crate::verify::log_report::LeafName;

/// Rows that one round trip brings.
const ROWS_AT_ONCE: i32 = 2_000;

/// A statement that is being read.
pub(super) struct Rows {
    portal: Portal,
    waiting: VecDeque<Row>,
    ended: bool,
}

impl Rows {
    pub(super) async fn open(
        snapshot: &Transaction<'_>,
        statement: &str,
    ) -> Result<Self, LedgerPgError> {
        Ok(Self {
            portal: snapshot.bind(statement, &[]).await?,
            waiting: VecDeque::new(),
            ended: false,
        })
    }

    pub(super) async fn next(
        &mut self,
        snapshot: &Transaction<'_>,
    ) -> Result<Option<Row>, LedgerPgError> {
        self.fill(snapshot).await?;
        Ok(self.waiting.pop_front())
    }

    pub(super) async fn next_if(
        &mut self,
        snapshot: &Transaction<'_>,
        wanted: impl Fn(&Row) -> bool,
    ) -> Result<Option<Row>, LedgerPgError> {
        self.fill(snapshot).await?;
        if self.waiting.front().is_some_and(wanted) {
            Ok(self.waiting.pop_front())
        } else {
            Ok(None)
        }
    }

    async fn fill(&mut self, snapshot: &Transaction<'_>) -> Result<(), LedgerPgError> {
        if self.waiting.is_empty() && !self.ended {
            let rows = snapshot.query_portal(&self.portal, ROWS_AT_ONCE).await?;
            self.ended = rows.is_empty();
            self.waiting.extend(rows);
        }
        Ok(())
    }
}

/// A leaf's name, the transaction of its journal, the stored hash, and the hash of the journal as it is now; nothing of a
/// journal that is not there.
pub(super) fn leaf(
    row: &Row,
) -> Result<(LeafName, Option<i64>, LogHash, Option<LogHash>), LedgerPgError> {
    let name = LeafName {
        leaf_index: row.try_get::<_, i64>(0)?.unsigned_abs(),
        book: row.try_get(2)?,
        journal: row.try_get(4)?,
    };
    let posted_in: Option<i64> = row.try_get(3)?;
    let stored = read_hash(row.try_get(1)?)?;
    let journal = match posted_in {
        Some(_) => Some(fields(row, 5)?.hash()),
        None => None,
    };
    Ok((name, posted_in, stored, journal))
}
