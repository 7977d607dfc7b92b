//! The stored side of the clock and of the work that falls due.

use jiff::Timestamp;

use super::{Books, BooksError, Sql};
use crate::frame::{DueWork, TimerRow};

impl Books {
    /// Stores how far the clock is ahead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn store_clock(&self, ahead_us: i64) -> Result<(), BooksError> {
        let sql = "UPDATE clock SET ahead_us = greatest(ahead_us, $1)";
        self.client().await?.execute(sql, &[&ahead_us]).await?;
        Ok(())
    }

    /// The first work that is due by a time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn first_timer(
        &self,
        until: Timestamp,
    ) -> Result<Option<DueWork>, BooksError> {
        let client = self.client().await?;
        let sql = "SELECT timer_id, counterparty, kind, subject, body, due_at, attempts FROM timers
                   WHERE due_at <= $1 ORDER BY due_at, timer_id LIMIT 1";
        let row = client.query_opt(sql, &[&until]).await?;
        row.map(|row| {
            Ok(DueWork::stored(
                row.try_get(0)?,
                (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?),
                row.try_get(4)?,
                row.try_get(5)?,
                u32::try_from(row.try_get::<_, i32>(6)?).unwrap_or(u32::MAX),
            ))
        })
        .transpose()
    }

    /// When the next work is due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn next_timer_at(&self) -> Result<Option<Timestamp>, BooksError> {
        let client = self.client().await?;
        let sql = "SELECT min(due_at) FROM timers";
        Ok(client.query_one(sql, &[]).await?.try_get(0)?)
    }

    /// Takes away a timer whose work is done; its own writing may have done so before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn drop_timer(&self, timer_id: i64) -> Result<(), BooksError> {
        let sql = "DELETE FROM timers WHERE timer_id = $1";
        self.client().await?.execute(sql, &[&timer_id]).await?;
        Ok(())
    }

    /// Puts work off that failed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn put_off_timer(
        &self,
        timer_id: i64,
        again: Timestamp,
        problem: &str,
    ) -> Result<(), BooksError> {
        let sql = "UPDATE timers SET due_at = $2, attempts = attempts + 1, last_problem = $3 WHERE timer_id = $1";
        self.client()
            .await?
            .execute(sql, &[&timer_id, &again, &problem])
            .await?;
        Ok(())
    }

    /// The next work that is due, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_timers(&self, limit: i64) -> Result<Vec<TimerRow>, BooksError> {
        let sql = "SELECT counterparty, kind, subject, due_at, attempts, last_problem FROM timers
                   ORDER BY due_at, timer_id LIMIT $1";
        let rows = self.client().await?.query(sql, &[&limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(TimerRow {
                    counterparty: row.try_get(0)?,
                    kind: row.try_get(1)?,
                    subject: row.try_get(2)?,
                    due_at: row.try_get(3)?,
                    attempts: row.try_get(4)?,
                    last_problem: row.try_get(5)?,
                })
            })
            .collect()
    }
}
