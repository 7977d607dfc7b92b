//! What a payer hands over: judged at once, used once, honoured or returned.

use epay_domain::Refusal;
use epay_domain::bill::BillState;
use epay_domain::payment::PaymentState as S;
use epay_engine::{EngineError, PaymentView, SubmitInstrument};

use super::steps::{Street, says};
use crate::house::biller;

fn handing(payment: &PaymentView, bytes: &str) -> SubmitInstrument {
    SubmitInstrument {
        biller: biller("rvd"),
        payment: payment.payment.id,
        kind: "cheque".to_owned(),
        bytes: bytes.as_bytes().to_vec(),
        idempotency_key: format!("hand over {bytes}"),
        caller: "test".to_owned(),
    }
}

async fn refused(street: &Street, command: SubmitInstrument) -> Refusal {
    match street.house.engine.submit_instrument(command).await {
        Err(EngineError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_cheque_counts_when_it_is_honoured_and_not_when_it_is_returned() {
    const PROMISED: &str = "1150 Dr 3720.00, 2160 Cr 3720.00";
    const HONOURED: &str = "1180 Dr 3720.00, 2010.rvd.main Cr 3720.00";
    const RETURNED: &str = "1230.rvd Dr 3720.00, 2010.rvd.main Cr 3720.00";
    // What is told, in this order, and where it ends.
    let rows: &[(&[&str], S, &str, BillState)] = &[
        (&[], S::Accepted, PROMISED, BillState::Open),
        (&["settled"], S::Settled, HONOURED, BillState::Paid),
        (
            &["settled", "settled"],
            S::Settled,
            HONOURED,
            BillState::Paid,
        ),
        (
            &["settled", "conditional"],
            S::Settled,
            HONOURED,
            BillState::Paid,
        ),
        (
            &["settled", "dishonoured"],
            S::Failed,
            RETURNED,
            BillState::Open,
        ),
        (
            &["settled", "dishonoured", "dishonoured", "settled"],
            S::Failed,
            RETURNED,
            BillState::Open,
        ),
        (&["dishonoured"], S::Failed, "", BillState::Open),
        (
            &["dishonoured", "conditional"],
            S::Failed,
            "",
            BillState::Open,
        ),
        (
            &["dishonoured", "dishonoured"],
            S::Failed,
            "",
            BillState::Open,
        ),
    ];
    for (told, state, book, bill_state) in rows {
        let mut street = Street::open().await;
        let bill = street.bill().await;
        let payment = street.pay(&bill, "testcheque", "k1").await;
        assert_eq!(payment.payment.state, S::AwaitingPayer);
        street.rail.answers("tender", &says("conditional", "Q1"));
        let engine = street.house.engine.clone();
        let handed = engine
            .submit_instrument(handing(&payment, "cheque 1"))
            .await;
        assert_eq!(handed.unwrap().payment.state, S::Submitting);
        street.run().await;
        for (number, finding) in told.iter().enumerate() {
            let reference = &payment.payment.reference;
            let words = format!(
                r#"{{"n":{number},"reports":[{{"finding":"{finding}","rail_reference":"Q1","reference":"{reference}","minor":372000}}]}}"#
            );
            street.notice("testcheque", &words).await;
        }
        let view = street.view(&payment).await;
        assert_eq!(view.payment.state, *state, "{told:?}");
        assert_eq!(view.bill.state, *bill_state, "{told:?}");
        assert_eq!(street.house.book("rvd").await, *book, "{told:?}");
        let left = "SELECT count(*) FROM epay.rail_instrument";
        assert_eq!(street.house.count(left).await, 0, "the bytes are gone");
    }
}

pub(crate) async fn handed_over(street: &Street, payment: &PaymentView) {
    street.rail.answers("tender", &says("conditional", "Q1"));
    let handing = handing(payment, "cheque 1");
    let engine = &street.house.engine;
    engine.submit_instrument(handing).await.unwrap();
    street.run().await;
}

#[tokio::test]
async fn a_cheque_returned_after_it_was_honoured_opens_its_bills_and_only_what_is_not_held_is_owed()
{
    // One bill by cheque, another as well, and one of the two is paid by wallet before the cheque is honoured.
    let mut street = Street::open().await;
    let one = street.bill().await;
    let number = "000123456789020";
    let two = street.house.bill("rvd-rates", number, 298_000).await;
    let mut both = Street::paying(&one, "testcheque", "k1");
    both.bills.push(two.bill.id);
    let engine = street.house.engine.clone();
    let payment = engine.create_payment(both).await.unwrap();
    handed_over(&street, &payment).await;
    let reference = payment.payment.reference.to_string();
    let credit = crate::house::credit(crate::house::RVD, "B1", 298_000).for_number(number);
    let paid = crate::house::notice(&[credit]);
    street.house.receive("m1", &paid).await.unwrap();
    street.house.settle().await;
    let told = |finding: &str| {
        format!(
            r#"{{"reports":[{{"finding":"{finding}","rail_reference":"Q1","reference":"{reference}","minor":670000}}]}}"#
        )
    };
    street.notice("testcheque", &told("settled")).await;
    assert_eq!(
        street.house.book("rvd").await,
        "1110 Dr 2980.00, 1180 Dr 6700.00, 2010.rvd.main Cr 6700.00, 2130 Cr 2980.00"
    );
    street.notice("testcheque", &told("dishonoured")).await;
    assert_eq!(
        street.house.book("rvd").await,
        "1110 Dr 2980.00, 1230.rvd Dr 3720.00, 2010.rvd.main Cr 6700.00"
    );
    let view = street.view(&payment).await;
    assert_eq!(view.payment.received_minor, 0);
    let states: Vec<BillState> = view.bills.iter().map(|bill| bill.state).collect();
    assert_eq!(states, [BillState::Open, BillState::Paid]);
    let left = "SELECT sum(received_minor - reclaimed_minor)::bigint FROM epay.refundable";
    assert_eq!(street.house.count(left).await, 0, "nothing may be refunded");
    // The bill that is due again can be paid again.
    street.rail.answers("collect", super::steps::SHOWN);
    let again = street.pay(&one, "testwallet", "k2").await;
    street.run().await;
    street.reports(&again, "settled", "R9").await;
    assert_eq!(street.view(&again).await.bill.state, BillState::Paid);
}

#[tokio::test]
async fn a_returned_sum_that_no_receipt_explains_moves_nothing_and_waits_for_a_person() {
    let mut street = Street::open().await;
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testcheque", "k1").await;
    handed_over(&street, &payment).await;
    street.reports(&payment, "settled", "Q1").await;
    let before = street.house.book("rvd").await;
    let words = format!(
        r#"{{"reports":[{{"finding":"dishonoured","rail_reference":"Q1","reference":"{}","minor":100}}]}}"#,
        payment.payment.reference
    );
    street.notice("testcheque", &words).await;
    assert_eq!(street.house.book("rvd").await, before);
    assert_eq!(street.state(&payment).await, S::Settled);
    let waits = "SELECT count(*) FROM epay.quarantine WHERE code = 'returned_unlike_received'";
    assert_eq!(street.house.count(waits).await, 1);
}

#[tokio::test]
async fn a_bad_instrument_is_refused_to_the_payers_face_and_another_may_follow() {
    let street = Street::open().await;
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testcheque", "k1").await;
    let forged = refused(&street, handing(&payment, "forged")).await;
    assert_eq!(forged.code(), "BAD_INSTRUMENT");
    let long = "x".repeat(101);
    assert_eq!(
        refused(&street, handing(&payment, &long)).await.code(),
        "WRONG_HANDOVER"
    );
    assert_eq!(street.state(&payment).await, S::AwaitingPayer);
    street.rail.answers("tender", &says("declined", "Q1"));
    let engine = &street.house.engine;
    engine
        .submit_instrument(handing(&payment, "cheque 1"))
        .await
        .unwrap();
    // The same request again gets its first answer.
    engine
        .submit_instrument(handing(&payment, "cheque 1"))
        .await
        .unwrap();
    street.run().await;
    assert_eq!(street.state(&payment).await, S::Failed);
    let second = street.pay(&bill, "testcheque", "k2").await;
    let used = SubmitInstrument {
        idempotency_key: "again".to_owned(),
        ..handing(&second, "cheque 1")
    };
    let refusal = refused(&street, used).await;
    assert!(matches!(refusal, Refusal::BadInstrument { code, .. } if code == "used_before"));
    let done = refused(
        &street,
        SubmitInstrument {
            idempotency_key: "late".to_owned(),
            ..handing(&payment, "cheque 2")
        },
    );
    assert_eq!(done.await.code(), "NOTHING_TO_HAND_OVER");
}
