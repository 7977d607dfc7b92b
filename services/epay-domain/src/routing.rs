//! Which rail carries a payment, and why: decided from data alone, the same way every time.
//!
//! A candidate is passed over when a rule of [`Reason`] speaks against it: another rail was named, the method or the
//! payee is missing, the amount or the hour does not fit, or its calls failed so often of late that it is left alone
//! for a while. Of those that are left the one whose calls mostly succeed comes first, then the cheapest for this
//! amount, then the first by name. What was judged of every candidate is kept with the payment ([`Judged`]).
//!
//! How the rails are doing is seen by many processes; [`health`] puts what they saw together.

pub mod health;
mod rules;

use epay_money::{Money, RailId};
use epay_rail::Profile;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use health::Condition;
pub use rules::Reason;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The method; any when unset.
    pub method: Option<&'a str>,
    /// The rail; any when unset.
    pub rail: Option<&'a RailId>,
    /// Rails that this payment has been tried by and could not reach.
    pub tried: &'a [RailId],
    /// How much is to be paid.
    pub amount: Money,
    /// How many bills are to be paid with it.
    pub bills: u32,
    /// Now.
    pub at: Timestamp,
}

/// A rail that might carry it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What it can do.
    pub profile: &'a Profile,
    /// The kind of bill has a payee on it.
    pub has_payee: bool,
    /// Most bills that one payment by it pays.
    pub bills_max: u32,
    /// How it has been doing.
    pub condition: Condition,
}

/// What was judged of one candidate. Stored with the payment; fields may be added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The rail.
    pub rail: RailId,
    /// Every reason against it; it fits when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What it costs for this amount, in minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub fee_minor: i64,
    /// How its calls were going at that moment.
    #[serde(default, skip_serializing_if = "Condition::is_unknown")]
    pub condition: Condition,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_zero(minor: &i64) -> bool {
    *minor == 0
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The place of the chosen candidate, and the method on it.
    pub chosen: Option<(usize, &'static str)>,
    /// Whether the chosen one fits. When none fits, the first that has the method and a payee is chosen all the same, so
    /// that the rail itself says what is wrong.
    pub fits: bool,
    /// What was judged of each candidate, in their order.
    pub judged: Vec<Judged>,
}

impl Decision {
    /// What was judged of the chosen one.
    #[must_use]
    pub fn of_chosen(&self) -> Option<&Judged> {
        let (place, _method) = self.chosen?;
        self.judged.get(place)
    }
}

/// Decides.
#[must_use]
pub fn decide(candidates: &[Candidate<'_>], wanted: Wanted<'_>) -> Decision {
    let judged: Vec<Judged> = candidates
        .iter()
        .map(|candidate| Judged {
            rail: candidate.profile.rail.clone(),
            reasons: rules::against(candidate, wanted),
            fee_minor: rules::fee_minor(candidate.profile, wanted.amount),
            condition: candidate.condition,
        })
        .collect();
    let best = judged
        .iter()
        .enumerate()
        .filter(|(_place, judged)| judged.reasons.is_empty())
        .min_by_key(|(_place, judged)| {
            (!judged.condition.is_well(), judged.fee_minor, &judged.rail)
        })
        .map(|(place, _judged)| place);
    let might = |judged: &Judged| !judged.reasons.iter().any(|reason| reason.rules_out());
    let place = best.or_else(|| judged.iter().position(might));
    let chosen = place.and_then(|place| {
        let method = rules::method(candidates.get(place)?.profile, wanted)?;
        Some((place, method))
    });
    Decision {
        chosen,
        fits: best.is_some(),
        judged,
    }
}
