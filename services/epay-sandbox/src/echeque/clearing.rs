//! The clearing: on the next business day a cheque is honoured, and the money moves, or it is returned.

use serde_json::Value;

use super::NAME;
use super::notice::{self, Outcome};
use super::store::{self, Presentment};
use crate::books::BooksError;
use crate::faults::menu::{RETURNED, TWICE, WRONG_AMOUNT};
use crate::frame::{Alarm, DueWork, Movement, NewNotice, Start, Writing};

/// Insufficient funds (`ExternalReturnReason1Code`).
const TOO_LITTLE: &str = "AM04";
/// The gateway's door for notices about e-Cheques.
const PATH: &str = "/rails/echeque/notices";

/// Clears the cheque under the work's reference.
pub(super) async fn clear(work: &DueWork, alarm: Alarm<'_>) -> Result<(), BooksError> {
    let mut client = alarm.frame.client().await?;
    let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
    if !writing.finish(work).await? {
        return Ok(());
    }
    if let Some(there) = store::presentment(writing.sql(), &work.subject).await?
        && there.state == "RECEIVED"
    {
        settle(&writing, &there).await?;
    }
    writing.commit().await?;
    alarm.frame.wake();
    Ok(())
}

async fn settle(writing: &Writing<'_>, there: &Presentment) -> Result<(), BooksError> {
    let Some(issued) = store::issued_as(writing.sql(), &there.file_sha256).await? else {
        return Ok(());
    };
    let bent = there.faults.on(&WRONG_AMOUNT);
    let amount_cents = there
        .amount_cents
        .saturating_add(bent.map_or(0, |fault| fault.number()))
        .max(1);
    let ordered = there.faults.on(&RETURNED);
    let ordered = ordered.map(|fault| fault.value.clone().unwrap_or_else(|| TOO_LITTLE.to_owned()));
    let holds = store::balance(writing.sql(), &issued.payer).await?;
    let returned = ordered.or_else(|| (holds < amount_cents).then(|| TOO_LITTLE.to_owned()));
    if returned.is_none() {
        let movement = Movement {
            bank_reference: &there.item,
            from: &issued.payer,
            to: &there.account,
            amount_cents,
            currency: "HKD",
            payer_name: &issued.payer_name,
            reference: Some(&there.reference),
            bill_number: None,
        };
        writing.move_money(&[movement])?;
    }
    let state = if returned.is_some() {
        "RETURNED"
    } else {
        "HONOURED"
    };
    store::set_state(writing.sql(), &there.reference, state, returned.as_deref()).await?;
    tell(
        writing,
        there,
        &issued.payer_name,
        amount_cents,
        returned.as_deref(),
    )
    .await
}

/// Tells the payee, twice when that is the fault.
async fn tell(
    writing: &Writing<'_>,
    there: &Presentment,
    payer_name: &str,
    amount_cents: i64,
    returned: Option<&str>,
) -> Result<(), BooksError> {
    let times = if there.faults.on(&TWICE).is_some() {
        2
    } else {
        1
    };
    let cheque_number = there.item.rsplit('-').next().unwrap_or_default();
    for time in 1..=times {
        let message_id = format!("EC{time}-{}", there.item);
        let body = notice::write(&Outcome {
            message_id: &message_id,
            account: &there.account,
            item: &there.item,
            cheque_number,
            reference: &there.reference,
            amount_cents,
            payer_name,
            returned,
            received_at: there.received_at,
            at: writing.now(),
        })?;
        writing
            .notice(&NewNotice {
                message_id: &message_id,
                path: PATH,
                content_type: "application/xml",
                body: &body,
                subject: Some(&there.item),
                extra: Value::Null,
                start: Start::with(&there.faults, writing.now()),
            })
            .await?;
    }
    Ok(())
}
