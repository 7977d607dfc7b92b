//! Reading the books: pages of transactions with their notices, and the accounts.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Books, BooksError, Sql};

/// Which transactions to list; an absent field does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Object 62/05 of the code.
    pub reference: Option<String>,
    /// Object 62/01 of the code.
    pub bill_number: Option<String>,
    /// The bank's reference.
    pub bank_reference: Option<String>,
    /// The scan of the bank app.
    pub scan_id: Option<Uuid>,
    /// Only transactions booked after the one with this sequence number.
    pub after: i64,
}

/// A page of a list in booking order.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// The rows.
    pub transactions: Vec<TransactionRow>,
    /// Give this as `cursor` for the next page; absent on the last one.
    pub next_cursor: Option<String>,
}

/// A transaction as lists show it; the fields are those of [`Transaction`](crate::bank::Transaction).
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are documented where they are written"
)]
pub struct TransactionRow {
    pub sequence: i64,
    pub bank_reference: String,
    pub fps_reference: Option<String>,
    pub end_to_end_id: Option<String>,
    pub transaction_id: Option<String>,
    pub payer_account: String,
    pub payer_name: String,
    pub account: String,
    pub amount_cents: i64,
    pub asked_cents: Option<i64>,
    pub currency: String,
    pub reference: Option<String>,
    pub bill_number: Option<String>,
    pub qr_sha256: Option<String>,
    pub status: String,
    pub faults: Value,
    pub instructed_at: Timestamp,
    pub booked_at: Timestamp,
    /// Notices of this transaction, oldest first.
    pub notices: Vec<NoticeState>,
}

/// A notice in one line.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeState {
    /// Channel message id.
    pub message_id: String,
    /// `held`, `queued`, `sending` or `delivered`.
    pub status: String,
}

/// An account with its balance, in cents; a customer's balance is what the bank owes.
#[derive(Debug, Clone, Serialize)]
pub struct AccountRow {
    /// Account number.
    pub account: String,
    /// `payee`, `payer`, `interbank` or `vault`.
    pub kind: String,
    /// The payee's FPS identifier.
    pub fps_id: Option<String>,
    /// The holder.
    pub name: String,
    /// `HKD` or `CNY`.
    pub currency: String,
    /// Credits less debits.
    pub balance_cents: i64,
}

impl Books {
    /// Lists payments in booking order, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_transactions(&self, filter: &Filter, limit: i64) -> Result<Page, BooksError> {
        let client = self.client().await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM transactions
             WHERE kind = 'payment' AND sequence > $1
               AND ($2::text IS NULL OR reference = $2) AND ($3::text IS NULL OR bill_number = $3)
               AND ($4::text IS NULL OR bank_reference = $4) AND ($5::uuid IS NULL OR scan_id = $5)
             ORDER BY sequence LIMIT $6"
        );
        let more = limit.saturating_add(1);
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 6] = [
            &filter.after,
            &filter.reference,
            &filter.bill_number,
            &filter.bank_reference,
            &filter.scan_id,
            &more,
        ];
        let rows = client.query(&sql, &parameters).await?;
        let mut transactions = rows
            .iter()
            .map(read_transaction)
            .collect::<Result<Vec<_>, _>>()?;
        let page_full = transactions.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        transactions.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next_cursor = transactions
            .last()
            .filter(|_| page_full)
            .map(|row| row.sequence.to_string());
        add_notices(&client, &mut transactions).await?;
        Ok(Page {
            transactions,
            next_cursor,
        })
    }

    /// The newest payments and transfers, newest first, for the page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_transactions(&self, limit: i64) -> Result<Vec<TransactionRow>, BooksError> {
        let client = self.client().await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM transactions WHERE kind <> 'opening' ORDER BY sequence DESC LIMIT $1"
        );
        let rows = client.query(&sql, &[&limit]).await?;
        let mut transactions = rows
            .iter()
            .map(read_transaction)
            .collect::<Result<Vec<_>, _>>()?;
        add_notices(&client, &mut transactions).await?;
        Ok(transactions)
    }

    /// The stored interbank messages of a transaction: transfer, then answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn interbank_messages(
        &self,
        bank_reference: &str,
    ) -> Result<Option<(String, String)>, BooksError> {
        let sql = "SELECT pacs008, pacs002 FROM transactions WHERE bank_reference = $1 AND kind = 'payment'";
        let row = self
            .client()
            .await?
            .query_opt(sql, &[&bank_reference])
            .await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .transpose()
    }

    /// All accounts, by kind and number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_accounts(&self) -> Result<Vec<AccountRow>, BooksError> {
        let sql = "SELECT account, kind, fps_id, name, currency, balance_cents FROM accounts ORDER BY kind, account";
        let rows = self.client().await?.query(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(AccountRow {
                    account: row.try_get(0)?,
                    kind: row.try_get(1)?,
                    fps_id: row.try_get(2)?,
                    name: row.try_get(3)?,
                    currency: row.try_get(4)?,
                    balance_cents: row.try_get(5)?,
                })
            })
            .collect()
    }
}

/// The columns of a [`TransactionRow`], in the order of its fields.
const COLUMNS: &str = "sequence, bank_reference, fps_reference, end_to_end_id, transaction_id, payer_account, payer_name,
    payee_account, amount_cents, asked_cents, currency, reference, bill_number, qr_sha256, status, faults, instructed_at,
    booked_at";

async fn add_notices(
    client: &deadpool_postgres::Client,
    transactions: &mut [TransactionRow],
) -> Result<(), BooksError> {
    let references: Vec<&str> = transactions
        .iter()
        .map(|row| row.bank_reference.as_str())
        .collect();
    let sql = "SELECT bank_reference, message_id, status FROM notices WHERE bank_reference = ANY($1) ORDER BY sequence";
    let mut notices: HashMap<String, Vec<NoticeState>> = HashMap::new();
    for row in client.query(sql, &[&references]).await? {
        let state = NoticeState {
            message_id: row.try_get(1)?,
            status: row.try_get(2)?,
        };
        notices.entry(row.try_get(0)?).or_default().push(state);
    }
    for row in transactions {
        row.notices = notices.remove(&row.bank_reference).unwrap_or_default();
    }
    Ok(())
}

fn read_transaction(row: &tokio_postgres::Row) -> Result<TransactionRow, BooksError> {
    Ok(TransactionRow {
        sequence: row.try_get(0)?,
        bank_reference: row.try_get(1)?,
        fps_reference: row.try_get(2)?,
        end_to_end_id: row.try_get(3)?,
        transaction_id: row.try_get(4)?,
        payer_account: row.try_get(5)?,
        payer_name: row.try_get(6)?,
        account: row.try_get(7)?,
        amount_cents: row.try_get(8)?,
        asked_cents: row.try_get(9)?,
        currency: row.try_get(10)?,
        reference: row.try_get(11)?,
        bill_number: row.try_get(12)?,
        qr_sha256: row.try_get(13)?,
        status: row.try_get(14)?,
        faults: row.try_get(15)?,
        instructed_at: row.try_get(16)?,
        booked_at: row.try_get(17)?,
        notices: Vec::new(),
    })
}
