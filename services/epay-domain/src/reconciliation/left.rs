//! What no key told: breaks of the side that stands alone, and what is not due yet.

use super::pass::{Work, places};
use super::{
    BreakClass, Direction, Expected, Kind, Level, Observed, Outcome, Question, ReconcileError,
};

/// Puts everything that is still open into its place, and the outcome into its order.
pub(super) fn close(mut work: Work<'_>) -> Result<Outcome, ReconcileError> {
    let question = work.question;
    for (item, place) in question.observed.iter().zip(0_u32..) {
        if item.returned {
            work.push_break(
                BreakClass::ReturnedItem,
                (&[], &[place]),
                None,
                signed(item),
            );
        }
    }
    let open: Vec<u32> = places(&work.observed_open).collect();
    for place in open {
        let Some(item) = work.observed(place) else {
            continue;
        };
        if !item.returned {
            let class = alone(question.level, item);
            work.push_break(class, (&[], &[place]), None, signed(item));
        }
    }
    let open: Vec<u32> = places(&work.expected_open).collect();
    for place in open {
        let Some(item) = work.expected(place).filter(|item| !item.met) else {
            continue;
        };
        let late = match item.expected_on {
            Some(expected_on) => overdue(question, item, work.due.last_day(expected_on)?),
            None => None,
        };
        match late {
            Some(class) => {
                let missing = item.minor.saturating_neg();
                work.push_break(class, (&[place], &[]), None, missing);
            }
            None => work.outcome.waiting.push(place),
        }
    }
    let mut outcome = work.outcome;
    let name = |place: &u32| {
        question
            .expected
            .get(super::pass::index(*place))
            .map(|item| item.id)
    };
    outcome.waiting.sort_unstable_by_key(name);
    outcome.breaks.sort_by_cached_key(|found| {
        let expected = found.expected.as_slice().first().and_then(&name);
        let seen = found.observed.as_slice().first();
        let observed = seen.and_then(|place| question.observed.get(super::pass::index(*place)));
        (found.class, expected, observed.map(|item| item.id))
    });
    Ok(outcome)
}

/// How our money changed by what was seen and nobody expected.
const fn signed(item: &Observed<'_>) -> i64 {
    match item.direction {
        Direction::In => item.minor,
        Direction::Out => item.minor.saturating_neg(),
    }
}

/// What it means that nobody expected this.
const fn alone(level: Level, item: &Observed<'_>) -> BreakClass {
    let named = item.reference.is_some() || item.bill_number.is_some();
    match (level, item.direction) {
        (Level::Bank, Direction::In) if !named => BreakClass::UnidentifiedCredit,
        (Level::Rail | Level::Bank | Level::Department, _) => BreakClass::MissingInGateway,
    }
}

/// What it means that this was not seen, if it means anything yet: one movement that the rail's or bank's word covers is
/// missing there; what nobody can say anything of yet is late.
fn overdue(
    question: &Question<'_>,
    item: &Expected<'_>,
    last_day: jiff::civil::Date,
) -> Option<BreakClass> {
    let covered = question.covered_until.get(&item.account);
    let covered = covered.is_some_and(|until| *until >= last_day);
    let late = question.today > last_day;
    match item.kind {
        Kind::Item if covered => Some(BreakClass::MissingInRail),
        Kind::Item | Kind::Batch | Kind::Rest => {
            (late || covered).then_some(BreakClass::LateSettlement)
        }
    }
}
