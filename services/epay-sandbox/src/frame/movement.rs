//! Movements of money between accounts of the books: gathered while a counterparty writes, made just before its commit.
//!
//! Order: lock the accounts, write the transactions and their lines, sum up what the lines change, see that no person is
//! overdrawn, change the balances. Everybody's money goes through a few accounts, and whoever held such a row from the first step
//! of its work on would have everybody else wait for all the others.
//!
//! A line is written under the lock of its account ([`locked`]), so that no statement of it misses one. Bound: what one writing
//! moves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::books::{BooksError, Sql, locked};

/// A movement between two accounts of the books: two lines that cancel out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Movement<'a> {
    /// The bank's reference of it, unique in the books. A movement that is there already is not made again.
    pub bank_reference: &'a str,
    /// The debited account.
    pub from: &'a str,
    /// The credited account.
    pub to: &'a str,
    /// Cents, more than zero.
    pub amount_cents: i64,
    /// `HKD` or `CNY`.
    pub currency: &'a str,
    /// The payer's full name, or the counterparty's.
    pub payer_name: &'a str,
    /// The gateway's reference, when it is known.
    pub reference: Option<&'a str>,
    /// The bill's number, when it is known.
    pub bill_number: Option<&'a str>,
}

/// What is to be moved with the commit.
#[derive(Debug, Default)]
pub(super) struct Movements(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    rows: Vec<Value>,
    accounts: BTreeSet<String>,
}

impl Movements {
    pub(super) fn add(&self, movements: &[Movement<'_>]) -> Result<(), BooksError> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for movement in movements {
            gathered.rows.push(serde_json::to_value(movement)?);
            let sides = [movement.from, movement.to].map(str::to_owned);
            gathered.accounts.extend(sides);
        }
        Ok(())
    }

    /// Makes those that are not made yet.
    pub(super) async fn make(
        &self,
        transaction: &Transaction<'_>,
        now: Timestamp,
    ) -> Result<(), BooksError> {
        let gathered = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if gathered.rows.is_empty() {
            return Ok(());
        }
        let sides = gathered.accounts.iter().map(String::as_str);
        let mut accounts = locked::lock(transaction, sides).await?;
        for (account, cents) in book(transaction, Value::Array(gathered.rows), now).await? {
            locked::change(&mut accounts, &account, cents)?;
        }
        locked::update(transaction, &accounts).await
    }
}

/// Writes the movements that are not there yet, each with its two lines. Answers by how much the balances change.
async fn book(
    transaction: &Transaction<'_>,
    movements: Value,
    now: Timestamp,
) -> Result<BTreeMap<String, i64>, BooksError> {
    let sql = "WITH booked AS (
                   INSERT INTO transactions (bank_reference, kind, status, payer_account, payer_name, payee_account, amount_cents,
                       currency, reference, bill_number, faults, instructed_at, booked_at)
                   SELECT bank_reference, 'transfer', 'booked', given.from, payer_name, given.to, amount_cents,
                       currency, reference, bill_number, '{}', $2, $2
                   FROM jsonb_to_recordset($1) AS given (bank_reference text, \"from\" text, \"to\" text, amount_cents bigint,
                       currency text, payer_name text, reference text, bill_number text)
                   ON CONFLICT (bank_reference) DO NOTHING
                   RETURNING bank_reference, payer_account, payee_account, amount_cents)
               INSERT INTO entries (bank_reference, line, account, side, amount_cents)
               SELECT bank_reference, line, CASE side WHEN 'D' THEN payer_account ELSE payee_account END, side, amount_cents
               FROM booked, (VALUES (1::smallint, 'D'), (2::smallint, 'C')) AS sides (line, side)
               RETURNING account, side = 'D', amount_cents";
    let mut changes: BTreeMap<String, i64> = BTreeMap::new();
    for row in transaction.query(sql, &[&movements, &now]).await? {
        let (is_debit, cents): (bool, i64) = (row.try_get(1)?, row.try_get(2)?);
        let change = changes.entry(row.try_get(0)?).or_default();
        let sum = if is_debit {
            change.checked_sub(cents)
        } else {
            change.checked_add(cents)
        };
        *change = sum.ok_or(BooksError::Range)?;
    }
    Ok(changes)
}
