//! Writes transfers: all of a call's transactions, lines, balances and notices, in one database transaction.
//!
//! Order: take the scan, lock the accounts in the one order (so that two calls cannot wait for each other), check that payers have
//! enough, draw up each transfer, insert, fold each account's changes into one update, commit. Bound: the caller's
//! list, which the API caps.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction as DatabaseTransaction;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Books, BooksError, Sql};
use crate::bank::{Booking, Instruction};
use crate::frame::Start;

#[derive(Debug)]
struct Locked {
    may_overdraw: bool,
    balance_cents: i64,
    change_cents: i64,
    notice_sequence: i64,
    notices: i64,
}

impl Books {
    /// Books the transfers and queues their notices, all or none.
    ///
    /// # Errors
    /// [`BooksError::TooLittle`], [`BooksError::NoAccount`] and [`BooksError::ScanUsed`] are refusals;
    /// [`BooksError::CommitUnknown`] leaves open whether money moved; all others say that none did.
    pub async fn post(
        &self,
        instructions: &[Instruction],
        scan: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Vec<Booking>, BooksError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await?;
        if let Some(scan_id) = scan {
            let take = "UPDATE scans SET used_at = $2 WHERE scan_id = $1 AND used_at IS NULL";
            if transaction.execute(take, &[&scan_id, &now]).await? == 0 {
                return Err(BooksError::ScanUsed);
            }
        }
        let mut accounts = lock_accounts(&transaction, instructions).await?;
        let bookings = draw_up_all(instructions, &mut accounts, now)?;
        insert_transfers(&transaction, &bookings).await?;
        insert_notices(&transaction, &bookings).await?;
        update_balances(&transaction, &accounts).await?;
        transaction
            .commit()
            .await
            .map_err(BooksError::CommitUnknown)?;
        Ok(bookings)
    }
}

async fn lock_accounts(
    transaction: &DatabaseTransaction<'_>,
    instructions: &[Instruction],
) -> Result<BTreeMap<String, Locked>, BooksError> {
    let sides = instructions
        .iter()
        .flat_map(|instruction| [&instruction.payer.number, &instruction.payee.number]);
    let mut numbers: Vec<&str> = sides.map(String::as_str).collect();
    numbers.sort_unstable();
    numbers.dedup();
    // Rows are locked in the order in which the sort hands them on: people's first, as everywhere (`frame::movement`). Their keys stay
    // free, so that whoever only names such an account in a row of its own does not wait.
    let sql = "SELECT account, kind, balance_cents, notice_sequence FROM accounts
               WHERE account = ANY($1) ORDER BY array_position(ARRAY['payer', 'payee'], kind), account FOR NO KEY UPDATE";
    let rows = transaction.query(sql, &[&numbers]).await?;
    let mut accounts = BTreeMap::new();
    for row in rows {
        let locked = Locked {
            may_overdraw: row.try_get::<_, &str>(1)? != "payer",
            balance_cents: row.try_get(2)?,
            change_cents: 0,
            notice_sequence: row.try_get(3)?,
            notices: 0,
        };
        accounts.insert(row.try_get(0)?, locked);
    }
    Ok(accounts)
}

fn draw_up_all(
    instructions: &[Instruction],
    accounts: &mut BTreeMap<String, Locked>,
    now: Timestamp,
) -> Result<Vec<Booking>, BooksError> {
    let mut rng = rand::rng();
    let mut bookings = Vec::with_capacity(instructions.len());
    for instruction in instructions {
        move_money(
            accounts,
            &instruction.payer.number,
            instruction.amount_cents.checked_neg(),
        )?;
        let payee = move_money(
            accounts,
            &instruction.payee.number,
            Some(instruction.amount_cents),
        )?;
        let first = payee
            .notice_sequence
            .saturating_add(payee.notices)
            .saturating_add(1);
        let booking = Booking::draw_up(instruction, &mut rng, first, now)?;
        let count = i64::try_from(booking.notices.len())
            .ok()
            .ok_or(BooksError::Range)?;
        payee.notices = payee.notices.saturating_add(count);
        bookings.push(booking);
    }
    Ok(bookings)
}

fn move_money<'a>(
    accounts: &'a mut BTreeMap<String, Locked>,
    number: &str,
    cents: Option<i64>,
) -> Result<&'a mut Locked, BooksError> {
    let account = accounts
        .get_mut(number)
        .ok_or_else(|| BooksError::NoAccount {
            account: number.to_owned(),
        })?;
    let change = cents
        .and_then(|cents| account.change_cents.checked_add(cents))
        .ok_or(BooksError::Range)?;
    let balance = account
        .balance_cents
        .checked_add(change)
        .ok_or(BooksError::Range)?;
    if balance < 0 && !account.may_overdraw {
        return Err(BooksError::TooLittle {
            account: number.to_owned(),
        });
    }
    account.change_cents = change;
    Ok(account)
}

