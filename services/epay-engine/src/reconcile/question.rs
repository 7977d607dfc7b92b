//! The two sides of one level and currency, as the matcher reads them.

use std::collections::{BTreeMap, HashMap, HashSet};

use epay_domain::reconciliation::case::ItemKind;
use epay_domain::reconciliation::{
    Direction, Expected, ItemId, Kind, Level, Observed, Outcome, Question, ReconcileError, named,
    reconcile,
};
use epay_domain::statement::EntryDirection;
use epay_money::{BusinessCalendar, Currency, RailId, ReceiptId};
use epay_store::reconciliation::ReferenceKey;
use jiff::civil::Date;
use uuid::Uuid;

use super::load::Sides;
use super::{Seen, Wanted};

/// What was asked, and what came of it. Places in the outcome are places in these lists, which hold places in the sides.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// What each expected place stands for: one, or all receipts of a day's batch. Nothing where it had been met before.
    pub(super) wanted: Vec<Vec<usize>>,
    pub(super) seen: Vec<usize>,
}

/// What the matcher is given beside the items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) level: Level,
    pub(super) currency: Currency,
    pub(super) met: &'a [(ReferenceKey, ReceiptId)],
    pub(super) today: Date,
    pub(super) calendar: &'a BusinessCalendar,
}

pub(super) fn ask(sides: &Sides, terms: Terms<'_>) -> Result<Answer, ReconcileError> {
    let wanted = grouped(sides, terms);
    let keys: Vec<String> = wanted.iter().map(|group| key_of(sides, group)).collect();
    let seen: Vec<usize> = sides
        .seen
        .iter()
        .enumerate()
        .filter(|(_, one)| one.level == terms.level && one.currency == terms.currency)
        .map(|(place, _)| place)
        .collect();
    let mut accounts = Accounts::default();
    let mut left: Vec<Expected<'_>> = wanted
        .iter()
        .zip(&keys)
        .filter_map(|(group, key)| expected(sides, group, key, &mut accounts))
        .collect();
    let batches: Vec<usize> = (0..left.len())
        .filter(|place| left.get(*place).is_some_and(|item| item.kind != Kind::Item))
        .collect();
    let told = told_by_bank(sides, terms);
    let right: Vec<Observed<'_>> = seen
        .iter()
        .filter_map(|place| sides.seen.get(*place))
        .map(|one| {
            let batch = batch_named_by(sides, one, (&wanted, &left), &batches);
            let key = batch.and_then(|place| keys.get(place));
            let mut item = observed(one, key.map(String::as_str), &mut accounts);
            if let Some(name) = names(one).find(|name| told.contains(name)) {
                item.returned = false;
                // What else it carries is for people: a payout names the refund's purpose beside our order.
                item.reference = item
                    .reference
                    .filter(|reference| told.contains(reference))
                    .or(Some(name));
            }
            item
        })
        .collect();
    let covered: BTreeMap<u32, Date> = sides
        .covered_until
        .iter()
        .filter(|(level, ..)| *level == terms.level)
        .map(|(_, rail, account, day)| (accounts.number(rail.as_ref(), account), *day))
        .collect();
    left.extend(terms.met.iter().map(|key| met(key, terms, &mut accounts)));
    let question = Question {
        level: terms.level,
        expected: &left,
        observed: &right,
        covered_until: &covered,
        today: terms.today,
    };
    Ok(Answer {
        outcome: reconcile(&question, terms.calendar)?,
        wanted,
        seen,
    })
}

/// What the bank told that it takes, takes back or brings back, by every name: its entry is no news, so it is looked at like
/// any other, also where it is a return.
fn told_by_bank<'a>(sides: &'a Sides, terms: Terms<'_>) -> HashSet<&'a str> {
    let of = sides.wanted.iter().filter(|one| {
        one.what.level == terms.level
            && matches!(
                one.what.kind,
                ItemKind::Refund | ItemKind::RefundReturn | ItemKind::PromiseReturn
            )
    });
    of.flat_map(|one| [&one.what.rail_reference, &one.what.reference])
        .flatten()
        .map(String::as_str)
        .collect()
}

