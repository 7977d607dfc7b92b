//! One crash: `kill -9` in the middle of 500 payments, ten times, and every cent is where it belongs.
//!
//! Real processes: `epay serve` with gateway and worker, `epay-sandbox` as the bank, and a PostgreSQL cluster for
//! each of the two houses. Callers create payments by gRPC and pay them at the bank; whenever so many
//! creations have been acknowledged, the victim is killed while more calls and notices are under way, and started
//! again. A caller that got no clear answer repeats the call with the same idempotency key; the bank repeats a notice
//! until it is acknowledged. In the end the bank's books, the payments and the ledger are compared to the cent, once
//! after everything was delivered, and once more after the bank has told everything a second time.
//!
//! [`worker`] kills a worker while a rail has an order of its, [`webhooks`] one while a department's system has calls of its, [`notices`] one
//! after another while people are told.
//!
//! Bounds: [`CALLERS`] calls at once, [`KILLS`] crashes, and a limit on every wait.
#![expect(
    clippy::print_stdout,
    reason = "the figures of a run are shown beside it"
)]

mod acquirer;
mod audit;
mod bank;
mod books;
mod caller;
mod child;
mod house;
mod notices;
mod plan;
mod table;
mod webhooks;
mod worker;

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::watch::Receiver;

use crate::bank::Bank;
use crate::caller::{Caller, Progress, Started};
use crate::house::{House, Kill, Victim};
use crate::plan::{PAYMENTS, Plan};
use crate::table::Watch;

/// How often the victim is killed.
const KILLS: usize = 10;
/// Acknowledged creations between two kills. With 500 payments the last kill leaves 50 to be made.
const CREATIONS_BETWEEN_KILLS: usize = 45;
/// Callers at once: each creates a payment, pays it at the bank, and takes the next.
const CALLERS: usize = 32;
/// A kill waits for so many creations under way, so that it always falls among them.
const IN_FLIGHT_MIN: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_killed_ten_times_among_500_payments_loses_and_doubles_no_cent()
-> anyhow::Result<()> {
    run(Victim::Gateway).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_killed_ten_times_among_500_payments_loses_and_doubles_no_cent()
-> anyhow::Result<()> {
    run(Victim::Database).await
}

async fn run(victim: Victim) -> anyhow::Result<()> {
    let mut house = House::open().await?;
    let outcome = pay_and_compare(&mut house, victim).await;
    if outcome.is_err() {
        println!("{}", house.last_words());
    }
    // The first fault is the one to read; that everything also stops cleanly is asked of a run without one.
    outcome?;
    house.close().await
}

async fn pay_and_compare(house: &mut House, victim: Victim) -> anyhow::Result<()> {
    let plan = Plan::new();
    let mut watch = Watch::new();
    let caller = house.caller()?;
    let bills = issue(&caller, &plan).await.context("issuing the bills")?;
    watch.lap("bills issued");
    let progress = caller.progress().subscribe();
    let bank = house.bank.clone();
    let (started, kills) = tokio::try_join!(
        pay(&caller, &bank, &plan, &bills),
        crash(house, victim, progress),
    )?;
    watch.lap("payments made");
    table::print_kills(victim, &kills);
    ensure!(started.len() == plan.payments.len(), "a payment is missing");
    if victim == Victim::Gateway {
        ensure!(
            caller.progress().borrow().repeated >= KILLS,
            "the kills interrupted hardly any call, so the run proves little"
        );
    }

    house.settle().await.context("after the last crash")?;
    watch.lap("settled");
    let books = house.read_books().await?;
    let compared = audit::compare(&plan, &started, &books)?;
    table::print_books(&compared);

    watch.lap("compared");
    repeat_every_creation(&caller, &plan, &bills, &started).await?;
    house.bank.redeliver_everything().await?;
    house.settle().await.context("after a second delivery")?;
    watch.lap("told again");
    let again = house.read_books().await?;
    audit::compare(&plan, &started, &again).context("after everything was told again")?;
    ensure!(again == books, "telling everything again changed the books");
    println!("\nSeconds: {}", watch.laps());
    Ok(())
}

/// Issues every bill; answers their names in the plan's order.
async fn issue(caller: &Caller, plan: &Plan) -> anyhow::Result<Vec<String>> {
    all_at_once(&plan.bills, async |bill| caller.issue(bill).await).await
}

/// Creates every payment and pays it at the bank at once.
async fn pay(
    caller: &Caller,
    bank: &Bank,
    plan: &Plan,
    bills: &[String],
) -> anyhow::Result<Vec<Started>> {
    all_at_once(&plan.payments, async |payment| {
        let bill = bills.get(payment.bill).context("a bill was not issued")?;
        caller.asked();
        let started = caller.create(payment, bill).await?;
        caller.acknowledged();
        bank.pay(payment, &plan.bill(payment)?.number, &started)
            .await?;
        Ok(started)
    })
    .await
}

/// Does something with each, [`CALLERS`] at a time; the answers are in the order of what was given.
async fn all_at_once<T, A>(
    given: &[T],
    work: impl AsyncFn(&T) -> anyhow::Result<A>,
) -> anyhow::Result<Vec<A>> {
    let work = &work;
    let mut done: Vec<(usize, A)> = futures_util::stream::iter(given.iter().enumerate())
        .map(async |(place, one)| Ok::<_, anyhow::Error>((place, work(one).await?)))
        .buffer_unordered(CALLERS)
        .try_collect()
        .await?;
    done.sort_unstable_by_key(|(place, _answer)| *place);
    Ok(done.into_iter().map(|(_place, answer)| answer).collect())
}

/// Kills the victim each time so many more creations have been acknowledged, others being under way.
async fn crash(
    house: &mut House,
    victim: Victim,
    mut progress: Receiver<Progress>,
) -> anyhow::Result<Vec<Kill>> {
    let mut kills = Vec::with_capacity(KILLS);
    for number in 1..=KILLS {
        let threshold = number * CREATIONS_BETWEEN_KILLS;
        let reached = *progress
            .wait_for(|progress| {
                let begun = progress.in_flight() >= IN_FLIGHT_MIN || progress.asked == PAYMENTS;
                progress.acknowledged >= threshold && begun
            })
            .await?;
        let kill = house
            .kill_and_start(victim, reached)
            .await
            .with_context(|| format!("kill {number} of the {victim:?}"))?;
        kills.push(kill);
    }
    Ok(kills)
}

/// Every key still gets the answer that it got first, although all the payments have moved on.
async fn repeat_every_creation(
    caller: &Caller,
    plan: &Plan,
    bills: &[String],
    started: &[Started],
) -> anyhow::Result<()> {
    let again = all_at_once(&plan.payments, async |payment| {
        let bill = bills.get(payment.bill).context("a bill was not issued")?;
        caller.create(payment, bill).await
    })
    .await?;
    for (first, second) in started.iter().zip(&again) {
        ensure!(
            first == second,
            "the same key was answered {first:?} and then {second:?}"
        );
    }
    Ok(())
}
