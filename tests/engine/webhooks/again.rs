//! Receivers that fail: tried again, paused, suspended, probed, and back.

use epay_store::webhook::DeliveryState;
use epay_webhook::TRIES_MAX;
use jiff::SignedDuration;

use super::doctor::{deliveries, endpoint};
use super::sink::{Answer, Sink};
use super::{deliverer, paid_bill, register, tell_all};
use crate::house::House;
use epay_domain::webhook::EventType;

fn status(code: u16) -> Answer {
    Answer::Status(code, format!("answer {code}\n"))
}

/// Longer than any pause.
const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn told(house: &mut House) {
    paid_bill(house).await;
    house.settle().await;
    tell_all(house).await;
}

#[tokio::test]
async fn only_a_status_of_two_hundred_and_something_is_success_and_the_log_tells_all() {
    let elsewhere = Sink::open().await;
    let sink = Sink::answering([
        status(500),
        Answer::Elsewhere(elsewhere.url()),
        status(404),
        status(202),
    ])
    .await;
    let mut house = House::open().await;
    let made = register(&house, &sink.url(), &[EventType::BillPaid]).await;
    told(&mut house).await;
    let mut deliverer = deliverer(&house);
    for turn in 0..4 {
        assert_eq!(deliverer.round().await.unwrap(), 1, "{turn}");
        assert_eq!(deliverer.round().await.unwrap(), 0, "not before its time");
        house.clock.forward(DAY);
    }
    assert_eq!(deliverer.round().await.unwrap(), 0);
    let heard = sink.heard();
    assert_eq!(heard.len(), 4);
    assert_eq!(elsewhere.heard().len(), 0, "no redirect is followed");
    for one in &heard {
        assert_eq!(one.text(), heard[0].text());
        assert_eq!(one.header("webhook-id"), heard[0].header("webhook-id"));
    }
    let (delivery, log) = deliveries(&house, &made).await.remove(0);
    assert_eq!(
        (delivery.state, delivery.attempts),
        (DeliveryState::Delivered, 4)
    );
    let log: Vec<_> = log
        .iter()
        .map(|line| (line.attempt, line.status, line.response.as_str()))
        .collect();
    let expected = [
        (1, Some(500), "answer 500 "),
        (2, Some(302), ""),
        (3, Some(404), "answer 404 "),
        (4, Some(202), "answer 202 "),
    ];
    assert_eq!(log, expected);
}

#[tokio::test]
async fn an_endless_answer_is_cut_and_a_closed_port_is_said_in_words() {
    let loud = Sink::answering([Answer::Status(500, "x".repeat(1_000_000))]).await;
    let mut house = House::open().await;
    let made = register(&house, &loud.url(), &[EventType::BillPaid]).await;
    // Bound and let go: nobody listens there.
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let nobody = register(&house, &closed, &[EventType::BillPaid]).await;
    told(&mut house).await;
    assert_eq!(deliverer(&house).round().await.unwrap(), 2);
    let cut = &deliveries(&house, &made).await[0].1[0];
    assert_eq!(cut.response.len(), 500);
    let refused = &deliveries(&house, &nobody).await[0].1[0];
    let problem = refused.problem.clone().unwrap();
    assert!(
        problem.starts_with("no connection could be made"),
        "{problem}"
    );
    assert!(!problem.contains("http://"), "{problem}");
}

#[tokio::test]
async fn a_delivery_is_given_up_in_the_end_and_its_receiver_paused_on_the_way() {
    let sink = Sink::answering([status(503)]).await;
    let mut house = House::open().await;
    let made = register(&house, &sink.url(), &[]).await;
    told(&mut house).await;
    let mut deliverer = deliverer(&house);
    assert_eq!(deliverer.round().await.unwrap(), 4, "it was well until now");
    house.clock.forward(SignedDuration::from_secs(7));
    assert_eq!(deliverer.round().await.unwrap(), 4);
    assert_eq!(endpoint(&house, &made).await.lane.failures, 8);
    // Paused for forty seconds or so, then one at a time.
    house.clock.forward(SignedDuration::from_secs(10));
    assert_eq!(deliverer.round().await.unwrap(), 0);
    house.clock.forward(SignedDuration::from_mins(10));
    assert_eq!(deliverer.round().await.unwrap(), 1);
    assert_eq!(deliverer.round().await.unwrap(), 0);
    // Twelve more hours, before it has failed for a day.
    for _ in 0..12 {
        house.clock.forward(SignedDuration::from_mins(59));
        deliverer.round().await.unwrap();
    }
    let states = house
        .count("SELECT count(*) FROM webhook.delivery WHERE state = 'waiting'")
        .await;
    assert_eq!(states, 4, "a lane that is tried one by one gives up late");
    let most = house.count("SELECT max(tries)::int8 FROM webhook.delivery");
    assert!(most.await < i64::from(TRIES_MAX));
}