/// Everything that a line calls itself.
fn names(one: &Seen) -> impl Iterator<Item = &str> {
    let own = [
        Some(&one.rail_reference),
        one.reference.as_ref(),
        // Where a bank puts the name of our order is its own affair.
        one.bill_number.as_ref(),
    ];
    own.into_iter()
        .flatten()
        .chain(&one.texts)
        .map(String::as_str)
}

/// Numbers for the accounts on which references mean something.
#[derive(Debug, Default)]
struct Accounts<'a> {
    numbers: HashMap<(Option<&'a RailId>, &'a str), u32>,
}

impl<'a> Accounts<'a> {
    fn number(&mut self, rail: Option<&'a RailId>, account: &'a str) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry((rail, account)).or_insert(next)
    }
}

/// A rail, its account and the day by which it pays over.
type DayKey<'a> = (&'a Option<RailId>, &'a str, Option<Date>);

/// Items one by one, and what is paid over by the day together.
fn grouped(sides: &Sides, terms: Terms<'_>) -> Vec<Vec<usize>> {
    let mut groups = Vec::new();
    let mut days: BTreeMap<DayKey<'_>, Vec<usize>> = BTreeMap::new();
    for (place, one) in sides.wanted.iter().enumerate() {
        if one.what.level != terms.level || one.what.currency != terms.currency {
            continue;
        }
        if one.by_day {
            let key = (
                &one.what.rail,
                one.what.account.as_str(),
                one.what.expected_on,
            );
            days.entry(key).or_default().push(place);
        } else {
            groups.push(vec![place]);
        }
    }
    groups.extend(days.into_values());
    groups
}

/// A name that nothing else has.
fn key_of(sides: &Sides, group: &[usize]) -> String {
    let first = group
        .iter()
        .filter_map(|place| sides.wanted.get(*place))
        .map(|one| one.what.id)
        .min();
    format!("batch {}", first.unwrap_or_default())
}

const fn way(direction: EntryDirection) -> Direction {
    match direction {
        EntryDirection::Credit => Direction::In,
        EntryDirection::Debit => Direction::Out,
    }
}

/// Whether many movements are paid over with it, so that less is short and not wrong.
pub(super) const fn is_batch(one: &Wanted) -> bool {
    matches!(
        one.what.kind,
        ItemKind::Batch | ItemKind::Shortfall | ItemKind::Surplus
    ) || one.by_day
}

fn expected<'a>(
    sides: &'a Sides,
    group: &[usize],
    key: &'a str,
    accounts: &mut Accounts<'a>,
) -> Option<Expected<'a>> {
    let members = || group.iter().filter_map(|place| sides.wanted.get(*place));
    let first = members().min_by_key(|one| one.what.id)?;
    let what = &first.what;
    let batch = is_batch(first);
    let rail = what.rail.as_ref().filter(|_rail| what.level == Level::Rail);
    // What a rail still owes, and a break says is late, may come on whatever day.
    let any_day = what.kind == ItemKind::Shortfall && first.case.is_some();
    Some(Expected {
        id: ItemId {
            id: what.id,
            line: 0,
        },
        kind: match what.kind {
            ItemKind::Shortfall | ItemKind::Surplus => Kind::Rest,
            _ if batch => Kind::Batch,
            _ => Kind::Item,
        },
        direction: way(what.direction),
        account: accounts.number(rail, &what.account),
        rail_reference: what.rail_reference.as_deref().filter(|_reference| !batch),
        reference: if batch {
            Some(key)
        } else {
            what.reference.as_deref()
        },
        batch: None,
        bill_number: what.bill_number.as_deref().filter(|_number| !batch),
        minor: members()
            .map(|one| one.what.minor)
            .fold(0, i64::saturating_add),
        fee_minor: what.fee_minor.filter(|_fee| !batch),
        day: what.day,
        expected_on: what.expected_on.filter(|_day| !any_day),
        met: false,
    })
}

