//! The third level of reconciliation: what files say beside what the books say and what was paid over.

use deadpool_postgres::GenericClient;
use tokio_postgres::types::ToSql;

use super::FeedKey;
use crate::StoreError;

/// A feed beside the books, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedBalance {
    /// The net of all sealed files.
    pub fed_minor: i64,
    /// Of them, those that the department acknowledged as they are.
    pub acknowledged_minor: i64,
    /// What the books say is owed: 2010 less 1230.
    pub owed_minor: i64,
    /// What was paid over by remittances.
    pub remitted_minor: i64,
    /// Posted, and in no file yet.
    pub unfed_minor: i64,
    /// Of them, those that no file will take: the next look into the ledger begins behind them.
    pub passed_over: PassedOver,
}

/// Entries of the ledger, and what they are in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassedOver {
    /// How many.
    pub entries: i64,
    /// In minor units.
    pub minor: i64,
}

impl FeedBalance {
    /// What the books say beyond what files, and entries that wait for one, explain: nothing, where all is well.
    #[must_use]
    pub const fn difference_minor(&self) -> i64 {
        let books = self.owed_minor.saturating_add(self.remitted_minor);
        let told = self.fed_minor.saturating_add(self.unfed_minor);
        books.saturating_sub(told)
    }
}

const SELECT: &str = "WITH entry AS MATERIALIZED (
      SELECT e.journal_id, e.line, -e.amount AS minor, coalesce(undone.kind, journal.kind) AS kind
        FROM ledger.book AS book
        JOIN ledger.account AS account ON account.book = book.id AND (account.code LIKE '2010.%' OR account.code LIKE '1230.%')
        JOIN ledger.entry AS e ON e.account = account.id
        JOIN ledger.journal AS journal ON journal.book = e.book AND journal.id = e.journal_id
        LEFT JOIN ledger.journal AS undone ON undone.book = journal.book AND undone.id = journal.reverses
       WHERE book.biller_id = $1 AND book.currency = $2::text::ledger.currency)
    SELECT coalesce((SELECT closing_minor FROM feed.sequence WHERE biller_id = $1 AND currency = $2), 0),
           coalesce((SELECT sum(file.credits_minor - file.debits_minor) FROM feed.file AS file
              JOIN LATERAL (SELECT verdict FROM feed.acknowledgement AS said
                WHERE (said.biller_id, said.currency, said.sequence) = (file.biller_id, file.currency, file.sequence)
                ORDER BY acknowledgement_id DESC LIMIT 1) AS said ON said.verdict = 'accepted'
             WHERE file.biller_id = $1 AND file.currency = $2), 0)::bigint,
           coalesce(sum(minor), 0)::bigint,
           coalesce(-sum(minor) FILTER (WHERE kind IN ('remittance', 'debit_identified', 'clawback')), 0)::bigint,
           coalesce(sum(minor) FILTER (WHERE is_unfed), 0)::bigint,
           count(*) FILTER (WHERE is_unfed AND journal_id <= looked_until),
           coalesce(sum(minor) FILTER (WHERE is_unfed AND journal_id <= looked_until), 0)::bigint
      FROM (SELECT entry.*, kind NOT IN ('remittance', 'debit_identified', 'clawback') AND NOT EXISTS (
              SELECT FROM feed.row AS told
               WHERE told.biller_id = $1 AND told.journal_id = entry.journal_id AND told.journal_line = entry.line) AS is_unfed,
           (SELECT looked_until FROM feed.sequence WHERE biller_id = $1 AND currency = $2) AS looked_until
      FROM entry) AS entry";

/// A feed beside the books. Reads the whole history of the department's accounts: for a look a day, not for a page.
///
/// # Errors
/// [`StoreError`].
pub async fn feed_balance(
    client: &impl GenericClient,
    key: &FeedKey,
) -> Result<FeedBalance, StoreError> {
    let parameters: [&(dyn ToSql + Sync); 2] = [&key.biller.as_str(), &key.currency.code()];
    let row = client.query_one(SELECT, &parameters).await?;
    Ok(FeedBalance {
        fed_minor: row.try_get(0)?,
        acknowledged_minor: row.try_get(1)?,
        owed_minor: row.try_get(2)?,
        remitted_minor: row.try_get(3)?,
        unfed_minor: row.try_get(4)?,
        passed_over: PassedOver {
            entries: row.try_get(5)?,
            minor: row.try_get(6)?,
        },
    })
}
