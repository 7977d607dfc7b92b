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

use super::locked::{self, Locked};
use super::{Books, BooksError, Sql};
use crate::bank::{Booking, Instruction};
use crate::frame::Start;

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
        let sides = instructions
            .iter()
            .flat_map(|instruction| [&instruction.payer.number, &instruction.payee.number]);
        let mut accounts = locked::lock(&transaction, sides.map(String::as_str)).await?;
        let bookings = draw_up_all(instructions, &mut accounts, now)?;
        insert_transfers(&transaction, &bookings).await?;
        insert_notices(&transaction, &bookings).await?;
        locked::update(&transaction, &accounts).await?;
        transaction
            .commit()
            .await
            .map_err(BooksError::CommitUnknown)?;
        Ok(bookings)
    }
}

fn draw_up_all(
    instructions: &[Instruction],
    accounts: &mut BTreeMap<String, Locked>,
    now: Timestamp,
) -> Result<Vec<Booking>, BooksError> {
    let mut rng = rand::rng();
    let mut bookings = Vec::with_capacity(instructions.len());
    for instruction in instructions {
        let out = instruction.amount_cents.checked_neg();
        let out = out.ok_or(BooksError::Range)?;
        locked::change(accounts, &instruction.payer.number, out)?;
        let payee = locked::change(
            accounts,
            &instruction.payee.number,
            instruction.amount_cents,
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
