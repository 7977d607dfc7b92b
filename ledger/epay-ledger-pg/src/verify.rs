//! Verification: recompute everything from the entries and list every difference.
//!
//! One read-only snapshot, in this order: the accounts; every journal with its entries, streamed in order of the key and
//! looked at one by one while the sums of each account grow; the stored balances against those sums; the invariants of each
//! book; every reversal against the journal it names; the log, leaf by leaf, against the journals and against the heads that
//! an auditor kept. In memory: the accounts, one journal, and at most
//! [`FINDINGS_MAX`] findings. The stored balances and the database's own checks are not trusted.

mod journal;
mod ledger;
mod log;
mod log_report;
mod report;

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::{Client, IsolationLevel, Transaction};

use self::journal::{JournalCheck, Line};
use self::ledger::Ledger;
pub use self::log::Evidence;
pub use self::log_report::{HeadSource, LeafName, LogFinding, SUSPECTS_MAX};
pub use self::report::{FINDINGS_MAX, Finding, VerifyReport};
use crate::error::LedgerPgError;

/// Journals without entries and entries without a journal come too; that is what is looked for.
const LINES: &str =
    "SELECT coalesce(j.book, e.book), coalesce(j.id, e.journal_id), j.id IS NOT NULL,
           e.line, e.account, e.amount
      FROM ledger.journal j
      FULL JOIN ledger.entry e ON e.book = j.book AND e.journal_id = j.id
     ORDER BY 1, 2, 4";

/// Reversals that name no journal of their book, or are not its mirror.
const FALSE_REVERSALS: &str = "SELECT r.book, r.id, r.reverses
      FROM ledger.journal r
     WHERE r.reverses IS NOT NULL AND (
        NOT EXISTS (SELECT FROM ledger.journal j WHERE j.book = r.book AND j.id = r.reverses)
        OR EXISTS (
            SELECT FROM (SELECT line, account, amount FROM ledger.entry e
                          WHERE e.book = r.book AND e.journal_id = r.id) mirror
              FULL JOIN (SELECT line, account, -amount AS amount FROM ledger.entry e
                          WHERE e.book = r.book AND e.journal_id = r.reverses) original USING (line)
             WHERE (mirror.account, mirror.amount) IS DISTINCT FROM (original.account, original.amount)))
     ORDER BY 1, 2";

/// How many entries are read between two calls of the progress function.
const PROGRESS_EVERY: u64 = 10_000;

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many entries have been read.
    Entries(u64),
    /// So many leaves of the log have been made again.
    Leaves(u64),
}

/// Checks the whole ledger.
///
/// # Errors
/// [`LedgerPgError::Database`] when it cannot be read. A difference is a finding, never an error.
pub async fn verify(client: &mut Client) -> Result<VerifyReport, LedgerPgError> {
    verify_with(client, |_entries| {}).await
}

/// The same, telling now and then how many entries have been read.
///
/// # Errors
/// As [`verify`].
pub async fn verify_with(
    client: &mut Client,
    mut progress: impl FnMut(u64),
) -> Result<VerifyReport, LedgerPgError> {
    verify_against(client, &Evidence::default(), |step| {
        if let Step::Entries(entries) = step {
            progress(entries);
        }
    })
    .await
}

/// The same against what an auditor brings: keys, and heads kept from before.
///
/// # Errors
/// As [`verify`].
pub async fn verify_against(
    client: &mut Client,
    evidence: &Evidence,
    mut progress: impl FnMut(Step),
) -> Result<VerifyReport, LedgerPgError> {
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let mut report = VerifyReport::default();
    let mut ledger = Ledger::load(&snapshot).await?;
    check_journals(&snapshot, &mut ledger, &mut report, &mut progress).await?;
    ledger.check_balances(&snapshot, &mut report).await?;
    ledger.check_invariants(&mut report);
    for row in snapshot.query(FALSE_REVERSALS, &[]).await? {
        report.find(Finding::FalseReversal {
            book: ledger.book(row.try_get(0)?),
            journal: row.try_get(1)?,
            reverses: row.try_get(2)?,
        });
    }
    log::check(&snapshot, evidence, &mut report, &mut progress).await?;
    snapshot.commit().await?;
    Ok(report)
}

async fn check_journals(
    snapshot: &Transaction<'_>,
    ledger: &mut Ledger,
    report: &mut VerifyReport,
    progress: &mut impl FnMut(Step),
) -> Result<(), LedgerPgError> {
    let parameters: [i32; 0] = [];
    let mut rows = pin!(snapshot.query_raw(LINES, parameters).await?);
    let mut current: Option<JournalCheck> = None;
    while let Some(row) = rows.try_next().await? {
        let (book, id) = (row.try_get(0)?, row.try_get(1)?);
        let mut check = match current.take() {
            Some(check) if check.is_of(book, id) => check,
            before => {
                if let Some(done) = before {
                    done.finish(ledger, report);
                }
                JournalCheck::new(book, id, row.try_get(2)?)
            }
        };
        if let Some(line) = row.try_get::<_, Option<i16>>(3)? {
            let line = Line {
                line,
                account: row.try_get(4)?,
                amount: row.try_get(5)?,
            };
            check.add(&line, ledger, report);
            report.entries = report.entries.saturating_add(1);
            if report.entries.is_multiple_of(PROGRESS_EVERY) {
                progress(Step::Entries(report.entries));
            }
        }
        current = Some(check);
    }
    if let Some(last) = current {
        last.finish(ledger, report);
    }
    Ok(())
}
