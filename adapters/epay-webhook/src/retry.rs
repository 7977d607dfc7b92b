//! When one delivery is tried again.

use jiff::{SignedDuration, Timestamp};

/// Pauses after the first, second … failed try: about a day in all.
const PAUSES_SECONDS: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
/// Tries that a delivery has; a replay gives it as many again.
pub const TRIES_MAX: u32 = 8;
/// Pauses lie within so many thousandths around the nominal one.
const SPREAD: i64 = 400;

/// A number from 0 to 1,000 that somebody drew, so that what failed together does not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jitter(u16);

impl Jitter {
    /// Largest number.
    pub const MAX: u16 = 1_000;

    /// A draw; larger numbers count as the largest.
    #[must_use]
    pub const fn new(draw: u16) -> Self {
        Self(if draw > Self::MAX { Self::MAX } else { draw })
    }

    /// A pause of about `seconds`: from four fifths to six fifths of it.
    pub(crate) fn around(self, seconds: i64) -> SignedDuration {
        let least = 1_000_i64.saturating_sub(SPREAD / 2);
        let more = i64::from(self.0)
            .saturating_mul(SPREAD)
            .checked_div(i64::from(Self::MAX))
            .unwrap_or(0);
        SignedDuration::from_millis(seconds.saturating_mul(least.saturating_add(more)))
    }
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// The receiver answered with a status from 200 to 299.
    Taken,
    /// Anything else.
    Failed,
}

/// What becomes of a delivery after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Delivered,
    /// It is tried again then. `counted` says whether the try was one of its own or a probe of a suspended receiver.
    Again {
        /// When.
        at: Timestamp,
        /// Whether the try used up one of its own.
        counted: bool,
    },
    /// It is given up; a replay takes it up again.
    GivenUp,
}

/// Decides about a delivery that had `tries` before this one. While its receiver is suspended a failed try counts for
/// nothing: it was a probe.
#[must_use]
pub fn after_attempt(
    attempted: Attempted,
    (tries, suspended): (u32, bool),
    now: Timestamp,
    jitter: Jitter,
) -> Next {
    if attempted == Attempted::Taken {
        return Next::Delivered;
    }
    let tries = if suspended {
        tries
    } else {
        tries.saturating_add(1)
    };
    if tries >= TRIES_MAX {
        return Next::GivenUp;
    }
    let place = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
    let seconds = PAUSES_SECONDS.get(place).copied().unwrap_or(36_000);
    Next::Again {
        at: now.saturating_add(jitter.around(seconds)).unwrap_or(now),
        counted: !suspended,
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers in a test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn pauses_grow_and_end() {
        let middle = Jitter::new(500);
        let pause = |tries| match after_attempt(Attempted::Failed, (tries, false), NOW, middle) {
            Next::Again { at, counted: true } => Some(at.as_second()),
            Next::GivenUp => None,
            Next::Delivered | Next::Again { counted: false, .. } => panic!("it failed"),
        };
        let pauses: Vec<_> = (0..=8).map(pause).collect();
        let expected = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map(Some);
        assert_eq!(pauses[..7], expected);
        assert_eq!(pauses[7..], [None, None]);
    }

    #[test]
    fn a_probe_uses_up_no_try() {
        for tries in 0..TRIES_MAX {
            let next = after_attempt(Attempted::Failed, (tries, true), NOW, Jitter::new(0));
            assert!(
                matches!(next, Next::Again { counted: false, .. }),
                "{tries}: {next:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(draw: u16, seconds in 1_i64..100_000) {
            let pause = Jitter::new(draw).around(seconds).as_millis();
            let nominal = i128::from(seconds) * 1_000;
            prop_assert!((nominal * 4 / 5..=nominal * 6 / 5).contains(&pause), "{}", pause);
        }
    }
}
