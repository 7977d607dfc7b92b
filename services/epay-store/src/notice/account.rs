//! The bills of an account that somebody has just subscribed to.

use deadpool_postgres::GenericClient;
use epay_domain::BillType;
use epay_money::{BillId, BillerId};

use crate::StoreError;
use crate::row::Reading;

/// Most bills of one account that a new subscriber hears of, the newest: sixteen years of quarters.
pub const ACCOUNT_BILLS_MAX: i64 = 64;

/// The bills of an account of which something is to be paid, by the number of one of them; the newest first.
///
/// An index finds the numbers that can be of the account. Where a kind has digits before the account, those are all of the department.
///
/// # Errors
/// [`StoreError`].
pub async fn unpaid_bills_of_account(
    client: &impl GenericClient,
    kind: &BillType,
    number: &str,
) -> Result<Vec<(BillerId, BillId)>, StoreError> {
    let (lowest, highest) = kind.account_range(number);
    let account = kind.account(number);
    let skipped = kind.terms.account.map_or(0, |digits| digits.skipped);
    let place = i32::try_from(skipped.saturating_add(1)).unwrap_or(i32::MAX);
    let statement = client
        .prepare_cached(
            "SELECT biller_id, bill_id FROM epay.bill WHERE biller_id = $1 AND number BETWEEN $2 AND $3 \
             AND substr(number, $4, length($5)) = $5 AND bill_type = $6 AND state IN ('open', 'part_paid') \
             ORDER BY bill_id DESC LIMIT $7",
        )
        .await?;
    let rows = client
        .query(
            &statement,
            &[
                &kind.biller.as_str(),
                &lowest,
                &highest,
                &place,
                &account,
                &kind.code.as_str(),
                &ACCOUNT_BILLS_MAX,
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading { table: "bill", row };
            Ok((reading.biller()?, BillId::new(reading.get("bill_id")?)))
        })
        .collect()
}
