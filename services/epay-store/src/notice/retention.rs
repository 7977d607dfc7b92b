//! Removing notices that ended long ago: in pieces, each found by an index, nothing that still waits.

use deadpool_postgres::GenericClient;
use jiff::Timestamp;

use crate::StoreError;

/// Removes notices for which nothing is to be done and that last changed before `before`, with their facts; at most `limit`, the oldest.
/// Answers how many. Their names are forgotten with them: nothing older than that is planned again.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_notices(
    client: &impl GenericClient,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let delete = client
        .prepare_cached(
            "WITH old AS (SELECT notice_id FROM epay.notice WHERE next_at IS NULL AND changed_at < $1 AND expires_at < $1 \
             ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED), \
             log AS (DELETE FROM epay.notice_event AS e USING old WHERE e.notice_id = old.notice_id) \
             DELETE FROM epay.notice AS n USING old WHERE n.notice_id = old.notice_id",
        )
        .await?;
    Ok(client.execute(&delete, &[&before, &limit]).await?)
}
