//! Events by stream: in order of each bill, numbered without a gap, and none passed over in silence.

use std::collections::BTreeMap;

use epay_domain::{PublicEventKind, Refusal};
use epay_engine::{BillView, EngineError, NumberedEvent};
use epay_store::OutboxRow;
use jiff::SignedDuration;
use serde_json::Value;
use uuid::Uuid;

use crate::house::{House, RVD, TD, biller, credit, notice};
use crate::remote::promises::handed_over;
use crate::remote::steps::Street;

const NUMBERS: [&str; 2] = ["000123456789011", "000123456789020"];

async fn after(house: &House, number: Option<i64>) -> Vec<NumberedEvent> {
    let read = house.engine.events_after(&biller("rvd"), number).await;
    read.unwrap()
}

/// The words of what happened to each bill, in the order of the stream.
fn by_bill(events: &[NumberedEvent]) -> BTreeMap<String, Vec<&'static str>> {
    let mut told: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for NumberedEvent { event, .. } in events {
        let body: Value = serde_json::from_str(&event.body).unwrap();
        let number = body["data"]["billNumber"].as_str().unwrap().to_owned();
        told.entry(number)
            .or_default()
            .push(event.event_type.as_str());
    }
    told
}

/// A bill that is paid by FPS.
async fn paid_by_fps(house: &mut House, (kind, account): (&str, &'static str), number: &str) {
    let bill = house.bill(kind, number, 372_000).await;
    let view = house.payment(&bill, number).await;
    let body = notice(&[credit(account, number, 372_000).for_payment(&view)]);
    house.receive(number, &body).await.unwrap();
    house.settle().await;
}

#[tokio::test]
async fn a_bill_that_is_paid_reopened_and_paid_again_is_told_so_in_order_beside_another_bill() {
    let mut street = Street::open().await;
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testcheque", "k1").await;
    handed_over(&street, &payment).await;
    street.reports(&payment, "settled", "Q1").await;
    let first = after(&street.house, None).await;
    paid_by_fps(&mut street.house, ("rvd-rates", RVD), NUMBERS[1]).await;
    paid_by_fps(&mut street.house, ("td-licence", TD), "456789012340").await;
    street.reports(&payment, "dishonoured", "Q1").await;
    let again = credit(RVD, "B2", 372_000).for_number(NUMBERS[0]);
    street
        .house
        .receive("again", &notice(&[again]))
        .await
        .unwrap();
    street.house.settle().await;

    // Somebody was cut off after the first half, and goes on there.
    let cut = first.last().unwrap().number;
    let rest = after(&street.house, Some(cut)).await;
    let whole = after(&street.house, None).await;
    assert_eq!([first, rest].concat(), whole, "nothing twice, nothing lost");
    let numbers = whole.iter().map(|event| event.number);
    let most = i64::try_from(whole.len()).unwrap();
    assert!(numbers.eq(1..=most), "without a gap");
    let told = by_bill(&whole);
    assert_eq!(told.len(), 2, "the department's own bills alone");
    let bills = |words: &str| {
        let events = told[words].iter();
        events
            .filter(|word| word.starts_with("bill."))
            .copied()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        bills(NUMBERS[0]),
        ["bill.issued", "bill.paid", "bill.reopened", "bill.paid"]
    );
    assert_eq!(
        told[NUMBERS[1]],
        [
            "bill.issued",
            "payment.started",
            "bill.paid",
            "payment.settled"
        ]
    );
    let end = after(&street.house, Some(most)).await;
    assert_eq!(end, []);
}

/// News of a bill.
fn news(bill: &BillView) -> OutboxRow {
    OutboxRow {
        biller: bill.bill.biller.clone(),
        kind: PublicEventKind::BillRevised.as_str().to_owned(),
        bill: Some(bill.bill.id),
        payment: None,
        minor: None,
        due_at: None,
    }
}

#[tokio::test]
async fn a_commit_that_comes_late_is_numbered_behind_those_that_were_read_before() {
    let house = House::open().await;
    let one = house.bill("rvd-rates", NUMBERS[0], 372_000).await;
    let two = house.bill("rvd-rates", NUMBERS[1], 372_000).await;
    assert_eq!(after(&house, None).await.len(), 2);
    let pool = house.database.service_pool();
    let (mut slow, mut quick) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    let late = slow.transaction().await.unwrap();
    let now = house.engine.now();
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    epay_store::put_batch_in(&late, first, &[news(&one)], now)
        .await
        .unwrap();
    let tx = quick.transaction().await.unwrap();
    epay_store::put_batch_in(&tx, second, &[news(&two)], now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let id = |batch: Uuid| format!("evt_{}_0", batch.simple());
    let read = after(&house, Some(2)).await;
    assert_eq!(
        read.iter().map(|one| &*one.event.id).collect::<Vec<_>>(),
        [id(second)]
    );
    late.commit().await.unwrap();
    let read = after(&house, Some(3)).await;
    assert_eq!(
        read.iter().map(|one| &*one.event.id).collect::<Vec<_>>(),
        [id(first)]
    );
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_said_and_not_passed_over() {
    let mut house = House::open().await;
    paid_by_fps(&mut house, ("rvd-rates", RVD), NUMBERS[0]).await;
    let old = after(&house, None).await;
    let last = old.last().unwrap().number;
    let client = house.pool().get().await.unwrap();
    let performed =
        "UPDATE epay.outbox_batch SET performed_at = created_at; DELETE FROM epay.deadline";
    client.batch_execute(performed).await.unwrap();
    house.clock.forward(SignedDuration::from_hours(1));
    // Of any age: ids are drawn by the machine's clock, which is not the test's.
    let all = (Uuid::max(), house.engine.now());
    let removed = epay_store::remove_performed_batches(&client, all, 1_000).await;
    assert!(removed.unwrap() > 0);
    assert_eq!(
        house.count("SELECT count(*) FROM epay.event_number").await,
        0
    );
    let refusal = async |number: i64| match house
        .engine
        .events_after(&biller("rvd"), Some(number))
        .await
    {
        Err(EngineError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(refusal(last - 1).await, Refusal::EventsRemoved);
    assert_eq!(refusal(last + 1).await, Refusal::CursorAhead);
    assert_eq!(after(&house, Some(last)).await, [], "all of it was read");
    house.bill("rvd-rates", NUMBERS[1], 5_000).await;
    let next = after(&house, Some(last)).await;
    assert_eq!(next, after(&house, None).await);
    assert_eq!(next.first().map(|event| event.number), Some(last + 1));
    assert_eq!(refusal(last - 1).await, Refusal::EventsRemoved);
}
