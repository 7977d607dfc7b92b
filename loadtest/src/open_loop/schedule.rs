//! When citizens come: many who know nothing of each other, and who do not wait until others are served.
//!
//! In every tick of [`TICK_NANOS`] one comes or none does, by chance; over seconds that is a Poisson process as near as a clock of
//! microseconds can tell. The same seed gives the same moments, so that two runs are asked the same.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// The length of a tick.
const TICK_NANOS: u64 = 10_000;
/// Ticks of a second, which is also the highest rate there can be.
pub(crate) const TICKS_A_SECOND: u32 = 100_000;

/// The moments of one part, counted from its beginning, in order.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    chance: SmallRng,
    rate: u32,
    tick: u64,
    ticks: u64,
}

impl Arrivals {
    pub(crate) fn new(seed: u64, rate: u32, seconds: u32) -> Self {
        Self {
            chance: SmallRng::seed_from_u64(seed),
            rate: rate.min(TICKS_A_SECOND),
            tick: 0,
            ticks: u64::from(seconds).saturating_mul(u64::from(TICKS_A_SECOND)),
        }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        while self.tick < self.ticks {
            let tick = self.tick;
            self.tick = tick.saturating_add(1);
            if self.chance.random_range(0..TICKS_A_SECOND) < self.rate {
                return Some(Duration::from_nanos(tick.saturating_mul(TICK_NANOS)));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_come_as_the_rate_says_in_order_and_within_the_part() {
        for (rate, seconds) in [(1, 60), (100, 20), (2_500, 4), (100_000, 1)] {
            let moments: Vec<Duration> = Arrivals::new(7, rate, seconds).collect();
            let expected = u64::from(rate) * u64::from(seconds);
            let count = u64::try_from(moments.len()).unwrap();
            // Five standard deviations of a Poisson count.
            assert!(
                count.abs_diff(expected).pow(2) <= 25 * expected,
                "{count} of {expected}"
            );
            assert!(moments.is_sorted());
            assert!(*moments.last().unwrap() < Duration::from_secs(u64::from(seconds)));
        }
    }

    #[test]
    fn a_seed_is_a_schedule() {
        let moments = |seed| Arrivals::new(seed, 500, 2).collect::<Vec<_>>();
        assert_eq!(moments(1), moments(1));
        assert_ne!(moments(1), moments(2));
    }

    #[test]
    fn gaps_are_as_uneven_as_those_of_strangers() {
        // Of a Poisson process, about 37 of 100 gaps are longer than the mean; an even schedule has none.
        let moments: Vec<Duration> = Arrivals::new(3, 1_000, 10).collect();
        let long = moments
            .windows(2)
            .filter(|pair| pair[1] - pair[0] > Duration::from_millis(1));
        let percent = long.count() * 100 / moments.len();
        assert!((33..=41).contains(&percent), "{percent}");
    }
}
