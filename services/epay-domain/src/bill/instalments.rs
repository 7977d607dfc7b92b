//! Instalments: a schedule of one bill, cleared in its order by whatever was applied to the bill.
//!
//! Nothing is booked by instalment. What a receipt cleared, and what is overdue, follows from the schedule and from
//! `applied_minor` alone, so that no payment can be put to the wrong one.

use epay_money::Money;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Bill;
use crate::{BillType, INSTALMENTS_MAX, Terms};

/// One instalment of a bill; its number is its place, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// Minor units.
    pub minor: i64,
    /// Last day for it.
    pub due_date: Date,
}

/// How one instalment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstalmentStanding {
    /// Its place, from 1.
    pub number: u32,
    /// Last day for it.
    pub due_date: Date,
    /// Minor units.
    pub minor: i64,
    /// Minor units that have been paid of it.
    pub paid_minor: i64,
    /// It should have been paid by now.
    pub overdue: bool,
}

/// Why instalments are no schedule of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstalmentFault {
    /// The kind has none, or fewer.
    TooMany {
        /// Most that the kind allows.
        max: u32,
    },
    /// One alone is no schedule.
    Alone,
    /// An amount of nothing or less, or another sum than the bill's.
    Sum,
    /// The days do not rise.
    Days,
    /// The first day is not the bill's.
    FirstDay,
}

impl InstalmentFault {
    /// A stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooMany { .. } => "TOO_MANY_INSTALMENTS",
            Self::Alone => "ONE_INSTALMENT",
            Self::Sum => "INSTALMENTS_DO_NOT_ADD_UP",
            Self::Days => "INSTALMENT_DAYS",
            Self::FirstDay => "INSTALMENT_FIRST_DAY",
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::TooMany { max: 0 } => "this kind of bill has none",
            Self::TooMany { .. } => "there are more than this kind of bill allows",
            Self::Alone => "one alone is no schedule",
            Self::Sum => "they must be positive and add up to the bill's amount",
            Self::Days => "each must be due after the one before",
            Self::FirstDay => "the first must be due on the bill's own last day for payment",
        }
    }
}

/// Judges a schedule; none at all is always right.
pub(super) fn check_instalments(
    instalments: &[Instalment],
    amount: Money,
    due_date: Date,
    bill_type: &BillType,
) -> Result<(), InstalmentFault> {
    let Some(first) = instalments.first() else {
        return Ok(());
    };
    let policy = bill_type.terms.instalments;
    let max = policy.map_or(0, |policy| policy.count_max);
    let most = usize::try_from(max).unwrap_or(0).min(INSTALMENTS_MAX);
    if instalments.len() > most {
        return Err(InstalmentFault::TooMany { max });
    }
    if instalments.len() == 1 {
        return Err(InstalmentFault::Alone);
    }
    let mut sum = Some(0_i64);
    for instalment in instalments {
        let positive = (instalment.minor > 0).then_some(instalment.minor);
        sum = sum
            .zip(positive)
            .and_then(|(sum, one)| sum.checked_add(one));
    }
    if sum != Some(amount.minor()) {
        return Err(InstalmentFault::Sum);
    }
    let mut later = instalments.iter().skip(1);
    let rises = instalments
        .iter()
        .all(|one| later.next().is_none_or(|next| one.due_date < next.due_date));
    if !rises {
        return Err(InstalmentFault::Days);
    }
    if first.due_date != due_date {
        return Err(InstalmentFault::FirstDay);
    }
    Ok(())
}

impl Bill {
    /// How each instalment stands on a day; empty where the bill is paid at once.
    #[must_use]
    pub fn schedule(&self, terms: &Terms, today: Date) -> Vec<InstalmentStanding> {
        let all_due = self.rest_is_due(terms, today);
        let mut left = self.applied_minor;
        let mut standings = Vec::with_capacity(self.instalments.len());
        for (instalment, number) in self.instalments.iter().zip(1_u32..) {
            let paid_minor = left.min(instalment.minor).max(0);
            left = left.saturating_sub(paid_minor);
            let unpaid = paid_minor < instalment.minor;
            standings.push(InstalmentStanding {
                number,
                due_date: instalment.due_date,
                minor: instalment.minor,
                paid_minor,
                overdue: unpaid && (all_due || instalment.due_date < today),
            });
        }
        standings
    }

    /// The last day for what is to be paid next: the first instalment's that is not cleared, else the bill's own.
    #[must_use]
    pub fn next_due_date(&self) -> Date {
        let mut left = self.applied_minor;
        for instalment in &self.instalments {
            if left < instalment.minor {
                return instalment.due_date;
            }
            left = left.saturating_sub(instalment.minor);
        }
        self.instalments
            .last()
            .map_or(self.due_date, |last| last.due_date)
    }

    /// Something that should have been paid before this day has not been.
    #[must_use]
    pub fn is_overdue(&self, terms: &Terms, today: Date) -> bool {
        self.outstanding_minor() > 0
            && (self.next_due_date() < today || self.rest_is_due(terms, today))
    }

    /// What should be paid now: all that is overdue, else the next instalment; all of it where there are none.
    #[must_use]
    pub fn payable_now(&self, terms: &Terms, today: Date) -> Money {
        let outstanding = self.outstanding_minor();
        let schedule = self.schedule(terms, today);
        let unpaid = |one: &InstalmentStanding| one.minor.saturating_sub(one.paid_minor);
        let overdue = schedule
            .iter()
            .filter(|one| one.overdue)
            .map(unpaid)
            .fold(0, i64::saturating_add);
        let next = schedule.iter().map(unpaid).find(|minor| *minor > 0);
        let minor = match (overdue, next) {
            (0, Some(next)) => next,
            (0, None) => outstanding,
            (overdue, _) => overdue,
        };
        Money::new(minor.min(outstanding), self.amount.currency())
    }

    /// Whether so much, paid now, ends exactly where an instalment ends: it is then no part payment.
    #[must_use]
    pub fn ends_an_instalment(&self, minor: i64) -> bool {
        let reached = self.applied_minor.saturating_add(minor);
        let mut end = 0_i64;
        self.instalments.iter().any(|instalment| {
            end = end.saturating_add(instalment.minor);
            end == reached
        })
    }

    /// An instalment was missed, and the kind says that the rest is then due.
    fn rest_is_due(&self, terms: &Terms, today: Date) -> bool {
        let missed = self.instalment_missed || self.next_due_date() < today;
        !self.instalments.is_empty() && terms.rest_falls_due() && missed
    }
}
