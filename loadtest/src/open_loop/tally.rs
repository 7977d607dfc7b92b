//! What became of those who came, and how long they waited.
//!
//! A wait is counted from the moment at which the citizen came, not from the one at which the client got round to it: a stall of the
//! gateway, or of the client, is in the figure of everybody whom it held up.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;

use super::citizen::Arrival;
use crate::rails::Rail;

/// What waits are kept as: microseconds up to ten minutes, three digits exact.
const MICROS_MAX: u64 = 600_000_000;
const DIGITS: u8 = 3;

/// What became of one who came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The payment was made, and the bank told of its money.
    Paid,
    /// The gateway was too busy and said so, and whether it said when to come back.
    TurnedAway { hinted: bool },
    /// No answer in time: whether there is a payment must be asked.
    Unanswered,
    /// The client had too many under way to let one more in.
    NotLetIn,
    /// The gateway said that the rail does not carry it now; nothing was begun.
    Refused,
    /// The payment came to its end, and no money had moved.
    Failed,
    /// There is a payment, and its end was not seen in time.
    Waiting,
}

impl Fate {
    /// Whether somebody must find out what became of it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Unanswered | Self::Waiting)
    }
}

/// One who came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    /// When, from the beginning of the part.
    pub(crate) came: Duration,
    pub(crate) fate: Fate,
    /// From then to the answer of `CreatePayment`.
    pub(crate) answered: Option<Duration>,
    /// From the first post of the bank's notice to its acknowledgement.
    pub(crate) acknowledged: Option<Duration>,
    /// From that post to the news that the payment is settled, where it was watched.
    pub(crate) settled: Option<Duration>,
    /// How late the client began.
    pub(crate) late: Duration,
    /// Minor units that the bank told of.
    pub(crate) minor: i64,
    /// By which rail of a mix.
    pub(crate) rail: Option<Rail>,
    /// From the first answer to what the payer must do.
    pub(crate) shown: Option<Duration>,
    /// The payer has done it.
    pub(crate) acted: bool,
    /// Who was not served saw the own way to pay closed, or another one open.
    pub(crate) closed: bool,
    pub(crate) offered: bool,
}

impl Visit {
    /// Somebody who has come, and of whom nothing else is known yet.
    pub(crate) fn begun(arrival: Arrival) -> Self {
        Self {
            late: arrival.at.elapsed(),
            ..Self::of(arrival.came, Fate::Unanswered)
        }
    }

    /// Somebody of whom nothing is known but the end.
    pub(crate) const fn of(came: Duration, fate: Fate) -> Self {
        Self {
            came,
            fate,
            answered: None,
            acknowledged: None,
            settled: None,
            late: Duration::ZERO,
            minor: 0,
            rail: None,
            shown: None,
            acted: false,
            closed: false,
            offered: false,
        }
    }
}

/// One second of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Second {
    pub(crate) came: u32,
    /// Of those who came in this second.
    pub(crate) paid: u32,
    pub(crate) turned_away: u32,
    /// Their waits for the first answer.
    pub(crate) p50_micros: u64,
    pub(crate) p99_micros: u64,
}

/// All of a part.
#[derive(Debug)]
pub(crate) struct Tally {
    seconds: Vec<(Second, Vec<u64>)>,
    pub(crate) answered: Histogram<u64>,
    pub(crate) acknowledged: Histogram<u64>,
    pub(crate) settled: Histogram<u64>,
    pub(crate) late: Histogram<u64>,
    pub(crate) count: Count,
    pub(crate) minor: i64,
    /// The same for each rail of a mix.
    pub(crate) rails: BTreeMap<Rail, RailTally>,
}

/// One rail's part of it.
#[derive(Debug)]
pub(crate) struct RailTally {
    pub(crate) count: Count,
    pub(crate) minor: i64,
    pub(crate) answered: Histogram<u64>,
    pub(crate) shown: Histogram<u64>,
    pub(crate) settled: Histogram<u64>,
}

