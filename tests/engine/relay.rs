//! Events relayed to a real NATS server: each once, in order, and none lost while it is away.

mod broker;

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::StorageType;
use epay_worker::{Relay, RelayOptions, Relayed};
use jiff::SignedDuration;

use self::broker::Broker;
use crate::house::{House, RVD, TD, credit, notice};
use crate::webhooks::{register, tell_all};

const STREAM: &str = "EPAY";
const NUMBERS: [&str; 2] = ["000123456789011", "000123456789020"];
/// What happens to a bill that is paid, in the order in which the outbox has it.
const PAID: [&str; 4] = [
    "bill.issued",
    "payment.started",
    "bill.paid",
    "payment.settled",
];

fn relay(house: &House, broker: &Broker) -> Relay {
    let options = RelayOptions {
        url: broker.url(),
        stream: STREAM.to_owned(),
        subject_prefix: "gov.pay".to_owned(),
        max_age: Duration::from_secs(86_400),
        credentials_file: None,
        authority_file: None,
    };
    Relay::new(house.database.config(), options).unwrap()
}

/// A relay that has begun: what happens from now on waits for it.
async fn begun(house: &House, broker: &Broker) -> Relay {
    let mut relay = relay(house, broker);
    assert_eq!(relay.round().await.unwrap(), Relayed::Batches(0));
    relay
}

