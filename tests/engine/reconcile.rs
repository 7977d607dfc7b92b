//! A book beside the bank's statements: what agrees is booked once, every difference has a name, and people end what no
//! fact ends.

mod bank_day;
mod batches;
mod entries;
mod late;
mod passed_on;
mod people;
mod reports;
mod told;
mod wallets;

use epay_domain::proposal::{Person, Verdict};
use epay_domain::reconciliation::case::{Case, CaseState, Resolution};
use epay_engine::{DecideProposal, ProposeBreakResolution, Reconciled};
use epay_store::PageRequest;
use epay_store::reconciliation::CaseFilter;

use crate::house::{House, biller};

/// Looks at the book of the rates department.
pub(crate) async fn reconcile(house: &House) -> Reconciled {
    house.engine.reconcile(&biller("rvd")).await.unwrap()
}

/// Every break of the rates department, the oldest first.
pub(crate) async fn all_breaks(house: &House) -> Vec<Case> {
    let filter = CaseFilter {
        biller: Some(biller("rvd")),
        ..CaseFilter::default()
    };
    let page = PageRequest {
        size: 1_000,
        after: None,
    };
    let reader = house.engine.reader();
    let mut found = reader.break_cases(&filter, page).await.unwrap().items;
    found.reverse();
    found
}

/// `SHORT_SETTLEMENT -36003 1190.testcard 36003`: the open breaks, with where the difference lies; sorted.
pub(crate) async fn open_breaks(house: &House) -> Vec<String> {
    let open = all_breaks(house)
        .await
        .into_iter()
        .filter(|case| case.state == CaseState::Open);
    let mut words: Vec<String> = open.map(|case| said(&case)).collect();
    words.sort();
    words
}

fn said(case: &Case) -> String {
    let kept = case.kept.as_ref().map_or_else(String::new, |kept| {
        format!(" {} {}", kept.account, kept.minor)
    });
    format!("{} {}{kept}", case.class.as_str(), case.difference_minor)
}

/// The kinds of what happened to a break, oldest first.
pub(crate) async fn history(house: &House, case: &Case) -> Vec<String> {
    let events = house
        .engine
        .reader()
        .break_events(&case.biller, case.id)
        .await
        .unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

pub(crate) fn clerk(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        roles: vec!["clerk".to_owned()],
    }
}

pub(crate) fn ends(case: &Case, resolution: Resolution, key: &str) -> ProposeBreakResolution {
    ProposeBreakResolution {
        biller: case.biller.clone(),
        id: case.id,
        resolution,
        reason: "seen on paper".to_owned(),
        idempotency_key: key.to_owned(),
        caller: clerk("ann"),
    }
}

/// One person proposes, another agrees, and it is carried out.
pub(crate) async fn agreed(house: &House, case: &Case, resolution: Resolution, key: &str) {
    let command = ends(case, resolution, key);
    let proposal = house
        .engine
        .propose_break_resolution(command)
        .await
        .unwrap();
    let decide = DecideProposal {
        proposal: proposal.id,
        verdict: Verdict {
            approve: true,
            reason: "agreed".to_owned(),
        },
        caller: Person {
            name: "bob".to_owned(),
            roles: vec!["controller".to_owned()],
        },
    };
    house.engine.decide_proposal(decide).await.unwrap();
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 1);
    assert_eq!(house.engine.carry_out_proposals().await.unwrap(), 0);
}

/// What must hold of every book at any time.
pub(crate) async fn assert_sound(house: &House) {
    let unequal = "SELECT count(*) FROM (SELECT book FROM ledger.balance GROUP BY book \
                   HAVING sum(debit) <> sum(credit)) AS books";
    assert_eq!(house.count(unequal).await, 0, "debits and credits differ");
    let negative = "SELECT count(*) FROM ledger.balance JOIN ledger.account ON account.id = balance.account \
                    WHERE left(account.code, 4) BETWEEN '2110' AND '2160' AND balance.credit < balance.debit";
    assert_eq!(house.count(negative).await, 0, "somebody's money is gone");
}

/// What the books say the bank has, in cents.
pub(crate) async fn in_bank(house: &House) -> i64 {
    house
        .count(
            "SELECT coalesce(sum(debit - credit), 0)::bigint FROM ledger.balance \
             JOIN ledger.account ON account.id = balance.account WHERE left(account.code, 4) = '1010'",
        )
        .await
}
