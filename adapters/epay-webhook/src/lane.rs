//! How a receiver is doing, and so how much is sent to it at once.
//!
//! A receiver that fails some times in a row is paused, for longer each time, and then tried with one delivery alone. One
//! that has failed for a day is suspended: people are told, deliveries wait, and a probe an hour finds out when it is
//! back. So a dead receiver costs a call an hour, and never anybody else's place.

use jiff::{SignedDuration, Timestamp};

use crate::retry::{Attempted, Jitter};

/// Deliveries under way to one receiver at once.
pub const AT_ONCE_MAX: usize = 8;
/// Failures in a row after which a receiver is paused and tried one by one.
const FAILURES_PATIENT: u32 = 5;
/// The first pause.
const FIRST_PAUSE_SECONDS: i64 = 5;
/// No pause is nominally longer.
const LONGEST_PAUSE_SECONDS: i64 = 3_600;
/// A receiver that failed for so long without a break is suspended,
const SUSPEND_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// if it was tried at least so often.
const SUSPEND_FAILURES_MIN: u32 = 10;

/// How a receiver is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lane {
    /// Failures since the last success.
    pub failures: u32,
    /// The first of them.
    pub failing_since: Option<Timestamp>,
    /// Nothing is sent before.
    pub paused_until: Option<Timestamp>,
    /// Since when it is suspended.
    pub suspended_at: Option<Timestamp>,
}

/// What people should hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneNews {
    /// Nothing.
    None,
    /// It has failed for too long.
    Suspended,
    /// It takes deliveries again.
    Recovered,
}

impl Lane {
    /// How many deliveries may be under way.
    #[must_use]
    pub fn places(&self, now: Timestamp) -> usize {
        if self.paused_until.is_some_and(|until| until > now) {
            0
        } else if self.failures >= FAILURES_PATIENT {
            1
        } else {
            AT_ONCE_MAX
        }
    }

    /// The lane after a try that ended at `now`.
    #[must_use]
    pub fn after(self, attempted: Attempted, now: Timestamp, jitter: Jitter) -> (Self, LaneNews) {
        if attempted == Attempted::Taken {
            let news = if self.suspended_at.is_some() {
                LaneNews::Recovered
            } else {
                LaneNews::None
            };
            return (Self::default(), news);
        }
        let failures = self.failures.saturating_add(1);
        let since = self.failing_since.unwrap_or(now);
        let mut lane = Self {
            failures,
            failing_since: Some(since),
            ..self
        };
        if let Some(doublings) = failures.checked_sub(FAILURES_PATIENT) {
            let seconds = 1_i64
                .checked_shl(doublings.min(20))
                .and_then(|factor| factor.checked_mul(FIRST_PAUSE_SECONDS))
                .map_or(LONGEST_PAUSE_SECONDS, |pause| {
                    pause.min(LONGEST_PAUSE_SECONDS)
                });
            lane.paused_until = now.saturating_add(jitter.around(seconds)).ok();
        }
        let long = now.duration_since(since) >= SUSPEND_AFTER;
        if long && failures >= SUSPEND_FAILURES_MIN && lane.suspended_at.is_none() {
            lane.suspended_at = Some(now);
            return (lane, LaneNews::Suspended);
        }
        (lane, LaneNews::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: Jitter = Jitter::new(500);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn fail(lane: Lane, now: i64) -> (Lane, LaneNews) {
        lane.after(Attempted::Failed, at(now), MIDDLE)
    }

    #[test]
    fn a_receiver_that_fails_in_a_row_is_paused_for_longer_each_time() {
        let mut lane = Lane::default();
        let mut pauses = Vec::new();
        for _ in 0..16 {
            lane = fail(lane, 100).0;
            pauses.push(lane.paused_until.map(|until| until.as_second() - 100));
        }
        let expected = [
            None,
            None,
            None,
            None,
            Some(5),
            Some(10),
            Some(20),
            Some(40),
            Some(80),
            Some(160),
            Some(320),
            Some(640),
            Some(1_280),
            Some(2_560),
            Some(3_600),
            Some(3_600),
        ];
        assert_eq!(pauses, expected);
    }

    #[test]
    fn places_follow_from_how_it_is_doing() {
        let failing = |failures, until| Lane {
            failures,
            paused_until: until,
            ..Lane::default()
        };
        let table = [
            (Lane::default(), AT_ONCE_MAX),
            (failing(4, None), AT_ONCE_MAX),
            (failing(5, Some(at(101))), 0),
            (failing(5, Some(at(100))), 1),
        ];
        for (lane, places) in table {
            assert_eq!(lane.places(at(100)), places, "{lane:?}");
        }
    }

    #[test]
    fn it_is_suspended_after_a_day_and_enough_tries_once_and_recovers_at_once() {
        let day = 86_400;
        let (few, news) = fail(
            Lane {
                failures: 8,
                failing_since: Some(at(0)),
                ..Lane::default()
            },
            day,
        );
        assert_eq!((few.suspended_at, news), (None, LaneNews::None));
        let (suspended, news) = fail(few, day);
        assert_eq!(news, LaneNews::Suspended);
        assert_eq!(suspended.suspended_at, Some(at(day)));
        let (still, news) = fail(suspended, day + 3_600);
        assert_eq!((still.suspended_at, news), (Some(at(day)), LaneNews::None));
        let (well, news) = still.after(Attempted::Taken, at(day + 7_200), MIDDLE);
        assert_eq!((well, news), (Lane::default(), LaneNews::Recovered));
        let (soon, news) = fail(
            Lane {
                failures: 50,
                failing_since: Some(at(1)),
                ..Lane::default()
            },
            day,
        );
        assert_eq!((soon.suspended_at, news), (None, LaneNews::None));
    }
}
