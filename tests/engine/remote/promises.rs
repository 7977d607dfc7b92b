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
    const HONOURED: &str = "1010 Dr 3720.00, 2010.rvd.main Cr 3720.00";
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
