//! Lets citizens come by a schedule, whether those before them were served or not.
//!
//! One task a citizen, [`UNDER_WAY_MAX`] at most: one who comes then is counted as not let in, and the part is no measurement of the
//! gateway any more. The schedule is kept by looking at the clock every millisecond and sending everybody who is due.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::citizen::{self, Arrival};
use super::customer;
use super::live::Live;
use super::schedule::Arrivals;
use super::tally::{Fate, Tally, Visit};
use crate::bills::Issued;
use crate::front::Front;

/// Citizens under way at once.
const UNDER_WAY_MAX: usize = 20_000;
/// How often the clock is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// What a part left.
#[derive(Debug)]
pub(crate) struct Driven {
    pub(crate) tally: Tally,
    /// From the first arrival's moment to the last answer.
    pub(crate) taken: Duration,
    /// Most citizens under way at once.
    pub(crate) under_way_max: usize,
    /// Those whose citizens left without knowing what became of their payment.
    pub(crate) open: Vec<Open>,
    /// Bills used, from the front.
    pub(crate) used: usize,
}

/// A payment of which its citizen does not know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open {
    /// Of its bill.
    pub(crate) place: usize,
    /// The citizen had done what it asks for.
    pub(crate) acted: bool,
}

struct Drive<'a> {
    front: &'a Front,
    bills: &'a Arc<[Issued]>,
    started: Instant,
    under_way: JoinSet<Result<(usize, Visit)>>,
    driven: Driven,
    live: &'a Live,
}

/// Runs one part. Every arrival takes the next bill.
pub(crate) async fn drive(
    front: &Front,
    bills: &Arc<[Issued]>,
    arrivals: Arrivals,
    live: &Live,
) -> Result<Driven> {
    let street = front.street();
    let rails = street.iter().flat_map(|street| street.mix.rails());
    let mut drive = Drive {
        front,
        bills,
        started: Instant::now(),
        under_way: JoinSet::new(),
        driven: Driven {
            tally: Tally::new(rails)?,
            taken: Duration::ZERO,
            under_way_max: 0,
            open: Vec::new(),
            used: 0,
        },
        live,
    };
    let mut clock = tokio::time::interval(LOOK_EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut arrivals = arrivals.peekable();
    while arrivals.peek().is_some() {
        clock.tick().await;
        let now = drive.started.elapsed();
        while let Some(came) = arrivals.next_if(|came| *came <= now) {
            drive.let_in(came)?;
        }
        drive.take_ended()?;
    }
    while let Some(ended) = drive.under_way.join_next().await {
        drive.note(ended??);
    }
    drive.driven.taken = drive.started.elapsed();
    Ok(drive.driven)
}

impl Drive<'_> {
    fn let_in(&mut self, came: Duration) -> Result<()> {
        let place = self.driven.used;
        if self.under_way.len() >= UNDER_WAY_MAX {
            self.note((place, Visit::of(came, Fate::NotLetIn)));
            return Ok(());
        }
        self.driven.used = place.saturating_add(1);
        let bills = Arc::clone(self.bills);
        let (caller, mut bank) = self.front.at(place)?;
        let street = self.front.street().cloned();
        let arrival = Arrival {
            came,
            at: self.started + came,
        };
        self.under_way.spawn(async move {
            let bill = bills.get(place).context("the bills ran out")?;
            let visit = match street {
                None => citizen::pay(&caller, &mut bank, bill, arrival).await?,
                Some(street) => customer::pay(&street, &caller, bill, arrival).await?,
            };
            Ok((place, visit))
        });
        let under_way = self.under_way.len();
        self.driven.under_way_max = self.driven.under_way_max.max(under_way);
        Ok(())
    }

    fn take_ended(&mut self) -> Result<()> {
        while let Some(ended) = self.under_way.try_join_next() {
            self.note(ended??);
        }
        self.live.show(
            self.started.elapsed(),
            &self.driven.tally,
            self.under_way.len(),
        );
        Ok(())
    }

    fn note(&mut self, (place, visit): (usize, Visit)) {
        self.driven.tally.add(&visit);
        if visit.fate.is_open() {
            let acted = visit.acted;
            self.driven.open.push(Open { place, acted });
        }
    }
}
