//! The sandbox's clock: the machine's clock, moved ahead by as much as somebody asked for.
//!
//! Everything in the sandbox asks this clock, so that tomorrow comes without waiting. Only the bank channel's signature
//! uses the machine's time, because its receiver allows a few minutes of difference. The clock is stored, so a restart
//! keeps it, and it never goes back, because booked rows never do. Who moves it is [`Timers`](crate::frame::Timers), which
//! runs the work that falls due on the way.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, Unit};
use tokio::sync::watch;

/// The most that one request moves the clock: longer than any dispute or archive period that a test plays.
pub const ADVANCE_DAYS_MAX: i64 = 3_660;

/// A handle on the clock; clones tell the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Microseconds ahead of the machine.
    ahead_us: Arc<watch::Sender<i64>>,
}

impl Clock {
    /// A clock that is ahead of the machine's by a number of microseconds.
    #[must_use]
    pub fn ahead_by(ahead_us: i64) -> Self {
        Self {
            ahead_us: Arc::new(watch::Sender::new(ahead_us)),
        }
    }

    /// The time to the millisecond, which is what messages carry: rows and messages then say the same.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_micros(*self.ahead_us.borrow());
        let machine = Timestamp::now();
        let now = machine.saturating_add(ahead).unwrap_or(machine);
        now.round(Unit::Millisecond).unwrap_or(now)
    }

    /// How far it would be ahead if it were `at` now; never less than it is.
    pub(crate) fn ahead_at(&self, at: Timestamp) -> i64 {
        let ahead = at.duration_since(Timestamp::now()).as_micros();
        let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
        ahead.max(*self.ahead_us.borrow())
    }

    /// Moves it ahead.
    pub(crate) fn move_to(&self, ahead_us: i64) {
        self.ahead_us.send_if_modified(|current| {
            let later = ahead_us > *current;
            *current = ahead_us.max(*current);
            later
        });
    }

    /// How far it is ahead of the machine's.
    #[must_use]
    pub fn ahead(&self) -> SignedDuration {
        SignedDuration::from_micros(*self.ahead_us.borrow())
    }

    /// A receiver that hears whenever somebody moves the clock: whoever sleeps until a time must look again.
    #[must_use]
    pub fn moves(&self) -> watch::Receiver<i64> {
        self.ahead_us.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_goes_ahead_and_never_back() {
        let clock = Clock::ahead_by(0);
        let other = clock.clone();
        let tomorrow = Timestamp::now()
            .saturating_add(SignedDuration::from_hours(24))
            .unwrap();
        clock.move_to(clock.ahead_at(tomorrow));
        assert!(other.now() >= tomorrow - SignedDuration::from_millis(1));
        let ahead = clock.ahead();
        clock.move_to(0);
        assert_eq!(clock.ahead_at(Timestamp::now()), *clock.ahead_us.borrow());
        assert_eq!(other.ahead(), ahead);
    }
}
