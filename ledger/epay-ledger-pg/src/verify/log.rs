//! The log under verification: every leaf is made again from its journal, every root from the leaves.
//!
//! The stored leaves, subtrees, edge and heads are what is judged. The heads that an auditor kept are what they are judged
//! by, and the public keys say which heads are ours. In one pass over the leaves, in their order:
//!
//! 1. the journal is hashed and compared with its stored leaf: a changed or removed journal is named;
//! 2. the stored leaf goes into the tree; subtrees and heads are compared as the tree reaches their size, so that leaves
//!    which were rewritten together with their journals are found by the first head that no longer fits;
//! 3. at the end, heads of a larger tree than there is say that the tail was cut off;
//! 4. and journals without a leaf are counted; one that should have one is named.
//!
//! In memory: the edge of the tree, some rows of each table, at most [`SUSPECTS_MAX`](super::log_report::SUSPECTS_MAX) names of each source, and the auditor's heads.

mod heads;
mod rows;

use epay_ledger::log::{Frontier, LogHash, PublicKeys, SignedHead, Subtree};
use tokio_postgres::Transaction;

use self::heads::{HeadCheck, Names};
use self::rows::{Rows, leaf};
use super::log_report::{HeadSource, LeafName, LogFinding};
use super::report::VerifyReport;
use crate::error::LedgerPgError;
use crate::log::read::{heads, read_hash, read_head};
use crate::verify::Step;

const LEAVES: &str = "SELECT l.leaf_index, l.hash, coalesce(k.biller_id, 'number ' || l.book), j.posted_in, l.journal_id,
           coalesce(k.biller_id, ''), coalesce(k.currency::text, ''), coalesce(j.kind::text, ''), coalesce(j.posted_at, 'epoch'),
           coalesce(j.business_date, 'epoch'), coalesce(j.source, ''), j.reverses, e.accounts, e.amounts
      FROM ledger.log_leaf l
      LEFT JOIN ledger.journal j ON j.book = l.book AND j.id = l.journal_id
      LEFT JOIN ledger.book k ON k.id = l.book
      LEFT JOIN LATERAL (
        SELECT array_agg(coalesce(a.code, '') ORDER BY e.line) AS accounts, array_agg(e.amount ORDER BY e.line) AS amounts
          FROM ledger.entry e
          LEFT JOIN ledger.account a ON a.id = e.account
         WHERE e.book = l.book AND e.journal_id = l.journal_id) e ON true
     ORDER BY l.leaf_index";

const HEADS: &str = heads!("ORDER BY tree_size");

/// In the order in which a growing tree makes them.
const SUBTREES: &str = "SELECT level, subtree_index, hash FROM ledger.log_subtree
     ORDER BY (subtree_index + 1) << level, level";

/// Whether each should have a leaf: it is below what the sealer says it has sealed, in the cluster that counts so.
const UNSEALED: &str = "SELECT coalesce(k.biller_id, 'number ' || j.book), j.id,
           j.posted_in < s.sealed_below AND s.cluster = (SELECT system_identifier FROM pg_catalog.pg_control_system())
      FROM ledger.log_state s
      CROSS JOIN ledger.journal j
      LEFT JOIN ledger.book k ON k.id = j.book
     WHERE NOT EXISTS (SELECT FROM ledger.log_leaf l WHERE l.book = j.book AND l.journal_id = j.id)";

const STATE: &str = "SELECT tree_size, peaks FROM ledger.log_state";

/// Between two calls of the progress function.
const PROGRESS_EVERY: u64 = 5_000;

/// What an auditor brings. Without it the database is only compared with itself.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Every key that ever signed a head.
    pub keys: Option<PublicKeys>,
    /// Heads that were kept from before, in any order.
    pub heads: Vec<SignedHead>,
}

/// The tree as it grows, and what it is compared with.
struct LogCheck<'a> {
    keys: Option<&'a PublicKeys>,
    frontier: Frontier,
    /// From here on leaves are missing, so that no root can be made any more.
    broken: bool,
    stored: HeadCheck,
    kept: HeadCheck,
    disorder: Disorder,
}

/// Leaves of journals of an earlier transaction than the one to their left. Only told where a head does not fit.
#[derive(Default)]
struct Disorder {
    before: Option<i64>,
    names: Names,
}

pub(super) async fn check(
    snapshot: &Transaction<'_>,
    evidence: &Evidence,
    report: &mut VerifyReport,
    progress: &mut impl FnMut(Step),
) -> Result<(), LedgerPgError> {
    let mut kept = evidence.heads.clone();
    kept.sort_by_key(|signed| signed.head.size());
    let mut kept = kept.into_iter().peekable();
    let mut leaves = Rows::open(snapshot, LEAVES).await?;
    let mut stored = Rows::open(snapshot, HEADS).await?;
    let mut subtrees = Rows::open(snapshot, SUBTREES).await?;
    let mut check = LogCheck::new(evidence.keys.as_ref());
    while let Some(row) = leaves.next(snapshot).await? {
        let (name, posted_in, stored_hash, journal_hash) = leaf(&row)?;
        check.judge_place(&name, report);
        check.judge_journal(&name, stored_hash, journal_hash, report);
        check.note(&name, posted_in);
        for (subtree, hash) in check.append(stored_hash)? {
            let row = subtrees.next(snapshot).await?;
            if !is_subtree(row.as_ref(), subtree, hash)? {
                report.find_log(LogFinding::Subtree {
                    level: subtree.level,
                    subtree_index: subtree.index,
                });
            }
        }
        let size = check.size_of(&name);
        while let Some(row) = stored
            .next_if(snapshot, |row| head_size(row) <= size)
            .await?
        {
            check.judge_stored(&read_head(&row)?, report);
        }
        while let Some(signed) = kept.next_if(|signed| signed.head.size() <= size) {
            check.judge_kept(&signed, report);
        }
        report.leaves = report.leaves.saturating_add(1);
        if report.leaves.is_multiple_of(PROGRESS_EVERY) {
            progress(Step::Leaves(report.leaves));
        }
    }
    while let Some(row) = stored.next(snapshot).await? {
        check.judge_stored(&read_head(&row)?, report);
    }
    for signed in kept {
        check.judge_kept(&signed, report);
    }
    if subtrees.next(snapshot).await?.is_some() && !check.broken {
        report.find_log(LogFinding::State);
    } else {
        check_state(snapshot, &check, report).await?;
    }
    check.finish(report);
    check_unsealed(snapshot, report).await
}

