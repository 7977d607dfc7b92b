//! What agrees: the evidence. Append only.

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::reconciliation::case::ItemKind;
use epay_domain::reconciliation::{Level, MatchedBy};
use epay_money::{BillerId, Currency, JournalId, Money, RailId};
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

const TABLE: &str = "recon.match";

/// One pair of a match: an item that was expected and the line on which it was seen. Where a match has several of the one
/// and fewer of the other, the missing ones are unset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchPart {
    /// The match.
    pub id: Uuid,
    /// Which pair of it, from 1.
    pub part: i32,
    /// Which two books of record.
    pub level: Level,
    /// Why they belong together.
    pub by: MatchedBy,
    /// The rail, where one is known.
    pub rail: Option<RailId>,
    /// What was expected.
    pub kind: ItemKind,
    /// The thing that was expected.
    pub expected: Option<Uuid>,
    /// The statement or report, and its line.
    pub seen: Option<(Uuid, i32)>,
    /// What was seen; nothing on the later lines of an entry for many.
    pub amount: Money,
    /// The day it was seen.
    pub day: Date,
    /// What booked it.
    pub journal: Option<JournalId>,
}

/// Writes matches.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_matches_in(
    tx: &Transaction<'_>,
    biller: &BillerId,
    parts: &[MatchPart],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        parts,
        ids = |part| part.id,
        places = |part| part.part,
        levels = |part| part.level.as_str(),
        reasons = |part| part.by.as_str(),
        rails = |part| part.rail.as_ref().map(RailId::as_str),
        currencies = |part| part.amount.currency().code(),
        kinds = |part| part.kind.as_str(),
        expected = |part| part.expected,
        sources = |part| part.seen.map(|(source, _)| source),
        lines = |part| part.seen.map(|(_, line)| line),
        minors = |part| part.amount.minor(),
        days = |part| part.day,
        journals = |part| part.journal.map(JournalId::uuid),
    );
    let insert = tx
        .prepare_cached(
            "INSERT INTO recon.match (biller_id, match_id, part, level, matched_by, rail, currency, kind, expected_id, \
             source_id, line, minor, day, journal_id, at) \
             SELECT $1, *, $15 FROM unnest($2::uuid[], $3::int4[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], \
             $9::uuid[], $10::uuid[], $11::int4[], $12::int8[], $13::date[], $14::uuid[])",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &biller.as_str(),
            &ids,
            &places,
            &levels,
            &reasons,
            &rails,
            &currencies,
            &kinds,
            &expected,
            &sources,
            &lines,
            &minors,
            &days,
            &journals,
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// Which matches are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatchFilter {
    /// Only at this level.
    pub level: Option<Level>,
    /// Only of this rail.
    pub rail: Option<RailId>,
    /// Only what was seen on this day.
    pub day: Option<Date>,
    /// Only those of this receipt, batch or statement.
    pub item: Option<Uuid>,
}

/// Matches of a book, newest first; a page begins with a whole match.
///
/// # Errors
/// [`StoreError`].
pub async fn matches(
    client: &impl GenericClient,
    biller: &BillerId,
    filter: &MatchFilter,
    request: PageRequest,
) -> Result<Page<Vec<MatchPart>>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT part.* FROM (SELECT DISTINCT match_id FROM recon.match WHERE biller_id = $1 \
             AND ($2::text IS NULL OR level = $2) AND ($3::text IS NULL OR rail = $3) AND ($4::date IS NULL OR day = $4) \
             AND ($5::uuid IS NULL OR expected_id = $5 OR source_id = $5) AND ($6::uuid IS NULL OR match_id < $6) \
             ORDER BY match_id DESC LIMIT $7) AS wanted \
             JOIN recon.match AS part ON part.biller_id = $1 AND part.match_id = wanted.match_id \
             ORDER BY part.match_id DESC, part.part",
        )
        .await?;
    let rows = client
        .query(
            &select,
            &[
                &biller.as_str(),
                &filter.level.map(Level::as_str),
                &filter.rail.as_ref().map(RailId::as_str),
                &filter.day,
                &filter.item,
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let parts = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let whole = parts
        .chunk_by(|one, next| one.id == next.id)
        .map(<[MatchPart]>::to_vec)
        .collect();
    Ok(Page::cut(whole, request, |parts: &Vec<MatchPart>| {
        parts.first().map_or(Uuid::nil(), |part| part.id)
    }))
}

fn read(row: &Row) -> Result<MatchPart, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let rail: Option<&str> = reading.get("rail")?;
    let source: Option<Uuid> = reading.get("source_id")?;
    let line: Option<i32> = reading.get("line")?;
    let currency: Currency = reading.money("minor")?.currency();
    Ok(MatchPart {
        id: reading.get("match_id")?,
        part: reading.get("part")?,
        level: Level::from_word(reading.get("level")?).ok_or_else(|| unknown("level"))?,
        by: MatchedBy::from_word(reading.get("matched_by")?)
            .ok_or_else(|| unknown("matched_by"))?,
        rail: rail
            .map(RailId::new)
            .transpose()
            .map_err(|_bad| unknown("rail"))?,
        kind: ItemKind::from_word(reading.get("kind")?).ok_or_else(|| unknown("kind"))?,
        expected: reading.get("expected_id")?,
        seen: source.zip(line),
        amount: Money::new(reading.get("minor")?, currency),
        day: reading.get("day")?,
        journal: reading
            .get::<Option<Uuid>>("journal_id")?
            .map(JournalId::new),
    })
}
