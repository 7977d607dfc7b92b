//! What a person may want to do about a break: other items that nearly fit, each with the reason.
//!
//! Only what stands alone is looked through, so this costs what the breaks cost and not what the day costs.

use std::collections::BTreeMap;

use super::pass::index;
use super::{BreakClass, Expected, Kind, Observed, Outcome, Places, Question};
use crate::reconciliation::class::words;
use serde::{Deserialize, Serialize};

/// Most suggestions for one break.
pub const SUGGESTIONS_MAX: usize = 3;
/// Most leftovers of a side among which sums of two are looked for.
pub const PAIRED_MAX: usize = 4_096;
/// Days apart at which the same amount is still worth a look.
const DAYS_MAX: i32 = 3;

words! {
    /// Why another item may belong to a break.
    Why {
        /// The same bill and amount, some days apart.
        SameBillAndAmount = "same_bill_and_amount",
        /// The same amount, some days apart.
        SameAmount = "same_amount",
        /// The same bill, and two neighbouring digits of the amount are swapped.
        DigitsOfAmountSwapped = "digits_of_amount_swapped",
        /// The same amount, and two neighbouring digits of the bill's number are swapped.
        DigitsOfBillSwapped = "digits_of_bill_swapped",
        /// Two items are together as much.
        SumOfTwo = "sum_of_two",
        /// It was taken back by this.
        TakenBack = "taken_back",
        /// The department says so.
        DepartmentSays = "department_says",
    }
}

/// Items of the other side, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The reason.
    pub why: Why,
    /// Places of the expected side.
    pub expected: Places,
    /// Places of the observed side.
    pub observed: Places,
}

/// Adds suggestions to the breaks that stand alone.
pub(super) fn suggest(question: &Question<'_>, outcome: &mut Outcome) {
    let lonely = Lonely::of(question, outcome);
    for found in &mut outcome.breaks {
        let suggestions = match (found.expected.as_slice(), found.observed.as_slice()) {
            ([place], []) => question
                .expected
                .get(index(*place))
                .map(|item| lonely.for_expected(item)),
            ([], [place]) => question
                .observed
                .get(index(*place))
                .map(|item| lonely.for_observed(item, found.class)),
            _ => None,
        };
        found.suggestions = suggestions.unwrap_or_default();
        found.suggestions.truncate(SUGGESTIONS_MAX);
    }
}

/// What stands alone on each side, in order of amount.
#[derive(Debug)]
struct Lonely<'q> {
    expected: Vec<(u32, &'q Expected<'q>)>,
    observed: Vec<(u32, &'q Observed<'q>)>,
    expected_by_bill: BTreeMap<&'q str, Vec<usize>>,
    observed_by_bill: BTreeMap<&'q str, Vec<usize>>,
}

