//! From an outcome to rows: every match, break and open expectation, with what is booked of it.

use std::collections::BTreeMap;

use epay_domain::reconciliation::case::{
    self, Case, CaseEvent, CaseFact, CaseItem, Hint, ItemKind, Kept,
};
use epay_domain::reconciliation::{Break, BreakClass, Level, MatchedBy, Places};
use epay_domain::statement::EntryDirection;
use epay_ledger::chart;
use epay_money::{BreakId, Currency, JournalId, Money};
use epay_store::StoredEvent;
use epay_store::reconciliation::{Expectation, MatchPart};
use uuid::Uuid;

use super::book::{Booked, Books};
use super::late::LateDays;
use super::left::Standing;
use super::load::Sides;
use super::question::{Answer, group_id};
use super::writes::Writes;
use super::{Seen, Wanted};
use crate::batch::to_json;
use crate::error::EngineError;

/// A run's working copy.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) sides: &'a Sides,
    pub(super) books: Books<'a>,
    pub(super) writes: Writes,
    /// Breaks as they stand now.
    pub(super) cases: BTreeMap<BreakId, Case>,
    /// What each of them still stands for.
    pub(super) standing: Standing,
}

/// Items that belong together, or one side of them.
pub(super) struct Together<'t> {
    pub(super) level: Level,
    pub(super) currency: Currency,
    pub(super) by: MatchedBy,
    pub(super) left: Vec<&'t Wanted>,
    pub(super) right: Vec<&'t Seen>,
}

impl<'a> Run<'a> {
    pub(super) fn new(sides: &'a Sides, books: Books<'a>) -> Self {
        Self {
            standing: Standing::of(&sides.wanted),
            sides,
            books,
            writes: Writes::default(),
            cases: sides
                .cases
                .iter()
                .map(|(id, case)| (*id, case.clone()))
                .collect(),
        }
    }

    /// Takes over what came of a question.
    pub(super) fn take(
        &mut self,
        answer: &Answer,
        level: Level,
        currency: Currency,
    ) -> Result<(), EngineError> {
        for found in &answer.outcome.matches {
            let of = self.together(answer, (&found.expected, &found.observed), level, currency);
            let of = Together { by: found.by, ..of };
            self.matched(&of)?;
        }
        let mut late = LateDays::default();
        for found in &answer.outcome.breaks {
            if late.takes(self.sides, answer, found) {
                continue;
            }
            let of = self.together(answer, (&found.expected, &found.observed), level, currency);
            let of = Together {
                by: found.by.unwrap_or(MatchedBy::People),
                ..of
            };
            self.broken(answer, found, &of)?;
        }
        self.late(late, level, currency)?;
        for place in &answer.outcome.waiting {
            let places = Places::One(*place);
            let of = self.together(answer, (&places, &Places::None), level, currency);
            self.keep_expecting(&of.left, None);
        }
        self.restate();
        Ok(())
    }

