//! Taking notices up, and writing what became of them.

use deadpool_postgres::Transaction;
use epay_domain::notification::{Notice, NoticeFact, NoticeState, Suppression};
use epay_notice::Channel;
use jiff::Timestamp;
use postgres_types::Json;
use uuid::Uuid;

use super::row::{read, tongue_word};
use crate::StoreError;
use crate::row::columns;

/// A fact of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeEvent {
    /// The notice.
    pub notice: Uuid,
    /// Counts from 1 within the notice.
    pub version: i32,
    /// What was told.
    pub fact: NoticeFact,
    /// By or of which channel.
    pub channel: Option<Channel>,
    /// The channel's own number for the message, or what it said. Never an address.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Locks notices that are due by a channel, or for which one must be chosen; the longest waiting first, at most `limit`. What somebody else
/// has locked is skipped.
///
/// # Errors
/// [`StoreError`].
pub async fn due_notices_in(
    tx: &Transaction<'_>,
    channel: Option<Channel>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Notice>, StoreError> {
    // Two statements, because an index finds one value, or none, and not either.
    let statement = match channel {
        Some(_) => {
            tx.prepare_cached(
                "SELECT * FROM epay.notice WHERE channel = $3 AND next_at <= $1 ORDER BY next_at LIMIT $2 \
                 FOR UPDATE SKIP LOCKED",
            )
            .await?
        }
        None => {
            tx.prepare_cached(
                "SELECT * FROM epay.notice WHERE channel IS NULL AND $3::text IS NULL AND next_at <= $1 ORDER BY next_at LIMIT $2 \
                 FOR UPDATE SKIP LOCKED",
            )
            .await?
        }
    };
    let rows = tx
        .query(&statement, &[&now, &limit, &channel.map(Channel::as_str)])
        .await?;
    rows.iter().map(read).collect()
}

/// Locks notices by their ids, in the order of these.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_notices_in(
    tx: &Transaction<'_>,
    ids: &[Uuid],
) -> Result<Vec<Notice>, StoreError> {
    let statement = tx
        .prepare_cached(
            "SELECT * FROM epay.notice WHERE notice_id = ANY($1) ORDER BY notice_id FOR UPDATE",
        )
        .await?;
    let rows = tx.query(&statement, &[&ids]).await?;
    rows.iter().map(read).collect()
}

const UPDATE: &str = "UPDATE epay.notice AS n SET state = c.state, channel = c.channel, failed = string_to_array(c.failed, ','), \
    next_at = c.next_at, attempts = c.attempts, tries = c.tries, round = c.round, first_try_at = c.first_try_at, unsure = c.unsure, \
    template_version = c.template_version, tongue = c.tongue, reason = c.reason, details = c.details, changed_at = c.changed_at, \
    version = c.version FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int4[], $7::int4[], \
    $8::int2[], $9::timestamptz[], $10::bool[], $11::int4[], $12::text[], $13::text[], $14::jsonb[], $15::timestamptz[], $16::int4[]) \
    AS c (id, state, channel, failed, next_at, attempts, tries, round, first_try_at, unsure, template_version, tongue, reason, details, \
    changed_at, version) WHERE n.notice_id = c.id";

/// Writes locked notices as they are now, and their new facts.
///
/// # Errors
/// [`StoreError`].
pub async fn update_notices_in(
    tx: &Transaction<'_>,
    notices: &[Notice],
    events: &[NoticeEvent],
) -> Result<(), StoreError> {
    columns!(
        notices,
        ids = |one| one.id,
        states = |one| NoticeState::as_str(one.state),
        channels = |one| one.channel.map(Channel::as_str),
        failed = |one| {
            let words: Vec<&str> = one.failed.iter().map(|way| way.as_str()).collect();
            words.join(",")
        },
        next = |one| one.next_at,
        attempts = |one| one.attempts,
        tries = |one| one.tries,
        rounds = |one| i16::from(one.round),
        firsts = |one| one.first_try_at,
        unsure = |one| one.unsure,
        versions = |one| one
            .template_version
            .map(|version| i32::try_from(version).unwrap_or(i32::MAX)),
        tongues = |one| one.tongue.map(tongue_word),
        reasons = |one| one.reason.map(Suppression::as_str),
        details = |one| Json(&one.details),
        changed = |one| one.changed_at,
        facts = |one| one.version,
    );
    let statement = tx.prepare_cached(UPDATE).await?;
    tx.execute(
        &statement,
        &[
            &ids, &states, &channels, &failed, &next, &attempts, &tries, &rounds, &firsts, &unsure,
            &versions, &tongues, &reasons, &details, &changed, &facts,
        ],
    )
    .await?;
    if events.is_empty() {
        return Ok(());
    }
    columns!(
        events,
        of = |one| one.notice,
        numbers = |one| one.version,
        said = |one| Json(&one.fact),
        ways = |one| one.channel.map(Channel::as_str),
        words = |one| one.detail.as_deref(),
        times = |one| one.at,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.notice_event (notice_id, version, fact, channel, detail, at) \
             SELECT * FROM unnest($1::uuid[], $2::int4[], $3::jsonb[], $4::text[], $5::text[], $6::timestamptz[])",
        )
        .await?;
    tx.execute(&statement, &[&of, &numbers, &said, &ways, &words, &times])
        .await?;
    Ok(())
}
