//! The two tables.

use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;

use crate::books::{BooksError, Sql};
use crate::faults::Chosen;

/// A cheque that the bank issued.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    pub(super) item: String,
    pub(super) payer: String,
    pub(super) payer_name: String,
    pub(super) amount_cents: i64,
    pub(super) note: String,
    pub(super) file_sha256: String,
}

/// A cheque in the drop box.
#[derive(Debug, Clone)]
pub(super) struct Presentment {
    pub(super) reference: String,
    pub(super) item: String,
    pub(super) account: String,
    pub(super) file_sha256: String,
    pub(super) amount_cents: i64,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) faults: Chosen,
    pub(super) received_at: Timestamp,
    pub(super) presentation_date: Date,
}

const PRESENTMENT: &str = "SELECT reference, item, account, file_sha256, amount_cents, state, reason, faults, received_at,
    presentation_date FROM echeque_presentments WHERE reference = $1";

pub(super) async fn next_number(client: &impl Sql) -> Result<i64, BooksError> {
    let row = client
        .query_one("SELECT nextval('echeque_numbers')", &[])
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn add_issued(
    client: &impl Sql,
    issued: &Issued,
    at: Timestamp,
) -> Result<(), BooksError> {
    let sql = "INSERT INTO echeque_cheques (item, payer, payer_name, amount_cents, note, file_sha256, made_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let Issued {
        item,
        payer,
        payer_name,
        amount_cents,
        note,
        file_sha256,
    } = issued;
    client
        .execute(
            sql,
            &[
                item,
                payer,
                payer_name,
                amount_cents,
                note,
                file_sha256,
                &at,
            ],
        )
        .await?;
    Ok(())
}

pub(super) async fn issued_as(
    client: &impl Sql,
    file_sha256: &str,
) -> Result<Option<Issued>, BooksError> {
    let sql = "SELECT item, payer, payer_name, amount_cents, note, file_sha256 FROM echeque_cheques WHERE file_sha256 = $1";
    let row = client.query_opt(sql, &[&file_sha256]).await?;
    row.map(|row| {
        Ok(Issued {
            item: row.try_get(0)?,
            payer: row.try_get(1)?,
            payer_name: row.try_get(2)?,
            amount_cents: row.try_get(3)?,
            note: row.try_get(4)?,
            file_sha256: row.try_get(5)?,
        })
    })
    .transpose()
}

/// Whether money can be credited to an account.
pub(super) async fn is_payee(client: &impl Sql, account: &str) -> Result<bool, BooksError> {
    let sql = "SELECT FROM accounts WHERE account = $1 AND kind = 'payee' AND currency = 'HKD'";
    Ok(client.query_opt(sql, &[&account]).await?.is_some())
}

/// What an account holds; the row is locked.
pub(super) async fn balance(client: &impl Sql, account: &str) -> Result<i64, BooksError> {
    let sql = "SELECT balance_cents FROM accounts WHERE account = $1 FOR NO KEY UPDATE";
    Ok(client.query_one(sql, &[&account]).await?.try_get(0)?)
}

/// Puts a cheque into the box; `false` when its reference, or the cheque itself, is there already.
pub(super) async fn add_presentment(
    client: &impl Sql,
    new: &Presentment,
) -> Result<bool, BooksError> {
    let sql = "INSERT INTO echeque_presentments (reference, item, account, file_sha256, amount_cents, state, reason, faults,
                   received_at, presentation_date)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    let faults = serde_json::to_value(&new.faults)?;
    let added = client
        .execute(
            sql,
            &[
                &new.reference,
                &new.item,
                &new.account,
                &new.file_sha256,
                &new.amount_cents,
                &new.state,
                &new.reason,
                &faults,
                &new.received_at,
                &new.presentation_date,
            ],
        )
        .await?;
    Ok(added > 0)
}

pub(super) async fn presentment(
    client: &impl Sql,
    reference: &str,
) -> Result<Option<Presentment>, BooksError> {
    let row = client.query_opt(PRESENTMENT, &[&reference]).await?;
    row.as_ref().map(read).transpose()
}

/// Whether a cheque was presented before.
pub(super) async fn was_presented(client: &impl Sql, item: &str) -> Result<bool, BooksError> {
    let sql = "SELECT FROM echeque_presentments WHERE item = $1 AND state <> 'REFUSED'";
    Ok(client.query_opt(sql, &[&item]).await?.is_some())
}

pub(super) async fn set_state(
    client: &impl Sql,
    reference: &str,
    state: &str,
    reason: Option<&str>,
) -> Result<(), BooksError> {
    let sql = "UPDATE echeque_presentments SET state = $2, reason = $3 WHERE reference = $1";
    client.execute(sql, &[&reference, &state, &reason]).await?;
    Ok(())
}

fn read(row: &Row) -> Result<Presentment, BooksError> {
    Ok(Presentment {
        reference: row.try_get(0)?,
        item: row.try_get(1)?,
        account: row.try_get(2)?,
        file_sha256: row.try_get(3)?,
        amount_cents: row.try_get(4)?,
        state: row.try_get(5)?,
        reason: row.try_get(6)?,
        faults: serde_json::from_value(row.try_get(7)?)?,
        received_at: row.try_get(8)?,
        presentation_date: row.try_get(9)?,
    })
}
