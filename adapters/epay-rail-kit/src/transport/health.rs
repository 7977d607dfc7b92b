//! How a rail has been doing: the last calls of a sliding window, and its breaker.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tower_resilience::circuitbreaker::CircuitState;

/// Calls that the window holds.
const WINDOW: usize = 64;
/// A call that is longer ago says nothing any more: a rail that nobody calls, because it was sick, is well again one day.
const WINDOW_AGE: Duration = Duration::from_secs(60);

/// The state of a rail's circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// Calls go through.
    Closed,
    /// No call goes through for a while.
    Open,
    /// A few calls go through, to see whether the rail is well again.
    HalfOpen,
}

impl Breaker {
    /// A stable word for storage and pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl Breaker {
    /// The breaker as the next call would find it: one that has rested lets trial calls through, though the library
    /// notes so only when such a call comes. Whoever waited for its note would never make that call.
    pub(super) fn of(state: CircuitState, open_for: Option<Duration>, rest: Duration) -> Self {
        match state {
            CircuitState::Closed => Self::Closed,
            CircuitState::Open if open_for.is_some_and(|open| open >= rest) => Self::HalfOpen,
            CircuitState::Open => Self::Open,
            CircuitState::HalfOpen => Self::HalfOpen,
        }
    }
}

/// How a rail has been doing, over its last calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Its breaker.
    pub breaker: Breaker,
    /// Calls in the window: the last 64 of the last minute. Calls that were turned away before they were made do not
    /// count.
    pub calls: u32,
    /// How many of them failed: no connection, no whole answer, or a status of 500 and above.
    pub failures: u32,
    /// Mean time from sending to the end of the answer, in milliseconds; zero without calls.
    pub mean_millis: u64,
}

/// The window.
#[derive(Debug, Default)]
pub(super) struct Window {
    calls: VecDeque<Seen>,
}

/// One call that was made.
#[derive(Debug, Clone, Copy)]
struct Seen {
    failed: bool,
    took: Duration,
    ended: Instant,
}

impl Window {
    pub(super) fn note(&mut self, failed: bool, took: Duration, ended: Instant) {
        if self.calls.len() == WINDOW {
            self.calls.pop_front();
        }
        self.calls.push_back(Seen {
            failed,
            took,
            ended,
        });
    }

    pub(super) fn health(&self, breaker: Breaker, now: Instant) -> Health {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let fresh = || {
            let calls = self.calls.iter();
            calls.filter(|seen| now.saturating_duration_since(seen.ended) <= WINDOW_AGE)
        };
        let failures = fresh().filter(|seen| seen.failed).count();
        let total: Duration = fresh().map(|seen| seen.took).sum();
        let calls = count(fresh().count());
        let mean = total.checked_div(calls).unwrap_or_default();
        Health {
            breaker,
            calls,
            failures: count(failures),
            mean_millis: u64::try_from(mean.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, CircuitState, Duration, Instant, WINDOW, WINDOW_AGE, Window};

    const REST: Duration = Duration::from_secs(10);

    #[test]
    fn the_window_forgets_what_is_long_ago() {
        let start = Instant::now();
        let mut window = Window::default();
        assert_eq!(window.health(Breaker::Closed, start).calls, 0);
        for _ in 0..WINDOW {
            window.note(true, Duration::from_millis(30), start);
        }
        assert_eq!(window.health(Breaker::Open, start).failures, 64);
        for _ in 0..WINDOW {
            window.note(false, Duration::from_millis(10), start);
        }
        let health = window.health(Breaker::Closed, start);
        assert_eq!(
            (health.calls, health.failures, health.mean_millis),
            (64, 0, 10)
        );
        let late = start + WINDOW_AGE;
        window.note(true, Duration::from_millis(50), late);
        assert_eq!(window.health(Breaker::Closed, late).calls, 64);
        let later = late + Duration::from_millis(1);
        let health = window.health(Breaker::Closed, later);
        assert_eq!(
            (health.calls, health.failures, health.mean_millis),
            (1, 1, 50)
        );
    }

    #[test]
    fn an_open_breaker_that_has_rested_is_told_as_one_that_tries_again() {
        let millis = |millis| Some(Duration::from_millis(millis));
        let table = [
            (CircuitState::Closed, None, Breaker::Closed),
            (CircuitState::Closed, millis(20_000), Breaker::Closed),
            (CircuitState::Open, None, Breaker::Open),
            (CircuitState::Open, millis(9_999), Breaker::Open),
            (CircuitState::Open, millis(10_000), Breaker::HalfOpen),
            (CircuitState::HalfOpen, millis(1), Breaker::HalfOpen),
        ];
        for (state, open_for, expected) in table {
            assert_eq!(Breaker::of(state, open_for, REST), expected, "{state:?}");
        }
    }
}
