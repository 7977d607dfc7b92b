//! What a mix of rails adds to a run: a rail that is made ill, payments that are found again, and the evening on which files come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::customer::{Street, see_to_its_end};
use super::drive::{Driven, Open};
use super::scenario::Sick;
use super::turns::in_turns;
use super::{Run, rest};
use crate::bills::Issued;
use crate::rails::Rail;

/// When counterparties have made their files and cleared their cheques, and how many evenings a long weekend takes at most.
const EVENING: &str = "19:00";
const EVENINGS_MAX: u32 = 7;
/// How long the counterparties may take to tell of one evening.
const TELL_WAIT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Payments that wait for a file.
const WAITING: &str = "SELECT count(*) FROM epay.payment WHERE rail = ANY($1) \
     AND state NOT IN ('settled', 'failed', 'expired', 'cancelled')";

/// What became of the payments that were found again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) paid: u64,
    pub(crate) minor: i64,
    /// They were never made, or came to an end without money.
    pub(crate) not_paid: u64,
}

impl Street {
    /// Makes a rail ill; answers the number by which it is made well again.
    pub(super) async fn make_ill(&self, sick: &Sick) -> Result<i64> {
        let (rail, value) = (sick.rail.name(), sick.value.as_deref());
        self.sandbox.order_fault(rail, &sick.fault, value).await
    }

    /// Waits until the counterparties have told all that they have to tell.
    async fn told(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let summary = self.sandbox.open("/api/books/summary").await?.text;
            let summary: Value = serde_json::from_str(&summary)?;
            let count = |state: &str| {
                let count = summary.pointer(&format!("/notices/{state}"));
                count.and_then(Value::as_u64).context("no count of notices")
            };
            let left = count("queued")?.saturating_add(count("sending")?);
            if left == 0 {
                return Ok(());
            }
            ensure!(begun.elapsed() < TELL_WAIT, "{left} notices are not told");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Run {
    /// Finds out about the payments whose citizens left without knowing.
    pub(super) async fn find_again(
        &self,
        street: &Arc<Street>,
        driven: &Driven,
        bills: &Arc<[Issued]>,
    ) -> Result<BTreeMap<Rail, Found>> {
        let open: Arc<[Open]> = driven.open.clone().into();
        let ends = in_turns(open.len(), |turn| {
            let (open, bills, street) = (Arc::clone(&open), Arc::clone(bills), Arc::clone(street));
            let front = self.front.clone();
            async move {
                let Open { place, acted } = *open.get(turn).context("nobody")?;
                let bill = bills.get(place).context("no bill")?;
                let (caller, _bank) = front.at(place)?;
                let paid = see_to_its_end(&street, &caller, bill, acted).await?;
                Ok((
                    street.mix.rail_of(bill.number),
                    paid.then_some(bill.amount_minor),
                ))
            }
        });
        let mut found: BTreeMap<Rail, Found> = BTreeMap::new();
        for (rail, paid) in ends.await? {
            let of_rail = found.entry(rail).or_default();
            match paid {
                Some(minor) => {
                    of_rail.paid = of_rail.paid.saturating_add(1);
                    of_rail.minor = of_rail.minor.saturating_add(minor);
                }
                None => of_rail.not_paid = of_rail.not_paid.saturating_add(1),
            }
        }
        Ok(found)
    }

    /// Has both houses' tables counted. A mix begins with tables that are all but empty, and plans made for those are slow a minute
    /// later; in service tables are large and autovacuum has counted them.
    pub(super) async fn look_at_tables(&self, street: &Street) -> Result<()> {
        for session in [&self.session, &street.books] {
            session.client().batch_execute("ANALYZE").await?;
        }
        Ok(())
    }

    /// Lets evenings come until every payment that waits for a file has its money, and everything is at rest.
    pub(super) async fn let_files_come(&self, street: &Street) -> Result<()> {
        street.told().await?;
        let mut evenings = 0_u32;
        loop {
            rest::booked(&self.session).await?;
            let left = self.waiting(street).await?;
            if left == 0 {
                break;
            }
            ensure!(
                evenings < EVENINGS_MAX,
                "{left} payments wait for a file after {evenings} evenings"
            );
            evenings = evenings.saturating_add(1);
            street.sandbox.advance_to(EVENING).await?;
            street.told().await?;
        }
        rest::ordered(&self.session).await?;
        rest::performed(&self.session).await
    }

    /// How many payments wait for a file.
    async fn waiting(&self, street: &Street) -> Result<i64> {
        let rails = street.mix.rails().filter(|rail| rail.comes_by_file());
        let rails: Vec<&str> = rails.map(Rail::name).collect();
        let row = self.session.client().query_one(WAITING, &[&rails]).await?;
        Ok(row.try_get(0)?)
    }
}
