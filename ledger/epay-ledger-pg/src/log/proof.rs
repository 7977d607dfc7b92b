//! Proofs from stored rows: the hashes of the spans that a proof asks for, in one statement.
//!
//! What bounds it: at most 255 stored hashes a level of [`STORED_LEVELS`], so about a thousand rows at 2^32 leaves.
//!
//! [`STORED_LEVELS`]: epay_ledger::log::STORED_LEVELS

use epay_ledger::log::{
    ConsistencyProof, InclusionProof, LogHash, Span, StoredHashes, Subtree, consistency_spans,
    inclusion_spans,
};
use epay_money::{BillerId, JournalId};
use tokio_postgres::GenericClient;

use super::fault::LogFault;
use super::read::{leaf, number, read_hash};
use crate::error::LedgerPgError;

/// Stored hashes by level and a run of indexes. Level 0 are the leaves.
const SELECT: &str = "SELECT w.level, n.at, n.hash
      FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS w(level, first, after)
      CROSS JOIN LATERAL (
        SELECT l.leaf_index AS at, l.hash FROM ledger.log_leaf l
         WHERE w.level = 0 AND l.leaf_index >= w.first AND l.leaf_index < w.after
        UNION ALL
        SELECT s.subtree_index, s.hash FROM ledger.log_subtree s
         WHERE s.level = w.level AND s.subtree_index >= w.first AND s.subtree_index < w.after) n";

/// That a journal is in the tree of a size. `None` where it is not: it is not sealed yet, or was sealed later.
///
/// # Errors
/// [`LedgerPgError`].
pub async fn inclusion_proof(
    client: &impl GenericClient,
    book: &BillerId,
    journal: JournalId,
    tree_size: u64,
) -> Result<Option<InclusionProof>, LedgerPgError> {
    let Some((leaf_index, _)) = leaf(client, book, journal).await? else {
        return Ok(None);
    };
    let Some(spans) = inclusion_spans(leaf_index, tree_size) else {
        return Ok(None);
    };
    Ok(Some(InclusionProof {
        leaf_index,
        tree_size,
        path: hashes(client, spans, tree_size).await?,
    }))
}

/// That the tree of one size begins the tree of another. `None` where the first is the larger one.
///
/// # Errors
/// [`LedgerPgError`]; [`LogFault::Incomplete`] where the log has not grown to the second size.
pub async fn consistency_proof(
    client: &impl GenericClient,
    first_size: u64,
    second_size: u64,
) -> Result<Option<ConsistencyProof>, LedgerPgError> {
    let Some(spans) = consistency_spans(first_size, second_size) else {
        return Ok(None);
    };
    Ok(Some(ConsistencyProof {
        first_size,
        second_size,
        path: hashes(client, spans, second_size).await?,
    }))
}

async fn hashes(
    client: &impl GenericClient,
    spans: Vec<Span>,
    size: u64,
) -> Result<Vec<LogHash>, LedgerPgError> {
    let (mut levels, mut firsts, mut afters) = (Vec::new(), Vec::new(), Vec::new());
    for subtree in spans.iter().flat_map(|span| span.subtrees()) {
        let parts = subtree.stored_parts();
        levels.push(i16::from(parts.level));
        firsts.push(number(parts.begin));
        afters.push(number(parts.end));
    }
    let mut stored = StoredHashes::default();
    for row in client.query(SELECT, &[&levels, &firsts, &afters]).await? {
        let level: i16 = row.try_get(0)?;
        let subtree = Subtree {
            level: u8::try_from(level).unwrap_or(u8::MAX),
            index: row.try_get::<_, i64>(1)?.unsigned_abs(),
        };
        stored.insert(subtree, read_hash(row.try_get(2)?)?);
    }
    spans
        .into_iter()
        .map(|span| {
            stored
                .root(span)
                .ok_or_else(|| LogFault::Incomplete { size }.into())
        })
        .collect()
}
