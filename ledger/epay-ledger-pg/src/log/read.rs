//! Heads, and where a journal is in the log.

use epay_ledger::log::{Head, LogHash, SignedHead};
use epay_money::{BillerId, JournalId};
use tokio_postgres::{GenericClient, Row};

use super::fault::LogFault;
use crate::error::LedgerPgError;

/// Most heads on a page, whatever is asked for.
pub const HEADS_PAGE_MAX: usize = 1_000;

/// The columns that [`read_head`] reads.
macro_rules! heads {
    ($rest:literal) => {
        concat!(
            "SELECT tree_size, sealed_at, root, signature, origin, key_id FROM ledger.log_head ",
            $rest
        )
    };
}
pub(crate) use heads;

const LATEST: &str = heads!("ORDER BY tree_size DESC LIMIT 1");
const BY_SIZE: &str = heads!("WHERE tree_size = $1");
const PAGE: &str =
    heads!("WHERE ($1::bigint IS NULL OR tree_size < $1) ORDER BY tree_size DESC LIMIT $2");

const LEAF: &str = "SELECT l.leaf_index, l.hash
      FROM ledger.book k JOIN ledger.log_leaf l ON l.book = k.id AND l.journal_id = $2
     WHERE k.biller_id = $1
     ORDER BY k.id LIMIT 1";

/// The head of a size; the latest where none is named. `None` where there is none.
///
/// # Errors
/// [`LedgerPgError`].
pub async fn log_head(
    client: &impl GenericClient,
    size: Option<u64>,
) -> Result<Option<SignedHead>, LedgerPgError> {
    let row = match size {
        Some(size) => client.query_opt(BY_SIZE, &[&number(size)]).await?,
        None => client.query_opt(LATEST, &[]).await?,
    };
    row.as_ref().map(read_head).transpose()
}

/// Heads below a size, the largest first, at most [`HEADS_PAGE_MAX`]; from the latest on where no size is named.
///
/// # Errors
/// [`LedgerPgError`].
pub async fn log_heads(
    client: &impl GenericClient,
    below: Option<u64>,
    count: usize,
) -> Result<Vec<SignedHead>, LedgerPgError> {
    let count = i64::try_from(count.clamp(1, HEADS_PAGE_MAX)).unwrap_or(i64::MAX);
    let rows = client.query(PAGE, &[&below.map(number), &count]).await?;
    rows.iter().map(read_head).collect()
}

/// Place and hash of a journal's leaf; `None` while it is not sealed.
pub(super) async fn leaf(
    client: &impl GenericClient,
    book: &BillerId,
    journal: JournalId,
) -> Result<Option<(u64, LogHash)>, LedgerPgError> {
    let row = client
        .query_opt(LEAF, &[&book.as_str(), &journal.uuid()])
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((
        row.try_get::<_, i64>(0)?.unsigned_abs(),
        read_hash(row.try_get(1)?)?,
    )))
}

pub(crate) fn read_head(row: &Row) -> Result<SignedHead, LedgerPgError> {
    let head = Head::new(
        row.try_get::<_, &str>(4)?,
        row.try_get::<_, i64>(0)?.unsigned_abs(),
        read_hash(row.try_get(2)?)?,
        row.try_get(1)?,
    );
    let signature: &[u8] = row.try_get(3)?;
    Ok(SignedHead {
        head: head.map_err(LogFault::from)?,
        key_id: row.try_get(5)?,
        signature: signature
            .try_into()
            .map_err(|_wrong_length| LogFault::Signature)?,
    })
}

pub(crate) fn read_hash(bytes: &[u8]) -> Result<LogHash, LedgerPgError> {
    Ok(LogHash::try_from(bytes).map_err(LogFault::from)?)
}

/// A size as the database counts; one that it cannot count has no row.
pub(super) fn number(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
