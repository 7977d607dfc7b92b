//! What becomes of a credit on a bill: every cent goes to exactly one place.

use epay_money::Money;

use super::parts::{gather, pour};
use super::{Bill, BillState};
use crate::{HoldReason, OverPolicy, Policy};

/// The parts of one credit, in minor units; they add up to the credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allocation {
    /// Applied to the bill.
    pub applied: i64,
    /// Above what was due: held for a refund.
    pub overpaid: i64,
    /// Above what was due: carried forward.
    pub forwarded: i64,
    /// The bill had been paid already.
    pub duplicate: i64,
    /// In suspense.
    pub unapplied: i64,
    /// Why it is in suspense.
    pub reason: Option<HoldReason>,
}

impl Allocation {
    /// All of it in suspense.
    #[must_use]
    pub const fn held(minor: i64, reason: HoldReason) -> Self {
        Self {
            applied: 0,
            overpaid: 0,
            forwarded: 0,
            duplicate: 0,
            unapplied: minor,
            reason: Some(reason),
        }
    }

    /// The sum of the parts.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.applied
            .saturating_add(self.overpaid)
            .saturating_add(self.forwarded)
            .saturating_add(self.duplicate)
            .saturating_add(self.unapplied)
    }
}

/// Splits a credit of a positive amount by the state of the bill and the policy of its kind.
///
/// A receipt clears the bill that was quoted and no other. In this order: another currency or a withdrawn
/// bill holds everything; a paid bill makes it a duplicate; an exact-only bill takes the exact amount or
/// nothing; a part is applied where parts are allowed, and whole instalments always; the excess is held or carried forward.
#[must_use]
pub fn allocate(bill: &Bill, policy: Policy, credit: Money) -> Allocation {
    let minor = credit.minor();
    if credit.currency() != bill.amount.currency() {
        return Allocation::held(minor, HoldReason::WrongCurrency);
    }
    match bill.state {
        BillState::Withdrawn => Allocation::held(minor, HoldReason::BillWithdrawn),
        BillState::Paid => Allocation {
            duplicate: minor,
            ..Allocation::default()
        },
        BillState::Open | BillState::PartPaid => {
            let whole = bill.ends_an_instalment(minor);
            allocate_to_due(bill.outstanding_minor(), policy, minor, whole)
        }
    }
}

/// `ends_an_instalment`: the amount is no part, but whole instalments.
fn allocate_to_due(due: i64, policy: Policy, minor: i64, ends_an_instalment: bool) -> Allocation {
    if minor == due {
        return Allocation {
            applied: minor,
            ..Allocation::default()
        };
    }
    if policy.exact_only {
        return Allocation::held(minor, HoldReason::ExactAmountRequired);
    }
    if minor < due {
        return if policy.part_allowed || ends_an_instalment {
            Allocation {
                applied: minor,
                ..Allocation::default()
            }
        } else {
            Allocation::held(minor, HoldReason::PartNotAllowed)
        };
    }
    let excess = minor.saturating_sub(due);
    match policy.over {
        OverPolicy::HoldForRefund => Allocation {
            applied: due,
            overpaid: excess,
            ..Allocation::default()
        },
        OverPolicy::CreditForward => Allocation {
            applied: due,
            forwarded: excess,
            ..Allocation::default()
        },
    }
}

/// Splits `minor` over the bill's revenue lines: earlier parts, or lines where there are none, are cleared first, after what
/// `applied_before` has cleared. Answers (line code, minor units), each line once, positive shares only.
#[must_use]
pub fn split_over_lines(bill: &Bill, applied_before: i64, minor: i64) -> Vec<(String, i64)> {
    let shares: Vec<(&str, i64)> = if bill.parts.is_empty() {
        let lines = bill.lines.iter();
        lines.map(|line| (line.code.as_str(), line.minor)).collect()
    } else {
        let parts = bill.parts.iter();
        parts.map(|part| (part.line.as_str(), part.minor)).collect()
    };
    let poured = pour(shares.iter().map(|share| share.1), applied_before, minor);
    gather(shares.iter().map(|share| share.0).zip(poured))
}
