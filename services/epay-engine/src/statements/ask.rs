//! What can be asked of statements: to read a stored file, and what is known of statements and rows set apart.

use epay_domain::proposal::Proposal;
use epay_domain::statement::{Statement, StatementEntry};
use epay_money::{BillerId, MessageId, StatementId};
use epay_store::{BadRow, BadRowFilter, BadRowKey, Page, PageRequest, RailFile, StatementFilter};

use crate::desk::{Command, ProposeRedrive};
use crate::{Engine, EngineError, Reader};

/// Most entries of one page.
const ENTRIES_PAGE_MAX: i64 = 1_000;
const ENTRIES_PAGE_DEFAULT: i64 = 100;

/// A file of statements as it stands, with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestedFile {
    /// The file.
    pub file: RailFile,
    /// Its statements, in its order.
    pub statements: Vec<Statement>,
}

impl Engine {
    /// Reads a stored file of statements to its end. One that was read before is answered as it stands.
    ///
    /// # Errors
    /// [`EngineError`]: the file stays where it is and is taken up again.
    pub async fn ingest_statements(
        &self,
        file: MessageId,
        progress: impl FnMut(&RailFile) + Send,
    ) -> Result<IngestedFile, EngineError> {
        let file = self.book_file(file, progress).await?;
        self.with_statements(file).await
    }

    /// A file of statements as it stands.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], also for a file of a rail.
    pub async fn statement_file(&self, file: MessageId) -> Result<IngestedFile, EngineError> {
        let file = self.file(file).await?;
        if file.rail != self.core.statements {
            return Err(EngineError::NotFound { what: "the file" });
        }
        self.with_statements(file).await
    }

    async fn with_statements(&self, file: RailFile) -> Result<IngestedFile, EngineError> {
        let client = self.core.pool.get().await?;
        let statements = epay_store::statements_of_file(&client, file.id).await?;
        Ok(IngestedFile { file, statements })
    }

    /// Proposes to read a row again that was set apart.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn propose_redrive(&self, command: ProposeRedrive) -> Result<Proposal, EngineError> {
        let keyed = command.keyed();
        self.proposal_answer(Command::Redrive(Box::new(command), keyed))
            .await
    }
}

impl Reader {
    /// One statement.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn statement(
        &self,
        biller: &BillerId,
        id: StatementId,
    ) -> Result<Statement, EngineError> {
        let client = self.pool().get().await?;
        let statement = epay_store::statement(&client, biller, id).await?;
        statement.ok_or(EngineError::NotFound {
            what: "the statement",
        })
    }

    /// Statements, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn statements(
        &self,
        filter: &StatementFilter,
        page: PageRequest,
    ) -> Result<Page<Statement>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::statements(&client, filter, page).await?)
    }

    /// Entries of a statement after a line, and the line to go on after, if there are more.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn statement_entries(
        &self,
        biller: &BillerId,
        statement: StatementId,
        (after, size): (i32, i64),
    ) -> Result<(Vec<StatementEntry>, Option<i32>), EngineError> {
        let size = if size <= 0 {
            ENTRIES_PAGE_DEFAULT
        } else {
            size.min(ENTRIES_PAGE_MAX)
        };
        let client = self.pool().get().await?;
        let of = (biller, statement);
        let limit = size.saturating_add(1);
        let mut entries = epay_store::statement_entries_after(&client, of, after, limit).await?;
        let shown = usize::try_from(size).unwrap_or(usize::MAX);
        let more = entries.len() > shown;
        entries.truncate(shown);
        let next = entries.last().map(|entry| entry.line).filter(|_line| more);
        Ok((entries, next))
    }

    /// One row set apart.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn bad_row(&self, key: BadRowKey) -> Result<BadRow, EngineError> {
        let client = self.pool().get().await?;
        let row = epay_store::bad_row(&client, key).await?;
        row.ok_or(EngineError::NotFound { what: "the row" })
    }

    /// Rows set apart, and the key to go on after, if there are more.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn bad_rows(
        &self,
        filter: &BadRowFilter,
        after: Option<BadRowKey>,
        size: i64,
    ) -> Result<(Vec<BadRow>, Option<BadRowKey>), EngineError> {
        let client = self.pool().get().await?;
        let of = (filter, &self.treasury());
        Ok(epay_store::bad_rows(&client, of, after, size).await?)
    }
}
