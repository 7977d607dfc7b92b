//! One bill by many ways, and many bills in one payment.

use epay_domain::Refusal;
use epay_domain::payment::PaymentState as S;
use epay_engine::{CreatePayment, EngineError};
use epay_money::Money;

use super::steps::{SHOWN, Street, says};
use crate::house::House;

async fn refused(street: &Street, command: CreatePayment) -> Refusal {
    match street.house.engine.create_payment(command).await {
        Err(EngineError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn another_attempt_waits_until_the_first_can_no_longer_take_money() {
    let mut street = Street::open().await;
    let bill = street.bill().await;
    let code = street.pay(&bill, "fps", "k0").await;
    street.rail.answers("collect", SHOWN);
    let first = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    assert_eq!(
        street.state(&code).await,
        S::AwaitingPayer,
        "a code blocks nobody"
    );
    let refusal = refused(&street, Street::paying(&bill, "testcard", "k2")).await;
    let expected = Refusal::PaymentOpen {
        reference: first.payment.reference.to_string(),
        state: S::AwaitingPayer,
        can_be_cancelled: true,
    };
    assert_eq!(refusal, expected);
    assert_eq!(street.cancel(&first).await.payment.state, S::Closing);
    let refusal = refused(&street, Street::paying(&bill, "testcard", "k2")).await;
    assert_eq!(refusal.code(), "PAYMENT_OPEN", "not before the rail agrees");
    street.rail.answers("close", &says("closed", "R1"));
    street.run().await;
    assert_eq!(street.state(&first).await, S::Cancelled);
    street.rail.answers("collect", &says("settled", "R2"));
    let second = street.pay(&bill, "testwallet", "k3").await;
    street.run().await;
    assert_eq!(street.state(&second).await, S::Settled);
    // What comes twice anyway is taken, and held.
    street.reports(&first, "settled", "R1").await;
    let book = street.house.book("rvd").await;
    assert_eq!(
        book,
        "1140.testwallet Dr 7440.00, 2010.rvd.main Cr 3720.00, 2130 Cr 3720.00"
    );
    assert_eq!(
        refused(&street, House::pay(&bill, "k4")).await.code(),
        "BILL_PAID"
    );
}

#[tokio::test]
async fn a_payment_that_was_paid_while_it_was_closed_is_paid() {
    let street = Street::open().await;
    let bill = street.bill().await;
    street.rail.answers("collect", SHOWN);
    let payment = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    street.rail.answers("close", &says("settled", "R1"));
    street.cancel(&payment).await;
    street.run().await;
    assert_eq!(street.state(&payment).await, S::Settled);
}

#[tokio::test]
async fn several_bills_are_paid_in_one_payment_and_every_cent_lands_somewhere() {
    // What arrives for 3,720.00 and 2,980.00, and where it lands.
    let rows = [
        (
            670_000,
            "1140.testwallet Dr 6700.00, 2010.rvd.main Cr 6700.00",
        ),
        (
            670_100,
            "1140.testwallet Dr 6701.00, 2010.rvd.main Cr 6700.00, 2120 Cr 1.00",
        ),
        (
            400_000,
            "1140.testwallet Dr 4000.00, 2010.rvd.main Cr 4000.00",
        ),
        (
            100_000,
            "1140.testwallet Dr 1000.00, 2010.rvd.main Cr 1000.00",
        ),
    ];
    for (minor, book) in rows {
        let mut street = Street::open().await;
        let one = street.bill().await;
        let two = street
            .house
            .bill("rvd-rates", "000123456789020", 298_000)
            .await;
        let mut command = Street::paying(&one, "testwallet", "k1");
        command.bills.push(two.bill.id);
        street.rail.answers("collect", SHOWN);
        let engine = street.house.engine.clone();
        let payment = engine.create_payment(command.clone()).await.unwrap();
        assert_eq!(payment.payment.amount, Money::hkd(670_000));
        assert_eq!(payment.bills.len(), 2);
        street.run().await;
        let other = refused(&street, Street::paying(&two, "testcard", "k2")).await;
        assert_eq!(
            other.code(),
            "PAYMENT_OPEN",
            "the second bill waits as well"
        );
        let words = format!(
            r#"{{"reports":[{{"finding":"settled","rail_reference":"R1","reference":"{}","minor":{minor}}}]}}"#,
            payment.payment.reference
        );
        street.notice("testwallet", &words).await;
        street.notice("testwallet", &format!(" {words}")).await;
        assert_eq!(street.house.book("rvd").await, book, "{minor}");
        let view = street.view(&payment).await;
        assert_eq!(view.payment.state, S::Settled);
        assert_eq!(view.payment.received_minor, minor);
        let parts: i64 = view
            .receipts
            .iter()
            .map(|receipt| receipt.amount.minor())
            .sum();
        assert_eq!(parts, minor, "a receipt a bill");
    }
}

#[tokio::test]
async fn bills_that_do_not_belong_together_are_refused() {
    let street = Street::open().await;
    let one = street.bill().await;
    let base = Street::paying(&one, "testwallet", "k1");
    let none = CreatePayment {
        bills: vec![],
        ..base.clone()
    };
    let twice = CreatePayment {
        bills: vec![one.bill.id, one.bill.id],
        ..base.clone()
    };
    let many = CreatePayment {
        bills: vec![one.bill.id; 21],
        ..base
    };
    assert_eq!(refused(&street, none).await.code(), "BILL_COUNT");
    assert_eq!(refused(&street, twice).await.code(), "BILLS_DIFFER");
    assert_eq!(refused(&street, many).await.code(), "BILL_COUNT");
}
