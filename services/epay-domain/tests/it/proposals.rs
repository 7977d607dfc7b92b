//! Four eyes: who may decide what, once.

use epay_domain::Refusal;
use epay_domain::proposal::{
    Limit, Limits, Person, Proposal, ProposalState, Resolved, Subject, SubjectKind, Verdict, apply,
    decide,
};
use epay_money::{BillerId, Money, PaymentId, PayoutAccountId, ProposalId, RefundId};

use crate::support::{id, now};

fn person(name: &str, role: &str) -> Person {
    Person {
        name: name.into(),
        roles: vec![role.into()],
    }
}

fn limits() -> Limits {
    let row = |role: &str, kind, most_minor| Limit {
        role: role.into(),
        kind,
        most_minor,
    };
    Limits::new(vec![
        row("supervisor", SubjectKind::Refund, Some(2_000_000)),
        row("supervisor", SubjectKind::Resolution, Some(2_000_000)),
        row("supervisor", SubjectKind::PayoutAccount, None),
        row("controller", SubjectKind::Refund, None),
        row("controller", SubjectKind::Resolution, None),
    ])
}

fn proposal(subject: Subject, minor: Option<i64>) -> Proposal {
    Proposal {
        id: ProposalId::new(id(7)),
        biller: BillerId::new("wsd").unwrap(),
        subject,
        amount: minor.map(Money::hkd),
        reason: "paid twice".into(),
        maker: "ann".into(),
        made_at: now(),
        state: ProposalState::Waiting,
        checker: None,
        decided_at: None,
        decision: None,
        version: 1,
    }
}

fn refund(minor: i64) -> Proposal {
    let refund = RefundId::new(id(6));
    proposal(Subject::Refund { refund }, Some(minor))
}

fn verdict(approve: bool) -> Verdict {
    Verdict {
        approve,
        reason: "seen".into(),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row a case")]
fn another_person_decides_within_the_limit_of_their_roles() {
    let account = Subject::PayoutAccount {
        account: PayoutAccountId::new(id(8)),
    };
    let resolution = Subject::Resolution {
        payment: PaymentId::new(id(2)),
        finding: Resolved::DidNotCome,
    };
    let limit = || {
        Err(Refusal::AboveLimit {
            most: Money::hkd(2_000_000),
        })
    };
    let rows = [
        (
            refund(2_000_000),
            person("bob", "supervisor"),
            true,
            Ok(ProposalState::Approved),
        ),
        (
            refund(2_000_001),
            person("bob", "supervisor"),
            true,
            limit(),
        ),
        (
            refund(2_000_001),
            person("bob", "supervisor"),
            false,
            Ok(ProposalState::Declined),
        ),
        (
            refund(2_000_001),
            person("cat", "controller"),
            true,
            Ok(ProposalState::Approved),
        ),
        (
            refund(1),
            person("ann", "controller"),
            true,
            Err(Refusal::OwnProposal),
        ),
        (
            refund(1),
            person("ann", "controller"),
            false,
            Err(Refusal::OwnProposal),
        ),
        (
            refund(1),
            person("dan", "clerk"),
            true,
            Err(Refusal::MayNotDecide),
        ),
        (
            refund(1),
            person("dan", "clerk"),
            false,
            Err(Refusal::MayNotDecide),
        ),
        (
            proposal(account.clone(), None),
            person("bob", "supervisor"),
            true,
            Ok(ProposalState::Approved),
        ),
        (
            proposal(account, None),
            person("cat", "controller"),
            true,
            Err(Refusal::MayNotDecide),
        ),
        (
            proposal(resolution, Some(3_000_000)),
            person("bob", "supervisor"),
            true,
            limit(),
        ),
    ];
    for (proposal, checker, approve, expected) in rows {
        let answer = decide(&proposal, &verdict(approve), &checker, &limits(), now())
            .map(|events| events.iter().fold(proposal.clone(), apply).state);
        assert_eq!(answer, expected, "{proposal:?} by {checker:?}");
    }
}

#[test]
fn the_widest_of_a_persons_roles_counts() {
    let both = Person {
        name: "bob".into(),
        roles: vec!["controller".into(), "supervisor".into()],
    };
    assert!(decide(&refund(9_000_000), &verdict(true), &both, &limits(), now()).is_ok());
}

#[test]
fn a_proposal_is_decided_once_and_the_same_word_again_is_no_news() {
    let (bob, cat) = (person("bob", "supervisor"), person("cat", "controller"));
    let open = refund(100);
    let events = decide(&open, &verdict(true), &bob, &limits(), now()).unwrap();
    let decided = events.iter().fold(open, apply);
    assert_eq!(decided.checker.as_deref(), Some("bob"));
    assert_eq!(decided.decision.as_deref(), Some("seen"));
    let again = |person: &Person, approve| {
        decide(&decided, &verdict(approve), person, &limits(), now()).map(|events| events.len())
    };
    assert_eq!(again(&bob, true), Ok(0));
    assert_eq!(again(&bob, false), Err(Refusal::AlreadyDecided));
    assert_eq!(again(&cat, true), Err(Refusal::AlreadyDecided));
}
