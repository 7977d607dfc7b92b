//! What a counterparty writes together: its own rows, movements of money, timers and notices, in one database transaction.
//!
//! ```text
//! let mut client = frame.client().await?;
//! let writing = Writing::begin(&mut client, counterparty.name(), frame.now()).await?;
//! writing.sql().execute(…).await?;            // its own tables
//! writing.move_money(&[Movement { … }])?;
//! writing.timer("settle", batch, at, &body).await?;
//! writing.notice(&NewNotice { … }).await?;
//! writing.commit().await?;
//! frame.wake();
//! ```

use deadpool_postgres::{Client, Transaction};
use jiff::Timestamp;
use serde_json::Value;

use super::movement::{Movement, Movements};
use super::notice::{NewNotice, Start};
use super::timers::DueWork;
use crate::bank::BANK_CODE;
use crate::books::{BooksError, Sql};

/// An open database transaction of one counterparty. Dropped without [`commit`](Self::commit), it leaves nothing behind.
pub struct Writing<'a> {
    transaction: Transaction<'a>,
    counterparty: &'static str,
    now: Timestamp,
    movements: Movements,
}

impl std::fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing")
            .field("counterparty", &self.counterparty)
            .finish_non_exhaustive()
    }
}

impl<'a> Writing<'a> {
    /// Opens a database transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(
        client: &'a mut Client,
        counterparty: &'static str,
        now: Timestamp,
    ) -> Result<Self, BooksError> {
        Ok(Self {
            transaction: client.transaction().await?,
            counterparty,
            now,
            movements: Movements::default(),
        })
    }

    /// The transaction, for the counterparty's own tables.
    #[must_use]
    pub(crate) fn sql(&self) -> &(impl Sql + use<'a>) {
        &self.transaction
    }

    /// The time of this writing.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Opens an account of the counterparty's own, which may be overdrawn; nothing happens when it is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_account(
        &self,
        account: &str,
        name: &str,
        currency: &str,
    ) -> Result<(), BooksError> {
        let sql = "INSERT INTO accounts (account, kind, name, bank_code, currency) VALUES ($1, 'house', $2, $3, $4)
                   ON CONFLICT (account) DO NOTHING";
        self.transaction
            .execute(sql, &[&account, &name, &BANK_CODE, &currency])
            .await?;
        Ok(())
    }

    /// Moves money, with the commit. A movement whose reference is in the books already is left out then, so a repeated work moves
    /// nothing twice.
    ///
    /// # Errors
    /// When a movement cannot be written down.
    pub fn move_money(&self, movements: &[Movement<'_>]) -> Result<(), BooksError> {
        self.movements.add(movements)
    }

    /// Sets a timer of this counterparty. One of the same kind about the same subject that still waits stays as it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn timer(
        &self,
        kind: &str,
        subject: &str,
        at: Timestamp,
        body: &Value,
    ) -> Result<(), BooksError> {
        let sql = "INSERT INTO timers (counterparty, kind, subject, body, due_at) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (counterparty, kind, subject) DO NOTHING";
        self.transaction
            .execute(sql, &[&self.counterparty, &kind, &subject, body, &at])
            .await?;
        Ok(())
    }

    /// Takes a timer away, because its work is done in this very transaction. Call it before setting the next timer of
    /// the same kind and subject. `false` when it was gone: somebody else did the work, and this writing should be dropped.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish(&self, work: &DueWork) -> Result<bool, BooksError> {
        let sql = "DELETE FROM timers WHERE timer_id = $1";
        Ok(self.transaction.execute(sql, &[&work.timer_id]).await? > 0)
    }

    /// Takes a timer away that is no longer wanted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel(&self, kind: &str, subject: &str) -> Result<(), BooksError> {
        let sql = "DELETE FROM timers WHERE counterparty = $1 AND kind = $2 AND subject = $3";
        self.transaction
            .execute(sql, &[&self.counterparty, &kind, &subject])
            .await?;
        Ok(())
    }

    /// Puts a notice into the outbox; one with the same id that is there already stays as it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notice(&self, notice: &NewNotice<'_>) -> Result<(), BooksError> {
        let (status, group, reversed, at) = match &notice.start {
            Start::At(at) => ("queued", None, false, *at),
            Start::Held { group, reversed } => ("held", Some(group), *reversed, self.now),
        };
        let sql = "INSERT INTO notices (message_id, counterparty, path, content_type, body, subject, extra, status, hold_group,
                       reversed, next_attempt_at, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                   ON CONFLICT (message_id) DO NOTHING";
        self.transaction
            .execute(
                sql,
                &[
                    &notice.message_id,
                    &self.counterparty,
                    &notice.path,
                    &notice.content_type,
                    &notice.body,
                    &notice.subject,
                    &notice.extra,
                    &status,
                    &group,
                    &reversed,
                    &at,
                    &self.now,
                ],
            )
            .await?;
        Ok(())
    }

    /// Makes it all true at once. Call [`Frame::wake`](super::Frame::wake) afterwards.
    ///
    /// # Errors
    /// [`BooksError::CommitUnknown`] leaves open whether it is true. [`BooksError::NoAccount`], [`BooksError::TooLittle`] when a
    /// person's account would be overdrawn, and all others say that nothing is.
    pub async fn commit(self) -> Result<(), BooksError> {
        self.movements.make(&self.transaction, self.now).await?;
        self.transaction
            .commit()
            .await
            .map_err(BooksError::CommitUnknown)
    }
}
