//! Payments of a day that nothing was seen of: one break for all of them, because it is the statement or report that is late
//! and not each of its lines. Each payment is accounted for by itself: when it is seen, or is missing from what came in the
//! end, the break of its day stands for one less, and ends with the last.

use std::collections::BTreeMap;

use epay_domain::reconciliation::case::ItemKind;
use epay_domain::reconciliation::{Break, BreakClass, Level, MatchedBy, Places};
use epay_money::{Currency, RailId};
use jiff::civil::Date;

use super::Wanted;
use super::book::Booked;
use super::found::{Run, Together};
use super::load::Sides;
use super::question::Answer;
use crate::error::EngineError;

/// A rail, its account and the day by which its payments must be seen.
type DayKey<'a> = (Option<&'a RailId>, &'a str, Option<Date>);

/// Late payments by day, as places in the expected side.
#[derive(Debug, Default)]
pub(super) struct LateDays<'a>(BTreeMap<DayKey<'a>, Vec<usize>>);

impl<'a> LateDays<'a> {
    /// Takes a late payment that nothing was seen of; answers whether it is one.
    pub(super) fn takes(&mut self, sides: &'a Sides, answer: &Answer, found: &Break) -> bool {
        let Some((place, one)) = late_payment(sides, answer, found) else {
            return false;
        };
        // Those that a break stands for already are no news.
        if one.case.is_none() {
            let what = &one.what;
            let key = (what.rail.as_ref(), what.account.as_str(), what.expected_on);
            self.0.entry(key).or_default().push(place);
        }
        true
    }
}

fn late_payment<'a>(
    sides: &'a Sides,
    answer: &Answer,
    found: &Break,
) -> Option<(usize, &'a Wanted)> {
    let ([place], []) = (found.expected.as_slice(), found.observed.as_slice()) else {
        return None;
    };
    let group = answer.wanted.get(usize::try_from(*place).ok()?)?;
    let one = sides.wanted.get(*group.first()?)?;
    let payment = one.what.kind == ItemKind::Receipt && !one.by_day;
    let late = found.class == BreakClass::LateSettlement;
    (payment && late).then_some((*group.first()?, one))
}

impl Run<'_> {
    /// Opens a break for each day.
    pub(super) fn late(
        &mut self,
        days: LateDays<'_>,
        level: Level,
        currency: Currency,
    ) -> Result<(), EngineError> {
        for places in days.0.into_values() {
            let sides = self.sides;
            let left: Vec<&Wanted> = places
                .iter()
                .filter_map(|place| sides.wanted.get(*place))
                .collect();
            let of = Together {
                level,
                currency,
                by: MatchedBy::People,
                left,
                right: vec![],
            };
            let minor = of.left.iter().map(|one| one.what.minor);
            let found = Break {
                class: BreakClass::LateSettlement,
                expected: Places::None,
                observed: Places::None,
                by: None,
                difference_minor: minor.fold(0, i64::saturating_sub),
                suggestions: vec![],
            };
            let booked = Booked {
                journals: vec![],
                kept: self.books.missing(&of.left)?,
            };
            let items = self.group_item(&places).into_iter().collect();
            let new = self.open(&found, (items, vec![]), &of, &booked);
            self.keep_expecting(&of.left, Some(new.id));
        }
        Ok(())
    }
}
