//! Refunds and proposals on a real PostgreSQL: two people, races, keys, journals.

mod paper;

use epay_domain::proposal::{Person, ProposalState, Subject, Verdict};
use epay_domain::refund::{RefundState, Source};
use epay_domain::{Receipt, Refusal};
use epay_engine::{
    DecideProposal, Engine, EngineError, ProposePayoutAccount, RedirectRefund, RefundView,
    RequestRefund,
};
use epay_money::{BillerId, Money, PayoutAccountId, ProposalId, ReceiptId, RefundId};
use epay_rail::PayoutAccount;
use epay_store::{PageRequest, ProposalFilter};
use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::SignedDuration;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

use crate::bank::{Answer, Bank};
use crate::house::{House, RVD, biller, credit, notice};
pub(crate) use paper::entry;
use paper::status;

const NUMBER: &str = "000123456789011";
/// Pairs of requests that race for the same money.
const PAIRS: u128 = 10_000;
/// Requests under way at once, on two nodes.
const AT_ONCE: usize = 1_000;

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        roles: vec!["controller".to_owned()],
    }
}

fn request(receipt: &Receipt, key: &str) -> RequestRefund {
    RequestRefund {
        biller: receipt.biller.clone(),
        receipt: receipt.id,
        source: None,
        amount: None,
        account: None,
        reason: "paid too much".to_owned(),
        consent: None,
        idempotency_key: key.to_owned(),
        caller: person("ann"),
    }
}

fn decide(proposal: ProposalId, name: &str, approve: bool) -> DecideProposal {
    DecideProposal {
        proposal,
        verdict: Verdict {
            approve,
            reason: "seen".to_owned(),
        },
        caller: person(name),
    }
}

/// A bill of HK$360.03, paid with HK$500.00.
async fn overpaid(house: &mut House) -> Receipt {
    let bill = house.bill("rvd-rates", NUMBER, 36_003).await;
    let payment = house.payment(&bill, "k1").await;
    let paid = notice(&[credit(RVD, "B1", 50_000).for_payment(&payment)]);
    house.receive("m1", &paid).await.unwrap();
    house.settle().await;
    house.receipts("rvd").await.remove(0)
}

#[tokio::test]
async fn a_refund_moves_money_only_when_a_second_person_agrees() {
    let mut house = House::open().await;
    let receipt = overpaid(&mut house).await;
    let held = "1110 Dr 500.00, 2010.rvd.main Cr 360.03, 2120 Cr 139.97";
    let asked = house.engine.request_refund(request(&receipt, "r1")).await;
    let RefundView { refund, proposal } = asked.unwrap();
    assert_eq!(refund.source, Source::Overpaid);
    assert_eq!(refund.amount, Money::hkd(13_997));
    assert_eq!(refund.state, RefundState::Proposed);
    assert_eq!(house.book("rvd").await, held);

    let own = house
        .engine
        .decide_proposal(decide(proposal.id, "ann", true));
    let error = own.await.unwrap_err();
    assert!(
        matches!(error, EngineError::Refused(Refusal::OwnProposal)),
        "{error:?}"
    );
    let decided = house
        .engine
        .decide_proposal(decide(proposal.id, "bob", true))
        .await
        .unwrap();
    assert_eq!(decided.state, ProposalState::Approved);
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 500.00, 2010.rvd.main Cr 360.03, 2140 Cr 139.97"
    );
    let late = house
        .engine
        .decide_proposal(decide(proposal.id, "cat", false));
    let error = late.await.unwrap_err();
    assert!(
        matches!(error, EngineError::Refused(Refusal::AlreadyDecided)),
        "{error:?}"
    );
    let events = house
        .engine
        .reader()
        .refund(&biller("rvd"), refund.id)
        .await;
    assert_eq!(events.unwrap().refund.version, 2);
}

#[tokio::test]
async fn what_a_second_person_declines_can_be_asked_for_again() {
    let mut house = House::open().await;
    let receipt = overpaid(&mut house).await;
    let first = house.engine.request_refund(request(&receipt, "r1")).await;
    let first = first.unwrap();
    let error = house
        .engine
        .request_refund(request(&receipt, "r2"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, EngineError::Refused(Refusal::NotRefundable { left }) if left.minor() == 0),
        "{error:?}"
    );
    let no = decide(first.proposal.id, "bob", false);
    house.engine.decide_proposal(no).await.unwrap();
    let again = house.engine.request_refund(request(&receipt, "r3")).await;
    assert_eq!(again.unwrap().refund.amount, Money::hkd(13_997));
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 500.00, 2010.rvd.main Cr 360.03, 2120 Cr 139.97"
    );
}

