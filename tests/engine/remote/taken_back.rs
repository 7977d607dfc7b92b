//! What payers' banks take back is refunded by nobody: disputes, and refunds that meet them.

use epay_domain::proposal::{Person, Verdict};
use epay_domain::refund::{RefundState, Source};
use epay_domain::{Receipt, Refusal};
use epay_engine::{
    DecideProposal, Engine, EngineError, PaymentView, ReceivedMessage, RedirectRefund, RefundView,
    RequestRefund,
};
use epay_money::{Money, RailId};
use futures_util::future::{join, join_all};
use sha2::{Digest, Sha256};

use super::steps::{SHOWN, Street};
use crate::house::biller;

const BILL: i64 = 372_000;
/// Receipts of one payment, each of the bill's amount, and disputes of as much.
const RECEIPTS: usize = 20;
const DISPUTES: usize = 10;

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        roles: vec!["controller".to_owned()],
    }
}

fn asking(receipt: &Receipt, minor: i64, key: &str) -> RequestRefund {
    let applied = receipt.applied_minor > 0;
    RequestRefund {
        biller: receipt.biller.clone(),
        receipt: receipt.id,
        source: applied.then_some(Source::Applied),
        amount: Some(Money::hkd(minor)),
        account: None,
        reason: "asked for by the payer".to_owned(),
        consent: applied.then(|| "minute 7".to_owned()),
        idempotency_key: key.to_owned(),
        caller: person("ann"),
    }
}

async fn decide(engine: &Engine, view: &RefundView, approve: bool) -> Result<(), EngineError> {
    let decision = DecideProposal {
        proposal: view.proposal.id,
        verdict: Verdict {
            approve,
            reason: "seen".to_owned(),
        },
        caller: person("bob"),
    };
    engine.decide_proposal(decision).await.map(|_decided| ())
}

/// A bill that was paid by wallet, and the receipt.
async fn paid(street: &mut Street) -> (PaymentView, Receipt) {
    street.rail.answers("collect", SHOWN);
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    street.reports(&payment, "settled", "R1").await;
    let receipt = street.house.receipts("rvd").await.remove(0);
    (payment, receipt)
}

fn words(payment: &PaymentView, finding: &str, name: &str, minor: i64) -> String {
    let reference = &payment.payment.reference;
    format!(
        r#"{{"reports":[{{"finding":"{finding}","rail_reference":"{name}","reference":"{reference}","minor":{minor}}}]}}"#
    )
}

async fn dispute(street: &mut Street, payment: &PaymentView, told: (&str, &str, i64)) {
    let (finding, name, minor) = told;
    let words = words(payment, finding, name, minor);
    street.notice("testwallet", &words).await;
}

/// What may still be refunded, as the refusal of too much says.
async fn left(street: &Street, receipt: &Receipt) -> i64 {
    let too_much = asking(receipt, 100_000_000, "too much");
    match street.house.engine.request_refund(too_much).await {
        Err(EngineError::Refused(Refusal::NotRefundable { left })) => left.minor(),
        other => panic!("not refused: {other:?}"),
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, EngineError>) -> &'static str {
    match answer {
        Err(EngineError::Refused(refusal)) => refusal.code(),
        other => panic!("not refused: {other:?}"),
    }
}

async fn unheld(street: &Street) -> i64 {
    let query = "SELECT count(*) FROM epay.quarantine WHERE code = 'taken_back_unheld'";
    street.house.count(query).await
}

#[tokio::test]
async fn a_dispute_lowers_what_may_be_refunded_and_a_won_one_gives_it_back() {
    let mut street = Street::open().await;
    let (payment, receipt) = paid(&mut street).await;
    assert_eq!(left(&street, &receipt).await, BILL);
    // What is told, what may be refunded after it, and how often a person must look.
    let rows = [
        (("charged_back", "D1", 100_000), 272_000, 0),
        (("charged_back", "D2", 272_000), 0, 0),
        (("chargeback_reversed", "D1", 60_000), 60_000, 0),
        (("chargeback_reversed", "D2", 312_000), BILL, 0),
        (("charged_back", "D3", BILL + 500), 0, 1),
        (("chargeback_reversed", "D3", 500), 0, 1),
        (("chargeback_reversed", "D4", BILL), BILL, 1),
    ];
    for (told, expected, looks) in rows {
        dispute(&mut street, &payment, told).await;
        assert_eq!(left(&street, &receipt).await, expected, "{told:?}");
        assert_eq!(unheld(&street).await, looks, "{told:?}");
    }
}

