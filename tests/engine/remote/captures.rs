//! Authorised, captured, let go of, paid out, disputed.

use epay_domain::payment::PaymentState as S;
use epay_engine::{CapturePayment, PaymentView};
use epay_money::Money;

use super::steps::{SHOWN, Street, says};
use crate::house::biller;

const CAPTURED: &str = "1120 Dr 3720.00, 2010.rvd.main Cr 3720.00";
const HELD: &str = "9010 Dr 3720.00, 9020 Cr 3720.00";

/// A finding; nothing when the answer is lost, or nobody is asked.
type Told<'a> = Option<&'a str>;

async fn authorised(street: &mut Street, by_hand: bool) -> PaymentView {
    street.rail.answers("collect", SHOWN);
    let bill = street.bill().await;
    let mut command = Street::paying(&bill, "testcard", "k1");
    command.capture_by_hand = by_hand;
    let payment = street.house.engine.create_payment(command).await.unwrap();
    street.run().await;
    payment
}

async fn capture(street: &Street, payment: &PaymentView, minor: i64) {
    let command = CapturePayment {
        biller: biller("rvd"),
        payment: payment.payment.id,
        amount: Some(Money::hkd(minor)),
        idempotency_key: "capture".to_owned(),
        caller: "test".to_owned(),
    };
    street.house.engine.capture_payment(command).await.unwrap();
    street.run().await;
}

#[tokio::test]
async fn what_was_authorised_is_captured_at_once_and_a_lost_capture_is_found_again() {
    // What the rail answers to the capture, and then to the question about it; how often it is asked to capture.
    let rows: &[(Told<'_>, Told<'_>, S, &str, usize)] = &[
        (Some("settled"), None, S::Settled, CAPTURED, 1),
        (Some("declined"), None, S::Failed, "", 1),
        (None, None, S::Unclear, HELD, 1),
        (None, Some("settled"), S::Settled, CAPTURED, 1),
        (None, Some("not_found"), S::Settled, CAPTURED, 2),
        (None, Some("accepted"), S::Settled, CAPTURED, 2),
    ];
    for (first, question, state, book, captures) in rows {
        let name = format!("{first:?} {question:?}");
        let mut street = Street::open().await;
        match first {
            Some(finding) => street.rail.answers("capture", &says(finding, "C1")),
            None => street.rail.loses("capture"),
        }
        street.rail.answers("capture", &says("settled", "C1"));
        let payment = authorised(&mut street, false).await;
        street.reports(&payment, "accepted", "A1").await;
        if let Some(finding) = question {
            street.rail.answers("query", &says(finding, "C1"));
            street.later(6).await;
        }
        assert_eq!(street.state(&payment).await, *state, "{name}");
        assert_eq!(street.house.book("rvd").await, *book, "{name}");
        let calls = street.rail.calls();
        let count = calls.iter().filter(|call| *call == "capture-C1").count();
        assert_eq!(count, *captures, "{name}: {calls:?}");
    }
}

#[tokio::test]
async fn an_answer_that_tells_of_the_authorisation_before_the_capture_asks_for_no_second_capture() {
    let mut street = Street::open().await;
    street.rail.loses("capture");
    let payment = authorised(&mut street, false).await;
    street.reports(&payment, "accepted", "A1").await;
    let collection = &payment.payment.reference;
    let both = format!(
        r#"{{"reports":[{{"finding":"accepted","rail_reference":"A1","order_key":"{collection}"}},{{"finding":"settled","rail_reference":"C1"}}]}}"#
    );
    street.rail.answers("query", &both);
    street.later(6).await;
    assert_eq!(street.state(&payment).await, S::Settled);
    assert_eq!(street.house.book("rvd").await, CAPTURED);
    let calls = street.rail.calls();
    let captures = calls.iter().filter(|call| call.starts_with("capture"));
    assert_eq!(captures.count(), 1, "{calls:?}");
}

