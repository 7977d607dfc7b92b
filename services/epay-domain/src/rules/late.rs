//! What a late payer must expect: 5 % at once, 10 % of what is unpaid after six months. Shown, and never put on a bill.

use epay_money::Money;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::LateRule;

/// The whole.
const BASIS_POINTS: i128 = 10_000;

/// One step of lateness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateCharge {
    /// The last day on which it can still be avoided.
    pub after: Date,
    /// What the department will add.
    pub charge: Money,
    /// What is then unpaid, with it.
    pub total: Money,
}

/// What the percentages among the rules make of an unpaid sum. Each is taken of what is then unpaid, the earlier ones
/// included; cents are rounded half up. `None` beyond what an amount or the calendar holds.
#[must_use]
pub fn late_charges(unpaid: Money, due_date: Date, rules: &[LateRule]) -> Option<Vec<LateCharge>> {
    let mut total = unpaid;
    let mut charges = Vec::with_capacity(rules.len());
    for rule in rules.iter().filter(|rule| rule.basis_points > 0) {
        let charge = Money::new(share(total.minor(), rule.basis_points)?, total.currency());
        total = total.checked_add(charge).ok()?;
        charges.push(LateCharge {
            after: due_date
                .checked_add(i64::from(rule.after_months).months())
                .ok()?,
            charge,
            total,
        });
    }
    Some(charges)
}

/// So many hundredths of a per cent of an amount, half a cent going up.
fn share(minor: i64, basis_points: u32) -> Option<i64> {
    let product = i128::from(minor).checked_mul(i128::from(basis_points))?;
    let halves = product.checked_add(BASIS_POINTS.checked_div(2)?)?;
    i64::try_from(halves.checked_div(BASIS_POINTS)?).ok()
}
