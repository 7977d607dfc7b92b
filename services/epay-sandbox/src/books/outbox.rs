//! The outbox side of the books: which notices are due, what became of them, holds and redelivery.
//!
//! A notice goes held → queued → sending → delivered, and back to queued after a failed attempt. A claim marks rows
//! `sending`; a start of the process puts those back, as there is one sender a database.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Books, BooksError, Sql};

/// A claimed notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotice {
    /// Channel message id.
    pub message_id: String,
    /// The document to post.
    pub body: String,
    /// Attempts so far, this one included.
    pub attempts: u32,
    /// Whose notice it is.
    pub counterparty: String,
    /// The path on the gateway.
    pub path: String,
    /// The media type of the document.
    pub content_type: String,
    /// What the counterparty wants to know again when it signs.
    pub extra: Value,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx.
    Delivered {
        /// What was answered, such as `202`.
        answer: String,
        /// When.
        at: Timestamp,
    },
    /// Anything else.
    Failed {
        /// What was answered, or why nothing was.
        answer: String,
        /// When to try again.
        next_attempt_at: Timestamp,
    },
}

/// A notice as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeRow {
    /// Order of writing.
    pub sequence: i64,
    /// Channel message id.
    pub message_id: String,
    /// Who tells it: `bank`, or another counterparty.
    pub counterparty: String,
    /// What it is about in the counterparty's own numbers.
    pub subject: Option<String>,
    /// The transaction that it tells, when it is the bank's.
    pub bank_reference: Option<String>,
    /// `held`, `queued`, `sending` or `delivered`.
    pub status: String,
    /// The group to release it by.
    pub hold_group: Option<String>,
    /// How often it was posted.
    pub attempts: i32,
    /// The last answer.
    pub last_outcome: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was acknowledged.
    pub delivered_at: Option<Timestamp>,
}

/// The columns of a [`NoticeRow`], in the order of its fields.
const COLUMNS: &str = "sequence, message_id, counterparty, subject, bank_reference, status, hold_group, attempts, last_outcome, created_at, delivered_at";

/// What may leave now: due, and not waiting for the one before it in a released group.
const CLAIM: &str = "
    UPDATE notices SET status = 'sending', attempts = attempts + 1
    WHERE message_id IN (
        SELECT message_id FROM notices AS waiting
        WHERE status = 'queued' AND next_attempt_at <= $1
          AND NOT EXISTS (SELECT 1 FROM notices AS before
                          WHERE before.message_id = waiting.after_message_id AND before.status <> 'delivered')
        ORDER BY next_attempt_at, sequence
        LIMIT $2
        FOR UPDATE SKIP LOCKED)
    RETURNING message_id, body, attempts, counterparty, path, content_type, extra";

/// Queues a held group. In a reversed group each notice waits for the one written after it, so the last leaves first.
const RELEASE: &str = "
    WITH chosen AS (
        SELECT message_id,
               CASE WHEN bool_or(reversed) OVER (PARTITION BY hold_group)
                    THEN lead(message_id) OVER (PARTITION BY hold_group ORDER BY sequence) END AS after_it
        FROM notices
        WHERE status = 'held' AND (hold_group = $1 OR ($1::text IS NULL AND hold_group <> 'never')) AND ($2::text IS NULL OR bank_reference = $2))
    UPDATE notices SET status = 'queued', next_attempt_at = $3, after_message_id = after_it
    FROM chosen WHERE notices.message_id = chosen.message_id";