#[tokio::test]
async fn a_part_is_captured_by_hand_and_the_rest_is_let_go_of() {
    let mut street = Street::open().await;
    let payment = authorised(&mut street, true).await;
    street.reports(&payment, "accepted", "A1").await;
    assert_eq!(
        street.house.book("rvd").await,
        HELD,
        "it waits for a person"
    );
    let words = r#"{"reports":[{"finding":"settled","rail_reference":"C1","minor":100000}]}"#;
    street.rail.answers("capture", words);
    capture(&street, &payment, 100_000).await;
    assert_eq!(street.state(&payment).await, S::Settled);
    let book = street.house.book("rvd").await;
    assert_eq!(book, "1120 Dr 1000.00, 2010.rvd.main Cr 1000.00");
}

#[tokio::test]
async fn what_was_given_up_after_it_was_authorised_is_let_go_of() {
    let mut street = Street::open().await;
    let payment = authorised(&mut street, true).await;
    street.reports(&payment, "accepted", "A1").await;
    street.rail.loses("void");
    assert_eq!(street.cancel(&payment).await.payment.state, S::Closing);
    street.run().await;
    assert_eq!(street.state(&payment).await, S::Closing, "not known yet");
    assert_eq!(street.house.book("rvd").await, HELD);
    street.rail.answers("query", &says("voided", "A1"));
    street.later(6).await;
    assert_eq!(street.state(&payment).await, S::Cancelled);
    assert_eq!(street.house.book("rvd").await, "");
}

#[tokio::test]
async fn a_payout_is_expected_and_a_dispute_booked_once_each() {
    let mut street = Street::open().await;
    street.rail.answers("capture", &says("settled", "C1"));
    let payment = authorised(&mut street, false).await;
    street.reports(&payment, "accepted", "A1").await;
    let paid = r#"{"payouts":[{"account":"testcard-rvd","rail_reference":"P1","gross":372000,"fee":3300}]}"#;
    for words in [paid.to_owned(), format!(" {paid}")] {
        street.notice("testcard", &words).await;
    }
    // The rail's word moves no money: it says what the bank's statement must show.
    assert_eq!(street.house.book("rvd").await, CAPTURED);
    let batches = "SELECT count(*) FROM recon.settlement_batch WHERE net_minor = 368700";
    assert_eq!(street.house.count(batches).await, 1);
    for (finding, expected) in [
        ("charged_back", "1210 Dr 3720.00, 2010.rvd.main Cr 3720.00"),
        ("chargeback_reversed", CAPTURED),
    ] {
        street.reports(&payment, finding, "D1").await;
        assert_eq!(street.house.book("rvd").await, expected, "{finding}");
        let words = format!(
            r#"  {{"reports":[{{"finding":"{finding}","rail_reference":"D1","reference":"{}","minor":372000}}]}}"#,
            payment.payment.reference
        );
        street.notice("testcard", &words).await;
        assert_eq!(
            street.house.book("rvd").await,
            expected,
            "{finding} told again"
        );
    }
    let view = street.view(&payment).await;
    assert_eq!(view.payment.state, S::Settled);
    assert_eq!(
        view.bill.applied_minor, 372_000,
        "the bill does not open by itself"
    );
}

#[tokio::test]
async fn any_order_of_what_is_told_ends_with_the_same_books() {
    let orders: &[&[&str]] = &[
        &["accepted", "settled"],
        &["settled", "accepted"],
        &["accepted", "accepted", "settled", "settled"],
        &["settled", "settled", "accepted"],
        &["accepted", "settled", "accepted"],
        &["waiting", "accepted", "waiting", "settled", "waiting"],
    ];
    for order in orders {
        let mut street = Street::open().await;
        street.rail.answers("capture", &says("settled", "C1"));
        let payment = authorised(&mut street, false).await;
        for (number, finding) in order.iter().enumerate() {
            let words = format!(
                r#"{{"hints":[],"n":{number},"reports":[{{"finding":"{finding}","rail_reference":"C1","reference":"{}","minor":372000}}]}}"#,
                payment.payment.reference
            );
            street.notice("testcard", &words).await;
        }
        street.later(30).await;
        assert_eq!(street.state(&payment).await, S::Settled, "{order:?}");
        assert_eq!(street.house.book("rvd").await, CAPTURED, "{order:?}");
    }
}