/// A bill of a department, issued and paid.
async fn paid(house: &House, (kind, account): (&str, &'static str), number: &str) {
    let bill = house.bill(kind, number, 372_000).await;
    let view = house.payment(&bill, number).await;
    let body = notice(&[credit(account, number, 372_000).for_payment(&view)]);
    house.receive(number, &body).await.unwrap();
}

async fn waiting(house: &House) -> i64 {
    house.count("SELECT count(*) FROM epay.relay").await
}

/// Carries everything, and says how many batches that was.
async fn carry_all(relay: &mut Relay) -> usize {
    let mut carried = 0;
    loop {
        match relay.round().await.unwrap() {
            Relayed::Batches(0) => return carried,
            Relayed::Batches(count) => carried += count,
            Relayed::ByAnother => panic!("another relay has the lock"),
        }
    }
}

fn header(message: &StreamMessage, name: &str) -> String {
    message.headers.get(name).unwrap().to_string()
}

fn body(message: &StreamMessage) -> serde_json::Value {
    serde_json::from_slice(&message.payload).unwrap()
}

/// Subjects in the stream's order, by the bill that they are of. Of a bill that is the order of what was decided.
fn by_bill(messages: &[StreamMessage]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for message in messages {
        let bill = body(message)["data"]["bill"].as_str().unwrap().to_owned();
        let sequence = body(message)["sequence"].as_str().unwrap().to_owned();
        let before = last.insert(bill.clone(), sequence.clone());
        assert!(before.is_none_or(|before| before < sequence), "{bill}");
        found
            .entry(bill)
            .or_default()
            .push(message.subject.to_string());
    }
    found
}

fn subjects(biller: &str) -> Vec<String> {
    PAID.map(|kind| format!("gov.pay.{biller}.{kind}")).to_vec()
}

#[tokio::test]
async fn every_event_of_every_department_is_in_the_stream_once_in_the_order_of_its_bill() {
    let (mut house, broker) = (House::open().await, Broker::open());
    let mut relay = begun(&house, &broker).await;
    register(&house, "http://127.0.0.1:1/never-called", &[]).await;
    for number in NUMBERS {
        paid(&house, ("rvd-rates", RVD), number).await;
    }
    paid(&house, ("td-licence", TD), "456789012340").await;
    house.settle().await;
    let written = waiting(&house).await;
    assert_eq!(
        carry_all(&mut relay).await,
        usize::try_from(written).unwrap()
    );
    assert_eq!(waiting(&house).await, 0);

    let messages = broker.messages(STREAM).await;
    let bills = by_bill(&messages);
    assert_eq!(bills.len(), 3);
    for (bill, told) in &bills {
        let biller = if bill.starts_with("billers/rvd/") {
            "rvd"
        } else {
            "td"
        };
        assert_eq!(*told, subjects(biller), "{bill}");
    }
    for message in &messages {
        assert_eq!(header(message, "Nats-Msg-Id"), body(message)["id"]);
        assert_eq!(
            header(message, "Content-Type"),
            "application/cloudevents+json"
        );
    }
    // The same bytes that webhooks bring.
    tell_all(&house).await;
    let stored: BTreeMap<String, &[u8]> = messages
        .iter()
        .map(|message| (header(message, "Nats-Msg-Id"), message.payload.as_ref()))
        .collect();
    let client = house.pool().get().await.unwrap();
    let told = "SELECT event_id, body FROM webhook.event";
    let told = client.query(told, &[]).await.unwrap();
    assert_eq!(told.len(), NUMBERS.len() * PAID.len());
    for row in told {
        let (id, body): (String, String) = (row.get(0), row.get(1));
        assert_eq!(stored[&id], body.as_bytes(), "{id}");
    }
}

#[tokio::test]
async fn a_stream_that_is_missing_is_made_to_last_and_to_know_events_again() {
    let (house, broker) = (House::open().await, Broker::open());
    let _relay = begun(&house, &broker).await;
    let mut stream = broker.stream(STREAM).await;
    let made = stream.info().await.unwrap().config.clone();
    assert_eq!(made.subjects, ["gov.pay.>"]);
    assert_eq!(made.storage, StorageType::File);
    assert_eq!(made.duplicate_window, Duration::from_secs(7_200));
    assert_eq!(made.max_age, Duration::from_secs(86_400));
}

#[tokio::test]
async fn events_wait_for_a_broker_that_is_away_and_come_when_it_is_back() {
    let (mut house, mut broker) = (House::open().await, Broker::open());
    let mut relay = begun(&house, &broker).await;
    paid(&house, ("rvd-rates", RVD), NUMBERS[0]).await;
    house.settle().await;
    carry_all(&mut relay).await;
    broker.stop();
    paid(&house, ("rvd-rates", RVD), NUMBERS[1]).await;
    house.settle().await;
    let written = waiting(&house).await;
    assert!(written > 0);
    for _ in 0..2 {
        relay.round().await.unwrap_err();
        assert_eq!(waiting(&house).await, written, "nothing is forgotten");
    }
    broker.start();
    assert_eq!(
        carry_all(&mut relay).await,
        usize::try_from(written).unwrap()
    );
    let bills = by_bill(&broker.messages(STREAM).await);
    assert_eq!(bills.len(), 2);
    for (bill, told) in bills {
        assert_eq!(told, subjects("rvd"), "{bill}");
    }
}

#[tokio::test]
async fn a_round_that_died_before_it_forgot_its_batches_adds_nothing_when_it_is_done_again() {
    let (mut house, broker) = (House::open().await, Broker::open());
    let mut first = begun(&house, &broker).await;
    paid(&house, ("rvd-rates", RVD), NUMBERS[0]).await;
    house.settle().await;
    let client = house.pool().get().await.unwrap();
    // What a process leaves that dies between the broker's last word and the forgetting.
    let keep = "CREATE TABLE left_over AS SELECT * FROM epay.relay";
    client.batch_execute(keep).await.unwrap();
    let carried = carry_all(&mut first).await;
    let put_back = "INSERT INTO epay.relay OVERRIDING SYSTEM VALUE SELECT * FROM left_over";
    client.batch_execute(put_back).await.unwrap();
    assert_eq!(waiting(&house).await, i64::try_from(carried).unwrap());
    assert_eq!(carry_all(&mut first).await, carried);
    assert_eq!(waiting(&house).await, 0);
    assert_eq!(broker.messages(STREAM).await.len(), PAID.len());
}

#[tokio::test]
async fn one_worker_relays_and_another_stands_by() {
    let (house, broker) = (House::open().await, Broker::open());
    let mut first = begun(&house, &broker).await;
    let mut second = relay(&house, &broker);
    assert_eq!(second.round().await.unwrap(), Relayed::ByAnother);
    assert_eq!(first.round().await.unwrap(), Relayed::Batches(0));
}

#[tokio::test]
async fn nothing_waits_where_nobody_relays() {
    let (mut house, broker) = (House::open().await, Broker::open());
    paid(&house, ("rvd-rates", RVD), NUMBERS[0]).await;
    house.settle().await;
    assert_eq!(waiting(&house).await, 0, "nobody ever relayed");
    let mut relay = begun(&house, &broker).await;
    paid(&house, ("rvd-rates", RVD), NUMBERS[1]).await;
    house.settle().await;
    let written = waiting(&house).await;
    assert!(written > 0);
    let pool = house.database.service_pool();
    let mut client = pool.get().await.unwrap();
    let forgotten = epay_store::disable_relay(&mut client).await.unwrap();
    assert_eq!(i64::try_from(forgotten).unwrap(), written);
    paid(&house, ("td-licence", TD), "456789012340").await;
    house.settle().await;
    assert_eq!(waiting(&house).await, 0, "it was switched off");
    assert_eq!(carry_all(&mut relay).await, 0);
}

#[tokio::test]
async fn what_waits_for_the_relay_is_not_removed() {
    let (mut house, broker) = (House::open().await, Broker::open());
    let mut relay = begun(&house, &broker).await;
    paid(&house, ("rvd-rates", RVD), NUMBERS[0]).await;
    house.settle().await;
    let batches = "SELECT count(*) FROM epay.outbox_batch";
    let written = house.count(batches).await;
    let client = house.pool().get().await.unwrap();
    let perform =
        "UPDATE epay.outbox_batch SET performed_at = created_at; DELETE FROM epay.deadline";
    client.batch_execute(perform).await.unwrap();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    house.clock.forward(days(60));
    house.engine.remove_old_news(days(30)).await.unwrap();
    assert_eq!(house.count(batches).await, written);
    carry_all(&mut relay).await;
    house.engine.remove_old_news(days(30)).await.unwrap();
    assert_eq!(house.count(batches).await, 0);
}
