//! Who pays by which rail: shares of all who come, spread evenly over their numbers.

use serde::Deserialize;

use super::Rail;

/// Highest share; shares are parts of their sum.
pub(crate) const SHARE_MAX: u32 = 1_000;
/// The golden ratio as a fraction of 2^64: its multiples fall between each other as evenly as any can, however many there are.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// One line of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Share {
    pub(crate) rail: Rail,
    pub(crate) share: u32,
}

/// Why shares are no mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MixFault {
    #[error("the share of {} must be between 1 and {SHARE_MAX}", .0.name())]
    Share(Rail),
    #[error("{} has two shares", .0.name())]
    Twice(Rail),
}

/// The shares of the rails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mix {
    shares: Vec<Share>,
    total: u64,
}

impl Mix {
    /// Of the lines of a scenario; nothing where it has none.
    pub(crate) fn of(shares: &[Share]) -> Result<Option<Self>, MixFault> {
        let mut total = 0_u64;
        for (place, Share { rail, share }) in shares.iter().enumerate() {
            if !(1..=SHARE_MAX).contains(share) {
                return Err(MixFault::Share(*rail));
            }
            if shares.iter().take(place).any(|other| other.rail == *rail) {
                return Err(MixFault::Twice(*rail));
            }
            total = total.saturating_add(u64::from(*share));
        }
        let shares = shares.to_vec();
        Ok((total > 0).then_some(Self { shares, total }))
    }

    pub(crate) fn rails(&self) -> impl Iterator<Item = Rail> {
        self.shares.iter().map(|share| share.rail)
    }

    /// The rail by which the bill of this number is paid.
    pub(crate) fn rail_of(&self, number: u64) -> Rail {
        let even = u128::from(number.wrapping_mul(GOLDEN));
        let place = even.saturating_mul(u128::from(self.total)) >> 64;
        let mut end = 0_u128;
        let found = self.shares.iter().find(|share| {
            end = end.saturating_add(u128::from(share.share));
            place < end
        });
        found.map_or(Rail::Fps, |share| share.rail)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_rail_has_its_share_of_few_and_of_many() {
        let share = |rail, share| Share { rail, share };
        let shares = [
            share(Rail::Fps, 50),
            share(Rail::Card, 30),
            share(Rail::Octopus, 15),
            share(Rail::Echeque, 5),
        ];
        let mix = Mix::of(&shares).unwrap().unwrap();
        for count in [100_u64, 10_000] {
            let mut found: BTreeMap<Rail, u64> = BTreeMap::new();
            for number in 1..=count {
                *found.entry(mix.rail_of(number)).or_default() += 1;
            }
            for Share { rail, share } in shares {
                let wanted = u64::from(share) * count / 100;
                let difference = found[&rail].abs_diff(wanted);
                assert!(difference <= 4, "{rail:?}: {found:?}");
            }
        }
    }

    #[test]
    fn shares_that_are_no_mix_are_refused() {
        let share = |share| Share {
            rail: Rail::Card,
            share,
        };
        assert_eq!(Mix::of(&[]), Ok(None));
        assert_eq!(Mix::of(&[share(0)]), Err(MixFault::Share(Rail::Card)));
        assert_eq!(
            Mix::of(&[share(1), share(2)]),
            Err(MixFault::Twice(Rail::Card))
        );
    }
}
