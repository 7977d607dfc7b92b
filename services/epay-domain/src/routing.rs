//! Which rail carries a payment, and why: decided from data alone, the same way every time.
//!
//! A candidate is passed over when it is not the rail that was named, does not carry the method, has no payee for the
//! kind of bill, or cannot carry this amount at this hour; or when its calls failed so often of late that it is left
//! alone for a while. Of those that are left the one whose calls mostly succeed comes first, then the cheapest for this
//! amount, then the first by name. Every candidate gets one line of reasons, kept with the payment.

use epay_money::{Money, RailId, hong_kong_time};
use epay_rail::Profile;
use jiff::Timestamp;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The method; any when unset.
    pub method: Option<&'a str>,
    /// The rail; any when unset.
    pub rail: Option<&'a RailId>,
    /// How much is to be paid.
    pub amount: Money,
    /// Now.
    pub at: Timestamp,
}

/// How a rail's calls have been going.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Condition {
    /// It is left alone for a while because its calls kept failing.
    pub left_alone: bool,
    /// Calls of late.
    pub calls: u32,
    /// How many of them failed.
    pub failures: u32,
}

impl Condition {
    /// Too few calls say nothing; of enough, at most half may fail.
    const fn is_well(self) -> bool {
        self.calls < 8 || self.failures.saturating_mul(2) <= self.calls
    }
}

/// A rail that might carry it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What it can do.
    pub profile: &'a Profile,
    /// The kind of bill has a payee on it.
    pub has_payee: bool,
    /// How it has been doing.
    pub condition: Condition,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The place of the chosen candidate, and the method on it.
    pub chosen: Option<(usize, &'static str)>,
    /// Whether the chosen one fits. When none fits, the first that has the method and a payee is chosen all the same, so
    /// that the rail itself says what is wrong.
    pub fits: bool,
    /// One line for each candidate: its name and the reason.
    pub lines: Vec<String>,
}

/// Decides.
#[must_use]
pub fn decide(candidates: &[Candidate<'_>], wanted: Wanted<'_>) -> Decision {
    let methods: Vec<Option<&'static str>> = candidates
        .iter()
        .map(|candidate| method(candidate, wanted))
        .collect();
    let doubts: Vec<Option<String>> = candidates
        .iter()
        .zip(&methods)
        .map(|(candidate, method)| match method {
            None => Some(not_meant(candidate, wanted)),
            Some(_) => doubt(candidate, wanted),
        })
        .collect();
    let best = candidates
        .iter()
        .enumerate()
        .filter(|(place, _)| doubts.get(*place).is_some_and(Option::is_none))
        .min_by_key(|(_, candidate)| {
            let sick = !candidate.condition.is_well();
            (
                sick,
                fee_minor(candidate.profile, wanted.amount),
                &candidate.profile.rail,
            )
        })
        .map(|(place, _)| place);
    let fallback = || methods.iter().position(Option::is_some);
    let place = best.or_else(fallback);
    let chosen = place.and_then(|place| {
        let method = methods.get(place).copied().flatten()?;
        Some((place, method))
    });
    let lines = candidates
        .iter()
        .zip(&doubts)
        .enumerate()
        .map(|(at, (candidate, doubt))| {
            let fee = fee_minor(candidate.profile, wanted.amount);
            let reason = match doubt {
                Some(why) if place == Some(at) => format!("chosen, as no rail fits: {why}"),
                Some(why) => why.clone(),
                None if place == Some(at) => format!("chosen; it costs {fee} cents"),
                None if candidate.condition.is_well() => format!("it costs {fee} cents"),
                None => "most of its calls failed of late".to_owned(),
            };
            format!("{}: {reason}", candidate.profile.rail)
        })
        .collect();
    Decision {
        chosen,
        fits: best.is_some(),
        lines,
    }
}

fn method(candidate: &Candidate<'_>, wanted: Wanted<'_>) -> Option<&'static str> {
    let named = wanted
        .rail
        .is_none_or(|rail| *rail == candidate.profile.rail);
    if !named || !candidate.has_payee {
        return None;
    }
    let mut methods = candidate.profile.methods.iter().copied();
    match wanted.method {
        Some(wanted) => methods.find(|method| *method == wanted),
        None => methods.next(),
    }
}

fn not_meant(candidate: &Candidate<'_>, wanted: Wanted<'_>) -> String {
    if wanted
        .rail
        .is_some_and(|rail| *rail != candidate.profile.rail)
    {
        "another rail was asked for"
    } else if candidate.has_payee {
        "it does not carry the method"
    } else {
        "the kind of bill has no payee on it"
    }
    .to_owned()
}

/// Why a candidate that has the method and a payee cannot carry this payment now.
fn doubt(candidate: &Candidate<'_>, wanted: Wanted<'_>) -> Option<String> {
    let (profile, amount) = (candidate.profile, wanted.amount);
    let (minor, currency) = (amount.minor(), amount.currency());
    let local = hong_kong_time(wanted.at).time();
    if !profile.currencies.contains(&currency) {
        return Some(format!("it does not carry {currency}"));
    }
    if minor < profile.amount_min.max(1) {
        return Some("the amount is below its least".to_owned());
    }
    if minor > profile.amount_max {
        return Some("the amount is above its limit".to_owned());
    }
    if minor.checked_rem(profile.amount_step.max(1)) != Some(0) {
        return Some("the amount is no multiple of its step".to_owned());
    }
    if let Some(hours) = profile.hours.filter(|hours| !hours.contains(local)) {
        return Some(format!("it opens at {}", hours.from));
    }
    candidate
        .condition
        .left_alone
        .then(|| "its calls keep failing and it is left alone for a while".to_owned())
}

/// What an item of this amount costs, in minor units, rounded up.
fn fee_minor(profile: &Profile, amount: Money) -> i64 {
    let share = i128::from(amount.minor())
        .saturating_mul(i128::from(profile.fee.basis_points))
        .saturating_add(9_999)
        .div_euclid(10_000);
    i64::try_from(share)
        .unwrap_or(i64::MAX)
        .saturating_add(profile.fee.per_item_minor)
}
