//! The passes over both sides, one a key. Each takes what it can tell, and leaves the rest to the next.

use std::collections::BTreeMap;

use epay_money::BusinessCalendar;
use jiff::civil::Date;

use super::due::Due;
use super::group::{self, Verdict};
use super::key::{Group, Joined, Side, join};
use super::{
    Break, BreakClass, Direction, Expected, ItemId, Kind, Match, MatchedBy, Observed, Outcome,
    Places, Question, ReconcileError,
};

/// A question half answered.
#[derive(Debug)]
pub(super) struct Work<'q> {
    pub(super) question: &'q Question<'q>,
    pub(super) due: Due<'q>,
    /// Which expected items are in no place yet.
    pub(super) expected_open: Vec<bool>,
    /// Which observed items are.
    pub(super) observed_open: Vec<bool>,
    pub(super) outcome: Outcome,
}

/// What a text means as a key.
type TextKey<'a> = (Direction, u32, &'a str);

impl<'q> Work<'q> {
    /// Everything is open, but what takes something back: that never meets what is expected.
    pub(super) fn open(question: &'q Question<'q>, calendar: &'q BusinessCalendar) -> Self {
        Self {
            question,
            due: Due::new(calendar),
            expected_open: vec![true; question.expected.len()],
            observed_open: question
                .observed
                .iter()
                .map(|item| !item.returned)
                .collect(),
            outcome: Outcome::default(),
        }
    }

    /// Items under the same text, whatever they amount to.
    pub(super) fn by_text(&mut self, by: MatchedBy) -> Result<(), ReconcileError> {
        let (expected, observed) = (self.question.expected, self.question.observed);
        let left = Side {
            open: &self.expected_open,
            key: |index: usize| expected.get(index).and_then(|item| expected_text(item, by)),
        };
        let right = Side {
            open: &self.observed_open,
            key: |index: usize| observed.get(index).and_then(|item| observed_text(item, by)),
        };
        let Joined { pairs, groups } = join(&left, &right);
        // Nearly everything is one to one and in order: it is looked at once, and kept without an allocation.
        let mut plain = Vec::with_capacity(pairs.len());
        let mut others = Vec::new();
        for pair in pairs {
            let (Some(wanted), Some(seen)) = (self.expected(pair.0), self.observed(pair.1)) else {
                continue;
            };
            if expected_text(wanted, by) != observed_text(seen, by) {
                continue;
            }
            if self.is_plain(wanted, seen)? {
                plain.push(pair);
            } else {
                others.push(pair);
            }
        }
        self.outcome.matches.reserve(plain.len());
        for (left, right) in plain {
            self.take(&[left], &[right]);
            self.outcome.matches.push(Match {
                expected: Places::One(left),
                observed: Places::One(right),
                by,
            });
        }
        for (left, right) in others {
            self.many(by, &[left], &[right])?;
        }
        for group in groups {
            self.many(by, &group.expected, &group.observed)?;
        }
        Ok(())
    }

    /// Whether nothing can be said of two items but that they match.
    fn is_plain(&self, wanted: &Expected<'_>, seen: &Observed<'_>) -> Result<bool, ReconcileError> {
        let fees_agree = wanted.fee_minor.is_none()
            || seen.fee_minor.is_none()
            || wanted.fee_minor == seen.fee_minor;
        let agree = !wanted.met && wanted.minor == seen.minor && fees_agree;
        Ok(agree && !self.due.is_late(wanted.expected_on, seen.day)?)
    }

