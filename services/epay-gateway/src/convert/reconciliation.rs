//! Breaks, matches and where a book stands.

use epay_domain::reconciliation::case::{CaseItem, CaseState, Ended, Hint};
use epay_engine::{BookSummary, CaseView};
use epay_money::{BillerId, Currency, Money};
use epay_proto::v1;
use epay_store::StoredEvent;
use epay_store::reconciliation::{BankBalance, MatchPart, SummaryRow};

use super::{amount, date, minor, timestamp};
use crate::names;

const fn break_state(state: CaseState) -> v1::BreakState {
    match state {
        CaseState::Open => v1::BreakState::Open,
        CaseState::Resolved => v1::BreakState::Resolved,
    }
}

/// The state that a filter names; `None` for "any".
pub(crate) fn break_state_filter(state: v1::BreakState) -> Option<CaseState> {
    CaseState::ALL
        .into_iter()
        .find(|known| break_state(*known) == state)
}

fn item(item: &CaseItem, currency: Currency) -> v1::BreakItem {
    v1::BreakItem {
        kind: item.kind.as_str().to_owned(),
        id: item.id.to_string(),
        line: item.line,
        amount: minor(item.minor, currency),
        reference: item.reference.clone().unwrap_or_default(),
    }
}

fn suggestion(hint: &Hint, currency: Currency) -> v1::BreakSuggestion {
    v1::BreakSuggestion {
        reason: hint.why.as_str().to_owned(),
        items: hint.items.iter().map(|one| item(one, currency)).collect(),
    }
}

/// A break without its history.
pub(crate) fn break_of(view: &CaseView) -> v1::Break {
    let case = &view.case;
    let (biller, currency) = (&case.biller, case.currency);
    let items = |items: &[CaseItem]| items.iter().map(|one| item(one, currency)).collect();
    let (ended_by, proposal) = match &case.ended {
        None => (String::new(), String::new()),
        Some(Ended::Fact { what, .. }) => (what.clone(), String::new()),
        Some(Ended::People {
            proposal,
            resolution,
            ..
        }) => (
            resolution.as_str().to_owned(),
            names::of_proposal(biller, *proposal),
        ),
    };
    v1::Break {
        name: names::of_break(biller, case.id),
        class: case.class.as_str().to_owned(),
        level: case.level.as_str().to_owned(),
        rail: case
            .rail
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        account: case.account.clone(),
        difference: minor(case.difference_minor, currency),
        kept_account: case
            .kept
            .as_ref()
            .map_or_else(String::new, |kept| kept.account.to_string()),
        kept: case
            .kept
            .as_ref()
            .map(|kept| amount(Money::new(kept.minor, currency))),
        expected: items(&case.expected),
        observed: items(&case.observed),
        suggestions: case
            .hints
            .iter()
            .map(|hint| suggestion(hint, currency))
            .collect(),
        journals: case
            .journals
            .iter()
            .map(|id| names::of_journal(biller, *id))
            .collect(),
        owner: case.owner.clone().unwrap_or_default(),
        state: break_state(case.state).into(),
        ended_by,
        proposal,
        create_time: Some(timestamp(case.opened_at)),
        update_time: Some(timestamp(case.changed_at)),
        age_business_days: view
            .age_business_days
            .and_then(|age| i32::try_from(age).ok())
            .unwrap_or(-1),
        history: vec![],
    }
}

/// What happened to a break.
pub(crate) fn break_event(event: &StoredEvent) -> v1::BreakEvent {
    v1::BreakEvent {
        kind: event.kind.clone(),
        time: Some(timestamp(event.at)),
        facts: event.body.to_string(),
    }
}

pub(crate) fn match_of(biller: &BillerId, parts: &[MatchPart]) -> v1::Match {
    let first = parts.first();
    let sum = parts
        .iter()
        .map(|part| part.amount.minor())
        .fold(0, i64::saturating_add);
    v1::Match {
        id: first.map_or_else(String::new, |part| part.id.to_string()),
        level: first.map_or_else(String::new, |part| part.level.as_str().to_owned()),
        reason: first.map_or_else(String::new, |part| part.by.as_str().to_owned()),
        rail: first
            .and_then(|part| part.rail.as_ref())
            .map_or_else(String::new, ToString::to_string),
        amount: first.map(|part| amount(Money::new(sum, part.amount.currency()))),
        day: first.map(|part| date(part.day)),
        pairs: parts.iter().map(pair).collect(),
        journal: first
            .and_then(|part| part.journal)
            .map_or_else(String::new, |id| names::of_journal(biller, id)),
    }
}

fn pair(part: &MatchPart) -> v1::MatchPair {
    let (source, line) = part.seen.unzip();
    v1::MatchPair {
        kind: part.kind.as_str().to_owned(),
        expected: part.expected.map_or_else(String::new, |id| id.to_string()),
        source: source.map_or_else(String::new, |id| id.to_string()),
        line: line.unwrap_or_default(),
    }
}

pub(crate) fn summary(summary: &BookSummary) -> v1::ReconciliationSummary {
    v1::ReconciliationSummary {
        rows: summary.rows.iter().map(row).collect(),
        bank: summary.bank.iter().map(balance).collect(),
        books: summary
            .books
            .iter()
            .map(|(currency, minor)| amount(Money::new(*minor, *currency)))
            .collect(),
    }
}

fn row(row: &SummaryRow) -> v1::ReconciliationRow {
    let of = |(count, sum): (i64, i64)| (count, minor(sum, row.currency));
    let (matched_count, matched) = of(row.matched);
    let (expected_count, expected) = of(row.expected);
    let (broken_count, broken) = of(row.broken);
    v1::ReconciliationRow {
        day: Some(date(row.day)),
        level: row.level.as_str().to_owned(),
        rail: row
            .rail
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        matched_count,
        matched,
        expected_count,
        expected,
        broken_count,
        broken,
    }
}

fn balance(balance: &BankBalance) -> v1::BankAccountBalance {
    v1::BankAccountBalance {
        account: balance.account.clone(),
        to_date: Some(date(balance.to_date)),
        closing: minor(balance.closing_minor, balance.currency),
    }
}
