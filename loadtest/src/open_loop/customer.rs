//! One citizen who pays by a rail of the mix: starts the payment, does what it asks on the rail's own page or app, and sees it settled.
//!
//! Nobody waits longer than [`PATIENCE`] for one thing. Who leaves without knowing is found again when the part is over
//! ([`see_to_its_end`]): the same key gives the same payment, what it asks is done once, and the rail is asked until the end is known.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use epay_pg::Session;
use epay_proto::v1::Payment;
use tokio::time::timeout;
use tonic::{Code, Status};

use super::citizen::{self, Arrival, PATIENCE};
use super::page::{Page, asks_the_payer, is_at_its_end};
use super::tally::{Fate, Visit};
use crate::bank::{TELL_AGAIN, TELLS_MAX};
use crate::bills::Issued;
use crate::payer::Caller;
use crate::rails::{Mix, Person, Rail};
use crate::sandbox::Sandbox;

/// How long the end of a payment is waited for before the run is given up, and how often its rail is asked meanwhile. A rail that was
/// slow has the whole of its part to catch up with, so many calls at once.
const END_WAIT: Duration = Duration::from_secs(900);
const ASK_EVERY: Duration = Duration::from_secs(3);

/// What citizens find outside of the gateway: who pays by what, the counterparties' doors, and where their pages send browsers back.
#[derive(Debug)]
pub(crate) struct Street {
    pub(crate) mix: Mix,
    pub(crate) sandbox: Sandbox,
    pub(crate) back: String,
    /// The sandbox's database.
    pub(crate) books: Session,
}

impl Street {
    fn person<'a>(
        &'a self,
        caller: &'a Caller,
        bill: &'a Issued,
        payment: &'a Payment,
    ) -> Person<'a> {
        Person {
            sandbox: &self.sandbox,
            caller,
            bill,
            payment,
        }
    }
}

/// Pays one bill.
pub(crate) async fn pay(
    street: &Street,
    caller: &Caller,
    bill: &Issued,
    arrival: Arrival,
) -> Result<Visit> {
    let rail = street.mix.rail_of(bill.number);
    let mut visit = Visit::begun(arrival);
    visit.rail = Some(rail);
    let asked = caller.try_pay_by(rail, (bill.number, &bill.name), &street.back);
    let Ok(answer) = timeout(PATIENCE, asked).await else {
        return Ok(visit);
    };
    visit.answered = Some(arrival.at.elapsed());
    match answer {
        Ok(payment) => follow(street, (caller, bill), payment, &mut visit).await?,
        Err(status) => visit.fate = fate(&status)?,
    }
    if matches!(visit.fate, Fate::Refused | Fate::Failed | Fate::Waiting) {
        look_round(caller, bill, rail, &mut visit).await;
    }
    Ok(visit)
}

/// From the first answer to the end, as far as the citizen waits for it.
async fn follow(
    street: &Street,
    (caller, bill): (&Caller, &Issued),
    payment: Payment,
    visit: &mut Visit,
) -> Result<()> {
    let begun = Instant::now();
    let rail = street.mix.rail_of(bill.number);
    let mut page = Page::of(caller, payment);
    visit.fate = Fate::Waiting;
    let Ok(seen) = timeout(PATIENCE, page.until(asks_the_payer)).await else {
        return Ok(());
    };
    seen?;
    if is_at_its_end(page.payment()) {
        visit.fate = Fate::Failed;
        return Ok(());
    }
    visit.shown = Some(begun.elapsed());
    rail.pay(street.person(caller, bill, page.payment()))
        .await?;
    visit.acted = true;
    let acted = Instant::now();
    if rail.comes_by_file() {
        visit.fate = Fate::Paid;
        visit.minor = bill.amount_minor;
        return Ok(());
    }
    let Ok(seen) = timeout(PATIENCE, page.until(is_at_its_end)).await else {
        return Ok(());
    };
    seen?;
    visit.fate = Fate::Failed;
    if page.is_settled() {
        visit.fate = Fate::Paid;
        visit.settled = Some(acted.elapsed());
        visit.minor = bill.amount_minor;
    }
    Ok(())
}

/// Who was not served looks at what else there is.
async fn look_round(caller: &Caller, bill: &Issued, rail: Rail, visit: &mut Visit) {
    // Somebody who is refused this too has simply seen nothing else.
    if let Ok(methods) = caller.methods(&bill.name).await {
        let own = rail.method();
        visit.closed = methods.iter().any(|one| one.method == own && !one.open);
        visit.offered = methods.iter().any(|one| one.method != own && one.open);
    }
}

/// What a refusal means: the gateway is too busy, or it says that this rail does not carry the payment now.
fn fate(status: &Status) -> Result<Fate> {
    match status.code() {
        Code::FailedPrecondition => Ok(Fate::Refused),
        _ => citizen::fate(status),
    }
}

/// Finds out what became of a payment whose citizen left without knowing: answers whether it was paid. `acted` says that the citizen
/// had done what it asked, which nobody may do twice.
pub(crate) async fn see_to_its_end(
    street: &Street,
    caller: &Caller,
    bill: &Issued,
    acted: bool,
) -> Result<bool> {
    let rail = street.mix.rail_of(bill.number);
    let Some(payment) = once_more(street, caller, bill).await? else {
        return Ok(false);
    };
    let mut page = Page::of(caller, payment);
    if !acted {
        wait(caller, &mut page, asks_the_payer).await?;
        if is_at_its_end(page.payment()) {
            return Ok(page.is_settled());
        }
        rail.pay(street.person(caller, bill, page.payment()))
            .await?;
        if rail.comes_by_file() {
            return Ok(true);
        }
    }
    wait(caller, &mut page, is_at_its_end).await?;
    Ok(page.is_settled())
}

/// Asks for the payment under its key until there is an answer; nothing where it was refused, and so was never made.
async fn once_more(street: &Street, caller: &Caller, bill: &Issued) -> Result<Option<Payment>> {
    let rail = street.mix.rail_of(bill.number);
    let mut last = None;
    for _ in 0..TELLS_MAX {
        let of = (bill.number, bill.name.as_str());
        match caller.try_pay_by(rail, of, &street.back).await {
            Ok(payment) => return Ok(Some(payment)),
            Err(status) if fate(&status)? == Fate::Refused => return Ok(None),
            Err(status) => last = Some(status),
        }
        tokio::time::sleep(TELL_AGAIN).await;
    }
    bail!("nobody knows what became of a payment: {last:?}")
}

/// Waits until a payment is so, and has its rail asked meanwhile.
async fn wait(caller: &Caller, page: &mut Page<'_>, so: fn(&Payment) -> bool) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < END_WAIT {
        if let Ok(seen) = timeout(ASK_EVERY, page.until(so)).await {
            return seen;
        }
        // A rail that cannot be asked tells by itself.
        let _told_by_the_page = caller.check(&page.payment().name).await;
    }
    bail!("nobody knows what became of {:?}", page.payment())
}
