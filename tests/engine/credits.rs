//! Money as it comes: part, over, twice, late, to nobody. Facts are never refused.

use epay_domain::bill::BillState;
use epay_domain::payment::PaymentState;
use epay_engine::WithdrawBill;
use jiff::SignedDuration;

use crate::house::{House, RVD, TD, biller, credit, notice};

const NUMBER: &str = "000123456789011";

#[tokio::test]
async fn every_way_of_paying_a_bill_ends_in_the_right_accounts() {
    // What comes, and what the book then holds.
    let rows: &[(&[i64], &str)] = &[
        (&[372_000], "1110 Dr 3720.00, 2010.rvd.main Cr 3720.00"),
        (&[200_000], "1110 Dr 2000.00, 2010.rvd.main Cr 2000.00"),
        (
            &[200_000, 172_000],
            "1110 Dr 3720.00, 2010.rvd.main Cr 3720.00",
        ),
        (
            &[400_000],
            "1110 Dr 4000.00, 2010.rvd.main Cr 3720.00, 2120 Cr 280.00",
        ),
        (
            &[372_000, 372_000],
            "1110 Dr 7440.00, 2010.rvd.main Cr 3720.00, 2130 Cr 3720.00",
        ),
        (
            &[200_000, 200_000],
            "1110 Dr 4000.00, 2010.rvd.main Cr 3720.00, 2120 Cr 280.00",
        ),
    ];
    for (credits, expected) in rows {
        let mut house = House::open().await;
        let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
        let view = house.payment(&bill, "k1").await;
        for (number, minor) in credits.iter().enumerate() {
            let body = notice(&[credit(RVD, &format!("B{number}"), *minor).for_payment(&view)]);
            house.receive(&format!("m{number}"), &body).await.unwrap();
            house.settle().await;
        }
        assert_eq!(house.book("rvd").await, *expected, "{credits:?}");
    }
}

#[tokio::test]
async fn only_the_exact_amount_discharges_a_licence() {
    let mut house = House::open().await;
    let bill = house.bill("td-licence", "456789012340", 507_400).await;
    let view = house.payment(&bill, "k1").await;
    assert!(!view.payment.amount_editable);
    for (number, minor) in [507_399, 507_400].into_iter().enumerate() {
        let body = notice(&[credit(TD, &format!("B{number}"), minor).for_payment(&view)]);
        house.receive(&format!("m{number}"), &body).await.unwrap();
        house.settle().await;
    }
    assert_eq!(
        house.book("td").await,
        "1110 Dr 10147.99, 2010.td.main Cr 5074.00, 2110 Cr 5073.99"
    );
}

#[tokio::test]
async fn money_for_nobody_waits_in_suspense_and_money_on_a_strange_account_in_the_treasury() {
    let mut house = House::open().await;
    house
        .receive("m1", &notice(&[credit(RVD, "B1", 100)]))
        .await
        .unwrap();
    house
        .receive(
            "m2",
            &notice(&[credit("111", "B2", 200).for_number(NUMBER)]),
        )
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(house.book("rvd").await, "1110 Dr 1.00, 2110 Cr 1.00");
    assert_eq!(house.book("treasury").await, "1110 Dr 2.00, 2110 Cr 2.00");
    assert_eq!(
        house.receipts("rvd").await[0].hold_reason.unwrap().as_str(),
        "unidentified"
    );
}

/// Nothing but receipts comes of such a message: no event, no payment, no answer. They are a batch all the same.
#[tokio::test]
async fn a_message_with_nothing_but_money_for_nobody_is_booked_whole() {
    let mut house = House::open().await;
    let strays: Vec<_> = ["B1", "B2", "B3"]
        .into_iter()
        .map(|reference| credit(RVD, reference, 100))
        .collect();
    house.receive("m1", &notice(&strays)).await.unwrap();
    house.settle().await;
    let receipts = house.receipts("rvd").await;
    assert_eq!(receipts.len(), 3);
    assert!(
        receipts
            .iter()
            .all(|receipt| receipt.unapplied_minor == 100)
    );
    let booked = "SELECT count(*) FROM ledger.journal WHERE kind = 'receipt'";
    assert_eq!(house.count(booked).await, 3);
}

