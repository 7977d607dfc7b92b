//! The whole of the books in one answer, which recomputes every balance from its lines.

use serde::Serialize;

use super::{Books, BooksError, Sql};

/// What a payee received.
#[derive(Debug, Clone, Serialize)]
pub struct PayeeSum {
    /// Account number.
    pub account: String,
    /// FPS identifier.
    pub fps_id: Option<String>,
    /// The registered name.
    pub registered_name: String,
    /// `HKD` or `CNY`.
    pub currency: String,
    /// Number of credits.
    pub count: i64,
    /// Sum of credits in cents.
    pub sum_cents: i64,
}

/// Notices by status.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NoticeCounts {
    /// Waiting for a release.
    pub held: i64,
    /// Waiting for an attempt.
    pub queued: i64,
    /// On the way.
    pub sending: i64,
    /// Acknowledged.
    pub delivered: i64,
}

/// The whole of the books in one answer, read in one snapshot.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Payments, without opening balances.
    pub count: i64,
    /// Cents received by all payees.
    pub sum_cents: i64,
    /// The same by payee.
    pub payees: Vec<PayeeSum>,
    /// Notices by status.
    pub notices: NoticeCounts,
    /// All debits in cents.
    pub debits_cents: i64,
    /// All credits in cents.
    pub credits_cents: i64,
    /// Transactions whose own debits and credits differ, or that have other than two lines. Zero in sound books.
    pub unbalanced_transactions: i64,
    /// Accounts whose balance is not the sum of their lines. Zero in sound books.
    pub wrong_balances: i64,
    /// Whether debits equal credits everywhere and every balance is right.
    pub balanced: bool,
}

impl Books {
    /// Adds up the books from their lines and checks every balance.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn summary(&self) -> Result<Summary, BooksError> {
        let mut client = self.client().await?;
        // One snapshot, so that a payment that is booked meanwhile is either in every figure or in none.
        let isolation = tokio_postgres::IsolationLevel::RepeatableRead;
        let transaction = client
            .build_transaction()
            .isolation_level(isolation)
            .read_only(true)
            .start()
            .await?;
        let payees = read_payees(&transaction).await?;
        let notices = read_notice_counts(&transaction).await?;
        let sql = "SELECT coalesce(sum(amount_cents) FILTER (WHERE side = 'D'), 0)::bigint,
                          coalesce(sum(amount_cents) FILTER (WHERE side = 'C'), 0)::bigint FROM entries";
        let sums = transaction.query_one(sql, &[]).await?;
        let sql = "SELECT count(*) FROM (
                       SELECT FROM transactions LEFT JOIN entries USING (bank_reference)
                       GROUP BY bank_reference
                       HAVING count(*) <> 2 OR coalesce(sum(CASE side WHEN 'D' THEN entries.amount_cents
                                                               ELSE -entries.amount_cents END), 1) <> 0) AS unbalanced";
        let unbalanced_transactions: i64 = transaction.query_one(sql, &[]).await?.try_get(0)?;
        let sql = "SELECT count(*) FROM accounts
                   LEFT JOIN (SELECT account, sum(CASE side WHEN 'C' THEN amount_cents ELSE -amount_cents END) AS total
                              FROM entries GROUP BY account) AS sums USING (account)
                   WHERE balance_cents <> coalesce(total, 0)";
        let wrong_balances: i64 = transaction.query_one(sql, &[]).await?.try_get(0)?;
        let (debits_cents, credits_cents): (i64, i64) = (sums.try_get(0)?, sums.try_get(1)?);
        let (mut count, mut sum_cents) = (0_i64, 0_i64);
        for payee in &payees {
            count = count.checked_add(payee.count).ok_or(BooksError::Range)?;
            sum_cents = sum_cents
                .checked_add(payee.sum_cents)
                .ok_or(BooksError::Range)?;
        }
        Ok(Summary {
            count,
            sum_cents,
            payees,
            notices,
            debits_cents,
            credits_cents,
            unbalanced_transactions,
            wrong_balances,
            balanced: debits_cents == credits_cents
                && unbalanced_transactions == 0
                && wrong_balances == 0,
        })
    }
}

async fn read_payees(
    transaction: &deadpool_postgres::Transaction<'_>,
) -> Result<Vec<PayeeSum>, BooksError> {
    let sql = "SELECT accounts.account, fps_id, name, currency, count(entries.line), coalesce(sum(amount_cents), 0)::bigint
               FROM accounts LEFT JOIN entries ON entries.account = accounts.account AND side = 'C'
               WHERE kind = 'payee' GROUP BY accounts.account ORDER BY accounts.account";
    let rows = transaction.query(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(PayeeSum {
                account: row.try_get(0)?,
                fps_id: row.try_get(1)?,
                registered_name: row.try_get(2)?,
                currency: row.try_get(3)?,
                count: row.try_get(4)?,
                sum_cents: row.try_get(5)?,
            })
        })
        .collect()
}

async fn read_notice_counts(
    transaction: &deadpool_postgres::Transaction<'_>,
) -> Result<NoticeCounts, BooksError> {
    let mut counts = NoticeCounts::default();
    for row in transaction
        .query("SELECT status, count(*) FROM notices GROUP BY status", &[])
        .await?
    {
        let count = row.try_get(1)?;
        match row.try_get(0)? {
            "held" => counts.held = count,
            "queued" => counts.queued = count,
            "sending" => counts.sending = count,
            // The column's check allows nothing else.
            _ => counts.delivered = count,
        }
    }
    Ok(counts)
}