fn head_size(row: &tokio_postgres::Row) -> u64 {
    // A size that cannot be read is met again, and told, when the whole head is.
    row.try_get::<_, i64>(0).unwrap_or_default().unsigned_abs()
}

fn is_subtree(
    row: Option<&tokio_postgres::Row>,
    subtree: Subtree,
    hash: LogHash,
) -> Result<bool, LedgerPgError> {
    let Some(row) = row else { return Ok(false) };
    let (level, index): (i16, i64) = (row.try_get(0)?, row.try_get(1)?);
    let found = read_hash(row.try_get(2)?)?;
    Ok(level == i16::from(subtree.level) && index.unsigned_abs() == subtree.index && found == hash)
}

async fn check_state(
    snapshot: &Transaction<'_>,
    check: &LogCheck<'_>,
    report: &mut VerifyReport,
) -> Result<(), LedgerPgError> {
    let row = snapshot.query_one(STATE, &[]).await?;
    let size = row.try_get::<_, i64>(0)?.unsigned_abs();
    let peaks: &[u8] = row.try_get(1)?;
    let same = size == check.frontier.size() && peaks == check.frontier.to_bytes();
    if !same && !check.broken {
        report.find_log(LogFinding::State);
    }
    Ok(())
}

async fn check_unsealed(
    snapshot: &Transaction<'_>,
    report: &mut VerifyReport,
) -> Result<(), LedgerPgError> {
    let mut rows = Rows::open(snapshot, UNSEALED).await?;
    while let Some(row) = rows.next(snapshot).await? {
        if row.try_get(2)? {
            let (book, journal) = (row.try_get(0)?, row.try_get(1)?);
            report.find_log(LogFinding::Unsealed { book, journal });
        } else {
            report.unsealed = report.unsealed.saturating_add(1);
        }
    }
    Ok(())
}

impl<'a> LogCheck<'a> {
    fn new(keys: Option<&'a PublicKeys>) -> Self {
        Self {
            keys,
            frontier: Frontier::default(),
            broken: false,
            stored: HeadCheck::new(HeadSource::Stored),
            kept: HeadCheck::new(HeadSource::Kept),
            disorder: Disorder::default(),
        }
    }

    /// A leaf that does not follow the one before it: those in between are gone.
    fn judge_place(&mut self, name: &LeafName, report: &mut VerifyReport) {
        let expected = report.leaves.saturating_add(report.leaves_missing);
        if name.leaf_index != expected {
            let missing = name.leaf_index.saturating_sub(expected);
            report.find_log(LogFinding::Gap {
                first: expected,
                after: name.leaf_index,
            });
            report.leaves_missing = report.leaves_missing.saturating_add(missing);
            self.broken = true;
        }
    }

    fn judge_journal(
        &self,
        name: &LeafName,
        stored: LogHash,
        journal: Option<LogHash>,
        report: &mut VerifyReport,
    ) {
        match journal {
            None => report.find_log(LogFinding::Removed(name.clone())),
            Some(hash) if hash != stored => report.find_log(LogFinding::Altered(name.clone())),
            Some(_) => {}
        }
    }

    fn note(&mut self, name: &LeafName, posted_in: Option<i64>) {
        self.stored.suspects.add(name);
        self.kept.suspects.add(name);
        if let Some(posted_in) = posted_in {
            if self
                .disorder
                .before
                .is_some_and(|before| before > posted_in)
            {
                self.disorder.names.add(name);
            }
            self.disorder.before = Some(posted_in);
        }
    }

    /// Takes the leaf into the tree and tells which subtrees became whole.
    fn append(&mut self, leaf: LogHash) -> Result<Vec<(Subtree, LogHash)>, LedgerPgError> {
        let mut whole = Vec::new();
        if !self.broken {
            self.frontier
                .append(leaf, |subtree, hash| whole.push((subtree, hash)))
                .map_err(crate::log::LogFault::from)?;
        }
        Ok(whole)
    }

    const fn size_of(&self, name: &LeafName) -> u64 {
        name.leaf_index.saturating_add(1)
    }

    fn judge_stored(&mut self, signed: &SignedHead, report: &mut VerifyReport) {
        report.heads = report.heads.saturating_add(1);
        let (keys, frontier) = (self.keys, &self.frontier);
        self.stored
            .judge(signed, keys, frontier, self.broken, report);
    }

    fn judge_kept(&mut self, signed: &SignedHead, report: &mut VerifyReport) {
        let (keys, frontier) = (self.keys, &self.frontier);
        self.kept.judge(signed, keys, frontier, self.broken, report);
    }

    fn finish(self, report: &mut VerifyReport) {
        let leaves = report.leaves.saturating_add(report.leaves_missing);
        let misfit = self.stored.is_misfit() || self.kept.is_misfit();
        self.stored.finish(leaves, report);
        self.kept.finish(leaves, report);
        if misfit && self.disorder.names.count > 0 {
            report.find_log(LogFinding::Disorder {
                journals: self.disorder.names.list,
            });
        }
    }
}