impl<'q> Lonely<'q> {
    fn of(question: &'q Question<'q>, outcome: &Outcome) -> Self {
        let mut observed = Vec::new();
        // A rest may come on whatever day: its break is from earlier, and it waits.
        let waiting = outcome.waiting.iter().filter_map(|place| {
            let item = question.expected.get(index(*place))?;
            (item.kind == Kind::Rest).then_some((*place, item))
        });
        let mut expected: Vec<(u32, &Expected<'_>)> = waiting.collect();
        for found in &outcome.breaks {
            match (found.expected.as_slice(), found.observed.as_slice()) {
                ([place], []) => {
                    let item = question.expected.get(index(*place));
                    expected.extend(item.map(|item| (*place, item)));
                }
                ([], [place]) if found.class != BreakClass::DuplicateRailRef => {
                    let item = question.observed.get(index(*place));
                    observed.extend(item.map(|item| (*place, item)));
                }
                _ => {}
            }
        }
        expected.sort_unstable_by_key(|(_, item)| (item.minor, item.id));
        observed.sort_unstable_by_key(|(_, item)| (item.minor, item.id));
        let mut expected_by_bill: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (slot, (_, item)) in expected.iter().enumerate() {
            if let Some(number) = item.bill_number {
                expected_by_bill.entry(number).or_default().push(slot);
            }
        }
        let mut observed_by_bill: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (slot, (_, item)) in observed.iter().enumerate() {
            if let Some(number) = item.bill_number {
                observed_by_bill.entry(number).or_default().push(slot);
            }
        }
        Self {
            expected,
            observed,
            expected_by_bill,
            observed_by_bill,
        }
    }

    fn for_expected(&self, item: &Expected<'_>) -> Vec<Suggestion> {
        let mut found: Vec<(Why, Places)> = Vec::new();
        for (place, other) in same_amount(&self.observed, item.minor, |other| other.minor) {
            if other.direction == item.direction || other.returned {
                let near = near(item.expected_on.unwrap_or(item.day), other.day);
                let bills = (item.bill_number, other.bill_number);
                found.extend(
                    equal(bills, near, other.returned).map(|why| (why, Places::One(*place))),
                );
            }
        }
        let same_bill = item
            .bill_number
            .and_then(|number| self.observed_by_bill.get(number));
        for slot in same_bill.into_iter().flatten() {
            if let Some((place, other)) = self.observed.get(*slot)
                && swapped_minor(item.minor, other.minor)
            {
                found.push((Why::DigitsOfAmountSwapped, Places::One(*place)));
            }
        }
        if found.is_empty() {
            let pair = pair_of(&self.observed, item.minor, |other| other.minor);
            found.extend(pair.map(|places| (Why::SumOfTwo, places)));
        }
        finish(found, |places| (Places::None, places))
    }

    fn for_observed(&self, item: &Observed<'_>, class: BreakClass) -> Vec<Suggestion> {
        if class == BreakClass::DuplicateRailRef {
            return vec![];
        }
        let mut found: Vec<(Why, Places)> = Vec::new();
        for (place, other) in same_amount(&self.expected, item.minor, |other| other.minor) {
            if other.direction == item.direction || item.returned {
                let near = near(other.expected_on.unwrap_or(other.day), item.day);
                let bills = (other.bill_number, item.bill_number);
                found.extend(
                    equal(bills, near, item.returned).map(|why| (why, Places::One(*place))),
                );
            }
        }
        let same_bill = item
            .bill_number
            .and_then(|number| self.expected_by_bill.get(number));
        for slot in same_bill.into_iter().flatten() {
            if let Some((place, other)) = self.expected.get(*slot)
                && swapped_minor(item.minor, other.minor)
            {
                found.push((Why::DigitsOfAmountSwapped, Places::One(*place)));
            }
        }
        if found.is_empty() {
            let pair = pair_of(&self.expected, item.minor, |other| other.minor);
            found.extend(pair.map(|places| (Why::SumOfTwo, places)));
        }
        finish(found, |places| (places, Places::None))
    }
}

/// The best reasons first; each item once.
fn finish(
    mut found: Vec<(Why, Places)>,
    sides: impl Fn(Places) -> (Places, Places),
) -> Vec<Suggestion> {
    // Stable: within a reason they stay in the order of amount and name.
    found.sort_by_key(|(why, _places)| *why);
    let mut seen: Vec<Places> = Vec::new();
    let mut suggestions = Vec::new();
    for (why, places) in found {
        if seen.contains(&places) || suggestions.len() == SUGGESTIONS_MAX {
            continue;
        }
        seen.push(places.clone());
        let (expected, observed) = sides(places);
        suggestions.push(Suggestion {
            why,
            expected,
            observed,
        });
    }
    suggestions
}

/// The items of one amount.
fn same_amount<'s, T>(
    items: &'s [(u32, &'s T)],
    minor: i64,
    of: impl Fn(&T) -> i64,
) -> &'s [(u32, &'s T)] {
    let from = items.partition_point(|(_, item)| of(item) < minor);
    let rest = items.get(from..).unwrap_or_default();
    let count = rest.partition_point(|(_, item)| of(item) == minor);
    // More than these nobody looks through.
    rest.get(..count.min(PAIRED_MAX)).unwrap_or_default()
}

/// Why two items of one amount may belong together.
fn equal(bills: (Option<&str>, Option<&str>), near: bool, returned: bool) -> Option<Why> {
    match bills {
        (Some(one), Some(other)) if one == other && returned => Some(Why::TakenBack),
        (Some(one), Some(other)) if one == other => Some(Why::SameBillAndAmount),
        (Some(one), Some(other)) if swapped(one.as_bytes(), other.as_bytes()) => {
            Some(Why::DigitsOfBillSwapped)
        }
        (Some(_), Some(_)) => None,
        _ => near.then_some(Why::SameAmount),
    }
}

fn near(one: jiff::civil::Date, other: jiff::civil::Date) -> bool {
    let apart = one.until(other).map_or(i32::MAX, |span| span.get_days());
    apart.checked_abs().is_some_and(|days| days <= DAYS_MAX)
}

/// Whether two amounts differ by two neighbouring digits that are swapped.
fn swapped_minor(one: i64, other: i64) -> bool {
    let apart = one
        .checked_sub(other)
        .and_then(|apart| apart.checked_rem(9));
    // Swapping changes an amount by a multiple of nine: most are out after one division.
    apart == Some(0) && swapped(one.to_string().as_bytes(), other.to_string().as_bytes())
}

/// Whether two texts differ by two neighbouring characters that are swapped.
fn swapped(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut apart = (0_usize..)
        .zip(one.iter().zip(other))
        .filter(|(_, (a, b))| a != b);
    match (apart.next(), apart.next(), apart.next()) {
        (Some((first, (a, b))), Some((second, (c, d))), None) => {
            second.checked_sub(first) == Some(1) && a == d && b == c
        }
        _ => false,
    }
}

/// Two items that are together as much, where there is only a bounded number to look through.
fn pair_of<T>(items: &[(u32, &T)], minor: i64, of: impl Fn(&T) -> i64) -> Option<Places> {
    if items.len() > PAIRED_MAX {
        return None;
    }
    let mut rest = items;
    while let [(low_place, low), .., (high_place, high)] = rest {
        let sum = of(low).checked_add(of(high))?;
        rest = match sum.cmp(&minor) {
            core::cmp::Ordering::Equal => return Some(Places::of(&[*low_place, *high_place])),
            core::cmp::Ordering::Less => rest.get(1..)?,
            core::cmp::Ordering::Greater => rest.get(..rest.len().checked_sub(1)?)?,
        };
    }
    None
}
