//! What departments collected in a month, by channel: counts and sums over receipts and refunds, in Hong Kong dollars.

use std::collections::BTreeMap;

use deadpool_postgres::GenericClient;
use epay_domain::open_data::Collected;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::StoreError;

/// What was collected on business days from `days.0` until before `days.1`, and refunded between the same midnights.
///
/// # Errors
/// [`StoreError`].
pub async fn collected(
    client: &impl GenericClient,
    days: (Date, Date),
    instants: (Timestamp, Timestamp),
) -> Result<Vec<Collected>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT r.biller_id, r.rail, count(DISTINCT (r.rail_account, r.rail_reference)), sum(r.amount_minor)::int8, \
             (percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.created_at - p.created_at)))::int8 \
             FROM epay.receipt AS r LEFT JOIN epay.payment AS p USING (biller_id, payment_id) \
             WHERE r.receipt_business_date >= $1 AND r.receipt_business_date < $2 AND r.currency = 'HKD' GROUP BY 1, 2",
        )
        .await?;
    let mut found = BTreeMap::new();
    for row in client.query(&statement, &[&days.0, &days.1]).await? {
        let (department, channel): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let payments: i64 = row.try_get(2)?;
        let one = Collected {
            payments: u64::try_from(payments).unwrap_or(0),
            paid_minor: row.try_get(3)?,
            median_seconds: row.try_get(4)?,
            ..nothing(department, channel)
        };
        found.insert((one.department.clone(), one.channel.clone()), one);
    }
    let statement = client
        .prepare_cached(
            "SELECT f.biller_id, r.rail, count(*), sum(f.amount_minor)::int8 FROM epay.refund AS f \
             JOIN epay.receipt AS r USING (biller_id, receipt_id) WHERE f.state = 'refunded' \
             AND f.changed_at >= $1 AND f.changed_at < $2 AND f.currency = 'HKD' GROUP BY 1, 2",
        )
        .await?;
    for row in client
        .query(&statement, &[&instants.0, &instants.1])
        .await?
    {
        let (department, channel): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let refunds: i64 = row.try_get(2)?;
        let key = (department.clone(), channel.clone());
        let one = found
            .entry(key)
            .or_insert_with(|| nothing(department, channel));
        one.refunds = u64::try_from(refunds).unwrap_or(0);
        one.refunded_minor = row.try_get(3)?;
    }
    Ok(found.into_values().collect())
}

const fn nothing(department: String, channel: String) -> Collected {
    Collected {
        department,
        channel,
        payments: 0,
        paid_minor: 0,
        refunds: 0,
        refunded_minor: 0,
        median_seconds: None,
    }
}
