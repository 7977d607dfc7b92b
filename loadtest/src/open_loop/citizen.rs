//! One citizen: starts a payment when the moment has come, whoever else is waiting, and lets the bank tell of the money.
//!
//! Who is turned away goes home; who has no answer in [`PATIENCE`] does too, and is asked about when the part is over
//! ([`ask_again`]), because nobody may leave a load with an outcome that nobody knows. The bank tells until it is heard.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::tally::{Fate, Visit};
use crate::bank::{Bank, TELL_AGAIN, TELLS_MAX};
use crate::bills::Issued;
use crate::payer::Caller;

/// How long a citizen waits for the first answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// Followed payments: enough for a percentile, too few to be a load of their own.
const WATCHED_ONE_IN: u64 = 50;

/// The moment at which a citizen came, by the plan and by the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) came: Duration,
    pub(crate) at: Instant,
}

/// Pays one bill.
pub(crate) async fn pay(
    caller: &Caller,
    bank: &mut Bank,
    bill: &Issued,
    arrival: Arrival,
) -> Result<Visit> {
    let mut visit = Visit::begun(arrival);
    let asked = caller.try_pay(bill.number, &bill.name);
    let Ok(answer) = tokio::time::timeout(PATIENCE, asked).await else {
        return Ok(visit);
    };
    visit.answered = Some(arrival.at.elapsed());
    let payment = match answer {
        Ok(payment) => payment,
        Err(status) => {
            visit.fate = fate(&status)?;
            return Ok(visit);
        }
    };
    let watch = if bill.number.is_multiple_of(WATCHED_ONE_IN) {
        // A watch that finds no room is no part of what is measured.
        caller.watch(&payment).await.ok()
    } else {
        None
    };
    let posted = Instant::now();
    bank.tell(&[bill.credit(&payment.reference)]).await?;
    visit.acknowledged = Some(posted.elapsed());
    if let Some(watch) = watch {
        watch.settled().await?;
        visit.settled = Some(posted.elapsed());
    }
    visit.fate = Fate::Paid;
    visit.minor = bill.amount_minor;
    Ok(visit)
}

/// What a refusal means for the citizen. One that no load explains ends the run.
pub(super) fn fate(status: &Status) -> Result<Fate> {
    match status.code() {
        Code::ResourceExhausted => Ok(Fate::TurnedAway {
            hinted: status.get_details_retry_info().is_some(),
        }),
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Ok(Fate::Unanswered),
        _ => bail!("CreatePayment was refused: {status}"),
    }
}

/// Asks under the same key what became of a payment whose caller had no answer, and has it paid: answers its minor units.
pub(crate) async fn ask_again(caller: &Caller, bank: &mut Bank, bill: &Issued) -> Result<i64> {
    let mut last = None;
    for _ in 0..TELLS_MAX {
        match caller.try_pay(bill.number, &bill.name).await {
            Ok(payment) => {
                bank.tell(&[bill.credit(&payment.reference)]).await?;
                return Ok(bill.amount_minor);
            }
            Err(status) => {
                fate(&status)?;
                last = Some(status);
                tokio::time::sleep(TELL_AGAIN).await;
            }
        }
    }
    bail!("nobody knows what became of a payment: {last:?}")
}