#[tokio::test]
async fn a_dead_receiver_is_suspended_with_a_word_to_the_others_and_comes_back_by_a_probe() {
    let (dead, well) = (Sink::answering([status(500)]).await, Sink::open().await);
    let mut house = House::open().await;
    let made = register(&house, &dead.url(), &[]).await;
    register(&house, &well.url(), &[EventType::BillPaid]).await;
    told(&mut house).await;
    let mut deliverer = deliverer(&house);
    for _ in 0..30 {
        deliverer.round().await.unwrap();
        house.clock.forward(SignedDuration::from_hours(2));
    }
    let suspended = endpoint(&house, &made).await;
    assert!(suspended.lane.suspended_at.is_some(), "{suspended:?}");
    let types: Vec<String> = well.heard().iter().map(|one| one.event_type()).collect();
    assert_eq!(types, ["epay.v1.bill.paid", "epay.v1.webhook.suspended"]);
    let calls = dead.heard().len();
    house.clock.forward(SignedDuration::from_hours(2));
    assert_eq!(deliverer.round().await.unwrap(), 1, "one probe");
    assert_eq!(deliverer.round().await.unwrap(), 0, "and no more");
    assert_eq!(dead.heard().len(), calls + 1);
    let waiting = house.count("SELECT count(*) FROM webhook.delivery WHERE state = 'waiting'");
    assert_eq!(
        waiting.await,
        5,
        "four events and the word of its suspension"
    );

    dead.answer([status(200)]);
    house.clock.forward(DAY);
    assert_eq!(
        deliverer.round().await.unwrap(),
        1,
        "the probe that succeeds"
    );
    assert_eq!(
        endpoint(&house, &made).await.lane,
        epay_webhook::Lane::default()
    );
    assert_eq!(
        deliverer.round().await.unwrap(),
        4,
        "and all at once the rest"
    );
    let missed = house.count("SELECT count(*) FROM webhook.delivery WHERE state <> 'delivered'");
    assert_eq!(missed.await, 0);
}

#[tokio::test]
async fn what_a_dead_process_had_taken_up_is_sent_by_another_and_its_late_word_changes_nothing() {
    let sink = Sink::open().await;
    let mut house = House::open().await;
    let made = register(&house, &sink.url(), &[EventType::BillPaid]).await;
    told(&mut house).await;
    // Taken up, and then nothing: what a killed process leaves.
    let client = house.database.service_pool().get().await.unwrap();
    let lanes = epay_store::webhook::Lanes {
        billers: vec![made.endpoint.biller.clone()],
        endpoints: vec![made.endpoint.id],
        places: vec![8],
    };
    let now = house.engine.now();
    let lost_at = now.checked_add(SignedDuration::from_secs(25)).unwrap();
    let claim = epay_store::webhook::claim_deliveries(&client, &lanes, now, lost_at);
    let claimed = claim.await.unwrap();
    assert_eq!(claimed.len(), 1);
    let mut deliverer = deliverer(&house);
    assert_eq!(deliverer.round().await.unwrap(), 0, "somebody has it");
    house.clock.forward(SignedDuration::from_secs(25));
    assert_eq!(deliverer.round().await.unwrap(), 1);
    let late = epay_store::webhook::Outcome {
        claimed: claimed[0].clone(),
        next: epay_webhook::Next::GivenUp,
        at: now,
        status: Some(500),
        problem: None,
        latency_ms: 1,
        response: String::new(),
    };
    let mut client = client;
    let tx = client.transaction().await.unwrap();
    epay_store::webhook::write_outcomes_in(&tx, &[late])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (delivery, log) = deliveries(&house, &made).await.remove(0);
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let statuses: Vec<_> = log.iter().map(|line| line.status).collect();
    assert_eq!(statuses, [Some(500), Some(204)]);
}
