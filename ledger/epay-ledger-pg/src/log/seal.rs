//! Sealing: journals that were posted become leaves, in the order in which they are found, and a head is signed.
//!
//! One transaction a batch, in this order:
//!
//! 1. become the one who seals (an advisory lock; who does not get it does nothing);
//! 2. read the edge of the tree, and below which transaction everything is sealed;
//! 3. read the journals of transactions from there on that have no leaf;
//! 4. append them in memory, and sign the head;
//! 5. write leaves, whole subtrees, head and edge, and commit.
//!
//! A crash leaves the whole batch or nothing of it. Posters are never waited for and never made to wait: a transaction that
//! takes long only makes the sealer look again at what came after it began. Heads must be durable before anybody sees them,
//! so the connection must commit synchronously.
//!
//! What bounds a batch: [`SEAL_JOURNALS_MAX`] journals, and a stretch of transactions that grows and shrinks with what is
//! found in it, so that catching up with a long past reads it once.

use epay_ledger::log::{Head, LogHash, SignedHead, SigningKey, Subtree};
use jiff::Timestamp;
use postgres_types::{ToSql, Type};
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use super::fault::LogFault;
use super::fresh::{self, Fresh};
use super::state::{self, State};
use crate::error::LedgerPgError;

/// Most journals in one batch, and so under one head.
pub const SEAL_JOURNALS_MAX: usize = 4_096;

/// How many transactions a batch looks at to begin with.
const TRANSACTIONS_AT_FIRST: i64 = 4_096;

const INSERT_LEAVES: &str = "INSERT INTO ledger.log_leaf (leaf_index, journal_id, book, hash)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::smallint[], $4::bytea[])";
const INSERT_SUBTREES: &str = "INSERT INTO ledger.log_subtree (level, subtree_index, hash)
    SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])";
const INSERT_HEAD: &str =
    "INSERT INTO ledger.log_head (tree_size, sealed_at, root, signature, origin, key_id)
    VALUES ($1, $2, $3, $4, $5, $6)";

/// Appends to the log and signs. One a process is enough; any number may run.
#[derive(Debug)]
pub struct Sealer {
    key: SigningKey,
    origin: String,
    transactions: i64,
}

/// What a call of [`Sealer::seal`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Somebody else is at it.
    Elsewhere,
    /// This many journals were sealed.
    Batch {
        /// How many.
        journals: usize,
        /// Whether more may wait, so that another call is worth it now.
        more: bool,
    },
}

impl Sealed {
    /// Whether another call now would find something to do.
    #[must_use]
    pub const fn is_more(self) -> bool {
        matches!(self, Self::Batch { more: true, .. })
    }
}

/// What a batch writes.
#[derive(Default)]
struct Rows {
    leaf_index: Vec<i64>,
    journal_id: Vec<Uuid>,
    book: Vec<i16>,
    hash: Vec<Vec<u8>>,
    level: Vec<i16>,
    subtree_index: Vec<i64>,
    subtree_hash: Vec<Vec<u8>>,
}

impl Sealer {
    /// A sealer for the log of this name.
    ///
    /// # Errors
    /// [`LogFault::Origin`].
    pub fn new(key: SigningKey, origin: impl Into<String>) -> Result<Self, LogFault> {
        let origin = origin.into();
        // Judged once here, so that a wrong name is an error of the start and not of every batch.
        Head::new(&origin, 0, LogHash::of_nothing(), Timestamp::UNIX_EPOCH)?;
        Ok(Self {
            key,
            origin,
            transactions: TRANSACTIONS_AT_FIRST,
        })
    }

    /// Seals one batch. `now` goes into the head.
    ///
    /// # Errors
    /// [`LedgerPgError`]; nothing was sealed then, unless the connection broke during the commit.
    pub async fn seal(
        &mut self,
        client: &mut Client,
        now: Timestamp,
    ) -> Result<Sealed, LedgerPgError> {
        let tx = client.transaction().await?;
        if !state::lock(&tx).await? {
            return Ok(Sealed::Elsewhere);
        }
        fresh::prepare(&tx).await?;
        let mut state = State::load(&tx).await?;
        let (begin, end) = self.stretch(&state);
        let count = i64::try_from(SEAL_JOURNALS_MAX).unwrap_or(i64::MAX);
        let journals = fresh::fetch(&tx, begin, end, count).await?;
        let is_full = journals.len() >= SEAL_JOURNALS_MAX;
        let is_short = end < state.begun_below;
        self.adapt(is_full, is_short);
        if !journals.is_empty() {
            self.append(&tx, &mut state, &journals, now).await?;
        }
        if !journals.is_empty() || is_short || state.is_copy() {
            let stays_copy = state.is_copy() && is_full;
            let looked_below = match journals.last() {
                _ if stays_copy => begin,
                // A full batch may have stopped within a transaction, which is then looked at once more.
                Some(last) if is_full => last.posted_in,
                _ => end,
            };
            let sealed_below = looked_below.min(state.ended_below);
            state.keep(&tx, sealed_below, stays_copy).await?;
        }
        tx.commit().await?;
        Ok(Sealed::Batch {
            journals: journals.len(),
            more: is_full || is_short,
        })
    }

