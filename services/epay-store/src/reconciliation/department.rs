//! The third level: files that are to be judged, what was paid over to a department, and the breaks that stand.

use deadpool_postgres::Transaction;
use epay_domain::reconciliation::case::Case;
use epay_domain::reconciliation::passed_on::{Remitted, Said, SentFile, Word};
use epay_money::hong_kong_date;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::case;
use crate::StoreError;
use crate::feed::{FeedKey, FeedVerdict};
use crate::row::Reading;

const FILE: &str = "feed.file";

/// A file that is to be judged, with what people find it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToJudge {
    /// What is judged.
    pub sent: SentFile,
    /// Its number.
    pub sequence: i64,
    /// The day that was closed.
    pub day: Date,
    /// The department's last word, in words: a count and net, or a line and a reason.
    pub said: Option<DepartmentSaid>,
}

/// What a department said, as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentSaid {
    /// The count and net that it found.
    pub found: Option<(i64, i64)>,
    /// At which line and why it did not take the file.
    pub refusal: Option<(i32, String)>,
}

/// Files of a feed that do not agree yet, or not any more, the oldest first, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub async fn files_to_judge_in(
    tx: &Transaction<'_>,
    key: &FeedKey,
    limit: i64,
) -> Result<Vec<FileToJudge>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM (SELECT file.file_id, file.sequence, file.in_day, file.ack_due_on, \
             file.credits_minor - file.debits_minor AS net, said.*, EXISTS (SELECT FROM recon.match AS m \
             WHERE m.biller_id = file.biller_id AND m.expected_id = file.file_id) AS met, EXISTS (SELECT FROM recon.break AS b \
             WHERE b.biller_id = file.biller_id AND b.currency = file.currency AND b.level = 'L3' AND b.state = 'open' \
             AND (b.expected #>> '{0,id}')::uuid = file.file_id) AS broken \
             FROM feed.file AS file LEFT JOIN LATERAL (SELECT acknowledgement_id, verdict, rows AS found_rows, \
             net_minor AS found_net, line, reason, at FROM feed.acknowledgement AS said \
             WHERE (said.biller_id, said.currency, said.sequence) = (file.biller_id, file.currency, file.sequence) \
             ORDER BY acknowledgement_id DESC LIMIT 1) AS said ON true \
             WHERE file.biller_id = $1 AND file.currency = $2) AS file \
             WHERE NOT (met AND verdict = 'accepted' AND NOT broken) ORDER BY sequence LIMIT $3",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 3] = [&key.biller.as_str(), &key.currency.code(), &limit];
    let rows = tx.query(&select, &parameters).await?;
    rows.iter().map(read_file).collect()
}

fn read_file(row: &Row) -> Result<FileToJudge, StoreError> {
    let reading = Reading { table: FILE, row };
    let found: (Option<i64>, Option<i64>) = (reading.get("found_rows")?, reading.get("found_net")?);
    let refusal: (Option<i32>, Option<String>) = (reading.get("line")?, reading.get("reason")?);
    let (found, refusal) = (
        Option::zip(found.0, found.1),
        Option::zip(refusal.0, refusal.1),
    );
    let net_minor: i64 = reading.get("net")?;
    let word: Option<Uuid> = reading.get("acknowledgement_id")?;
    let said = match word {
        None => None,
        Some(id) => {
            let verdict: &str = reading.get("verdict")?;
            let verdict = FeedVerdict::named(verdict).ok_or(StoreError::Unknown {
                table: FILE,
                column: "verdict",
            })?;
            let at: Timestamp = reading.get("at")?;
            Some(Said {
                id,
                on: hong_kong_date(at),
                word: match verdict {
                    FeedVerdict::Accepted => Word::Taken,
                    FeedVerdict::Differs => Word::Found {
                        net_minor: found.map_or(net_minor, |(_rows, net)| net),
                    },
                    FeedVerdict::Refused => Word::Refused,
                },
            })
        }
    };
    Ok(FileToJudge {
        sent: SentFile {
            id: reading.get("file_id")?,
            due_on: reading.get("ack_due_on")?,
            net_minor,
            said,
            met: reading.get("met")?,
        },
        sequence: reading.get("sequence")?,
        day: reading.get("in_day")?,
        said: said.map(|_said| DepartmentSaid { found, refusal }),
    })
}

/// The net of all files up to each of a feed's, in the order of their numbers.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_closings_in(tx: &Transaction<'_>, key: &FeedKey) -> Result<Vec<i64>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT closing_minor FROM feed.file WHERE biller_id = $1 AND currency = $2 ORDER BY sequence",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 2] = [&key.biller.as_str(), &key.currency.code()];
    let rows = tx.query(&select, &parameters).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Money that was paid over, and where the bank shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remittance {
    /// What is judged.
    pub remitted: Remitted,
    /// The statement and line.
    pub entry: (Uuid, i32),
}

/// Debits of the bank that two people said were remittances to the department.
///
/// # Errors
/// [`StoreError`].
pub async fn remittances_in(
    tx: &Transaction<'_>,
    key: &FeedKey,
) -> Result<Vec<Remittance>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT said.*, coalesce(entry.booking_date, said.opened_on) AS on_day, EXISTS (SELECT FROM recon.match AS m \
             WHERE m.biller_id = $1 AND m.expected_id = said.journal_id) AS met \
             FROM (SELECT biller_id, opened_on, kept_minor, (ended #>> '{journals,0}')::uuid AS journal_id, \
             (observed #>> '{0,id}')::uuid AS statement_id, (observed #>> '{0,line}')::integer AS line \
             FROM recon.break WHERE biller_id = $1 AND currency = $2 \
             AND ended -> 'resolution' ->> 'kind' = 'remittance') AS said \
             LEFT JOIN recon.statement_entry AS entry ON entry.biller_id = said.biller_id \
             AND entry.statement_id = said.statement_id AND entry.line = said.line ORDER BY said.journal_id",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 2] = [&key.biller.as_str(), &key.currency.code()];
    let rows = tx.query(&select, &parameters).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "recon.break",
                row,
            };
            Ok(Remittance {
                remitted: Remitted {
                    journal: reading.get("journal_id")?,
                    on: reading.get("on_day")?,
                    minor: reading.get("kept_minor")?,
                    met: reading.get("met")?,
                },
                entry: (reading.get("statement_id")?, reading.get("line")?),
            })
        })
        .collect()
}

/// Breaks of a feed that are open, or that two people ended.
///
/// # Errors
/// [`StoreError`].
pub async fn standing_cases_in(
    tx: &Transaction<'_>,
    key: &FeedKey,
) -> Result<Vec<Case>, StoreError> {
    let select = tx
        .prepare_cached(
            "SELECT * FROM recon.break WHERE biller_id = $1 AND currency = $2 AND level = 'L3' \
             AND (state = 'open' OR ended ->> 'by' = 'people') ORDER BY break_id",
        )
        .await?;
    let parameters: [&(dyn ToSql + Sync); 2] = [&key.biller.as_str(), &key.currency.code()];
    let rows = tx.query(&select, &parameters).await?;
    rows.iter().map(case::read).collect()
}
