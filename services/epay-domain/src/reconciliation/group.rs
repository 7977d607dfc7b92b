//! Items that share a reference: what becomes of them together.
//!
//! The first rule that fits decides:
//!
//! | expected | seen | becomes |
//! | --- | --- | --- |
//! | none that is open, one that was met before | any, under the rail's reference | second ones: duplicates |
//! | together as much as all that was seen | | a match: one to one, one to many, many to one |
//! | together as much as one that was seen | | a match; the others are second ones |
//! | one of several as much as the only one seen | | a match; the others stay open |
//! | a batch | another amount | short or over |
//! | an item | another amount | a mismatch with the first; the others are second ones |
//!
//! *Second ones* are duplicates under the rail's reference, which names one movement. Our own reference may be used by a
//! payer twice: they stay open for the next key. Nothing here looks at the order in which items were given.

use super::{BreakClass, Expected, Kind, MatchedBy, Observed, ReconcileError};

/// What becomes of a group. Places that are in none of the lists stay open.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) expected: Vec<u32>,
    pub(super) observed: Vec<u32>,
    /// Unset where they agree.
    pub(super) wrong: Option<(BreakClass, i64)>,
    /// Each a break of its own.
    pub(super) duplicates: Vec<u32>,
}

/// One side of a group: places with their items, in the order of their names.
pub(super) type Members<'g, T> = &'g [(u32, &'g T)];

fn sum<'g>(minors: impl Iterator<Item = i64> + 'g) -> Result<i64, ReconcileError> {
    let mut sum = 0_i64;
    for minor in minors {
        sum = sum.checked_add(minor).ok_or(ReconcileError::Overflow)?;
    }
    Ok(sum)
}

/// Decides a group whose observed side has something.
pub(super) fn decide(
    by: MatchedBy,
    expected: Members<'_, Expected<'_>>,
    observed: Members<'_, Observed<'_>>,
) -> Result<Verdict, ReconcileError> {
    let places = |seen: Members<'_, Observed<'_>>| seen.iter().map(|(place, _)| *place).collect();
    let names_one = by == MatchedBy::RailReference;
    let open: Vec<&(u32, &Expected<'_>)> = expected.iter().filter(|(_, item)| !item.met).collect();
    if open.is_empty() {
        let second = match (names_one, expected.is_empty()) {
            (false, _) => &[],
            (true, false) => observed,
            // Nobody knows the first one either, so it stays open.
            (true, true) => observed.get(1..).unwrap_or_default(),
        };
        return Ok(Verdict {
            duplicates: places(second),
            ..Verdict::default()
        });
    }
    let wanted = sum(open.iter().map(|(_, item)| item.minor))?;
    let seen = sum(observed.iter().map(|(_, item)| item.minor))?;
    let all: Vec<u32> = open.iter().map(|(place, _)| *place).collect();
    if wanted == seen {
        return Ok(Verdict {
            expected: all,
            observed: places(observed),
            ..Verdict::default()
        });
    }
    if let Some((place, _)) = observed.iter().find(|(_, item)| item.minor == wanted) {
        return Ok(Verdict {
            expected: all,
            observed: vec![*place],
            wrong: None,
            duplicates: second(names_one, observed, *place),
        });
    }
    let batch = by == MatchedBy::Batch || open.iter().any(|(_, item)| item.kind != Kind::Item);
    if batch {
        let short = seen < wanted;
        let class = if short {
            BreakClass::ShortSettlement
        } else {
            BreakClass::OverSettlement
        };
        return Ok(Verdict {
            expected: all,
            observed: places(observed),
            wrong: Some((class, seen.saturating_sub(wanted))),
            duplicates: vec![],
        });
    }
    let [(first, item), ..] = observed else {
        return Ok(Verdict::default());
    };
    if let Some((place, _)) = open.iter().find(|(_, one)| one.minor == item.minor) {
        return Ok(Verdict {
            expected: vec![*place],
            observed: vec![*first],
            wrong: None,
            duplicates: second(names_one, observed, *first),
        });
    }
    let difference = item.minor.saturating_sub(wanted);
    Ok(Verdict {
        expected: all,
        observed: vec![*first],
        wrong: Some((BreakClass::AmountMismatch, difference)),
        duplicates: second(names_one, observed, *first),
    })
}

/// Everything but one, where the key names one movement.
fn second(names_one: bool, observed: Members<'_, Observed<'_>>, but: u32) -> Vec<u32> {
    let others = observed
        .iter()
        .map(|(place, _)| *place)
        .filter(|place| *place != but);
    if names_one { others.collect() } else { vec![] }
}
