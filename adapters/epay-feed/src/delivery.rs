//! Bringing a file to a department's server: what may come of an attempt, and what follows.

use jiff::{SignedDuration, Timestamp};

/// Pauses after the first, second … failed attempt: about a business day in all.
const PAUSES_SECONDS: [i64; 8] = [30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800];
/// Attempts that a delivery has; who asks for it again gives it as many.
pub const DELIVERY_TRIES_MAX: u32 = 9;

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$each])* $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// A stable word for storage and interfaces.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words! {
    /// How an attempt ended.
    DeliveryOutcome {
        /// The file lies there now.
        Delivered = "delivered",
        /// It lay there already, byte by byte.
        AlreadyThere = "already_there",
        /// Another file lies there under its name. It is left alone.
        OtherFile = "other_file",
        /// The server is not the one that was agreed: it showed another key, and nothing was sent.
        WrongKey = "wrong_key",
        /// Anything else: the server is away, refuses, or broke off.
        Failed = "failed",
    }
}

words! {
    /// How far a delivery has come.
    DeliveryState {
        /// It is tried, again and again.
        Waiting = "waiting",
        /// The file lies there.
        Delivered = "delivered",
        /// It failed too often.
        GivenUp = "given_up",
        /// Another file lies there under its name.
        Conflict = "conflict",
    }
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryNext {
    /// How far it has come.
    pub state: DeliveryState,
    /// Attempts that failed since it was asked for.
    pub tries: u32,
    /// When it is tried again, where it waits; else when it ended.
    pub at: Timestamp,
}

/// Decides about a delivery that had `tries` failed attempts before this one. Another file under its name ends it at
/// once: no number of attempts makes that file go away, and a person has to see it.
#[must_use]
pub fn after_delivery_attempt(
    outcome: DeliveryOutcome,
    tries: u32,
    now: Timestamp,
) -> DeliveryNext {
    let ended = |state| DeliveryNext {
        state,
        tries,
        at: now,
    };
    match outcome {
        DeliveryOutcome::Delivered | DeliveryOutcome::AlreadyThere => {
            ended(DeliveryState::Delivered)
        }
        DeliveryOutcome::OtherFile => ended(DeliveryState::Conflict),
        DeliveryOutcome::WrongKey | DeliveryOutcome::Failed => {
            let place = usize::try_from(tries).unwrap_or(usize::MAX);
            let tries = tries.saturating_add(1);
            let pause = PAUSES_SECONDS.get(place).copied();
            let again =
                pause.and_then(|pause| now.checked_add(SignedDuration::from_secs(pause)).ok());
            DeliveryNext {
                state: again.map_or(DeliveryState::GivenUp, |_at| DeliveryState::Waiting),
                tries,
                at: again.unwrap_or(now),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn failures_are_tried_again_ever_later_and_end() {
        let mut tries = 0;
        let mut pauses = Vec::new();
        loop {
            let next = after_delivery_attempt(DeliveryOutcome::Failed, tries, NOW);
            tries = next.tries;
            if next.state == DeliveryState::GivenUp {
                break;
            }
            pauses.push(next.at.as_second());
        }
        assert_eq!(
            (pauses.as_slice(), tries),
            (&PAUSES_SECONDS[..], DELIVERY_TRIES_MAX)
        );
    }

    #[test]
    fn what_cannot_get_better_by_itself_ends_at_once() {
        let table = [
            (DeliveryOutcome::Delivered, DeliveryState::Delivered),
            (DeliveryOutcome::AlreadyThere, DeliveryState::Delivered),
            (DeliveryOutcome::OtherFile, DeliveryState::Conflict),
            (DeliveryOutcome::WrongKey, DeliveryState::Waiting),
            (DeliveryOutcome::Failed, DeliveryState::Waiting),
        ];
        for (outcome, state) in table {
            assert_eq!(
                after_delivery_attempt(outcome, 3, NOW).state,
                state,
                "{outcome:?}"
            );
        }
    }
}
