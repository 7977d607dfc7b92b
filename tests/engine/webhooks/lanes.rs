//! The loop: a receiver that hangs holds up nobody else, and an end that loses nothing.

use epay_domain::webhook::EventType;
use epay_webhook::AT_ONCE_MAX;
use tokio_util::sync::CancellationToken;

use super::sink::{Answer, Sink};
use super::{deliverer, register};
use crate::house::House;

/// Events for every receiver of the rating department.
async fn queue(house: &House, events: i64) {
    let client = house.pool().get().await.unwrap();
    client
        .execute(
            "WITH event AS (INSERT INTO webhook.event (biller_id, event_id, type, at, body) \
             SELECT 'rvd', 'evt_' || n, 'bill.paid', $1, '{}' FROM generate_series(1, $2::int8) AS n RETURNING event_id) \
             INSERT INTO webhook.delivery (biller_id, endpoint_id, event_id, state, next_at, created_at) \
             SELECT biller_id, endpoint_id, event_id, 'waiting', $1, $1 FROM webhook.endpoint, event",
            &[&house.engine.now(), &events],
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_its_own_places_and_nobody_elses() {
    let house = House::open().await;
    let (hangs, well) = (Sink::answering([Answer::Later]).await, Sink::open().await);
    register(&house, &hangs.url(), &[EventType::BillPaid]).await;
    register(&house, &well.url(), &[EventType::BillPaid]).await;
    queue(&house, 200).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(deliverer(&house).run(stop.clone()));
    assert_eq!(well.hears(200).await.len(), 200);
    assert_eq!(hangs.heard().len(), AT_ONCE_MAX);
    hangs.release();
    assert_eq!(hangs.hears(200).await.len(), 200);
    stop.cancel();
    running.await.unwrap();
    let delivered = house.count("SELECT count(*) FROM webhook.delivery WHERE state = 'delivered'");
    assert_eq!(delivered.await, 400);
}

#[tokio::test]
async fn an_orderly_end_waits_for_calls_under_way_and_writes_what_became_of_them() {
    let house = House::open().await;
    let slow = Sink::answering([Answer::Later]).await;
    register(&house, &slow.url(), &[EventType::BillPaid]).await;
    queue(&house, 3).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(deliverer(&house).run(stop.clone()));
    slow.hears(3).await;
    stop.cancel();
    assert!(!running.is_finished());
    slow.release();
    running.await.unwrap();
    let delivered = house.count("SELECT count(*) FROM webhook.delivery WHERE state = 'delivered'");
    assert_eq!(delivered.await, 3);
}

#[tokio::test]
async fn two_processes_share_the_work_and_send_nothing_twice() {
    let house = House::open().await;
    let sink = Sink::open().await;
    register(&house, &sink.url(), &[EventType::BillPaid]).await;
    queue(&house, 300).await;
    let stop = CancellationToken::new();
    let one = tokio::spawn(deliverer(&house).run(stop.clone()));
    let two = tokio::spawn(deliverer(&house).run(stop.clone()));
    sink.hears(300).await;
    stop.cancel();
    one.await.unwrap();
    two.await.unwrap();
    let mut ids: Vec<String> = sink
        .heard()
        .iter()
        .map(|one| one.header("webhook-id"))
        .collect();
    assert_eq!(ids.len(), 300);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 300);
}