    fn many(&mut self, by: MatchedBy, left: &[u32], right: &[u32]) -> Result<(), ReconcileError> {
        let mut wanted: Vec<(u32, &Expected<'_>)> = left
            .iter()
            .filter_map(|place| Some((*place, self.expected(*place)?)))
            .collect();
        wanted.sort_unstable_by_key(|(_, item)| item.id);
        let mut seen: Vec<(u32, &Observed<'_>)> = right
            .iter()
            .filter_map(|place| Some((*place, self.observed(*place)?)))
            .collect();
        seen.sort_unstable_by_key(|(_, item)| (item.day, item.id));
        let verdict = group::decide(by, &wanted, &seen)?;
        self.keep(by, verdict)
    }

    /// Puts a verdict into the outcome.
    fn keep(&mut self, by: MatchedBy, verdict: Verdict) -> Result<(), ReconcileError> {
        for place in verdict.duplicates {
            self.take(&[], &[place]);
            let minor = self.observed(place).map_or(0, |item| item.minor);
            self.push_break(
                BreakClass::DuplicateRailRef,
                (&[], &[place]),
                Some(by),
                minor,
            );
        }
        if verdict.observed.is_empty() {
            return Ok(());
        }
        self.agree(by, &verdict.expected, &verdict.observed, verdict.wrong)
    }

    /// Items that belong together: they agree, or something is wrong with them.
    pub(super) fn agree(
        &mut self,
        by: MatchedBy,
        left: &[u32],
        right: &[u32],
        wrong: Option<(BreakClass, i64)>,
    ) -> Result<(), ReconcileError> {
        self.take(left, right);
        let wrong = match wrong {
            Some(wrong) => Some(wrong),
            None => self.late_or_fee(left, right)?,
        };
        match wrong {
            Some((class, minor)) => self.push_break(class, (left, right), Some(by), minor),
            None => self.outcome.matches.push(Match {
                expected: Places::of(left),
                observed: Places::of(right),
                by,
            }),
        }
        Ok(())
    }

    /// What may be wrong with items that agree to the cent.
    fn late_or_fee(
        &self,
        left: &[u32],
        right: &[u32],
    ) -> Result<Option<(BreakClass, i64)>, ReconcileError> {
        let wanted = fees(left.iter().map(|place| self.expected(*place)?.fee_minor));
        let seen = fees(right.iter().map(|place| self.observed(*place)?.fee_minor));
        if let (Some(wanted), Some(seen)) = (wanted, seen)
            && wanted != seen
        {
            let difference = seen.saturating_sub(wanted);
            return Ok(Some((BreakClass::FeeMismatch, difference)));
        }
        let expected_on = left
            .iter()
            .filter_map(|place| self.expected(*place)?.expected_on);
        let seen_on = right
            .iter()
            .filter_map(|place| Some(self.observed(*place)?.day));
        if let Some(seen_on) = seen_on.max()
            && self.due.is_late(expected_on.max(), seen_on)?
        {
            return Ok(Some((BreakClass::LateSettlement, 0)));
        }
        Ok(None)
    }

    pub(super) fn push_break(
        &mut self,
        class: BreakClass,
        (left, right): (&[u32], &[u32]),
        by: Option<MatchedBy>,
        difference_minor: i64,
    ) {
        self.outcome.breaks.push(Break {
            class,
            expected: Places::of(left),
            observed: Places::of(right),
            by,
            difference_minor,
            suggestions: vec![],
        });
    }

    fn take(&mut self, left: &[u32], right: &[u32]) {
        for (places, open) in [
            (left, &mut self.expected_open),
            (right, &mut self.observed_open),
        ] {
            for place in places {
                if let Some(open) = open.get_mut(index(*place)) {
                    *open = false;
                }
            }
        }
    }

    pub(super) fn expected(&self, place: u32) -> Option<&'q Expected<'q>> {
        self.question.expected.get(index(place))
    }

    pub(super) fn observed(&self, place: u32) -> Option<&'q Observed<'q>> {
        self.question.observed.get(index(place))
    }
}

/// Pairs by what items are, where no reference told.
impl Work<'_> {
    /// The same bill and amount, within one business day: the earliest with the earliest.
    pub(super) fn by_bill_number(&mut self) -> Result<(), ReconcileError> {
        let (expected, observed) = (self.question.expected, self.question.observed);
        let left = Side {
            open: &self.expected_open,
            key: |index: usize| {
                let item = expected.get(index)?;
                if item.met {
                    return None;
                }
                Some((item.direction, item.minor, item.bill_number?))
            },
        };
        let right = Side {
            open: &self.observed_open,
            key: |index: usize| {
                let item = observed.get(index)?;
                Some((item.direction, item.minor, item.bill_number?))
            },
        };
        let Joined {
            pairs: ones,
            groups,
        } = join(&left, &right);
        let same = |(wanted, seen): &(u32, u32)| left.key_of(*wanted) == right.key_of(*seen);
        let ones = ones.into_iter().filter(same).map(|(wanted, seen)| Group {
            expected: vec![wanted],
            observed: vec![seen],
        });
        let mut pairs = Vec::new();
        for group in ones.chain(groups) {
            self.pair(group, &mut pairs)?;
        }
        for (left, right) in pairs {
            self.agree(MatchedBy::BillNumber, &[left], &[right], None)?;
        }
        Ok(())
    }

    fn pair(&self, mut group: Group, pairs: &mut Vec<(u32, u32)>) -> Result<(), ReconcileError> {
        let order = |place: &u32| self.expected(*place).map(|item| (item.day, item.id));
        group.expected.sort_unstable_by_key(order);
        let order = |place: &u32| self.observed(*place).map(|item| (item.day, item.id));
        group.observed.sort_unstable_by_key(order);
        for right in &group.observed {
            let Some(seen) = self.observed(*right) else {
                continue;
            };
            for (slot, left) in group.expected.iter().enumerate() {
                let Some(wanted) = self.expected(*left) else {
                    continue;
                };
                if self.may_be_seen(wanted, seen.day)? {
                    pairs.push((*left, *right));
                    group.expected.remove(slot);
                    break;
                }
            }
        }
        Ok(())
    }

    /// A batch and a payment of its amount, where each fits only the other.
    pub(super) fn by_amount(&mut self) -> Result<(), ReconcileError> {
        let mut batches: BTreeMap<(Direction, i64), Vec<u32>> = BTreeMap::new();
        for place in places(&self.expected_open) {
            let batch = self
                .expected(place)
                .filter(|item| item.kind == Kind::Batch && !item.met);
            if let Some(item) = batch {
                batches
                    .entry((item.direction, item.minor))
                    .or_default()
                    .push(place);
            }
        }
        if batches.is_empty() {
            return Ok(());
        }
        let mut fits: BTreeMap<ItemId, (u32, Vec<u32>)> = BTreeMap::new();
        for place in places(&self.observed_open) {
            let Some(seen) = self.observed(place) else {
                continue;
            };
            // A credit that names a payment or a bill is for that one; a debit may carry any name that the bank gave it.
            let named = seen.direction == Direction::In && seen.reference.is_some();
            if named || seen.bill_number.is_some() {
                continue;
            }
            for left in batches
                .get(&(seen.direction, seen.minor))
                .into_iter()
                .flatten()
            {
                let Some(wanted) = self.expected(*left) else {
                    continue;
                };
                if self.may_be_seen(wanted, seen.day)? {
                    fits.entry(wanted.id)
                        .or_insert((*left, vec![]))
                        .1
                        .push(place);
                }
            }
        }
        let mut wanted_by: BTreeMap<u32, usize> = BTreeMap::new();
        for right in fits.values().flat_map(|(_, seen)| seen) {
            let count = wanted_by.entry(*right).or_default();
            *count = count.saturating_add(1);
        }
        for (left, seen) in fits.into_values() {
            if let [right] = seen.as_slice()
                && wanted_by.get(right) == Some(&1)
            {
                self.agree(MatchedBy::AmountAndDate, &[left], &[*right], None)?;
            }
        }
        Ok(())
    }

    /// Whether a day is one on which an item may be seen, with one business day more at each end.
    fn may_be_seen(&self, item: &Expected<'_>, seen: Date) -> Result<bool, ReconcileError> {
        let Some(expected_on) = item.expected_on else {
            return Ok(seen >= item.day);
        };
        let first = self.due.first_day(item.day.min(expected_on))?;
        Ok(first <= seen && seen <= self.due.last_day(expected_on)?)
    }
}

/// The places of what is open.
pub(super) fn places(open: &[bool]) -> impl Iterator<Item = u32> {
    let all = open.iter().zip(0_u32..);
    all.filter(|(open, _place)| **open)
        .map(|(_open, place)| place)
}

pub(super) fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn fees(items: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    let mut sum = 0_i64;
    for fee in items {
        sum = sum.checked_add(fee?)?;
    }
    Some(sum)
}

fn expected_text<'a>(item: &Expected<'a>, by: MatchedBy) -> Option<TextKey<'a>> {
    match by {
        MatchedBy::RailReference => Some((item.direction, item.account, item.rail_reference?)),
        MatchedBy::Reference => Some((item.direction, 0, item.reference?)),
        MatchedBy::Batch => Some((item.direction, 0, item.batch?)),
        MatchedBy::BillNumber
        | MatchedBy::AmountAndDate
        | MatchedBy::FileNumber
        | MatchedBy::RunningTotal
        | MatchedBy::People => None,
    }
}

fn observed_text<'a>(item: &Observed<'a>, by: MatchedBy) -> Option<TextKey<'a>> {
    match by {
        MatchedBy::RailReference => Some((item.direction, item.account, item.rail_reference?)),
        MatchedBy::Reference | MatchedBy::Batch => Some((item.direction, 0, item.reference?)),
        MatchedBy::BillNumber
        | MatchedBy::AmountAndDate
        | MatchedBy::FileNumber
        | MatchedBy::RunningTotal
        | MatchedBy::People => None,
    }
}
