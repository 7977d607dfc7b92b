//! Recalls: who may decide what, and what is then said.

use epay_domain::Refusal;
use epay_domain::recall::{Direction, Recall, RecallState, ask, order_key};
use epay_domain::refund::{Refund, RefundState, Route, Source};
use epay_money::{Money, PayoutAccountId, ProposalId, RecallId, ReceiptId, RefundId};
use epay_rail::Recall as Words;
use jiff::Timestamp;
use uuid::Uuid;

fn at() -> Timestamp {
    "2026-11-23T03:00:00Z".parse().unwrap()
}

fn recall(direction: Direction, state: RecallState) -> Recall {
    let id = RecallId::new(Uuid::from_u128(7 << 96));
    Recall {
        id,
        biller: "rvd".parse().unwrap(),
        direction,
        rail: "fps".parse().unwrap(),
        case: "C-1".to_owned(),
        payment: None,
        receipt: None,
        refund: None,
        order_key: Some("RF0AB1CD2EF3GH4JK5MN-1".to_owned()),
        amount: Money::hkd(100),
        why: "DUPL".to_owned(),
        state,
        answer: None,
        by: None,
        told_at: None,
        created_at: at(),
        changed_at: at(),
        version: 1,
    }
}

fn refund(state: RefundState, original: Option<bool>) -> Refund {
    let id = RefundId::new(Uuid::from_u128(9 << 96));
    Refund {
        id,
        biller: "rvd".parse().unwrap(),
        receipt: ReceiptId::new(Uuid::from_u128(1)),
        payment: None,
        bill: None,
        source: Source::Duplicate,
        amount: Money::hkd(100),
        reason: "paid twice".to_owned(),
        consent: None,
        account: Some(PayoutAccountId::new(Uuid::from_u128(2))),
        proposal: ProposalId::new(Uuid::from_u128(3)),
        state,
        route: original.map(|original| Route {
            rail: "fps".parse().unwrap(),
            original,
            order_key: "RF0AB1CD2EF3GH4JK5MN-1".to_owned(),
            at: at(),
            nonce: [0; 16],
        }),
        attempts: 1,
        problem: None,
        created_at: at(),
        changed_at: at(),
        version: 4,
    }
}

fn everything() -> impl Iterator<Item = Recall> {
    Direction::ALL.into_iter().flat_map(|direction| {
        RecallState::ALL
            .into_iter()
            .map(move |state| recall(direction, state))
    })
}

#[test]
fn only_what_is_wanted_of_us_and_waits_can_be_decided_by_a_person() {
    for before in everything() {
        let ours = before.direction == Direction::Wanted && before.state == RecallState::Waiting;
        let (reason, ann) = ("it was owed".to_owned(), "ann".to_owned());
        let declined = before.clone().decline(reason, ann.clone(), at());
        let asked = refund(RefundState::Proposed, None);
        let returned = before.clone().give_back(&asked, ann, at());
        let states = [declined, returned].map(|after| after.map(|after| after.state));
        let expected = if ours {
            [Ok(RecallState::Declined), Ok(RecallState::Returning)]
        } else {
            [
                Err(Refusal::RecallNotWaiting),
                Err(Refusal::RecallNotWaiting),
            ]
        };
        assert_eq!(states, expected, "{before:?}");
    }
}

#[test]
fn what_follows_from_the_refund_is_agreed_when_a_second_person_agreed_and_waits_again_when_not() {
    for state in RefundState::ALL {
        let after = recall(Direction::Wanted, RecallState::Returning).after(state, at());
        let expected = match state {
            RefundState::Proposed => None,
            RefundState::Refused => Some(RecallState::Waiting),
            _ => Some(RecallState::Agreed),
        };
        assert_eq!(after.map(|after| after.state), expected, "{state:?}");
        for before in everything().filter(|recall| recall.state != RecallState::Returning) {
            assert_eq!(before.clone().after(state, at()), None, "{before:?}");
        }
    }
}

#[test]
fn an_answer_ends_only_what_we_asked_and_only_once() {
    for before in everything() {
        for agreed in [true, false] {
            let after = before.clone().answered(agreed, Some("X".to_owned()), at());
            let open = before.direction == Direction::Asked && before.state == RecallState::Waiting;
            let expected = match (open, agreed) {
                (false, _) => None,
                (true, true) => Some(RecallState::Agreed),
                (true, false) => Some(RecallState::Declined),
            };
            assert_eq!(after.map(|after| after.state), expected, "{before:?}");
        }
    }
}

#[test]
fn a_question_and_a_decision_are_said_until_the_other_side_took_them() {
    for before in everything() {
        let words = match before.to_tell() {
            None => "",
            Some(Words::Want { .. }) => "want",
            Some(Words::Answer { agreed: true, .. }) => "yes",
            Some(Words::Answer { agreed: false, .. }) => "no",
        };
        let expected = match (before.direction, before.state) {
            (Direction::Asked, RecallState::Waiting) => "want",
            (Direction::Wanted, RecallState::Agreed) => "yes",
            (Direction::Wanted, RecallState::Declined) => "no",
            _ => "",
        };
        assert_eq!(words, expected, "{before:?}");
        assert_eq!(before.told(at()).to_tell(), None);
    }
}

#[test]
fn only_an_order_that_may_have_paid_an_account_can_be_asked_back() {
    for state in RefundState::ALL {
        for original in [None, Some(true), Some(false)] {
            let id = RecallId::new(Uuid::from_u128(7 << 96));
            let refund = refund(state, original);
            let asked = ask(
                id,
                &refund,
                "another person".to_owned(),
                "ann".to_owned(),
                at(),
            );
            let may_have_paid = matches!(
                state,
                RefundState::Submitting
                    | RefundState::InTransit
                    | RefundState::Unclear
                    | RefundState::Refunded
            );
            if may_have_paid && original == Some(false) {
                let asked = asked.unwrap();
                assert_eq!(asked.case, order_key(id));
                assert!(asked.case.len() <= 32 && asked.case.starts_with("RC"));
            } else {
                assert_eq!(
                    asked,
                    Err(Refusal::NothingToRecall),
                    "{state:?} {original:?}"
                );
            }
        }
    }
}