    /// Which transactions a batch looks at. In a copy all of them: their numbers say nothing.
    fn stretch(&self, state: &State) -> (i64, i64) {
        if state.is_copy() {
            return (0, i64::MAX);
        }
        let begin = state.sealed_below;
        let end = begin
            .saturating_add(self.transactions)
            .min(state.begun_below)
            .max(begin);
        (begin, end)
    }

    fn adapt(&mut self, is_full: bool, is_short: bool) {
        if is_full {
            self.transactions = (self.transactions / 2).max(1);
        } else if is_short {
            self.transactions = self.transactions.saturating_mul(2);
        }
    }

    async fn append(
        &self,
        tx: &Transaction<'_>,
        state: &mut State,
        journals: &[Fresh],
        now: Timestamp,
    ) -> Result<(), LedgerPgError> {
        let mut rows = Rows::default();
        for journal in journals {
            rows.add_leaf(state.frontier.size(), journal);
            state
                .frontier
                .append(journal.hash, |subtree, hash| {
                    rows.add_subtree(subtree, &hash);
                })
                .map_err(LogFault::from)?;
        }
        let frontier = &state.frontier;
        let head = Head::new(self.origin.as_str(), frontier.size(), frontier.root(), now)
            .map_err(LogFault::from)?;
        let signed = self.key.sign(head).map_err(LogFault::from)?;
        rows.write(tx).await?;
        write_head(tx, &signed).await
    }
}

impl Rows {
    fn add_leaf(&mut self, index: u64, journal: &Fresh) {
        // A frontier holds no more leaves than a signed number counts.
        self.leaf_index
            .push(i64::try_from(index).unwrap_or(i64::MAX));
        self.journal_id.push(journal.id);
        self.book.push(journal.book);
        self.hash.push(journal.hash.as_bytes().to_vec());
    }

    fn add_subtree(&mut self, subtree: Subtree, hash: &LogHash) {
        self.level.push(i16::from(subtree.level));
        self.subtree_index
            .push(i64::try_from(subtree.index).unwrap_or(i64::MAX));
        self.subtree_hash.push(hash.as_bytes().to_vec());
    }

    async fn write(&self, tx: &Transaction<'_>) -> Result<(), LedgerPgError> {
        let leaves: [(&(dyn ToSql + Sync), Type); 4] = [
            (&self.leaf_index, Type::INT8_ARRAY),
            (&self.journal_id, Type::UUID_ARRAY),
            (&self.book, Type::INT2_ARRAY),
            (&self.hash, Type::BYTEA_ARRAY),
        ];
        tx.execute_typed(INSERT_LEAVES, &leaves).await?;
        if !self.level.is_empty() {
            let subtrees: [(&(dyn ToSql + Sync), Type); 3] = [
                (&self.level, Type::INT2_ARRAY),
                (&self.subtree_index, Type::INT8_ARRAY),
                (&self.subtree_hash, Type::BYTEA_ARRAY),
            ];
            tx.execute_typed(INSERT_SUBTREES, &subtrees).await?;
        }
        Ok(())
    }
}

async fn write_head(tx: &Transaction<'_>, signed: &SignedHead) -> Result<(), LedgerPgError> {
    let head = &signed.head;
    let size = i64::try_from(head.size()).unwrap_or(i64::MAX);
    let values: [(&(dyn ToSql + Sync), Type); 6] = [
        (&size, Type::INT8),
        (&head.sealed_at(), Type::TIMESTAMPTZ),
        (&head.root().as_bytes().as_slice(), Type::BYTEA),
        (&signed.signature.as_slice(), Type::BYTEA),
        (&head.origin(), Type::TEXT),
        (&signed.key_id, Type::TEXT),
    ];
    tx.execute_typed(INSERT_HEAD, &values).await?;
    Ok(())
}