/// How many came to which end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    pub(crate) came: u64,
    pub(crate) paid: u64,
    pub(crate) turned_away: u64,
    /// Of those, without a word of when to come back.
    pub(crate) turned_away_without_hint: u64,
    pub(crate) unanswered: u64,
    pub(crate) not_let_in: u64,
    pub(crate) refused: u64,
    pub(crate) failed: u64,
    pub(crate) waiting: u64,
    /// Of those who were not served: who then saw the own way to pay closed, and who saw another one open.
    pub(crate) saw_closed: u64,
    pub(crate) saw_another: u64,
}

fn add(count: &mut u64) {
    *count = count.saturating_add(1);
}

impl Count {
    fn add(&mut self, visit: &Visit) {
        add(&mut self.came);
        match visit.fate {
            Fate::Paid => add(&mut self.paid),
            Fate::TurnedAway { hinted } => {
                add(&mut self.turned_away);
                if !hinted {
                    add(&mut self.turned_away_without_hint);
                }
            }
            Fate::Unanswered => add(&mut self.unanswered),
            Fate::NotLetIn => add(&mut self.not_let_in),
            Fate::Refused => add(&mut self.refused),
            Fate::Failed => add(&mut self.failed),
            Fate::Waiting => add(&mut self.waiting),
        }
        if visit.closed {
            add(&mut self.saw_closed);
        }
        if visit.offered {
            add(&mut self.saw_another);
        }
    }

    /// Those who did not get what they came for.
    pub(crate) const fn not_served(&self) -> u64 {
        self.came.saturating_sub(self.paid)
    }
}

/// A wait as it is kept.
pub(crate) fn micros(wait: Duration) -> u64 {
    u64::try_from(wait.as_micros()).unwrap_or(u64::MAX).max(1)
}

fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, MICROS_MAX, DIGITS)?)
}

/// Records those waits that there were.
fn record<const N: usize>(waits: [(&mut Histogram<u64>, Option<Duration>); N]) {
    for (histogram, wait) in waits {
        if let Some(wait) = wait {
            histogram.saturating_record(micros(wait));
        }
    }
}

impl RailTally {
    fn new() -> Result<Self> {
        Ok(Self {
            count: Count::default(),
            minor: 0,
            answered: histogram()?,
            shown: histogram()?,
            settled: histogram()?,
        })
    }

    fn add(&mut self, visit: &Visit) {
        self.count.add(visit);
        self.minor = self.minor.saturating_add(visit.minor);
        record([
            (&mut self.answered, visit.answered),
            (&mut self.shown, visit.shown),
            (&mut self.settled, visit.settled),
        ]);
    }
}

