//! The two tables.

use jiff::Timestamp;
use tokio_postgres::Row;

use super::rules::Held;
use crate::books::{BooksError, Sql};
use crate::faults::Chosen;

/// An order that the bank keeps.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) message_id: String,
    pub(super) end_to_end_id: String,
    pub(super) body_sha256: String,
    pub(super) debtor_account: String,
    pub(super) creditor_bank: String,
    pub(super) creditor_account: String,
    pub(super) creditor_name: String,
    pub(super) amount_cents: i64,
    pub(super) currency: String,
    pub(super) remittance: String,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) bank_reference: Option<String>,
    pub(super) faults: Chosen,
    pub(super) received_at: Timestamp,
}

const ORDER: &str = "SELECT message_id, end_to_end_id, body_sha256, debtor_account, creditor_bank, creditor_account,
    creditor_name, amount_cents, currency, remittance, state, reason, bank_reference, faults, received_at
    FROM payout_orders";

fn read(row: &Row) -> Result<Kept, BooksError> {
    Ok(Kept {
        message_id: row.try_get(0)?,
        end_to_end_id: row.try_get(1)?,
        body_sha256: row.try_get(2)?,
        debtor_account: row.try_get(3)?,
        creditor_bank: row.try_get(4)?,
        creditor_account: row.try_get(5)?,
        creditor_name: row.try_get(6)?,
        amount_cents: row.try_get(7)?,
        currency: row.try_get(8)?,
        remittance: row.try_get(9)?,
        state: row.try_get(10)?,
        reason: row.try_get(11)?,
        bank_reference: row.try_get(12)?,
        faults: serde_json::from_value(row.try_get(13)?)?,
        received_at: row.try_get(14)?,
    })
}

/// An order by its message id.
pub(super) async fn order(client: &impl Sql, message_id: &str) -> Result<Option<Kept>, BooksError> {
    let sql = format!("{ORDER} WHERE message_id = $1");
    let row = client.query_opt(&sql, &[&message_id]).await?;
    row.as_ref().map(read).transpose()
}

/// The newest orders, newest first.
pub(super) async fn newest(client: &impl Sql, limit: i64) -> Result<Vec<Kept>, BooksError> {
    let sql = format!("{ORDER} ORDER BY sequence DESC LIMIT $1");
    let rows = client.query(&sql, &[&limit]).await?;
    rows.iter().map(read).collect()
}

/// Keeps an order; `false` when its message id, or that of an accepted one's payment, is there already.
pub(super) async fn keep(client: &impl Sql, new: &Kept) -> Result<bool, BooksError> {
    let sql = "INSERT INTO payout_orders (message_id, end_to_end_id, body_sha256, debtor_account, creditor_bank,
                   creditor_account, creditor_name, amount_cents, currency, remittance, state, reason, faults, received_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
    let faults = serde_json::to_value(&new.faults)?;
    let added = client
        .execute(
            sql,
            &[
                &new.message_id,
                &new.end_to_end_id,
                &new.body_sha256,
                &new.debtor_account,
                &new.creditor_bank,
                &new.creditor_account,
                &new.creditor_name,
                &new.amount_cents,
                &new.currency,
                &new.remittance,
                &new.state,
                &new.reason,
                &faults,
                &new.received_at,
            ],
        )
        .await?;
    Ok(added > 0)
}

/// What became of an order.
pub(super) async fn set(
    client: &impl Sql,
    message_id: &str,
    (state, reason): (&str, Option<&str>),
    bank_reference: Option<&str>,
) -> Result<(), BooksError> {
    let sql = "UPDATE payout_orders SET state = $2, reason = $3, bank_reference = coalesce($4, bank_reference)
               WHERE message_id = $1";
    client
        .execute(sql, &[&message_id, &state, &reason, &bank_reference])
        .await?;
    Ok(())
}

/// Whether an order that was not refused has this end-to-end id.
pub(super) async fn is_ordered(client: &impl Sql, end_to_end_id: &str) -> Result<bool, BooksError> {
    let sql = "SELECT FROM payout_orders WHERE end_to_end_id = $1 AND state <> 'REJECTED'";
    Ok(client.query_opt(sql, &[&end_to_end_id]).await?.is_some())
}

const HELD: &str = "SELECT account, currency, bank_code, balance_cents FROM accounts";

fn held(row: &Row) -> Result<Held, BooksError> {
    Ok(Held {
        account: row.try_get(0)?,
        currency: row.try_get(1)?,
        bank_code: row.try_get(2)?,
        balance_cents: row.try_get(3)?,
    })
}

/// A customer's account by its FPS identifier, or by its number.
pub(super) async fn debtor(
    client: &impl Sql,
    scheme: Option<&str>,
    id: &str,
) -> Result<Option<Held>, BooksError> {
    let by = match scheme {
        Some("FPSID") => "fps_id",
        None => "account",
        Some(_) => return Ok(None),
    };
    let sql = format!("{HELD} WHERE kind = 'payee' AND {by} = $1");
    let row = client.query_opt(&sql, &[&id]).await?;
    row.as_ref().map(held).transpose()
}

/// A person's or customer's account by its number.
pub(super) async fn creditor(client: &impl Sql, account: &str) -> Result<Option<Held>, BooksError> {
    let sql = format!("{HELD} WHERE kind IN ('payer', 'payee') AND account = $1");
    let row = client.query_opt(&sql, &[&account]).await?;
    row.as_ref().map(held).transpose()
}

/// The holder of an account.
pub(super) async fn holder(client: &impl Sql, account: &str) -> Result<String, BooksError> {
    let sql = "SELECT name FROM accounts WHERE account = $1";
    let row = client.query_opt(sql, &[&account]).await?;
    let row = row.ok_or_else(|| BooksError::NoAccount {
        account: account.to_owned(),
    })?;
    Ok(row.try_get(0)?)
}