#[tokio::test]
async fn applied_money_goes_back_with_the_departments_consent_and_is_due_from_it() {
    let mut house = House::open().await;
    let receipt = overpaid(&mut house).await;
    let mut applied = request(&receipt, "r1");
    applied.source = Some(Source::Applied);
    let error = house
        .engine
        .request_refund(applied.clone())
        .await
        .unwrap_err();
    assert!(
        matches!(error, EngineError::Refused(Refusal::ConsentNeeded)),
        "{error:?}"
    );
    applied.consent = Some("minute 7 of 23 November".to_owned());
    applied.amount = Some(Money::hkd(36_000));
    let asked = house.engine.request_refund(applied).await.unwrap();
    let yes = decide(asked.proposal.id, "bob", true);
    house.engine.decide_proposal(yes).await.unwrap();
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 500.00, 1230.rvd Dr 360.00, 2010.rvd.main Cr 360.03, 2120 Cr 139.97, 2140 Cr 360.00"
    );
}

#[tokio::test]
async fn the_same_key_gets_the_first_answer_and_another_request_under_it_an_error() {
    let mut house = House::open().await;
    let receipt = overpaid(&mut house).await;
    let first = house.engine.request_refund(request(&receipt, "r1")).await;
    let first = first.unwrap();
    let yes = decide(first.proposal.id, "bob", true);
    house.engine.decide_proposal(yes.clone()).await.unwrap();
    let again = house.engine.request_refund(request(&receipt, "r1")).await;
    assert_eq!(again.unwrap(), first, "as it was answered first");
    // A decision needs no key: the same word by the same person is no news.
    house.engine.decide_proposal(yes).await.unwrap();
    let mut other = request(&receipt, "r1");
    other.amount = Some(Money::hkd(1));
    let error = house.engine.request_refund(other).await.unwrap_err();
    assert!(matches!(error, EngineError::KeyReused), "{error:?}");
    assert_eq!(house.count("SELECT count(*) FROM epay.refund").await, 1);
}

#[tokio::test]
async fn an_account_is_verified_by_two_people_and_for_one_receipt() {
    let mut house = House::open().await;
    let receipt = overpaid(&mut house).await;
    let propose = |bank_code: &str, key: &str| ProposePayoutAccount {
        biller: receipt.biller.clone(),
        receipt: receipt.id,
        account: PayoutAccount {
            bank_code: bank_code.to_owned(),
            number: "123456789".to_owned(),
            name: "CHAN TAI MAN".to_owned(),
        },
        reason: "bank statement seen".to_owned(),
        idempotency_key: key.to_owned(),
        caller: person("ann"),
    };
    let bad = house.engine.propose_payout_account(propose("9", "a0"));
    let error = bad.await.unwrap_err();
    assert!(
        matches!(
            error,
            EngineError::Refused(Refusal::BadAccount { field: "bank_code" })
        ),
        "{error:?}"
    );
    let asked = house.engine.propose_payout_account(propose("999", "a1"));
    let proposal = asked.await.unwrap();
    let again = house.engine.propose_payout_account(propose("999", "a1"));
    assert_eq!(again.await.unwrap(), proposal);
    let verified = "SELECT count(*) FROM epay.payout_account WHERE verified";
    assert_eq!(house.count(verified).await, 0);
    let waiting = ProposalFilter {
        state: Some(ProposalState::Waiting),
        ..ProposalFilter::default()
    };
    let reader = house.engine.reader();
    let listed = reader.proposals(&waiting, PageRequest::default()).await;
    let listed = listed.unwrap().items;
    assert_eq!(listed.first(), Some(&proposal));
    let yes = decide(proposal.id, "bob", true);
    house.engine.decide_proposal(yes).await.unwrap();
    assert_eq!(house.count(verified).await, 1);
}

/// Receipts of HK$1.00 that was paid twice, as many as there are pairs.
async fn receipts_for_a_race(house: &House) -> Vec<ReceiptId> {
    let ids: Vec<Uuid> = (0..PAIRS).map(|n| Uuid::from_u128((7 << 96) + n)).collect();
    let client = house.pool().get().await.unwrap();
    let at: jiff::Timestamp = "2026-11-23T03:00:00Z".parse().unwrap();
    let journal = Uuid::from_u128(1);
    client
        .execute(
            "INSERT INTO epay.receipt (biller_id, receipt_id, rail, rail_account, rail_reference, message_id, \
             matched_by, currency, amount_minor, applied_minor, overpaid_minor, forwarded_minor, duplicate_minor, \
             unapplied_minor, instructed_at, receipt_business_date, value_date, journal_id, created_at) \
             SELECT 'rvd', id, 'fps', 'a', id::text, $2, 'none', 'HKD', 100, 0, 0, 0, 100, 0, $3, '2026-11-23', \
             '2026-11-23', $2, $3 FROM unnest($1::uuid[]) AS id",
            &[&ids, &journal, &at],
        )
        .await
        .unwrap();
    ids.into_iter().map(ReceiptId::new).collect()
}