    fn together(
        &self,
        answer: &Answer,
        (expected, observed): (&Places, &Places),
        level: Level,
        currency: Currency,
    ) -> Together<'a> {
        let sides = self.sides;
        let left = expected
            .as_slice()
            .iter()
            .filter_map(|place| answer.wanted.get(index(*place)));
        let right = observed
            .as_slice()
            .iter()
            .filter_map(|place| answer.seen.get(index(*place)));
        Together {
            level,
            currency,
            by: MatchedBy::People,
            left: left
                .flatten()
                .filter_map(|place| sides.wanted.get(*place))
                .collect(),
            right: right.filter_map(|place| sides.seen.get(*place)).collect(),
        }
    }

    /// Items that agree.
    pub(super) fn matched(&mut self, of: &Together<'_>) -> Result<Vec<JournalId>, EngineError> {
        let booked = self.book(of, None)?;
        let id = self.books.context.ids.next();
        self.pair(id, of, booked.journals.first().copied());
        let what = format!("both sides agree, by {}", of.by.as_str());
        self.explain(of, &what, &booked.journals);
        Ok(booked.journals)
    }

    /// Items of two breaks meet because people say so; the breaks are told by the caller.
    pub(super) fn met_by_people(
        &mut self,
        of: &Together<'_>,
    ) -> Result<Vec<JournalId>, EngineError> {
        let booked = self.book(of, None)?;
        let id = self.books.context.ids.next();
        self.pair(id, of, booked.journals.first().copied());
        Ok(booked.journals)
    }

    fn book(
        &mut self,
        of: &Together<'_>,
        class: Option<BreakClass>,
    ) -> Result<Booked, EngineError> {
        match of.level {
            Level::Bank => self.books.meeting(&of.left, &of.right, class),
            // A rail's word moves no money; a dispute was booked when the rail told of it.
            Level::Rail | Level::Department => Ok(Booked::default()),
        }
    }

    fn broken(
        &mut self,
        answer: &Answer,
        found: &Break,
        of: &Together<'_>,
    ) -> Result<(), EngineError> {
        if of.left.is_empty() || of.right.is_empty() {
            return self.alone(answer, found, of);
        }
        let booked = self.book(of, Some(found.class))?;
        let new = self.open(found, self.items(answer, found), of, &booked);
        self.pair(new.id.uuid(), of, booked.journals.first().copied());
        let what = format!("it came, and is now {}", found.class.as_str());
        self.explain(of, &what, &[]);
        if let (Some(kept), Level::Bank) = (&new.kept, of.level) {
            self.expect_rest(&new, kept, of);
        }
        if found.class == BreakClass::LateSettlement {
            let seen = of.right.iter().map(|one| one.day).max();
            let on = seen.map(|day| day.to_string()).unwrap_or_default();
            let what = format!("it came late, on {on}");
            let fact = CaseFact::Explained {
                what,
                journals: vec![],
            };
            self.tell(new.id, &fact);
        }
        Ok(())
    }

    /// One side alone. Where a break stands for it already, that is no news.
    fn alone(
        &mut self,
        answer: &Answer,
        found: &Break,
        of: &Together<'_>,
    ) -> Result<(), EngineError> {
        let known = of.left.iter().find_map(|one| one.case);
        let known = known.or_else(|| of.right.iter().find_map(|one| one.case));
        // What a break says of a day says nothing of one payment that is missing.
        let own = |id: &BreakId| of.left.iter().all(|one| one.by_day) || !self.is_of_many(*id);
        if let Some(id) = known.filter(own) {
            self.join(&of.left, id);
            self.keep_expecting(&of.left, Some(id));
            self.tell(id, &CaseFact::FoundAs(found.class));
            return Ok(());
        }
        let booked = match (of.level, of.right.first()) {
            (Level::Bank, Some(one)) => self.books.alone(one)?,
            (Level::Rail, Some(one)) if one.returned => Booked {
                journals: one.journal.into_iter().collect(),
                kept: Some(Kept {
                    account: chart::CHARGEBACKS.account(),
                    minor: one.minor,
                }),
            },
            (Level::Rail | Level::Department, Some(_)) => Booked::default(),
            (_, None) => Booked {
                // Of a day that is paid over together, each payment says for itself what booked it.
                journals: match of.left.as_slice() {
                    [one] => one.what.journal.into_iter().collect(),
                    _ => vec![],
                },
                kept: self.books.missing(&of.left)?,
            },
        };
        let new = self.open(found, self.items(answer, found), of, &booked);
        self.keep_expecting(&of.left, Some(new.id));
        for id in self.accounted(&of.left) {
            let what = "what is still missing of the day has breaks of its own".to_owned();
            let journals = vec![];
            self.tell(id, &CaseFact::Explained { what, journals });
        }
        if let (Level::Rail, Some(one)) = (of.level, of.right.first().filter(|one| one.returned)) {
            self.expect_dispute(&new, one);
        }
        Ok(())
    }

    /// Opens a break about these expected items, with these suggestions.
    pub(super) fn open(
        &mut self,
        found: &Break,
        (expected, hints): (Vec<CaseItem>, Vec<Hint>),
        of: &Together<'_>,
        booked: &Booked,
    ) -> Case {
        let rail = of.left.iter().find_map(|one| one.what.rail.clone());
        let rail = rail.or_else(|| of.right.iter().find_map(|one| one.rail.clone()));
        let account = of.right.first().map(|one| one.account.clone());
        let account = account.or_else(|| of.left.first().map(|one| one.what.account.clone()));
        let case = Case {
            rail,
            account: account.unwrap_or_default(),
            kept: booked.kept.clone(),
            expected,
            observed: of.right.iter().map(|one| seen_item(one)).collect(),
            hints,
            ..self.new_case(
                (of.level, found.class),
                (of.currency, found.difference_minor),
            )
        };
        self.found(case.clone(), booked.journals.clone());
        case
    }

    /// A break of this book that opens now, about nothing yet.
    pub(super) fn new_case(&self, of: (Level, BreakClass), difference: (Currency, i64)) -> Case {
        let context = self.books.context;
        let id = BreakId::new(context.ids.next());
        let opened = (context.now, context.today);
        Case::open(id, context.biller.clone(), of, difference, opened)
    }

    /// Keeps a break that is new, with what booked it.
    pub(super) fn found(&mut self, case: Case, journals: Vec<JournalId>) {
        let id = case.id;
        self.writes.new_cases.push(id);
        self.cases.insert(id, case);
        self.tell(id, &CaseFact::Found { journals });
    }

    fn items(&self, answer: &Answer, found: &Break) -> (Vec<CaseItem>, Vec<Hint>) {
        let expected = self.expected_items(answer, &found.expected);
        (expected, self.hints(answer, found))
    }

    fn expected_items(&self, answer: &Answer, places: &Places) -> Vec<CaseItem> {
        let groups = places
            .as_slice()
            .iter()
            .filter_map(|place| answer.wanted.get(index(*place)));
        groups.filter_map(|group| self.group_item(group)).collect()
    }

    /// One item, or all receipts of a day's batch as one.
    pub(super) fn group_item(&self, group: &[usize]) -> Option<CaseItem> {
        let members = || {
            group
                .iter()
                .filter_map(|place| self.sides.wanted.get(*place))
        };
        let first = members().next()?;
        let minor = members()
            .map(|one| one.what.minor)
            .fold(0, i64::saturating_add);
        let many = first.by_day || group.len() > 1;
        let reference = first.what.reference.as_ref();
        let reference = reference.or(first.what.rail_reference.as_ref());
        Some(CaseItem {
            kind: if many {
                ItemKind::DayBatch
            } else {
                first.what.kind
            },
            id: group_id(self.sides, group),
            line: 0,
            reference: reference.filter(|_reference| !many).cloned(),
            minor: signed(first.what.direction, minor),
        })
    }

    fn hints(&self, answer: &Answer, found: &Break) -> Vec<Hint> {
        let hints = found.suggestions.iter().map(|one| {
            let mut items = self.expected_items(answer, &one.expected);
            let seen = one.observed.as_slice().iter();
            let seen = seen.filter_map(|place| answer.seen.get(index(*place)));
            let seen = seen.filter_map(|place| self.sides.seen.get(*place));
            items.extend(seen.map(seen_item));
            Hint {
                why: one.why,
                items,
            }
        });
        hints.collect()
    }

    /// Tells a break a fact, and keeps what follows.
    pub(super) fn tell(&mut self, id: BreakId, fact: &CaseFact) {
        let now = self.books.context.now;
        let Some(mut case) = self.cases.get(&id).cloned() else {
            return;
        };
        let events = case::told(&case, fact, now);
        if events.is_empty() {
            return;
        }
        for event in events {
            case = case::apply(case, &event, now);
            self.record(&case, &event);
        }
        self.writes.changed_cases.insert(id);
        self.cases.insert(id, case);
    }

    fn record(&mut self, case: &Case, event: &CaseEvent) {
        self.writes.events.push(StoredEvent {
            biller: case.biller.clone(),
            aggregate: case.id.uuid(),
            version: case.version,
            kind: event.kind().to_owned(),
            body: to_json(event),
            at: self.books.context.now,
        });
    }

    /// Ends the breaks that stood for items which have met now.
    fn explain(&mut self, of: &Together<'_>, what: &str, journals: &[JournalId]) {
        let mut known = self.accounted(&of.left);
        known.extend(of.right.iter().filter_map(|one| one.case));
        known.sort_unstable();
        known.dedup();
        for id in known {
            let fact = CaseFact::Explained {
                what: what.to_owned(),
                journals: journals.to_vec(),
            };
            self.tell(id, &fact);
        }
    }

    /// Whether a break is about all payments of a day that nothing was seen of.
    fn is_of_many(&self, id: BreakId) -> bool {
        self.cases.get(&id).is_some_and(|case| {
            case.observed.is_empty()
                && case
                    .expected
                    .iter()
                    .any(|item| item.kind == ItemKind::DayBatch)
        })
    }

    /// Writes which items belong together.
    pub(super) fn pair(&mut self, id: Uuid, of: &Together<'_>, journal: Option<JournalId>) {
        let count = of.left.len().max(of.right.len());
        let rail = of.left.iter().find_map(|one| one.what.rail.clone());
        let day = of.right.iter().map(|one| one.day).max();
        let kind = of.left.first().map_or(ItemKind::Entry, |one| one.what.kind);
        for (place, part) in (0..count).zip(1_i32..) {
            let right = of.right.get(place);
            self.writes.matches.push(MatchPart {
                id,
                part,
                level: of.level,
                by: of.by,
                rail: rail.clone(),
                kind,
                expected: of.left.get(place).map(|one| one.what.id),
                seen: right.map(|one| (one.source, one.line)),
                amount: Money::new(right.map_or(0, |one| one.minor), of.currency),
                day: day.unwrap_or(self.books.context.today),
                journal,
            });
        }
        let closed = of.left.iter().filter(|one| !one.fresh);
        self.writes
            .met
            .extend(closed.map(|one| (of.level, one.what.id)));
    }

    /// What was not seen stays expected; where a break says so, under its name.
    pub(super) fn keep_expecting(&mut self, left: &[&Wanted], case: Option<BreakId>) {
        for one in left {
            if one.fresh {
                let what = one.what.clone();
                self.writes.expectations.push(Expectation { case, ..what });
            } else if let Some(case) = case.filter(|case| one.case != Some(*case)) {
                let missing = (one.what.level, one.what.id, case);
                self.writes.missing.push(missing);
            }
        }
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

const fn signed(direction: EntryDirection, minor: i64) -> i64 {
    match direction {
        EntryDirection::Credit => minor,
        EntryDirection::Debit => minor.saturating_neg(),
    }
}

pub(super) fn seen_item(one: &Seen) -> CaseItem {
    CaseItem {
        kind: one.kind,
        id: one.source,
        line: one.line,
        reference: one
            .reference
            .clone()
            .or_else(|| Some(one.rail_reference.clone())),
        minor: signed(one.direction, one.minor),
    }
}
