//! What a department owes us back, before some of it is kept back from what is passed on. Under the book's lock nothing else
//! lowers it.

use deadpool_postgres::Transaction;
use epay_domain::reconciliation::case::{Case, Resolution};
use epay_ledger::{Side, chart};

use crate::error::BatchError;

/// Whether the department owes as much as is kept back.
pub(super) async fn covers(
    tx: &Transaction<'_>,
    case: &Case,
    resolution: &Resolution,
) -> Result<(), BatchError> {
    let kept_back = resolution.clawback_minor();
    if kept_back == 0 {
        return Ok(());
    }
    let trial = epay_ledger_pg::trial_balance(&**tx, Some(&case.biller), None).await?;
    let owed = trial
        .rows
        .iter()
        .filter(|row| chart::DUE_FROM_DEPARTMENTS.covers(&row.key.account))
        .filter(|row| row.key.currency == case.currency)
        .map(|row| row.totals.balance(Side::Debit))
        .fold(0, i64::saturating_add);
    if owed < kept_back {
        let why =
            format!("{kept_back} is kept back and the department owes {owed}, in minor units");
        return Err(BatchError::Spoiled(why));
    }
    Ok(())
}
