//! What a batch reads first, behind the settings that have its transaction keep its plans.

use deadpool_postgres::Transaction;
use epay_store::StoreError;

use crate::error::BatchError;

/// Has the transaction keep its plans, and does `first`. Both travel together, the settings before it.
pub(crate) async fn with_kept_plans<T>(
    tx: &Transaction<'_>,
    first: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, BatchError> {
    let kept = async {
        epay_pg::keep_plans_in(tx)
            .await
            .map_err(|error| BatchError::from(&error))
    };
    let first = async { first.await.map_err(BatchError::from) };
    let ((), done) = futures_util::future::try_join(kept, first).await?;
    Ok(done)
}
