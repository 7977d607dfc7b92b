//! Posting a batch of journals inside the caller's transaction.
//!
//! In this order, so that hot rows are locked last and for the shortest time:
//!
//! 1. resolve every account and fold the batch into one change an account, in memory; a fact of a closed period is posted
//!    on the first open day after it, and its source says of which day it is: `{source}@2026-03-31`;
//! 2. call `ledger.post` with one array a column, which writes the journals, then their entries;
//! 3. has reversals compared with what they reverse, now instead of at COMMIT, where the batch has any;
//! 4. updates the balances, one row an account.
//!
//! **Lock order**: balance rows are locked in order of (book, account) by one statement, so two posters wait for each other
//! and never deadlock. Rows stay locked until the caller commits: a caller posts last, then commits.
//!
//! The function keeps its plans, once a connection; statements of their own would be read and planned again for every batch. It
//! proves nothing: triggers on the tables do that, whoever writes. Binary COPY was measured beside arrays, from 1 to 1,000
//! journals: the same server time (16 us a journal at 1,000), and more round trips and code.
//!
//! What bounds a batch: [`JOURNALS_MAX`] journals, and so at most [`JOURNALS_MAX`] x `POSTINGS_MAX` entries.

mod rows;
mod write;

use core::sync::atomic::{AtomicBool, Ordering};

use epay_ledger::Journal;
use tokio_postgres::{Client, Transaction};

use crate::directory::AccountDirectory;
use crate::error::LedgerPgError;
use rows::Rows;

/// Most journals in one call: past a few thousand nothing gets faster, and the caller's answers get later.
pub const JOURNALS_MAX: usize = 10_000;

/// Writes journals, entries and balances in the caller's transaction.
///
/// The directory must know every account of the batch: call [`AccountDirectory::ensure`] with the same journals before
/// the transaction begins. The journals become true when the caller commits.
///
/// # Errors
/// [`LedgerPgError`]; the transaction is then to be rolled back. A journal whose id is in its book already is
/// refused with [`LedgerPgError::AlreadyPosted`]; nothing of the batch is written in that case.
pub async fn post_in(
    tx: &Transaction<'_>,
    directory: &AccountDirectory,
    journals: &[Journal],
) -> Result<(), LedgerPgError> {
    if journals.is_empty() {
        return Ok(());
    }
    if journals.len() > JOURNALS_MAX {
        return Err(LedgerPgError::TooMany {
            count: journals.len(),
        });
    }
    let rows = Rows::resolve(&directory.books(), &directory.periods(), journals)?;
    let written = write::write(tx, &rows).await;
    if let Err(LedgerPgError::PeriodClosed(_)) = &written {
        directory.doubt_periods();
    }
    written
}

/// A whole transaction of its own. COMMIT travels right behind the balances, so that hot rows are not locked for one more
/// round trip and the wait for this process's turn.
///
/// # Errors
/// As [`post_in`], or what COMMIT says. Nothing is written then, unless the connection broke during COMMIT: in that case the
/// caller must look whether the journals are there, as after any interrupted commit.
pub async fn post(
    client: &mut Client,
    directory: &AccountDirectory,
    journals: &[Journal],
) -> Result<(), LedgerPgError> {
    let tx = client.transaction().await?;
    let commit_sent = AtomicBool::new(false);
    let commit = async {
        commit_sent.store(true, Ordering::Relaxed);
        tx.batch_execute("COMMIT").await?;
        Ok(())
    };
    let posted = tokio::try_join!(biased; post_in(&tx, directory, journals), commit);
    if commit_sent.load(Ordering::Relaxed) {
        // The server has ended the transaction, after a refused statement by making a ROLLBACK of the COMMIT. One more of either
        // would only put a warning into its log. Not sent, dropping the transaction rolls it back.
        core::mem::forget(tx);
    }
    posted.map(|_| ())
}
