//! Whoever looks for bills too often is told to wait, so that nobody finds bills by trying numbers.
//!
//! A debt that is paid off with time (a leaky bucket, one number for each visitor and kind of bill): a look that finds a bill
//! costs little, one that finds none costs much. The price of a miss is taken before anything is read, and most of it given
//! back after a hit, so that many looks at once are no cheaper than one after the other.
//!
//! Counted on each node for itself: with several nodes a visitor has as many allowances, which is still far from enough to
//! try a kind's numbers out. Bounds: [`LookupLimits::visitors_max`] debts are kept; beyond it those that are paid off are
//! forgotten, then the smaller half of the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::auth::{Authorised, Role};
use crate::config::LookupLimits;

/// Whose look it is: the citizen pages say for whom they ask, everybody else asks for himself.
pub(crate) fn visitor(caller: &Authorised, named: &str) -> String {
    if caller.role() == Role::CitizenPortal && !named.is_empty() {
        format!("visitor:{named}")
    } else {
        format!("caller:{}", caller.subject())
    }
}

/// A visitor and a kind of bill, as a digest: what callers send is not kept.
pub(crate) type Key = [u8; 16];

/// The debts of all visitors.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    limits: LookupLimits,
    debts: Arc<Mutex<Debts>>,
}

impl Throttle {
    pub(crate) fn new(limits: LookupLimits) -> Self {
        Self {
            limits,
            debts: Arc::default(),
        }
    }

    /// Takes the price of a miss, or says how long to wait.
    pub(crate) fn take(&self, key: &Key, now: Timestamp) -> Result<(), Duration> {
        let mut debts = self.debts.lock().unwrap_or_else(PoisonError::into_inner);
        debts.take(self.limits, *key, now.as_millisecond())
    }

    /// Gives back all but the price of a hit.
    pub(crate) fn found(&self, key: &Key) {
        let back = self.limits.miss_cost.saturating_sub(1);
        self.give_back(key, back);
    }

    /// Gives the whole price back: nothing was looked up.
    pub(crate) fn not_looked(&self, key: &Key) {
        self.give_back(key, self.limits.miss_cost);
    }

    fn give_back(&self, key: &Key, looks: u32) {
        let mut debts = self.debts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(paid_off_at) = debts.paid_off_at.get_mut(key) {
            *paid_off_at = paid_off_at.saturating_sub(self.limits.millis(looks));
        }
    }
}

/// Whose look it is, at which kind of bill.
pub(crate) fn key(visitor: &str, kind: &str) -> Key {
    let digest = Sha256::new()
        .chain_update(kind.len().to_be_bytes())
        .chain_update(kind)
        .chain_update(visitor)
        .finalize();
    let mut key = Key::default();
    for (place, byte) in key.iter_mut().zip(digest) {
        *place = byte;
    }
    key
}

impl LookupLimits {
    /// How long it takes to pay so many looks off.
    fn millis(self, looks: u32) -> i64 {
        let rate = i64::from(self.per_second.max(1));
        i64::from(looks)
            .saturating_mul(1_000)
            .checked_div(rate)
            .unwrap_or(i64::MAX)
    }
}

/// When each visitor's debt is paid off, in milliseconds since 1970.
#[derive(Debug, Default)]
struct Debts {
    paid_off_at: HashMap<Key, i64>,
}

impl Debts {
    fn take(&mut self, limits: LookupLimits, key: Key, now: i64) -> Result<(), Duration> {
        let until = self.paid_off_at.get(&key).copied().unwrap_or(now).max(now);
        let debt = until.saturating_sub(now);
        let room = limits.millis(limits.burst.saturating_sub(1));
        if debt > room {
            let wait = u64::try_from(debt.saturating_sub(room)).unwrap_or(0);
            // In whole seconds, rounded up: whoever comes back then is let in.
            return Err(Duration::from_secs(wait.div_ceil(1_000)));
        }
        self.make_room(limits.visitors_max, now);
        let price = limits.millis(limits.miss_cost);
        self.paid_off_at.insert(key, until.saturating_add(price));
        Ok(())
    }

    fn make_room(&mut self, most: usize, now: i64) {
        if self.paid_off_at.len() < most {
            return;
        }
        self.paid_off_at
            .retain(|_key, paid_off_at| *paid_off_at > now);
        if self.paid_off_at.len() < most {
            return;
        }
        let mut debts: Vec<i64> = self.paid_off_at.values().copied().collect();
        let half = debts.len().div_euclid(2);
        let (_smaller, middle, _larger) = debts.select_nth_unstable(half);
        let middle = *middle;
        self.paid_off_at
            .retain(|_key, paid_off_at| *paid_off_at > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LookupLimits = LookupLimits {
        burst: 20,
        per_second: 2,
        miss_cost: 5,
        visitors_max: 8,
    };

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_760_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn misses_are_dear_hits_are_cheap_and_time_pays() {
        // When (ms), what came of it; the wait in seconds where there is one.
        let hit = Some(true);
        let miss = Some(false);
        let rows: &[(i64, Option<bool>, Option<u64>)] = &[
            (0, miss, None),
            (0, miss, None),
            (0, miss, None),
            (0, miss, None),
            // Twenty looks are owed: the next is possible when one is paid off.
            (0, miss, Some(1)),
            (499, miss, Some(1)),
            (500, hit, None),
            (500, hit, Some(1)),
            (10_000, hit, None),
            (10_000, None, None),
            (10_000, hit, None),
        ];
        let throttle = Throttle::new(LIMITS);
        let key = key("visitor", "rvd-rates");
        for (row, (now, outcome, wait)) in rows.iter().enumerate() {
            let taken = throttle.take(&key, at(*now));
            assert_eq!(taken.err(), wait.map(Duration::from_secs), "row {row}");
            match (wait, outcome) {
                (None, Some(true)) => throttle.found(&key),
                (None, None) => throttle.not_looked(&key),
                _ => {}
            }
        }
    }

    #[test]
    fn whoever_waits_as_long_as_was_said_is_let_in() {
        for misses in 1..40 {
            let throttle = Throttle::new(LIMITS);
            let key = key("visitor", "rvd-rates");
            let mut now = 0;
            for _ in 0..misses {
                if let Err(wait) = throttle.take(&key, at(now)) {
                    now += i64::try_from(wait.as_millis()).unwrap();
                    assert_eq!(throttle.take(&key, at(now)), Ok(()));
                }
            }
        }
    }

    #[test]
    fn visitors_and_kinds_are_counted_apart_and_memory_is_bounded() {
        assert_ne!(key("a", "bc"), key("ab", "c"));
        let throttle = Throttle::new(LIMITS);
        let worst = key("worst", "rvd-rates");
        for _ in 0..4 {
            assert_eq!(throttle.take(&worst, at(0)), Ok(()));
        }
        assert!(throttle.take(&worst, at(0)).is_err());
        assert_eq!(throttle.take(&key("worst", "wsd-water"), at(0)), Ok(()));
        for visitor in 0..1_000 {
            let key = key(&visitor.to_string(), "rvd-rates");
            assert_eq!(throttle.take(&key, at(0)), Ok(()));
            let kept = throttle.debts.lock().unwrap().paid_off_at.len();
            assert!(kept <= LIMITS.visitors_max);
        }
        assert!(
            throttle.take(&worst, at(0)).is_err(),
            "the worst stays known"
        );
    }
}
