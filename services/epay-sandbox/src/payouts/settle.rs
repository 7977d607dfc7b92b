//! Pays what was accepted, and brings back what the payee's bank did not take. Work that fell due.
//!
//! One commit each: the books, the order's state, and what the customer is told. Faults bend only what is told, and
//! `returned` where the money waits meanwhile: with the other banks, because nobody was credited.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::notice::{self, Entry};
use super::status::{self, Status};
use super::store::{self, Kept};
use super::{NAME, NOTICES_PATH, REJECTED_LATER};
use crate::bank::{Ids, message_id};
use crate::books::{BooksError, interbank_account};
use crate::faults::menu::{RETURNED, TWICE};
use crate::frame::{Alarm, DueWork, Movement, NewNotice, Start, Writing};

/// The work that pays an order.
pub(super) const PAY: &str = "pay";
/// The work that brings a payment back.
pub(super) const RETURN: &str = "return";
/// A payment that is returned comes back on the next day.
const RETURN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Pays the order under the work's message id.
pub(super) async fn pay(work: &DueWork, alarm: Alarm<'_>) -> Result<(), BooksError> {
    let mut client = alarm.frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
    if !writing.finish(work).await? {
        return Ok(());
    }
    let order = store::order(writing.sql(), &work.subject).await?;
    if let Some(order) = order.filter(|order| order.state == "ACCEPTED") {
        match order.faults.on(&REJECTED_LATER) {
            Some(fault) => reject(&writing, order.clone(), fault.value.as_deref()).await?,
            None => debit(&writing, order).await?,
        }
    }
    writing.commit().await?;
    alarm.frame.wake();
    Ok(())
}

async fn reject(
    writing: &Writing<'_>,
    mut order: Kept,
    reason: Option<&str>,
) -> Result<(), BooksError> {
    store::set(writing.sql(), &order.message_id, ("REJECTED", reason), None).await?;
    order.reason = reason.map(str::to_owned);
    tell_status(writing, &order, "RJCT").await
}

async fn debit(writing: &Writing<'_>, mut order: Kept) -> Result<(), BooksError> {
    let now = writing.now();
    let reference = Ids::draw(&mut rand::rng(), now).bank_reference;
    let returned = order.faults.on(&RETURNED).is_some();
    let credited = store::creditor(writing.sql(), &order.creditor_account).await?;
    let to = match credited {
        Some(held) if !returned => held.account,
        _ => interbank_account(&order.currency),
    };
    let debtor = order.debtor_account.clone();
    movement(writing, &order, &reference, (&debtor, &to)).await?;
    order.bank_reference = Some(reference.clone());
    let paid = ("PAID", None);
    store::set(writing.sql(), &order.message_id, paid, Some(&reference)).await?;
    tell_status(writing, &order, "ACSC").await?;
    tell_entry(writing, &order, &reference, None).await?;
    if returned {
        let at = now.saturating_add(RETURN_AFTER).unwrap_or(now);
        let nothing = Value::Null;
        writing
            .timer(RETURN, &order.message_id, at, &nothing)
            .await?;
    }
    Ok(())
}

/// Brings back the payment of the order under the work's message id.
pub(super) async fn give_back(work: &DueWork, alarm: Alarm<'_>) -> Result<(), BooksError> {
    let mut client = alarm.frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
    if !writing.finish(work).await? {
        return Ok(());
    }
    let order = store::order(writing.sql(), &work.subject).await?;
    if let Some(order) = order.filter(|order| order.state == "PAID") {
        let reason = order
            .faults
            .on(&RETURNED)
            .and_then(|fault| fault.value.clone());
        let reason = reason.unwrap_or_else(|| "AC04".to_owned());
        let from = interbank_account(&order.currency);
        credit_again(&writing, &order, &from, &reason).await?;
    }
    writing.commit().await?;
    alarm.frame.wake();
    Ok(())
}

/// Moves an order's money back to the customer and tells of it.
pub(super) async fn credit_again(
    writing: &Writing<'_>,
    order: &Kept,
    from: &str,
    reason: &str,
) -> Result<(), BooksError> {
    let reference = Ids::draw(&mut rand::rng(), writing.now()).bank_reference;
    movement(writing, order, &reference, (from, &order.debtor_account)).await?;
    let returned = ("RETURNED", Some(reason));
    store::set(writing.sql(), &order.message_id, returned, None).await?;
    tell_entry(writing, order, &reference, Some(reason)).await
}

async fn movement(
    writing: &Writing<'_>,
    order: &Kept,
    bank_reference: &str,
    (from, to): (&str, &str),
) -> Result<(), BooksError> {
    let holder = store::holder(writing.sql(), from).await?;
    let movement = Movement {
        bank_reference,
        from,
        to,
        amount_cents: order.amount_cents,
        currency: &order.currency,
        payer_name: &holder,
        reference: Some(&order.end_to_end_id),
        bill_number: None,
    };
    writing.move_money(&[movement])?;
    Ok(())
}

/// A report on an order.
pub(super) fn report(
    order: &Kept,
    message_id: &str,
    word: &str,
    at: Timestamp,
) -> io::Result<String> {
    status::write(&Status {
        message_id,
        order_id: &order.message_id,
        end_to_end_id: &order.end_to_end_id,
        status: word,
        reason: order.reason.as_deref(),
        bank_reference: order.bank_reference.as_deref(),
        amount: (&order.currency, order.amount_cents),
        at,
    })
}

async fn tell_status(writing: &Writing<'_>, order: &Kept, word: &str) -> Result<(), BooksError> {
    for _time in 1..=times(order) {
        let message_id = message_id(&mut rand::rng());
        let body = report(order, &message_id, word, writing.now())?;
        tell(writing, order, &message_id, &body).await?;
    }
    Ok(())
}

async fn tell_entry(
    writing: &Writing<'_>,
    order: &Kept,
    bank_reference: &str,
    returned: Option<&str>,
) -> Result<(), BooksError> {
    for _time in 1..=times(order) {
        let message_id = message_id(&mut rand::rng());
        let body = notice::write(&Entry {
            message_id: &message_id,
            account: &order.debtor_account,
            currency: &order.currency,
            amount_cents: order.amount_cents,
            bank_reference,
            end_to_end_id: &order.end_to_end_id,
            creditor_name: &order.creditor_name,
            returned,
            at: writing.now(),
        })?;
        tell(writing, order, &message_id, &body).await?;
    }
    Ok(())
}

fn times(order: &Kept) -> u8 {
    if order.faults.on(&TWICE).is_some() {
        2
    } else {
        1
    }
}

async fn tell(
    writing: &Writing<'_>,
    order: &Kept,
    message_id: &str,
    body: &str,
) -> Result<(), BooksError> {
    writing
        .notice(&NewNotice {
            message_id,
            path: NOTICES_PATH,
            content_type: "application/xml",
            body,
            subject: Some(&order.message_id),
            extra: Value::Null,
            start: Start::with(&order.faults, writing.now()),
        })
        .await
}
