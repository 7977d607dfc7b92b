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

use epay_domain::proposal::{Person, Proposal, Verdict};
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

/// One person proposes.
pub(crate) async fn proposed(
    house: &House,
    case: &Case,
    resolution: Resolution,
    key: &str,
) -> Proposal {
    let command = ends(case, resolution, key);
    let proposed = house.engine.propose_break_resolution(command).await;
    proposed.unwrap()
}

/// Another agrees, and it is carried out.
pub(crate) async fn approved(house: &House, proposal: &Proposal) {
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

/// One person proposes, another agrees, and it is carried out.
pub(crate) async fn agreed(house: &House, case: &Case, resolution: Resolution, key: &str) {
    let proposal = proposed(house, case, resolution, key).await;
    approved(house, &proposal).await;
}

/// What must hold of every book at any time.
pub(crate) async fn assert_sound(house: &House) {
    let unequal = "SELECT count(*) FROM (SELECT book FROM ledger.balance GROUP BY book \
                   HAVING sum(debit) <> sum(credit)) AS books";
    assert_eq!(house.count(unequal).await, 0, "debits and credits differ");
    let negative = "SELECT count(*) FROM ledger.balance JOIN ledger.account ON account.id = balance.account \
                    WHERE left(account.code, 4) BETWEEN '2110' AND '2160' AND balance.credit < balance.debit";
    assert_eq!(house.count(negative).await, 0, "somebody's money is gone");
    // A rail's clearing account may be in credit while the rail has something to keep back, and 1180 either way.
    let wrong = "SELECT count(*) FROM ledger.balance JOIN ledger.account ON account.id = balance.account \
                 WHERE (left(account.code, 4) IN ('1110', '1130', '1150', '1190') AND balance.debit < balance.credit) \
                 OR (left(account.code, 4) = '2190' AND balance.credit < balance.debit)";
    assert_eq!(
        house.count(wrong).await,
        0,
        "more was moved on than was kept"
    );
    assert_eq!(
        house.count(BANK_DIFFERS).await,
        0,
        "1010 is not what the bank says"
    );
}

/// Books whose account 1010 is not what their statements close with, wherever all statements from the first day are in and were
/// looked at, each beginning where the one before it ended.
const BANK_DIFFERS: &str = "WITH told AS (SELECT *, lag(closing_minor, 1, 0::bigint) OVER days AS before, \
     lead(closing_minor) OVER days IS NULL AS is_last FROM recon.statement \
     WHERE kind = 'statement' AND state IN ('complete', 'accepted') \
     WINDOW days AS (PARTITION BY biller_id, account, currency ORDER BY to_date, sequence_number)), \
     whole AS (SELECT biller_id, sum(closing_minor) FILTER (WHERE is_last) AS closing_minor FROM told GROUP BY biller_id \
     HAVING bool_and(opening_minor = before) AND bool_and(EXISTS (SELECT FROM recon.reconciled AS done \
     WHERE done.biller_id = told.biller_id AND done.source_id = told.statement_id AND done.entries = told.entries))) \
     SELECT count(*) FROM whole WHERE closing_minor <> (SELECT coalesce(sum(balance.debit - balance.credit), 0) \
     FROM ledger.balance JOIN ledger.account ON account.id = balance.account JOIN ledger.book ON book.id = account.book \
     WHERE book.biller_id = whole.biller_id AND left(account.code, 4) = '1010')";

/// What the books say the bank has, in cents.
pub(crate) async fn in_bank(house: &House) -> i64 {
    house
        .count(
            "SELECT coalesce(sum(debit - credit), 0)::bigint FROM ledger.balance \
             JOIN ledger.account ON account.id = balance.account WHERE left(account.code, 4) = '1010'",
        )
        .await
}