fn observed<'a>(
    one: &'a Seen,
    batch: Option<&'a str>,
    accounts: &mut Accounts<'a>,
) -> Observed<'a> {
    let rail = one.rail.as_ref().filter(|_rail| one.level == Level::Rail);
    Observed {
        id: ItemId {
            id: one.source,
            line: one.line,
        },
        direction: way(one.direction),
        account: accounts.number(rail, &one.account),
        rail_reference: Some(&one.rail_reference),
        reference: batch.or(one.reference.as_deref()),
        bill_number: one.bill_number.as_deref(),
        minor: one.minor,
        fee_minor: one.fee_minor,
        day: one.day,
        returned: one.returned,
    }
}

fn met<'a>(
    (key, receipt): &'a (ReferenceKey, ReceiptId),
    terms: Terms<'_>,
    accounts: &mut Accounts<'a>,
) -> Expected<'a> {
    Expected {
        id: ItemId {
            id: receipt.uuid(),
            line: 0,
        },
        kind: Kind::Item,
        direction: Direction::In,
        account: accounts.number(key.rail.as_ref(), &key.account),
        rail_reference: Some(&key.reference),
        reference: None,
        batch: None,
        bill_number: None,
        minor: 1,
        fee_minor: None,
        day: terms.today,
        expected_on: None,
        met: true,
    }
}

/// The batch that an entry names, where it carries neither a reference of ours nor a bill: its name alone, or with its
/// account where several have the name; and where that is still not enough, the one of its amount.
fn batch_named_by(
    sides: &Sides,
    one: &Seen,
    (wanted, left): (&[Vec<usize>], &[Expected<'_>]),
    batches: &[usize],
) -> Option<usize> {
    let own = one.direction == EntryDirection::Credit && one.reference.is_some();
    if one.level != Level::Bank || own || one.bill_number.is_some() || one.returned {
        return None;
    }
    let says = |name: &str| one.texts.iter().any(|text| named(text, name));
    let of = |place: usize| {
        let first = wanted.get(place)?.first()?;
        sides.wanted.get(*first).map(|one| &one.what)
    };
    let mut fits: Vec<usize> = batches
        .iter()
        .copied()
        .filter(|place| {
            left.get(*place)
                .is_some_and(|item| item.direction == way(one.direction))
        })
        .filter(|place| {
            of(*place).is_some_and(|what| match &what.reference {
                Some(name) if what.kind != ItemKind::Receipt => says(name),
                Some(_) | None => says(&what.account),
            })
        })
        .collect();
    if fits.len() > 1 {
        let by_account: Vec<usize> = fits
            .iter()
            .copied()
            .filter(|place| of(*place).is_some_and(|what| says(&what.account)))
            .collect();
        if !by_account.is_empty() {
            fits = by_account;
        }
    }
    if fits.len() > 1 {
        fits.retain(|place| left.get(*place).is_some_and(|item| item.minor == one.minor));
    }
    match fits.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The references of what stands alone on the observed side: perhaps they were matched before.
pub(super) fn lonely_keys(sides: &Sides, answer: &Answer) -> Vec<ReferenceKey> {
    let alone = answer
        .outcome
        .breaks
        .iter()
        .filter(|found| found.expected.as_slice().is_empty());
    let places = alone.filter_map(|found| found.observed.as_slice().first().copied());
    places
        .filter_map(|place| answer.seen.get(usize::try_from(place).ok()?))
        .filter_map(|place| sides.seen.get(*place))
        .filter(|one| one.direction == EntryDirection::Credit)
        .map(|one| ReferenceKey {
            rail: one.rail.clone(),
            account: one.account.clone(),
            reference: one.rail_reference.clone(),
        })
        .collect()
}

/// The id under which a group is shown.
pub(super) fn group_id(sides: &Sides, group: &[usize]) -> Uuid {
    let ids = group
        .iter()
        .filter_map(|place| sides.wanted.get(*place))
        .map(|one| one.what.id);
    ids.min().unwrap_or_default()
}