impl Books {
    /// Claims at most `limit` notices that may leave now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_notices(
        &self,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<DueNotice>, BooksError> {
        let client = self.client().await?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = client.query(CLAIM, &[&now, &limit]).await?;
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            let attempts = u32::try_from(row.try_get::<_, i32>(2)?).unwrap_or(u32::MAX);
            due.push(DueNotice {
                message_id: row.try_get(0)?,
                body: row.try_get(1)?,
                attempts,
                counterparty: row.try_get(3)?,
                path: row.try_get(4)?,
                content_type: row.try_get(5)?,
                extra: row.try_get(6)?,
            });
        }
        Ok(due)
    }

    /// When the earliest queued notice is due, if that is after `now`. One that is due already waits for another.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_notice_at(&self, now: Timestamp) -> Result<Option<Timestamp>, BooksError> {
        let client = self.client().await?;
        let sql = "SELECT min(next_attempt_at) FROM notices WHERE status = 'queued' AND next_attempt_at > $1";
        let row = client.query_one(sql, &[&now]).await?;
        Ok(row.try_get(0)?)
    }

    /// Records what became of an attempt.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_notice(
        &self,
        message_id: &str,
        outcome: &Outcome,
    ) -> Result<(), BooksError> {
        let client = self.client().await?;
        match outcome {
            Outcome::Delivered { answer, at } => {
                let sql = "UPDATE notices SET status = 'delivered', last_outcome = $2, delivered_at = $3 WHERE message_id = $1";
                client.execute(sql, &[&message_id, answer, at]).await?;
            }
            Outcome::Failed {
                answer,
                next_attempt_at,
            } => {
                let sql = "UPDATE notices SET status = 'queued', last_outcome = $2, next_attempt_at = $3 WHERE message_id = $1";
                client
                    .execute(sql, &[&message_id, answer, next_attempt_at])
                    .await?;
            }
        }
        Ok(())
    }

    /// Puts back what is marked as on the way but is not: rows of a process that ended, or of a claim whose answer was lost.
    /// `on_the_way` names what this process is really posting. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resume_notices(
        &self,
        on_the_way: &[&str],
        now: Timestamp,
    ) -> Result<u64, BooksError> {
        let sql = "UPDATE notices SET status = 'queued', next_attempt_at = $1
                   WHERE status = 'sending' AND message_id <> ALL ($2)";
        Ok(self
            .client()
            .await?
            .execute(sql, &[&now, &on_the_way])
            .await?)
    }

    /// Queues held notices: of a group, of a transaction, or all but those that were never to be sent. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_notices(
        &self,
        group: Option<&str>,
        bank_reference: Option<&str>,
        now: Timestamp,
    ) -> Result<u64, BooksError> {
        Ok(self
            .client()
            .await?
            .execute(RELEASE, &[&group, &bank_reference, &now])
            .await?)
    }

    /// Queues again at once: with a bank reference all notices of that transaction, delivered ones too; without, all that wait for
    /// another attempt, and with `delivered` also those that were acknowledged. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn redeliver_notices(
        &self,
        bank_reference: Option<&str>,
        delivered: bool,
        now: Timestamp,
    ) -> Result<u64, BooksError> {
        let sql = "UPDATE notices SET status = 'queued', next_attempt_at = $3
                   WHERE (status = 'queued' OR (status = 'delivered' AND ($2 OR $1::text IS NOT NULL)))
                     AND ($1::text IS NULL OR bank_reference = $1)";
        Ok(self
            .client()
            .await?
            .execute(sql, &[&bank_reference, &delivered, &now])
            .await?)
    }

    /// Lists notices in the order of writing, after a sequence number, optionally of one status or transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_notices(
        &self,
        status: Option<&str>,
        bank_reference: Option<&str>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<NoticeRow>, BooksError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM notices
             WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR bank_reference = $2) AND sequence > $3
             ORDER BY sequence LIMIT $4"
        );
        let rows = self
            .client()
            .await?
            .query(&sql, &[&status, &bank_reference, &after, &limit])
            .await?;
        rows.iter().map(read_notice).collect()
    }

    /// The newest notices, newest first, for the page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_notices(&self, limit: i64) -> Result<Vec<NoticeRow>, BooksError> {
        let sql = format!("SELECT {COLUMNS} FROM notices ORDER BY sequence DESC LIMIT $1");
        let rows = self.client().await?.query(&sql, &[&limit]).await?;
        rows.iter().map(read_notice).collect()
    }

    /// The media type and the stored document of a notice.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notice_body(
        &self,
        message_id: &str,
    ) -> Result<Option<(String, String)>, BooksError> {
        let sql = "SELECT content_type, body FROM notices WHERE message_id = $1";
        let row = self.client().await?.query_opt(sql, &[&message_id]).await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .transpose()
    }
}

fn read_notice(row: &tokio_postgres::Row) -> Result<NoticeRow, BooksError> {
    Ok(NoticeRow {
        sequence: row.try_get(0)?,
        message_id: row.try_get(1)?,
        counterparty: row.try_get(2)?,
        subject: row.try_get(3)?,
        bank_reference: row.try_get(4)?,
        status: row.try_get(5)?,
        hold_group: row.try_get(6)?,
        attempts: row.try_get(7)?,
        last_outcome: row.try_get(8)?,
        created_at: row.try_get(9)?,
        delivered_at: row.try_get(10)?,
    })
}
