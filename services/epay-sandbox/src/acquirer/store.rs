//! The acquirer's own tables: sessions, orders, transactions.
//!
//! Whoever writes to an order holds its row locked, so an order's transactions come one after another.

use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;

use crate::books::{BooksError, Sql};
use crate::faults::Chosen;

/// A hosted page that a merchant asked for.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) session_id: String,
    pub(super) merchant: String,
    pub(super) order_id: String,
    pub(super) merchant_name: String,
    pub(super) description: String,
    pub(super) amount_cents: i64,
    pub(super) currency: String,
    pub(super) success_indicator: String,
    pub(super) return_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    pub(super) notices_path: String,
    pub(super) expires_at: Timestamp,
}

const SESSION: &str = "session_id, merchant, order_id, merchant_name, description, amount_cents, currency, success_indicator,
    return_url, cancel_url, notices_path, expires_at";

/// An order of a merchant.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) merchant: String,
    pub(super) order_id: String,
    pub(super) amount_cents: i64,
    pub(super) currency: String,
    pub(super) description: String,
    pub(super) notices_path: String,
    pub(super) faults: Chosen,
    pub(super) created_at: Timestamp,
}

const ORDER: &str =
    "merchant, order_id, amount_cents, currency, description, notices_path, faults, created_at";

/// One transaction of an order.
#[derive(Debug, Clone)]
pub(super) struct Transaction {
    pub(super) transaction_id: String,
    pub(super) kind: String,
    pub(super) amount_cents: i64,
    pub(super) currency: String,
    pub(super) result: String,
    pub(super) gateway_code: String,
    pub(super) acquirer_code: Option<String>,
    pub(super) receipt: String,
    pub(super) card: Option<String>,
    pub(super) target: Option<String>,
    pub(super) note: String,
    pub(super) recorded_at: Timestamp,
    pub(super) fee_cents: i64,
    pub(super) settle_on: Option<Date>,
}

const TRANSACTION: &str = "transaction_id, kind, amount_cents, currency, result, gateway_code, acquirer_code, receipt, card, target,
    note, recorded_at, fee_cents, settle_on";

impl Transaction {
    /// Whether it was done.
    pub(super) fn succeeded(&self, kind: &str) -> bool {
        self.kind == kind && self.result == "SUCCESS"
    }

    pub(super) fn read(row: &Row) -> Result<Self, BooksError> {
        Ok(Self {
            transaction_id: row.try_get("transaction_id")?,
            kind: row.try_get("kind")?,
            amount_cents: row.try_get("amount_cents")?,
            currency: row.try_get("currency")?,
            result: row.try_get("result")?,
            gateway_code: row.try_get("gateway_code")?,
            acquirer_code: row.try_get("acquirer_code")?,
            receipt: row.try_get("receipt")?,
            card: row.try_get("card")?,
            target: row.try_get("target")?,
            note: row.try_get("note")?,
            recorded_at: row.try_get("recorded_at")?,
            fee_cents: row.try_get("fee_cents")?,
            settle_on: row.try_get("settle_on")?,
        })
    }
}