#[tokio::test]
async fn a_number_settles_the_one_payment_that_waits_for_the_bill_and_none_of_two() {
    let mut house = House::open().await;
    for (number, keys, after) in [
        ("000123456789011", ["k1"].as_slice(), "settled"),
        ("000123456789020", &["k2", "k3"], "awaiting_payer"),
    ] {
        let bill = house.bill("rvd-rates", number, 1_000).await;
        let mut views = Vec::new();
        for key in keys {
            views.push(house.payment(&bill, key).await);
        }
        let paid = credit(RVD, number, 1_000).for_number(number);
        house.receive(number, &notice(&[paid])).await.unwrap();
        house.settle().await;
        for view in &views {
            let id = view.payment.id;
            let now = house
                .engine
                .reader()
                .payment(&biller("rvd"), id)
                .await
                .unwrap();
            assert_eq!(now.payment.state.as_str(), after, "{number}");
        }
    }
    let receipts = house.receipts("rvd").await;
    let told: Vec<bool> = receipts.iter().map(|one| one.payment.is_some()).collect();
    assert_eq!(told.iter().filter(|told| **told).count(), 1);
    assert!(
        receipts
            .iter()
            .all(|one| one.matched_by.as_str() == "bill_number")
    );
}

#[tokio::test]
async fn a_reference_matches_before_a_bill_number_and_a_number_matches_alone() {
    let mut house = House::open().await;
    let by_reference = house.bill("rvd-rates", NUMBER, 1_000).await;
    house.bill("rvd-rates", "000123456789020", 2_000).await;
    let view = house.payment(&by_reference, "k1").await;
    let both = credit(RVD, "B1", 1_000)
        .for_payment(&view)
        .for_number("000123456789020");
    let number = credit(RVD, "B2", 2_000).for_number("000123456789020");
    house.receive("m1", &notice(&[both, number])).await.unwrap();
    house.settle().await;
    let mut matched: Vec<(i64, &str)> = house
        .receipts("rvd")
        .await
        .iter()
        .map(|receipt| (receipt.amount.minor(), receipt.matched_by.as_str()))
        .collect();
    matched.sort_unstable();
    assert_eq!(matched, [(1_000, "reference"), (2_000, "bill_number")]);
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 30.00, 2010.rvd.main Cr 30.00"
    );
}

#[tokio::test]
async fn a_reference_of_another_department_is_not_followed() {
    let mut house = House::open().await;
    let licence = house.bill("td-licence", "456789012340", 507_400).await;
    let view = house.payment(&licence, "k1").await;
    let body = notice(&[credit(RVD, "B1", 507_400).for_payment(&view)]);
    house.receive("m1", &body).await.unwrap();
    house.settle().await;
    assert_eq!(house.book("rvd").await, "1110 Dr 5074.00, 2110 Cr 5074.00");
    assert_eq!(house.book("td").await, "");
}

#[tokio::test]
async fn an_expired_code_is_expired_on_time_and_its_money_is_still_taken() {
    let mut house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let view = house.payment(&bill, "k1").await;
    let client = house.pool().get().await.unwrap();
    let batch: uuid::Uuid = client
        .query_one(
            "SELECT batch_id FROM epay.outbox WHERE due_at IS NOT NULL",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(house.engine.expire(batch).await.unwrap(), 0, "not yet");
    house.clock.forward(SignedDuration::from_mins(16));
    assert_eq!(house.engine.expire(batch).await.unwrap(), 1);
    assert_eq!(house.engine.expire(batch).await.unwrap(), 0, "once");
    let reader = house.engine.reader().clone();
    let state = |view: epay_engine::PaymentView| view.payment.state;
    let expired = reader
        .payment(&biller("rvd"), view.payment.id)
        .await
        .unwrap();
    assert_eq!(state(expired), PaymentState::Expired);
    let body = notice(&[credit(RVD, "B1", 372_000).for_payment(&view)]);
    house.receive("m1", &body).await.unwrap();
    house.settle().await;
    let paid = reader
        .payment(&biller("rvd"), view.payment.id)
        .await
        .unwrap();
    assert_eq!(paid.bill.state, BillState::Paid);
    assert_eq!(state(paid), PaymentState::Settled);
}

#[tokio::test]
async fn money_for_a_withdrawn_bill_is_held() {
    let mut house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let view = house.payment(&bill, "k1").await;
    let withdraw = WithdrawBill {
        biller: biller("rvd"),
        bill: bill.bill.id,
        reason: "issued twice".to_owned(),
        idempotency_key: "w1".to_owned(),
        caller: "test".to_owned(),
    };
    house.engine.withdraw_bill(withdraw).await.unwrap();
    let body = notice(&[credit(RVD, "B1", 372_000).for_payment(&view)]);
    house.receive("m1", &body).await.unwrap();
    house.settle().await;
    assert_eq!(house.book("rvd").await, "1110 Dr 3720.00, 2110 Cr 3720.00");
    assert_eq!(
        house.receipts("rvd").await[0].hold_reason.unwrap().as_str(),
        "bill_withdrawn"
    );
}
