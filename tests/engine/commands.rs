//! Commands: batches, refusals, idempotency.

use epay_domain::Refusal;
use epay_domain::payment::{PaymentState, Presentation};
use epay_engine::{CancelPayment, EngineError, WithdrawBill};
use epay_money::Money;
use futures_util::future::join_all;

use crate::house::{House, RVD, biller, credit, notice};

const NUMBER: &str = "000123456789011";

#[tokio::test]
async fn a_payment_is_started_with_a_code_and_leaves_events_an_outbox_row_and_a_timer() {
    let house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let view = house.payment(&bill, "k1").await;
    assert_eq!(view.payment.state, PaymentState::AwaitingPayer);
    let Some(Presentation::Qr { payload, .. }) = &view.payment.presentation else {
        panic!("no code: {:?}", view.payment.presentation);
    };
    assert!(payload.contains(view.payment.reference.as_str()));
    let events = house
        .engine
        .reader()
        .payment_events(&biller("rvd"), view.payment.id)
        .await
        .unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["created", "presented"]);
    let outbox = "SELECT count(*) FROM epay.outbox WHERE payment_id IS NOT NULL";
    assert_eq!(house.count(outbox).await, 2);
    let deadlines = "SELECT count(*) FROM epay.deadline JOIN epay.outbox_batch USING (batch_id)";
    assert_eq!(house.count(deadlines).await, 1);
}

#[tokio::test]
async fn the_same_key_gets_the_first_answer_and_another_request_under_it_an_error() {
    let mut house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let first = house.payment(&bill, "k1").await;
    let paid = notice(&[credit(RVD, "B1", 372_000).for_payment(&first)]);
    house.receive("m1", &paid).await.unwrap();
    house.settle().await;

    let again = house.payment(&bill, "k1").await;
    assert_eq!(
        again.payment, first.payment,
        "as it was answered first, although it is settled now"
    );
    let now = house
        .engine
        .reader()
        .payment(&biller("rvd"), first.payment.id)
        .await
        .unwrap();
    assert_eq!(now.payment.state, PaymentState::Settled);

    let mut other = House::pay(&bill, "k1");
    other.amount = Some(Money::hkd(100));
    let error = house.engine.create_payment(other).await.unwrap_err();
    assert!(matches!(error, EngineError::KeyReused), "{error:?}");
}

#[tokio::test]
async fn fifty_requests_at_once_under_one_key_start_one_payment() {
    let house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let started = join_all((0..50).map(|_| house.payment(&bill, "k1"))).await;
    for view in &started {
        assert_eq!(view.payment.id, started[0].payment.id);
    }
    assert_eq!(house.count("SELECT count(*) FROM epay.payment").await, 1);
}

#[tokio::test]
async fn one_bad_command_gets_its_own_refusal_and_spoils_no_neighbour() {
    let house = House::open().await;
    let good = house.bill("rvd-rates", NUMBER, 372_000).await;
    let gone = house.bill("rvd-rates", "000123456789020", 372_000).await;
    let withdraw = WithdrawBill {
        biller: biller("rvd"),
        bill: gone.bill.id,
        reason: "issued twice".to_owned(),
        idempotency_key: "w1".to_owned(),
        caller: "test".to_owned(),
    };
    house.engine.withdraw_bill(withdraw).await.unwrap();
    let commands = (0..60).map(|number| {
        let mut command = match number % 3 {
            0 => House::pay(&good, &format!("k{number}")),
            1 => House::pay(&gone, &format!("k{number}")),
            _ => House::pay(&good, &format!("k{number}")),
        };
        if number % 3 == 2 {
            command.amount = Some(Money::hkd(372_001));
        }
        house.engine.create_payment(command)
    });
    for (number, answer) in join_all(commands).await.into_iter().enumerate() {
        match (number % 3, answer) {
            (0, Ok(view)) => assert_eq!(view.payment.state, PaymentState::AwaitingPayer),
            (1, Err(EngineError::Refused(Refusal::BillWithdrawn))) => {}
            (2, Err(EngineError::Refused(Refusal::AmountTooHigh { max }))) => {
                assert_eq!(max, Money::hkd(372_000));
            }
            (_, other) => panic!("command {number}: {other:?}"),
        }
    }
    assert_eq!(house.count("SELECT count(*) FROM epay.payment").await, 20);
}

#[tokio::test]
async fn a_cancelled_payment_stays_cancelled_and_its_money_is_still_taken() {
    let mut house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let view = house.payment(&bill, "k1").await;
    let cancel = CancelPayment {
        biller: biller("rvd"),
        payment: view.payment.id,
        idempotency_key: "c1".to_owned(),
        caller: "test".to_owned(),
    };
    let cancelled = house.engine.cancel_payment(cancel).await.unwrap();
    assert_eq!(cancelled.payment.state, PaymentState::Cancelled);
    let paid = notice(&[credit(RVD, "B1", 372_000).for_payment(&view)]);
    house.receive("m1", &paid).await.unwrap();
    house.settle().await;
    let events = house
        .engine
        .reader()
        .payment_events(&biller("rvd"), view.payment.id)
        .await
        .unwrap();
    assert_eq!(events.last().unwrap().kind, "funds_arrived_late");
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
}

#[tokio::test]
async fn what_does_not_exist_is_said_to_be_missing() {
    let house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let mut elsewhere = House::pay(&bill, "k1");
    elsewhere.biller = biller("wsd");
    let error = house.engine.create_payment(elsewhere).await.unwrap_err();
    assert!(
        matches!(error, EngineError::NotFound { what: "the bill" }),
        "{error:?}"
    );
}