async fn race(engine: &Engine, receipt: ReceiptId, minor: i64, key: String) -> bool {
    let command = RequestRefund {
        biller: BillerId::new("rvd").unwrap(),
        receipt,
        source: None,
        amount: Some(Money::hkd(minor)),
        account: None,
        reason: "paid twice".to_owned(),
        consent: None,
        idempotency_key: key,
        caller: person("ann"),
    };
    match engine.request_refund(command).await {
        Ok(_) => true,
        Err(EngineError::Refused(Refusal::NotRefundable { .. })) => false,
        Err(other) => unreachable!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_racing_pairs_never_refund_more_than_was_received() {
    let house = House::open().await;
    let other = house.another_engine().await;
    let receipts = receipts_for_a_race(&house).await;
    // Of every receipt of 1.00 one node wants 0.60 and the other 0.70: one of them, never both, never neither.
    let pairs = receipts.iter().enumerate().flat_map(|(place, receipt)| {
        let one = race(&house.engine, *receipt, 60, format!("a{place}"));
        let two = race(&other, *receipt, 70, format!("b{place}"));
        [
            futures_util::future::Either::Left(one),
            futures_util::future::Either::Right(two),
        ]
    });
    let granted = stream::iter(pairs)
        .buffer_unordered(AT_ONCE)
        .filter(|granted| std::future::ready(*granted))
        .count()
        .await;
    assert_eq!(granted, receipts.len());
    let wrong = "SELECT count(*) FROM (SELECT receipt_id, sum(amount_minor) AS promised, count(*) AS refunds \
        FROM epay.refund GROUP BY receipt_id) AS of_receipt JOIN epay.refundable USING (receipt_id) \
        WHERE promised <> taken_minor OR promised > received_minor OR refunds <> 1";
    assert_eq!(house.count(wrong).await, 0);
    let count = i64::try_from(PAIRS).unwrap();
    assert_eq!(house.count("SELECT count(*) FROM epay.refund").await, count);
    other.drain().await;
}

/// An account that two people agreed to.
async fn verified_account(house: &House, receipt: &Receipt) -> PayoutAccountId {
    let propose = ProposePayoutAccount {
        biller: receipt.biller.clone(),
        receipt: receipt.id,
        account: PayoutAccount {
            bank_code: "999".to_owned(),
            number: "123456789".to_owned(),
            name: "CHAN TAI MAN".to_owned(),
        },
        reason: "bank statement seen".to_owned(),
        idempotency_key: "account".to_owned(),
        caller: person("ann"),
    };
    let proposal = house.engine.propose_payout_account(propose).await.unwrap();
    let yes = decide(proposal.id, "bob", true);
    house.engine.decide_proposal(yes).await.unwrap();
    match proposal.subject {
        Subject::PayoutAccount { account } => account,
        other => unreachable!("{other:?}"),
    }
}

async fn approved(house: &House, receipt: &Receipt, account: Option<PayoutAccountId>) -> RefundId {
    let mut asked = request(receipt, "r1");
    asked.account = account;
    let view = house.engine.request_refund(asked).await.unwrap();
    let yes = decide(view.proposal.id, "bob", true);
    house.engine.decide_proposal(yes).await.unwrap();
    view.refund.id
}

pub(crate) async fn state(house: &House, refund: RefundId) -> (RefundState, Option<String>) {
    let view = house.engine.reader().refund(&biller("rvd"), refund).await;
    let refund = view.unwrap().refund;
    (refund.state, refund.problem)
}

/// A bank that takes every payment order.
pub(crate) async fn paying_bank() -> Bank {
    Bank::open(|message| Answer::Status(200, status(message, "ACSP"))).await
}

/// HK$139.97 of an overpaid bill under way to an account, and the name of its order.
pub(crate) async fn paid_out(bank: &Bank) -> (House, RefundId, String) {
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = overpaid(&mut house).await;
    let account = verified_account(&house, &receipt).await;
    let refund = approved(&house, &receipt, Some(account)).await;
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    (house, refund, bank.keys().remove(0))
}

#[tokio::test]
async fn a_refund_is_paid_out_debited_and_when_it_comes_back_queued_again() {
    let bank = paying_bank().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = overpaid(&mut house).await;
    let account = verified_account(&house, &receipt).await;
    let refund = approved(&house, &receipt, Some(account)).await;
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    assert_eq!(state(&house, refund).await.0, RefundState::InTransit);
    let rest = "1110 Dr 500.00, 2010.rvd.main Cr 360.03";
    assert_eq!(house.book("rvd").await, format!("{rest}, 2150 Cr 139.97"));
    let key = bank.keys().remove(0);

    house
        .receive("d1", &entry(&key, "DBIT", "D1", 13_997))
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(state(&house, refund).await.0, RefundState::Refunded);
    // In transit until the bank's statement has the debit.
    let paid = format!("{rest}, 2150 Cr 139.97");
    assert_eq!(house.book("rvd").await, paid);
    // The same debit told again, and the order told as on its way, are no news.
    house
        .receive("d2", &entry(&key, "DBIT", "D1", 13_997))
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(house.book("rvd").await, paid);

    house
        .receive("d3", &entry(&key, "CRDT", "D2", 13_997))
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(state(&house, refund).await.0, RefundState::Queued);
    let to_come = "1110 Dr 500.00, 1180 Dr 139.97, 2010.rvd.main Cr 360.03";
    assert_eq!(
        house.book("rvd").await,
        format!("{to_come}, 2140 Cr 139.97, 2150 Cr 139.97")
    );
    assert_eq!(house.count("SELECT count(*) FROM epay.quarantine").await, 0);

    // A person sends it again: another order, another key.
    let again = RedirectRefund {
        biller: biller("rvd"),
        refund,
        account: Some(account),
        caller: person("ann"),
    };
    house.engine.redirect_refund(again).await.unwrap();
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    let keys = bank.keys();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
    // What is now said of the first order changes nothing.
    house
        .receive("d4", &entry(&keys[0], "DBIT", "D3", 13_997))
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(state(&house, refund).await.0, RefundState::InTransit);
}

#[tokio::test]
async fn a_rejected_order_goes_back_to_the_queue_of_approved_refunds() {
    let bank = Bank::open(|message| Answer::Status(200, status(message, "RJCT"))).await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = overpaid(&mut house).await;
    let account = verified_account(&house, &receipt).await;
    let refund = approved(&house, &receipt, Some(account)).await;
    house.engine.send_refunds().await.unwrap();
    let expected = (RefundState::Queued, Some("RJCT".to_owned()));
    assert_eq!(state(&house, refund).await, expected);
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 500.00, 2010.rvd.main Cr 360.03, 2140 Cr 139.97"
    );
}

#[tokio::test]
async fn silence_is_unclear_and_the_order_is_repeated_word_for_word() {
    let first = AtomicBool::new(true);
    let bank = Bank::open(move |message| {
        if first.swap(false, Ordering::SeqCst) {
            Answer::HangUp
        } else {
            Answer::Status(200, status(message, "ACSC"))
        }
    })
    .await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = overpaid(&mut house).await;
    let account = verified_account(&house, &receipt).await;
    let refund = approved(&house, &receipt, Some(account)).await;
    house.engine.send_refunds().await.unwrap();
    assert_eq!(state(&house, refund).await.0, RefundState::Unclear);
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 500.00, 2010.rvd.main Cr 360.03, 2150 Cr 139.97",
        "money that may have left is in transit"
    );
    assert_eq!(house.engine.send_refunds().await.unwrap(), 0, "not at once");
    house.clock.forward(SignedDuration::from_secs(60));
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    assert_eq!(state(&house, refund).await.0, RefundState::InTransit);
    let bodies = bank.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn an_order_that_was_certainly_not_sent_is_made_again_and_one_that_cannot_be_made_waits_for_a_person()
 {
    let mut house = House::open_with("[fps]\npayout_url = 'http://127.0.0.1:9/payments'").await;
    let receipt = overpaid(&mut house).await;
    let no_account = approved(&house, &receipt, None).await;
    house.engine.send_refunds().await.unwrap();
    let (queued, why) = state(&house, no_account).await;
    assert_eq!(queued, RefundState::Queued);
    assert_eq!(
        why.as_deref(),
        Some("FPS gives no money back; an account to pay to is needed")
    );
    let account = verified_account(&house, &receipt).await;
    let again = RedirectRefund {
        biller: biller("rvd"),
        refund: no_account,
        account: Some(account),
        caller: person("ann"),
    };
    house.engine.redirect_refund(again).await.unwrap();
    house.engine.send_refunds().await.unwrap();
    let (approved, why) = state(&house, no_account).await;
    assert_eq!(approved, RefundState::Approved);
    assert!(why.unwrap().contains("no connection"), "{approved:?}");
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 500.00, 2010.rvd.main Cr 360.03, 2140 Cr 139.97"
    );
    house.clock.forward(SignedDuration::from_secs(60));
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
}
