//! The knee: the highest rate at which the gateway still does what it is asked, as it is asked.
//!
//! Rates go up by a quarter until two in a row are not carried, then the gap between the last good and the first bad one is halved
//! [`HALVINGS`] times. What is carried: everybody was answered, nobody was turned away, and the slow one of a hundred waited no longer
//! than [`SLOW_MICROS_MAX`]. Where citizens pay by every rail, the money's news counts as well ([`SETTLED_MICROS_MAX`]): a first answer is quick
//! while orders and notices pile up behind it, and a rate that is carried for seconds only is no knee.

use std::collections::BTreeMap;

/// The p99 of the first answer, from the moment at which the citizen came, that is still a service.
pub(crate) const SLOW_MICROS_MAX: u64 = 1_000_000;
/// The p99 from a payer's last press to the news that the money is here, of a mix of rails.
pub(crate) const SETTLED_MICROS_MAX: u64 = 3_000_000;
/// Steps between the last good and the first bad rate.
const HALVINGS: u32 = 2;
/// Bad rates in a row that end the way up.
const BAD_IN_A_ROW: usize = 2;

/// What came of one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Payments a second that citizens began.
    pub(crate) rate: u32,
    /// Payments of the step.
    pub(crate) offered: u64,
    /// Those that were turned away, or had no answer.
    pub(crate) not_served: u64,
    /// The p99 of the first answer.
    pub(crate) slow_micros: u64,
    /// The p99 of the money's news; zero where it does not count.
    pub(crate) settled_micros: u64,
}

impl Step {
    /// Whether the rate was carried.
    pub(crate) const fn is_carried(&self) -> bool {
        self.not_served == 0
            && self.slow_micros <= SLOW_MICROS_MAX
            && self.settled_micros <= SETTLED_MICROS_MAX
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Try this rate.
    Try(u32),
    /// This is the knee; nothing where not even the first rate was carried.
    Knee(Option<u32>),
}

/// Decides from the steps so far, whatever their order.
pub(crate) fn next(steps: &[Step], first: u32) -> Next {
    // A rate that was tried twice is carried when its last try was.
    let tried: BTreeMap<u32, bool> = steps
        .iter()
        .map(|step| (step.rate, step.is_carried()))
        .collect();
    let good = tried.iter().rfind(|(_, carried)| **carried);
    let Some((good, _)) = good else {
        return if tried.is_empty() {
            Next::Try(first)
        } else {
            Next::Knee(None)
        };
    };
    let mut bad = tried.range(good.saturating_add(1)..).map(|(rate, _)| *rate);
    let Some(first_bad) = bad.next() else {
        return Next::Try(up(*good));
    };
    let halvings = halvings(steps);
    if halvings == 0 && bad.count().saturating_add(1) < BAD_IN_A_ROW {
        return Next::Try(up(first_bad));
    }
    let between = good.midpoint(first_bad);
    if halvings >= HALVINGS || between == *good {
        return Next::Knee(Some(*good));
    }
    Next::Try(between)
}

/// A quarter more.
const fn up(rate: u32) -> u32 {
    rate.saturating_add(rate / 4).saturating_add(1)
}

/// How many steps went down from the one before: a way up has none.
fn halvings(steps: &[Step]) -> u32 {
    let highest = steps.iter().map(|step| step.rate).max();
    let after = steps
        .iter()
        .skip_while(|step| Some(step.rate) != highest)
        .skip(1);
    u32::try_from(after.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that carries up to `most`, and what is tried on it.
    fn search(most: u32, first: u32) -> (Vec<u32>, Option<u32>) {
        let mut steps = Vec::new();
        loop {
            match next(&steps, first) {
                Next::Try(rate) => steps.push(Step {
                    rate,
                    offered: 100,
                    not_served: u64::from(rate > most),
                    slow_micros: 5_000,
                    settled_micros: 0,
                }),
                Next::Knee(knee) => {
                    return (steps.iter().map(|step| step.rate).collect(), knee);
                }
            }
            assert!(steps.len() < 100);
        }
    }

    #[test]
    fn the_knee_is_found_from_below_and_never_overstated() {
        for most in [100, 101, 500, 1_000, 1_577, 9_999] {
            let (tried, knee) = search(most, 100);
            let knee = knee.unwrap();
            assert!(knee <= most, "{tried:?}");
            // A quarter, halved twice: within a sixteenth and a little.
            assert!(knee >= most - most / 12 - 2, "{knee} of {most}: {tried:?}");
        }
    }

    #[test]
    fn one_bad_moment_of_the_machine_does_not_end_the_way_up() {
        let step = |rate, not_served| Step {
            rate,
            offered: 9,
            not_served,
            slow_micros: 1,
            settled_micros: 0,
        };
        let steps = [step(100, 0), step(126, 1), step(158, 0)];
        assert_eq!(next(&steps, 100), Next::Try(198));
    }

    #[test]
    fn a_machine_that_carries_nothing_has_no_knee() {
        assert_eq!(search(10, 100), (vec![100], None));
    }

    #[test]
    fn who_waits_too_long_is_not_served_well() {
        for (slow_micros, settled_micros, carried) in [
            (SLOW_MICROS_MAX, SETTLED_MICROS_MAX, true),
            (SLOW_MICROS_MAX + 1, 0, false),
            (1, SETTLED_MICROS_MAX + 1, false),
        ] {
            let step = Step {
                rate: 1,
                offered: 1,
                not_served: 0,
                slow_micros,
                settled_micros,
            };
            assert_eq!(step.is_carried(), carried, "{step:?}");
        }
    }
}
