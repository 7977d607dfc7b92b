//! Plans of batch statements: made once a connection, by keys.

use deadpool_postgres::Transaction;

use crate::error::PgError;

/// Has the rest of the transaction keep to plans that were made once, and make them by keys alone.
///
/// A batch runs the same few statements every time, and only the length of their arrays differs. Planned anew for each
/// length they cost a tenth of the server's time; planned once on the day when a table was small, they would read the
/// whole of it for ever. So a plan is kept, and joins by hash, by merge and by reading whole tables are out of question
/// when it is made. Only for transactions whose every statement finds its rows by a key.
///
/// # Errors
/// [`PgError`] when the connection is gone.
pub async fn keep_plans_in(tx: &Transaction<'_>) -> Result<(), PgError> {
    tx.batch_execute(
        "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_hashjoin = off; \
         SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off",
    )
    .await
    .map_err(PgError::from)
}
