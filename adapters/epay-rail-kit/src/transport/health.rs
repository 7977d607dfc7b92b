//! How a rail has been doing: the last calls of a sliding window, and its breaker.

use std::collections::VecDeque;
use std::time::Duration;

use tower_resilience::circuitbreaker::CircuitState;

/// Calls that the window holds.
const WINDOW: usize = 64;

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

impl From<CircuitState> for Breaker {
    fn from(state: CircuitState) -> Self {
        match state {
            CircuitState::Closed => Self::Closed,
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
    /// Calls in the window, at most 64. Calls that were turned away before they were made do not count.
    pub calls: u32,
    /// How many of them failed: no connection, no whole answer, or a status of 500 and above.
    pub failures: u32,
    /// Mean time from sending to the end of the answer, in milliseconds; zero without calls.
    pub mean_millis: u64,
}

/// The window.
#[derive(Debug, Default)]
pub(super) struct Window {
    calls: VecDeque<(bool, Duration)>,
}

impl Window {
    pub(super) fn note(&mut self, failed: bool, took: Duration) {
        if self.calls.len() == WINDOW {
            self.calls.pop_front();
        }
        self.calls.push_back((failed, took));
    }

    pub(super) fn health(&self, breaker: Breaker) -> Health {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let failures = self.calls.iter().filter(|(failed, _)| *failed).count();
        let total: Duration = self.calls.iter().map(|(_, took)| *took).sum();
        let calls = count(self.calls.len());
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
    use super::{Breaker, Duration, WINDOW, Window};

    #[test]
    fn the_window_forgets_what_is_long_ago() {
        let mut window = Window::default();
        assert_eq!(window.health(Breaker::Closed).calls, 0);
        for _ in 0..WINDOW {
            window.note(true, Duration::from_millis(30));
        }
        assert_eq!(window.health(Breaker::Open).failures, 64);
        for _ in 0..WINDOW {
            window.note(false, Duration::from_millis(10));
        }
        let health = window.health(Breaker::Closed);
        assert_eq!(
            (health.calls, health.failures, health.mean_millis),
            (64, 0, 10)
        );
    }
}
