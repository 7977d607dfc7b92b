//! How rails have been doing, as many processes saw it: workers send, gateways choose, and each breaks its own circuit.
//!
//! An observation counts for [`OBSERVATION_AGE_MAX`]; whoever made an older one has stopped, or nothing is known any
//! more. One process with an open breaker is enough to leave a rail alone, unless at least as many others see the rail
//! doing well: then it is that process whose way to the rail is broken, and not the rail.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// An observation that is older says nothing any more.
pub const OBSERVATION_AGE_MAX: SignedDuration = SignedDuration::from_secs(15);
/// Fewer calls than this say nothing.
const CALLS_MIN: u32 = 8;

/// How a rail's calls have been going, all that is known put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// It is left alone for a while because its calls kept failing.
    #[serde(default)]
    pub left_alone: bool,
    /// Calls of late.
    #[serde(default)]
    pub calls: u32,
    /// How many of them failed.
    #[serde(default)]
    pub failures: u32,
}

impl Condition {
    /// Nothing is known: there were no calls of late.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        !self.left_alone && self.calls == 0 && self.failures == 0
    }

    /// Too few calls say nothing; of enough, at most half may fail.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.calls < CALLS_MIN || self.failures.saturating_mul(2) <= self.calls
    }
}

/// What one process saw of a rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Its breaker lets no call through.
    pub open: bool,
    /// Calls of late.
    pub calls: u32,
    /// How many of them failed.
    pub failures: u32,
    /// When it was made.
    pub at: Timestamp,
}

impl Observation {
    /// Clocks differ: one that is a little ahead is as good as one that is a little behind.
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).abs() <= OBSERVATION_AGE_MAX
    }

    /// Enough calls went well to say that the rail answers.
    const fn sees_it_well(&self) -> bool {
        !self.open && self.calls >= CALLS_MIN && self.failures.saturating_mul(2) <= self.calls
    }
}

/// What several processes saw of one rail, put together.
#[must_use]
pub fn combined(observations: impl IntoIterator<Item = Observation>, now: Timestamp) -> Condition {
    let (mut open, mut well) = (0_u32, 0_u32);
    let mut condition = Condition::default();
    for seen in observations {
        if !seen.is_fresh(now) {
            continue;
        }
        open = open.saturating_add(u32::from(seen.open));
        well = well.saturating_add(u32::from(seen.sees_it_well()));
        condition.calls = condition.calls.saturating_add(seen.calls);
        condition.failures = condition.failures.saturating_add(seen.failures);
    }
    condition.left_alone = open > well;
    condition
}
