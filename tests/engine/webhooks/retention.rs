//! What was told long ago is removed, nothing that waits is, and a replay of what is gone is refused.

use epay_domain::Refusal;
use epay_domain::webhook::EndpointChange;
use epay_engine::{EngineError, Removed, ReplayWebhooks, WebhookEndpointView};
use epay_store::webhook::{Replay, ReplayRange};
use jiff::SignedDuration;

use super::sink::Sink;
use super::{deliverer, paid_bill, register, tell_all};
use crate::house::{House, biller};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

async fn replay(
    house: &House,
    made: &WebhookEndpointView,
    ago: SignedDuration,
) -> Result<Replay, EngineError> {
    let now = house.engine.now();
    let command = ReplayWebhooks {
        biller: biller("rvd"),
        endpoint: made.endpoint.id,
        range: ReplayRange {
            from: now.checked_sub(ago).unwrap(),
            to: now,
            delivered: true,
        },
        idempotency_key: format!("{now} {ago}"),
        caller: "test".to_owned(),
    };
    house.engine.replay_webhooks(command).await
}

async fn left(house: &House) -> [i64; 4] {
    let mut left = [0; 4];
    let tables = [
        "webhook.event",
        "webhook.delivery",
        "webhook.attempt",
        "epay.outbox_batch",
    ];
    for (count, table) in left.iter_mut().zip(tables) {
        *count = house.count(&format!("SELECT count(*) FROM {table}")).await;
    }
    left
}

/// Four events that one receiver took and another, which was then switched off, did not.
async fn told() -> (House, WebhookEndpointView, WebhookEndpointView) {
    let mut house = House::open().await;
    let (quick, off) = (Sink::open().await, Sink::open().await);
    let quick = register(&house, &quick.url(), &[]).await;
    let off = register(&house, &off.url(), &[]).await;
    paid_bill(&house).await;
    house.settle().await;
    tell_all(&house).await;
    let disabled = EndpointChange {
        disabled: Some(true),
        ..EndpointChange::default()
    };
    let (rvd, id) = (&off.endpoint.biller, off.endpoint.id);
    let change = house.engine.update_webhook_endpoint(rvd, id, disabled);
    change.await.unwrap();
    assert_eq!(deliverer(&house).round().await.unwrap(), 4);
    (house, quick, off)
}

#[tokio::test]
async fn what_ended_is_removed_after_its_days_and_what_waits_is_not() {
    let (house, quick, off) = told().await;
    let batches = left(&house).await[3];
    assert_eq!(left(&house).await, [4, 8, 4, batches]);
    // All batches but one are performed.
    let client = house.pool().get().await.unwrap();
    let performed = "UPDATE epay.outbox_batch SET performed_at = created_at WHERE batch_id > (SELECT min(batch_id::text)::uuid \
        FROM epay.outbox_batch); DELETE FROM epay.deadline";
    client.batch_execute(performed).await.unwrap();

    house.clock.forward(days(29));
    let nothing = Removed::default();
    assert_eq!(
        house.engine.remove_old_news(days(30)).await.unwrap(),
        nothing
    );
    assert_eq!(replay(&house, &quick, days(30)).await.unwrap().events, 4);
    assert_eq!(deliverer(&house).round().await.unwrap(), 4);

    // Sent again they have ended later.
    house.clock.forward(days(2));
    assert_eq!(
        house.engine.remove_old_news(days(30)).await.unwrap(),
        nothing
    );
    house.clock.forward(days(60));
    let removed = house.engine.remove_old_news(days(30)).await.unwrap();
    let wanted = Removed {
        deliveries: 4,
        events: 0,
        batches: u64::try_from(batches - 1).unwrap(),
    };
    assert_eq!(removed, wanted, "the events wait for the other receiver");
    assert_eq!(left(&house).await, [4, 4, 0, 1]);

    let (rvd, id) = (&off.endpoint.biller, off.endpoint.id);
    let gone = house.engine.delete_webhook_endpoint(rvd, id);
    gone.await.unwrap();
    house.clock.forward(days(31));
    let removed = house.engine.remove_old_news(days(30)).await.unwrap();
    assert_eq!((removed.deliveries, removed.events), (4, 4));
    assert_eq!(left(&house).await, [0, 0, 0, 1]);
}

#[tokio::test]
async fn a_replay_that_would_miss_something_is_refused_and_says_where_to_begin() {
    let (house, quick, _off) = told().await;
    house.clock.forward(days(31));
    assert_eq!(replay(&house, &quick, days(40)).await.unwrap().events, 4);
    house.engine.remove_old_news(days(30)).await.unwrap();
    let refused = replay(&house, &quick, days(30) + DAY).await.unwrap_err();
    assert_eq!(refused.code(), "WEBHOOK_EVENTS_REMOVED");
    let kept_from = house.engine.now().checked_sub(days(30)).unwrap();
    let EngineError::Refused(Refusal::ReplayTooOld { kept_from: said }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(said, kept_from);
    assert_eq!(replay(&house, &quick, days(30)).await.unwrap().events, 0);
}

#[tokio::test]
async fn removing_finds_its_rows_by_indexes() {
    let (house, ..) = told().await;
    let client = house.pool().get().await.unwrap();
    client
        .batch_execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        .await
        .unwrap();
    for (query, index) in [
        (
            "SELECT FROM webhook.delivery WHERE ended_at < now() ORDER BY ended_at LIMIT 1000",
            "delivery_ended",
        ),
        (
            "SELECT FROM webhook.event WHERE at < now() ORDER BY at LIMIT 1000",
            "event_oldest",
        ),
        (
            "SELECT FROM epay.outbox_batch WHERE batch_id < gen_random_uuid() ORDER BY batch_id LIMIT 1000",
            "outbox_batch_pkey",
        ),
    ] {
        let rows = client
            .query(&format!("EXPLAIN {query}"), &[])
            .await
            .unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("Sort"), "{plan}");
    }
}