#[tokio::test]
async fn a_refund_that_meets_a_dispute_is_not_agreed_to() {
    let mut street = Street::open().await;
    let (payment, receipt) = paid(&mut street).await;
    let engine = street.house.engine.clone();
    let asked = asking(&receipt, BILL, "r1");
    let refund = engine.request_refund(asked).await.unwrap();
    dispute(&mut street, &payment, ("charged_back", "D1", 100_000)).await;
    assert_eq!(unheld(&street).await, 1, "a person must see it");
    let engine = street.house.engine.clone();
    let yes = decide(&engine, &refund, true).await;
    assert_eq!(refused(yes), "TAKEN_BACK_BY_BANK");
    decide(&engine, &refund, false).await.unwrap();
    assert_eq!(left(&street, &receipt).await, BILL - 100_000);
    let less = asking(&receipt, BILL - 100_000, "r2");
    let less = engine.request_refund(less).await.unwrap();
    decide(&engine, &less, true).await.unwrap();
}

#[tokio::test]
async fn a_refund_that_was_agreed_to_waits_while_the_bank_has_its_money() {
    let mut street = Street::open().await;
    let (payment, receipt) = paid(&mut street).await;
    let engine = street.house.engine.clone();
    let asked = asking(&receipt, BILL, "r1");
    let refund = engine.request_refund(asked).await.unwrap();
    decide(&engine, &refund, true).await.unwrap();
    dispute(&mut street, &payment, ("charged_back", "D1", BILL)).await;
    let engine = street.house.engine.clone();
    assert_eq!(engine.send_refunds().await.unwrap(), 1);
    let book = biller("rvd");
    let held = engine.reader().refund(&book, refund.refund.id).await;
    let held = held.unwrap().refund;
    assert_eq!(held.state, RefundState::Queued);
    assert_eq!(held.problem, Some(Refusal::TakenBackByBank.to_string()));
    let again = RedirectRefund {
        biller: book,
        refund: refund.refund.id,
        account: None,
        caller: person("ann"),
    };
    let now = engine.redirect_refund(again.clone()).await;
    assert_eq!(refused(now), "TAKEN_BACK_BY_BANK");
    let sent = |street: &Street| {
        let calls = street.rail.calls();
        calls.iter().any(|call| call.starts_with("refund"))
    };
    assert!(!sent(&street), "no order left");
    dispute(&mut street, &payment, ("chargeback_reversed", "D1", BILL)).await;
    let engine = street.house.engine.clone();
    engine.redirect_refund(again).await.unwrap();
    engine.send_refunds().await.unwrap();
    assert!(sent(&street), "the money is here again");
}

async fn tell(engine: &Engine, words: String) {
    let digest: [u8; 32] = Sha256::digest(words.as_bytes()).into();
    let message = ReceivedMessage {
        rail: RailId::new("testwallet").unwrap(),
        channel_key: "rail".to_owned(),
        message_id: format!("race-{:x?}", &digest[..8]),
        digest,
        body: words.into_bytes(),
    };
    engine.receive(message).await.unwrap();
}

async fn granted(engine: &Engine, receipt: &Receipt, key: String) -> i64 {
    match engine.request_refund(asking(receipt, BILL, &key)).await {
        Ok(_view) => BILL,
        Err(EngineError::Refused(Refusal::NotRefundable { .. })) => 0,
        Err(other) => unreachable!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn disputes_and_refunds_that_race_on_two_nodes_never_give_the_same_cent_twice_unseen() {
    let mut street = Street::open().await;
    let (payment, _first) = paid(&mut street).await;
    for number in 2..=RECEIPTS {
        let name = format!("R{number}");
        street.reports(&payment, "settled", &name).await;
    }
    let receipts = street.house.receipts("rvd").await;
    assert_eq!(receipts.len(), RECEIPTS);
    let other = street.house.another_engine().await;
    let engine = street.house.engine.clone();
    let refunds = receipts
        .iter()
        .enumerate()
        .map(|(place, receipt)| granted(&engine, receipt, format!("r{place}")));
    let disputes = (0..DISPUTES)
        .map(|number| words(&payment, "charged_back", &format!("D{number}"), BILL))
        .map(|words| tell(&other, words));
    let (granted, _told) = join(join_all(refunds), join_all(disputes)).await;
    other.drain().await;
    let taken: i64 = granted.iter().sum();
    let (received, away) = (
        BILL * i64::try_from(RECEIPTS).unwrap(),
        BILL * i64::try_from(DISPUTES).unwrap(),
    );
    let sum = async |column: &str| {
        let query = format!("SELECT sum({column})::bigint FROM epay.refundable");
        street.house.count(&query).await
    };
    assert_eq!(sum("taken_minor").await, taken);
    assert_eq!(sum("reclaimed_minor + short_minor").await, away);
    let short = sum("short_minor").await;
    assert_eq!(short, (taken + away - received).max(0));
    assert!(sum("taken_minor + reclaimed_minor").await <= received);
    // What was promised before a dispute came is seen by a person; nothing was promised after.
    assert_eq!(unheld(&street).await > 0, short > 0);
}
