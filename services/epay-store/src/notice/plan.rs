//! Writing plans: one statement, whatever the number of notices.

use deadpool_postgres::Transaction;
use epay_domain::notification::Planned;
use epay_money::{BillId, BillerId};
use epay_notice::{Channel, Details};
use jiff::Timestamp;
use postgres_types::Json;
use uuid::Uuid;

use crate::StoreError;
use crate::row::columns;

/// A notice that a person is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    /// Its id, made by [`notice_id`](epay_domain::notification::notice_id).
    pub id: Uuid,
    /// Who is told.
    pub person: Uuid,
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// What, and when.
    pub planned: Planned,
    /// The channel that it will probably go by.
    pub channel: Option<Channel>,
    /// What it says, as far as that cannot be read again later.
    pub details: Details,
}

/// Writes plans. What is planned or told already under its name stays as it is; answers how many are new.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_notices_in(
    tx: &Transaction<'_>,
    notices: &[NewNotice],
    now: Timestamp,
) -> Result<u64, StoreError> {
    columns!(
        notices,
        ids = |one| one.id,
        people = |one| one.person,
        billers = |one| one.biller.as_str(),
        bills = |one| one.bill.uuid(),
        kinds = |one| one.planned.kind.as_str(),
        names = |one| one.planned.name(),
        dates = |one| one.planned.about(),
        moments = |one| one.planned.not_before,
        ends = |one| one.planned.expires_at,
        channels = |one| one.channel.map(Channel::as_str),
        details = |one| Json(&one.details),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.notice (notice_id, person_id, biller_id, bill_id, kind, name, about, next_at, expires_at, channel, \
             details, state, created_at, changed_at) \
             SELECT n.*, 'created', $12, $12 FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], \
             $7::date[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::jsonb[]) AS n \
             ON CONFLICT (bill_id, person_id, name) DO NOTHING",
        )
        .await?;
    Ok(tx
        .execute(
            &statement,
            &[
                &ids, &people, &billers, &bills, &kinds, &names, &dates, &moments, &ends,
                &channels, &details, &now,
            ],
        )
        .await?)
}
