//! Webhooks, from the commit that caused them to a receiver on a real socket.

mod again;
mod client;
mod desk;
mod doctor;
mod lanes;
mod retention;
pub(crate) mod sink;

use std::sync::Arc;

use epay_domain::webhook::EventType;
use epay_engine::{CreateWebhookEndpoint, V7Ids, WebhookEndpointView};
use epay_webhook::{Guard, Vault};
use epay_worker::{Deliverer, DelivererOptions, SystemLookup, tell_webhooks};
use uuid::Uuid;

use crate::house::{House, RVD, biller, credit, notice};
use crate::webhooks::sink::{Sink, verified};

const NUMBER: &str = "000123456789011";

/// What seals keys.
fn vault() -> Arc<Vault> {
    Arc::new(Vault::new([("test".to_owned(), [9_u8; 32].as_slice())]).unwrap())
}

fn options(house: &House) -> DelivererOptions {
    DelivererOptions {
        vault: vault(),
        guard: Guard {
            loopback: true,
            ..Guard::default()
        },
        lookup: Arc::new(SystemLookup),
        clock: Arc::clone(&house.clock) as _,
        ids: Arc::new(V7Ids::default()),
    }
}

pub(crate) fn deliverer(house: &House) -> Deliverer {
    Deliverer::new(house.database.config(), options(house)).unwrap()
}

/// Registers a receiver of the rating department.
pub(crate) async fn register(house: &House, url: &str, types: &[EventType]) -> WebhookEndpointView {
    register_of("rvd", house, url, types).await
}

/// Registers a receiver of a department.
pub(crate) async fn register_of(
    department: &str,
    house: &House,
    url: &str,
    types: &[EventType],
) -> WebhookEndpointView {
    let command = CreateWebhookEndpoint {
        biller: biller(department),
        url: url.to_owned(),
        description: String::new(),
        event_types: types.to_vec(),
        idempotency_key: url.to_owned(),
        caller: "test".to_owned(),
    };
    let vault = vault();
    let made = house.engine.create_webhook_endpoint(command, &vault);
    made.await.unwrap()
}

/// Performs what the outbox holds for webhooks, all of it, as the worker would.
pub(crate) async fn tell_all(house: &House) {
    let client = house.database.service_pool().get().await.unwrap();
    let batches = client
        .query(
            "SELECT batch_id FROM epay.outbox_batch ORDER BY batch_id",
            &[],
        )
        .await
        .unwrap();
    for row in batches {
        let id: Uuid = row.get(0);
        let batch = epay_store::batch(&client, id).await.unwrap().unwrap();
        tell_webhooks(&client, &[batch], house.engine.now())
            .await
            .unwrap();
    }
}

/// A bill of 3,720.00, issued and paid.
async fn paid_bill(house: &House) {
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let view = house.payment(&bill, "k1").await;
    let body = notice(&[credit(RVD, "B1", 372_000).for_payment(&view)]);
    house.receive("n1", &body).await.unwrap();
}

#[tokio::test]
async fn a_paid_bill_is_told_to_whoever_wants_to_hear_it_signed_both_ways() {
    let mut house = House::open().await;
    let (all, some) = (Sink::open().await, Sink::open().await);
    let made = register(&house, &all.url(), &[]).await;
    register(&house, &some.url(), &[EventType::BillPaid]).await;
    paid_bill(&house).await;
    house.settle().await;
    tell_all(&house).await;
    let mut deliverer = deliverer(&house);
    while deliverer.round().await.unwrap() > 0 {}

    let heard = all.heard();
    let mut types: Vec<String> = heard.iter().map(|one| one.event_type()).collect();
    types.sort();
    assert_eq!(
        types,
        [
            "epay.v1.bill.issued",
            "epay.v1.bill.paid",
            "epay.v1.payment.settled",
            "epay.v1.payment.started",
        ]
    );
    for one in &heard {
        assert_eq!(one.header("content-type"), "application/cloudevents+json");
        assert_eq!(one.body()["id"], one.header("webhook-id").as_str());
        assert_eq!(
            one.header("webhook-timestamp"),
            house.engine.now().as_second().to_string()
        );
        assert_eq!(verified(one, &made), 1, "by its one key, in both ways");
    }
    let paid = heard
        .iter()
        .find(|one| one.event_type() == "epay.v1.bill.paid")
        .unwrap();
    assert_eq!(paid.body()["data"]["billNumber"], NUMBER);
    assert_eq!(paid.body()["data"]["amount"]["minorUnits"], "372000");
    let some = some.heard();
    assert_eq!(some.len(), 1);
    assert_eq!(some[0].header("webhook-id"), paid.header("webhook-id"));
    assert_eq!(verified(&some[0], &made), 0, "by a key of its own");
}

#[tokio::test]
async fn an_outbox_that_is_performed_again_queues_nothing_twice() {
    let mut house = House::open().await;
    let sink = Sink::open().await;
    register(&house, &sink.url(), &[]).await;
    paid_bill(&house).await;
    house.settle().await;
    tell_all(&house).await;
    let mut deliverer = deliverer(&house);
    assert_eq!(deliverer.round().await.unwrap(), 4);
    tell_all(&house).await;
    assert_eq!(deliverer.round().await.unwrap(), 0);
    assert_eq!(house.count("SELECT count(*) FROM webhook.event").await, 4);
    assert_eq!(
        house
            .count(
                "SELECT count(*) FROM webhook.delivery WHERE state = 'delivered' AND attempts = 1"
            )
            .await,
        4
    );
}

#[tokio::test]
async fn departments_without_a_receiver_leave_no_trace() {
    let mut house = House::open().await;
    let sink = Sink::open().await;
    paid_bill(&house).await;
    let command = CreateWebhookEndpoint {
        biller: biller("wsd"),
        url: sink.url(),
        description: String::new(),
        event_types: vec![],
        idempotency_key: "k".to_owned(),
        caller: "test".to_owned(),
    };
    house
        .engine
        .create_webhook_endpoint(command, &vault())
        .await
        .unwrap();
    house.settle().await;
    tell_all(&house).await;
    assert_eq!(house.count("SELECT count(*) FROM webhook.event").await, 0);
    assert_eq!(deliverer(&house).round().await.unwrap(), 0);
}