pub(super) async fn insert_session(client: &impl Sql, session: &Session) -> Result<(), BooksError> {
    let sql = format!(
        "INSERT INTO acquirer_sessions ({SESSION}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    );
    client
        .execute(
            &sql,
            &[
                &session.session_id,
                &session.merchant,
                &session.order_id,
                &session.merchant_name,
                &session.description,
                &session.amount_cents,
                &session.currency,
                &session.success_indicator,
                &session.return_url,
                &session.cancel_url,
                &session.notices_path,
                &session.expires_at,
            ],
        )
        .await?;
    Ok(())
}

pub(super) async fn session(
    client: &impl Sql,
    session_id: &str,
) -> Result<Option<Session>, BooksError> {
    let sql = format!("SELECT {SESSION} FROM acquirer_sessions WHERE session_id = $1");
    let row = client.query_opt(&sql, &[&session_id]).await?;
    row.map(|row| {
        Ok(Session {
            session_id: row.try_get(0)?,
            merchant: row.try_get(1)?,
            order_id: row.try_get(2)?,
            merchant_name: row.try_get(3)?,
            description: row.try_get(4)?,
            amount_cents: row.try_get(5)?,
            currency: row.try_get(6)?,
            success_indicator: row.try_get(7)?,
            return_url: row.try_get(8)?,
            cancel_url: row.try_get(9)?,
            notices_path: row.try_get(10)?,
            expires_at: row.try_get(11)?,
        })
    })
    .transpose()
}

/// Makes the order unless it is there, and locks it.
pub(super) async fn open_order(client: &impl Sql, order: &Order) -> Result<Order, BooksError> {
    let faults = serde_json::to_value(&order.faults)?;
    let sql = format!(
        "INSERT INTO acquirer_orders ({ORDER}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"
    );
    client
        .execute(
            &sql,
            &[
                &order.merchant,
                &order.order_id,
                &order.amount_cents,
                &order.currency,
                &order.description,
                &order.notices_path,
                &faults,
                &order.created_at,
            ],
        )
        .await?;
    let there = lock_order(client, &order.merchant, &order.order_id).await?;
    Ok(there.unwrap_or_else(|| order.clone()))
}

/// Locks an order for writing.
pub(super) async fn lock_order(
    client: &impl Sql,
    merchant: &str,
    order_id: &str,
) -> Result<Option<Order>, BooksError> {
    let sql = format!(
        "SELECT {ORDER} FROM acquirer_orders WHERE merchant = $1 AND order_id = $2 FOR UPDATE"
    );
    read_order(client.query_opt(&sql, &[&merchant, &order_id]).await?)
}

/// Reads an order.
pub(super) async fn order(
    client: &impl Sql,
    merchant: &str,
    order_id: &str,
) -> Result<Option<Order>, BooksError> {
    let sql = format!("SELECT {ORDER} FROM acquirer_orders WHERE merchant = $1 AND order_id = $2");
    read_order(client.query_opt(&sql, &[&merchant, &order_id]).await?)
}

fn read_order(row: Option<Row>) -> Result<Option<Order>, BooksError> {
    row.map(|row| {
        Ok(Order {
            merchant: row.try_get(0)?,
            order_id: row.try_get(1)?,
            amount_cents: row.try_get(2)?,
            currency: row.try_get(3)?,
            description: row.try_get(4)?,
            notices_path: row.try_get(5)?,
            faults: serde_json::from_value(row.try_get(6)?)?,
            created_at: row.try_get(7)?,
        })
    })
    .transpose()
}

/// Keeps what still goes wrong with an order.
pub(super) async fn keep_faults(client: &impl Sql, order: &Order) -> Result<(), BooksError> {
    let faults = serde_json::to_value(&order.faults)?;
    let sql = "UPDATE acquirer_orders SET faults = $3 WHERE merchant = $1 AND order_id = $2";
    client
        .execute(sql, &[&order.merchant, &order.order_id, &faults])
        .await?;
    Ok(())
}

/// The transactions of an order, oldest first.
pub(super) async fn transactions(
    client: &impl Sql,
    order: &Order,
) -> Result<Vec<Transaction>, BooksError> {
    let sql = format!(
        "SELECT {TRANSACTION} FROM acquirer_transactions WHERE merchant = $1 AND order_id = $2 ORDER BY sequence"
    );
    let rows = client
        .query(&sql, &[&order.merchant, &order.order_id])
        .await?;
    rows.iter().map(Transaction::read).collect()
}

pub(super) async fn insert_transaction(
    client: &impl Sql,
    order: &Order,
    one: &Transaction,
) -> Result<(), BooksError> {
    let sql = format!(
        "INSERT INTO acquirer_transactions (merchant, order_id, {TRANSACTION})
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    );
    client
        .execute(
            &sql,
            &[
                &order.merchant,
                &order.order_id,
                &one.transaction_id,
                &one.kind,
                &one.amount_cents,
                &one.currency,
                &one.result,
                &one.gateway_code,
                &one.acquirer_code,
                &one.receipt,
                &one.card,
                &one.target,
                &one.note,
                &one.recorded_at,
                &one.fee_cents,
                &one.settle_on,
            ],
        )
        .await?;
    Ok(())
}

/// An outcome that was not known is known now.
pub(super) async fn approve(
    client: &impl Sql,
    order: &Order,
    transaction_id: &str,
) -> Result<(), BooksError> {
    let sql = "UPDATE acquirer_transactions SET result = 'SUCCESS', gateway_code = 'APPROVED', acquirer_code = '00'
               WHERE merchant = $1 AND order_id = $2 AND transaction_id = $3";
    client
        .execute(sql, &[&order.merchant, &order.order_id, &transaction_id])
        .await?;
    Ok(())
}