async fn insert_transfers(
    transaction: &DatabaseTransaction<'_>,
    bookings: &[Booking],
) -> Result<(), BooksError> {
    let rows = bookings
        .iter()
        .map(|booking| serde_json::to_value(&booking.transaction))
        .collect::<Result<Vec<_>, _>>()?;
    let sql = "INSERT INTO transactions (bank_reference, kind, status, fps_reference, end_to_end_id, transaction_id,
                   payer_account, payer_name, payee_account, amount_cents, asked_cents, currency, reference, bill_number,
                   qr_sha256, scan_id, faults, instructed_at, booked_at, pacs008, pacs002)
               SELECT bank_reference, 'payment', 'booked', fps_reference, end_to_end_id, transaction_id,
                   payer_account, payer_name, payee_account, amount_cents, asked_cents, currency, reference, bill_number,
                   qr_sha256, scan_id, faults, instructed_at, booked_at, pacs008, pacs002
               FROM jsonb_to_recordset($1) AS given (bank_reference text, fps_reference text, end_to_end_id text,
                   transaction_id text, payer_account text, payer_name text, payee_account text, amount_cents bigint,
                   asked_cents bigint, currency text, reference text, bill_number text, qr_sha256 text, scan_id uuid,
                   faults jsonb, instructed_at timestamptz, booked_at timestamptz, pacs008 text, pacs002 text)";
    transaction.execute(sql, &[&Value::Array(rows)]).await?;
    let references: Vec<&str> = bookings
        .iter()
        .map(|booking| booking.transaction.bank_reference.as_str())
        .collect();
    let payers: Vec<&str> = bookings
        .iter()
        .map(|booking| booking.transaction.payer_account.as_str())
        .collect();
    let payees: Vec<&str> = bookings
        .iter()
        .map(|booking| booking.transaction.payee_account.as_str())
        .collect();
    let amounts: Vec<i64> = bookings
        .iter()
        .map(|booking| booking.transaction.amount_cents)
        .collect();
    let sql = "INSERT INTO entries (bank_reference, line, account, side, amount_cents)
               SELECT given.bank_reference, sides.line, CASE sides.side WHEN 'D' THEN payer ELSE payee END, sides.side, amount
               FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS given (bank_reference, payer, payee, amount),
                    (VALUES (1::smallint, 'D'), (2::smallint, 'C')) AS sides (line, side)";
    transaction
        .execute(sql, &[&references, &payers, &payees, &amounts])
        .await?;
    Ok(())
}

async fn insert_notices(
    transaction: &DatabaseTransaction<'_>,
    bookings: &[Booking],
) -> Result<(), BooksError> {
    let mut rows = Vec::with_capacity(bookings.len());
    for booking in bookings {
        for notice in &booking.notices {
            let booked_at = booking.transaction.booked_at;
            let (status, group, reversed, at) = match &notice.start {
                Start::At(at) => ("queued", None, false, *at),
                Start::Held { group, reversed } => ("held", Some(group), *reversed, booked_at),
            };
            rows.push(json!({
                "message_id": notice.message_id,
                "bank_reference": booking.transaction.bank_reference,
                "body": notice.body,
                "status": status,
                "hold_group": group,
                "reversed": reversed,
                "next_attempt_at": at,
                "created_at": booked_at,
            }));
        }
    }
    // The order of the list is the order of the notices: the recordset keeps it, and the identity column follows.
    let sql = "INSERT INTO notices (message_id, bank_reference, body, status, hold_group, reversed, next_attempt_at, created_at)
               SELECT message_id, bank_reference, body, status, hold_group, reversed, next_attempt_at, created_at
               FROM jsonb_to_recordset($1) AS given (message_id text, bank_reference text, body text, status text,
                   hold_group text, reversed boolean, next_attempt_at timestamptz, created_at timestamptz)";
    transaction.execute(sql, &[&Value::Array(rows)]).await?;
    Ok(())
}

async fn update_balances(
    transaction: &DatabaseTransaction<'_>,
    accounts: &BTreeMap<String, Locked>,
) -> Result<(), BooksError> {
    let numbers: Vec<&str> = accounts.keys().map(String::as_str).collect();
    let changes: Vec<i64> = accounts
        .values()
        .map(|account| account.change_cents)
        .collect();
    let notices: Vec<i64> = accounts.values().map(|account| account.notices).collect();
    let sql = "UPDATE accounts SET balance_cents = balance_cents + change, notice_sequence = notice_sequence + notices
               FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (number, change, notices)
               WHERE account = number";
    transaction
        .execute(sql, &[&numbers, &changes, &notices])
        .await?;
    Ok(())
}
