//! What people see of notices: which, how they stand, and what was told of them.

use deadpool_postgres::GenericClient;
use epay_domain::notification::{Notice, NoticeFact, NoticeState};
use epay_money::{BillId, BillerId};
use epay_notice::{Channel, Kind};
use jiff::Timestamp;
use postgres_types::Json;
use uuid::Uuid;

use super::row::{channel, kind, read};
use crate::row::Reading;
use crate::{Page, PageRequest, StoreError};

/// Which notices are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeFilter {
    /// Only those of this bill.
    pub bill: Option<BillId>,
    /// Only those to this person.
    pub person: Option<Uuid>,
    /// Only those that stand so.
    pub state: Option<NoticeState>,
    /// Only those of this kind.
    pub kind: Option<Kind>,
}

/// Notices of a department, the newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn notices(
    client: &impl GenericClient,
    biller: &BillerId,
    filter: &NoticeFilter,
    page: PageRequest,
) -> Result<Page<Notice>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.notice WHERE biller_id = $1 AND ($2::uuid IS NULL OR bill_id = $2) \
             AND ($3::uuid IS NULL OR person_id = $3) AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR kind = $5) \
             AND ($6::uuid IS NULL OR notice_id < $6) ORDER BY notice_id DESC LIMIT $7",
        )
        .await?;
    let rows = client
        .query(
            &statement,
            &[
                &biller.as_str(),
                &filter.bill.map(BillId::uuid),
                &filter.person,
                &filter.state.map(NoticeState::as_str),
                &filter.kind.map(Kind::as_str),
                &page.after,
                &page.limit(),
            ],
        )
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |one| one.id))
}

/// Notices to a person, whoever's bills they are of, the newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn notices_of_person(
    client: &impl GenericClient,
    person: Uuid,
    page: PageRequest,
) -> Result<Page<Notice>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.notice WHERE person_id = $1 AND ($2::uuid IS NULL OR notice_id < $2) \
             ORDER BY notice_id DESC LIMIT $3",
        )
        .await?;
    let rows = client
        .query(&statement, &[&person, &page.after, &page.limit()])
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |one| one.id))
}

/// One notice of a department.
///
/// # Errors
/// [`StoreError`].
pub async fn notice(
    client: &impl GenericClient,
    biller: &BillerId,
    id: Uuid,
) -> Result<Option<Notice>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.notice WHERE notice_id = $1 AND biller_id = $2")
        .await?;
    let row = client
        .query_opt(&statement, &[&id, &biller.as_str()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// A fact as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNoticeEvent {
    /// Counts from 1.
    pub version: i32,
    /// What was told.
    pub fact: NoticeFact,
    /// By or of which channel.
    pub channel: Option<Channel>,
    /// What the channel said.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The facts of a notice, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn notice_events(
    client: &impl GenericClient,
    id: Uuid,
) -> Result<Vec<StoredNoticeEvent>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.notice_event WHERE notice_id = $1 ORDER BY version")
        .await?;
    let rows = client.query(&statement, &[&id]).await?;
    rows.iter()
        .map(|row| {
            let table = "notice_event";
            let reading = Reading { table, row };
            Ok(StoredNoticeEvent {
                version: reading.get("version")?,
                fact: reading.get::<Json<NoticeFact>>("fact")?.0,
                channel: reading.get::<Option<&str>>("channel")?.and_then(channel),
                detail: reading.get("detail")?,
                at: reading.get("at")?,
            })
        })
        .collect()
}

/// How many notices of a kind stand so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeCount {
    /// The kind.
    pub kind: Kind,
    /// How they stand.
    pub state: NoticeState,
    /// How many.
    pub count: i64,
}

/// Counts a department's notices that were planned in a span of time.
///
/// # Errors
/// [`StoreError`].
pub async fn notice_counts(
    client: &impl GenericClient,
    biller: &BillerId,
    (from, to): (Uuid, Uuid),
) -> Result<Vec<NoticeCount>, StoreError> {
    // Ids are in the order of time.
    let statement = client
        .prepare_cached(
            "SELECT kind, state, count(*) AS count FROM epay.notice WHERE biller_id = $1 AND notice_id >= $2 AND notice_id < $3 \
             GROUP BY kind, state ORDER BY kind, state",
        )
        .await?;
    let rows = client
        .query(&statement, &[&biller.as_str(), &from, &to])
        .await?;
    rows.iter()
        .map(|row| {
            let table = "notice";
            let reading = Reading { table, row };
            let unknown = |column| StoreError::Unknown { table, column };
            let state: &str = reading.get("state")?;
            Ok(NoticeCount {
                kind: kind(reading.get("kind")?).ok_or_else(|| unknown("kind"))?,
                state: NoticeState::ALL
                    .into_iter()
                    .find(|known| known.as_str() == state)
                    .ok_or_else(|| unknown("state"))?,
                count: reading.get("count")?,
            })
        })
        .collect()
}
