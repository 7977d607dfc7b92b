//! Rail messages: stored raw, told twice, unreadable, left behind.

use epay_engine::EngineError;
use epay_money::{MessageId, RailId};
use epay_store::NewMessage;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::house::{House, RVD, credit, notice};

const NUMBER: &str = "000123456789011";

#[tokio::test]
async fn the_same_message_and_the_same_credit_are_booked_once() {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let body = notice(&[credit(RVD, "B1", 100_000).for_number(NUMBER)]);
    assert!(!house.receive("m1", &body).await.unwrap().duplicate);
    assert!(house.receive("m1", &body).await.unwrap().duplicate);
    assert!(
        !house.receive("m2", &body).await.unwrap().duplicate,
        "another message, the same credit"
    );
    let error = house.receive("m1", "<other/>").await.unwrap_err();
    assert!(matches!(error, EngineError::MessageIdReused), "{error:?}");
    house.settle().await;
    assert_eq!(house.receipts("rvd").await.len(), 1);
    assert_eq!(
        house.count("SELECT count(*) FROM epay.rail_message").await,
        2
    );
    assert_eq!(
        house
            .count("SELECT count(*) FROM epay.rail_message_pending")
            .await,
        0
    );
}

#[tokio::test]
async fn one_unreadable_entry_is_set_apart_alone() {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let good = [
        credit(RVD, "B1", 1_000).for_number(NUMBER),
        credit(RVD, "B2", 2_000).for_number(NUMBER),
        credit(RVD, "B3", 3_000).for_number(NUMBER),
    ];
    let body = notice(&good).replace(">20.00<", ">twenty<");
    house.receive("m1", &body).await.unwrap();
    house.receive("m2", "not a notice at all").await.unwrap();
    house.settle().await;
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 40.00, 2010.rvd.main Cr 40.00"
    );
    assert_eq!(house.count("SELECT count(*) FROM epay.quarantine").await, 2);
    assert_eq!(
        house
            .count("SELECT count(*) FROM epay.quarantine WHERE entry = 0")
            .await,
        1
    );
    assert_eq!(
        house
            .count("SELECT count(*) FROM epay.rail_message_pending")
            .await,
        0
    );
}

#[tokio::test]
async fn a_message_that_a_crash_left_behind_is_found_and_booked_once() {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    // What a process leaves that stored and acknowledged, and died before it booked.
    let left = NewMessage {
        id: MessageId::new(Uuid::now_v7()),
        rail: RailId::new("fps").unwrap(),
        channel_key: "bank".to_owned(),
        sender_id: "m1".to_owned(),
        digest: [7; 32],
        body: notice(&[credit(RVD, "B1", 100_000).for_number(NUMBER)]).into_bytes(),
        received_at: "2026-11-23T02:59:00Z".parse().unwrap(),
        answers: None,
    };
    let mut client = house.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    epay_store::record_messages_in(&tx, &[left]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        house
            .engine
            .redrive(SignedDuration::from_mins(5))
            .await
            .unwrap(),
        0,
        "too young"
    );
    assert_eq!(
        house
            .engine
            .redrive(SignedDuration::from_secs(5))
            .await
            .unwrap(),
        1
    );
    house.settle().await;
    assert_eq!(
        house
            .engine
            .redrive(SignedDuration::from_secs(5))
            .await
            .unwrap(),
        0
    );
    assert_eq!(house.receipts("rvd").await.len(), 1);
}

#[tokio::test]
async fn the_service_cannot_change_the_record() {
    let house = House::open().await;
    let client = house.database.service_pool().get().await.unwrap();
    for statement in [
        "UPDATE epay.history SET events = '[]'",
        "DELETE FROM epay.history",
        "UPDATE epay.receipt SET amount_minor = 1",
        "DELETE FROM epay.receipt",
        "UPDATE epay.rail_message SET body = ''",
        "DELETE FROM epay.rail_message",
        "DELETE FROM epay.payment",
        "DELETE FROM epay.bill",
        "UPDATE ledger.journal SET source = 'x'",
        "DELETE FROM ledger.entry",
        "TRUNCATE epay.history",
    ] {
        let error = client.batch_execute(statement).await.unwrap_err();
        let code = error.code().unwrap().code();
        assert_eq!(code, "42501", "{statement}: {error}");
    }
}
