//! Where the sealer goes on: the edge of the tree, and below which transaction everything is sealed.

use epay_ledger::log::Frontier;
use tokio_postgres::Transaction;

use super::fault::LogFault;
use crate::error::LedgerPgError;

/// The kept state, and what this statement's snapshot knows: the oldest transaction that is still under way, the one
/// that has not begun, and which cluster counts them.
const SELECT: &str = "SELECT s.tree_size, s.peaks, s.sealed_below, s.cluster,
           txid_snapshot_xmin(txid_current_snapshot()), txid_snapshot_xmax(txid_current_snapshot()),
           (SELECT system_identifier FROM pg_catalog.pg_control_system())
      FROM ledger.log_state s";

/// Only from the size that was read: behind the advisory lock stands this second one.
const UPDATE: &str =
    "UPDATE ledger.log_state SET tree_size = $1, peaks = $2, sealed_below = $3, cluster = $4
     WHERE tree_size = $5";

/// One at a time seals, whichever process it is in; the lock goes with the transaction.
const LOCK: &str = "SELECT pg_try_advisory_xact_lock($1)";
/// `epayseal` in ASCII.
const LOCK_KEY: i64 = 0x6570_6179_7365_616c;

/// What is known when a batch begins.
#[derive(Debug)]
pub(super) struct State {
    pub(super) frontier: Frontier,
    /// Every journal of a transaction below this one is in the log.
    pub(super) sealed_below: i64,
    /// Every transaction below this one has ended, so that no journal of one can appear any more.
    pub(super) ended_below: i64,
    /// No transaction from this one on has begun.
    pub(super) begun_below: i64,
    kept_size: i64,
    kept_cluster: i64,
    cluster: i64,
}

/// Whether the caller is the one who seals until its transaction ends.
pub(super) async fn lock(tx: &Transaction<'_>) -> Result<bool, LedgerPgError> {
    Ok(tx.query_one(LOCK, &[&LOCK_KEY]).await?.try_get(0)?)
}

impl State {
    pub(super) async fn load(tx: &Transaction<'_>) -> Result<Self, LedgerPgError> {
        let row = tx.query_one(SELECT, &[]).await?;
        let kept_size: i64 = row.try_get(0)?;
        let frontier = Frontier::from_bytes(kept_size.unsigned_abs(), row.try_get(1)?);
        Ok(Self {
            frontier: frontier.map_err(LogFault::from)?,
            sealed_below: row.try_get(2)?,
            ended_below: row.try_get(4)?,
            begun_below: row.try_get(5)?,
            kept_size,
            kept_cluster: row.try_get(3)?,
            cluster: row.try_get(6)?,
        })
    }

    /// Whether this database is a copy of one in another cluster, so that the numbers of its transactions mean nothing here.
    pub(super) const fn is_copy(&self) -> bool {
        self.kept_cluster != self.cluster
    }

    /// Keeps the edge and below which transaction everything is sealed. A copy stays one until all that it brought is sealed.
    pub(super) async fn keep(
        &self,
        tx: &Transaction<'_>,
        sealed_below: i64,
        stays_copy: bool,
    ) -> Result<(), LedgerPgError> {
        let size = i64::try_from(self.frontier.size()).unwrap_or(i64::MAX);
        let cluster = if stays_copy {
            self.kept_cluster
        } else {
            self.cluster
        };
        let peaks = self.frontier.to_bytes();
        let kept = tx
            .execute(
                UPDATE,
                &[&size, &peaks, &sealed_below, &cluster, &self.kept_size],
            )
            .await?;
        if kept == 1 {
            Ok(())
        } else {
            Err(LogFault::Moved.into())
        }
    }
}