impl Tally {
    /// For these rails of a mix; without one, for none.
    pub(crate) fn new(rails: impl IntoIterator<Item = Rail>) -> Result<Self> {
        let rails = rails
            .into_iter()
            .map(|rail| Ok((rail, RailTally::new()?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            seconds: Vec::new(),
            answered: histogram()?,
            acknowledged: histogram()?,
            settled: histogram()?,
            late: histogram()?,
            count: Count::default(),
            minor: 0,
            rails,
        })
    }

    pub(crate) fn add(&mut self, visit: &Visit) {
        self.count.add(visit);
        self.minor = self.minor.saturating_add(visit.minor);
        record([
            (&mut self.answered, visit.answered),
            (&mut self.acknowledged, visit.acknowledged),
            (&mut self.settled, visit.settled),
            (&mut self.late, Some(visit.late)),
        ]);
        if let Some(rail) = visit.rail.and_then(|rail| self.rails.get_mut(&rail)) {
            rail.add(visit);
        }
        self.in_its_second(visit);
    }

    fn in_its_second(&mut self, visit: &Visit) {
        let place = usize::try_from(visit.came.as_secs()).unwrap_or(usize::MAX);
        if place >= self.seconds.len() {
            self.seconds
                .resize_with(place.saturating_add(1), Default::default);
        }
        let Some((second, waits)) = self.seconds.get_mut(place) else {
            return;
        };
        second.came = second.came.saturating_add(1);
        match visit.fate {
            Fate::Paid => second.paid = second.paid.saturating_add(1),
            Fate::TurnedAway { .. } => second.turned_away = second.turned_away.saturating_add(1),
            Fate::Unanswered | Fate::NotLetIn | Fate::Refused | Fate::Failed | Fate::Waiting => {}
        }
        if let (Fate::Paid, Some(wait)) = (visit.fate, visit.answered) {
            waits.push(micros(wait));
        }
    }

    /// The seconds, each with the waits of those who came in it.
    pub(crate) fn seconds(&self) -> Vec<Second> {
        self.last_seconds(usize::MAX)
    }

    /// The last seconds, at most so many.
    pub(crate) fn last_seconds(&self, most: usize) -> Vec<Second> {
        let skipped = self.seconds.len().saturating_sub(most);
        let finished = |(second, waits): &(Second, Vec<u64>)| {
            let mut waits = waits.clone();
            waits.sort_unstable();
            Second {
                p50_micros: quantile(&waits, 50),
                p99_micros: quantile(&waits, 99),
                ..second.clone()
            }
        };
        self.seconds.iter().skip(skipped).map(finished).collect()
    }
}

/// The wait that so many of a hundred stay within; of nobody, none.
fn quantile(sorted: &[u64], percent: usize) -> u64 {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(second: u64, fate: Fate, wait_millis: u64) -> Visit {
        Visit {
            answered: Some(Duration::from_millis(wait_millis)),
            minor: 100,
            ..Visit::of(Duration::from_millis(second * 1_000 + 500), fate)
        }
    }

    #[test]
    fn everybody_who_came_is_counted_once_and_in_the_second_of_coming() {
        let mut tally = Tally::new([]).unwrap();
        for wait in 1..=100 {
            tally.add(&visit(0, Fate::Paid, wait));
        }
        tally.add(&visit(2, Fate::TurnedAway { hinted: true }, 1));
        tally.add(&visit(2, Fate::TurnedAway { hinted: false }, 1));
        tally.add(&visit(2, Fate::Unanswered, 9_000));
        tally.add(&visit(2, Fate::NotLetIn, 1));
        let count = Count {
            came: 104,
            paid: 100,
            turned_away: 2,
            turned_away_without_hint: 1,
            unanswered: 1,
            not_let_in: 1,
            ..Count::default()
        };
        assert_eq!(tally.count, count);
        assert_eq!(count.not_served(), 4);
        let seconds = tally.seconds();
        let came: Vec<u32> = seconds.iter().map(|second| second.came).collect();
        assert_eq!(came, [100, 0, 4]);
        assert_eq!(seconds[0].p50_micros, 50_000);
        assert_eq!(seconds[0].p99_micros, 99_000);
        assert_eq!((seconds[2].turned_away, seconds[2].p99_micros), (2, 0));
        assert_eq!(tally.minor, 10_400);
    }

    #[test]
    fn a_rail_has_its_own_count_and_waits() {
        let mut tally = Tally::new([Rail::Card, Rail::Pps]).unwrap();
        let by_card = |fate, wait| Visit {
            rail: Some(Rail::Card),
            ..visit(0, fate, wait)
        };
        tally.add(&by_card(Fate::Paid, 7));
        tally.add(&Visit {
            closed: true,
            offered: true,
            ..by_card(Fate::Failed, 9)
        });
        tally.add(&by_card(Fate::Waiting, 9));
        let card = &tally.rails[&Rail::Card];
        let told = Count {
            came: 3,
            paid: 1,
            failed: 1,
            waiting: 1,
            saw_closed: 1,
            saw_another: 1,
            ..Count::default()
        };
        assert_eq!((card.count, card.answered.len()), (told, 3));
        assert_eq!(tally.rails[&Rail::Pps].count, Count::default());
        assert_eq!(tally.count.came, 3);
    }

    #[test]
    fn nobody_has_no_wait() {
        assert_eq!(quantile(&[], 99), 0);
        assert_eq!(quantile(&[7], 50), 7);
    }
}
