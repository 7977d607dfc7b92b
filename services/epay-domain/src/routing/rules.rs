//! What speaks against a candidate, rule by rule, and what it costs.

use epay_money::{Money, hong_kong_time};
use epay_rail::Profile;
use serde::{Deserialize, Serialize};

use super::{Candidate, Wanted};

/// Why a candidate does not carry a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The payer asked for another rail by name.
    OtherRail,
    /// The payment was tried by it before.
    TriedBefore,
    /// It does not carry the method.
    MethodNotCarried,
    /// The kind of bill has no payee on it.
    NoPayee,
    /// It does not carry the currency.
    CurrencyNotTaken,
    /// The amount is below its least.
    AmountTooSmall,
    /// The amount is above its limit.
    AmountTooLarge,
    /// The amount is no multiple of its smallest step.
    AmountStep,
    /// One payment by it pays fewer bills.
    TooManyBills,
    /// It begins no payments at this hour.
    ClosedNow,
    /// Its calls keep failing, and it is left alone for a while.
    Unhealthy,
    /// It could not put the order into its own words.
    Refused,
}

impl Reason {
    /// Every reason, for tables and tests.
    pub const ALL: [Self; 12] = [
        Self::OtherRail,
        Self::TriedBefore,
        Self::MethodNotCarried,
        Self::NoPayee,
        Self::CurrencyNotTaken,
        Self::AmountTooSmall,
        Self::AmountTooLarge,
        Self::AmountStep,
        Self::TooManyBills,
        Self::ClosedNow,
        Self::Unhealthy,
        Self::Refused,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtherRail => "other_rail",
            Self::TriedBefore => "tried_before",
            Self::MethodNotCarried => "method_not_carried",
            Self::NoPayee => "no_payee",
            Self::CurrencyNotTaken => "currency_not_taken",
            Self::AmountTooSmall => "amount_too_small",
            Self::AmountTooLarge => "amount_too_large",
            Self::AmountStep => "amount_step",
            Self::TooManyBills => "too_many_bills",
            Self::ClosedNow => "closed_now",
            Self::Unhealthy => "unhealthy",
            Self::Refused => "refused",
        }
    }

    /// The candidate is not meant at all, whatever the amount and the hour.
    #[must_use]
    pub const fn rules_out(self) -> bool {
        match self {
            Self::OtherRail
            | Self::TriedBefore
            | Self::MethodNotCarried
            | Self::NoPayee
            | Self::Refused => true,
            Self::CurrencyNotTaken
            | Self::AmountTooSmall
            | Self::AmountTooLarge
            | Self::AmountStep
            | Self::TooManyBills
            | Self::ClosedNow
            | Self::Unhealthy => false,
        }
    }
}

/// The method that a rail would carry the payment by.
pub(super) fn method(profile: &Profile, wanted: Wanted<'_>) -> Option<&'static str> {
    let mut methods = profile.methods.iter().copied();
    match wanted.method {
        Some(wanted) => methods.find(|method| *method == wanted),
        None => methods.next(),
    }
}

/// Everything that speaks against a candidate. One that is not meant is judged no further.
pub(super) fn against(candidate: &Candidate<'_>, wanted: Wanted<'_>) -> Vec<Reason> {
    let profile = candidate.profile;
    let not_meant = if wanted.rail.is_some_and(|rail| *rail != profile.rail) {
        Some(Reason::OtherRail)
    } else if wanted.tried.contains(&profile.rail) {
        Some(Reason::TriedBefore)
    } else if method(profile, wanted).is_none() {
        Some(Reason::MethodNotCarried)
    } else if !candidate.has_payee {
        Some(Reason::NoPayee)
    } else {
        None
    };
    if let Some(reason) = not_meant {
        return vec![reason];
    }
    let amount = wanted.amount;
    let step = profile.amount_step.max(1);
    let local = hong_kong_time(wanted.at).time();
    let rules = [
        (
            !profile.currencies.contains(&amount.currency()),
            Reason::CurrencyNotTaken,
        ),
        (
            amount.minor() < profile.amount_min.max(1),
            Reason::AmountTooSmall,
        ),
        (amount.minor() > profile.amount_max, Reason::AmountTooLarge),
        (
            amount.minor().checked_rem(step) != Some(0),
            Reason::AmountStep,
        ),
        (wanted.bills > candidate.bills_max, Reason::TooManyBills),
        (
            profile.hours.is_some_and(|hours| !hours.contains(local)),
            Reason::ClosedNow,
        ),
        (candidate.condition.left_alone, Reason::Unhealthy),
    ];
    rules
        .into_iter()
        .filter_map(|(broken, reason)| broken.then_some(reason))
        .collect()
}

/// What an item of this amount costs, in minor units, rounded up.
pub(super) fn fee_minor(profile: &Profile, amount: Money) -> i64 {
    let share = i128::from(amount.minor())
        .saturating_mul(i128::from(profile.fee.basis_points))
        .saturating_add(9_999)
        .div_euclid(10_000);
    i64::try_from(share)
        .unwrap_or(i64::MAX)
        .saturating_add(profile.fee.per_item_minor)
}
