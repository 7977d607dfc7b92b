//! What was told long ago is removed, nothing that waits is, and a replay of what is gone is refused.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;
use epay_domain::Refusal;
use epay_domain::webhook::EndpointChange;
use epay_engine::{EngineError, Removed, ReplayWebhooks, WebhookEndpointView};
use epay_store::webhook::{self as store, Replay, ReplayRange};
use jiff::SignedDuration;
use uuid::Uuid;

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

/// Rows of a busy day, in every table from which something is removed.
const YOUNG: i64 = 20_000;
/// What one statement may read of a table: what it removes, and what it passes on the way there.
const READ_MAX: i64 = 200;

/// A busy day at `$1` behind the few rows that are there.
const FILL: [&str; 5] = [
    "INSERT INTO webhook.event SELECT 'rvd', 'young-' || n, 'payment.settled', $1, '{}' FROM generate_series(1, $2::bigint) AS n",
    "INSERT INTO webhook.delivery (biller_id, endpoint_id, event_id, state, next_at, created_at, ended_at)
     SELECT biller_id, endpoint_id, 'young-' || n, 'delivered', $1, $1, $1
     FROM (SELECT * FROM webhook.endpoint LIMIT 1) AS p, generate_series(1, $2::bigint) AS n",
    "INSERT INTO webhook.attempt SELECT biller_id, endpoint_id, event_id, 1, ended_at, 200, NULL, 5, ''
     FROM webhook.delivery WHERE ended_at = $1 ORDER BY event_id LIMIT $2::bigint",
    "INSERT INTO epay.outbox_batch (batch_id, created_at, performed_at)
     SELECT ('f' || substr(gen_random_uuid()::text, 2))::uuid, $1, $1 FROM generate_series(1, $2::bigint)",
    "INSERT INTO epay.notice (notice_id, person_id, biller_id, bill_id, kind, name, expires_at, state, created_at, changed_at)
     SELECT gen_random_uuid(), gen_random_uuid(), 'rvd', gen_random_uuid(), 'due', 'due', $1, 'delivered', $1, $1
     FROM generate_series(1, $2::bigint)",
];

/// What this transaction has read so far, a table.
async fn read(tx: &Transaction<'_>) -> BTreeMap<String, i64> {
    let sql = "SELECT schemaname || '.' || relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
               FROM pg_stat_xact_user_tables";
    let rows = tx.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn removing_reads_what_goes_and_no_table_as_a_whole() {
    let (house, ..) = told().await;
    let client = house.pool().get().await.unwrap();
    let performed =
        "UPDATE epay.outbox_batch SET performed_at = created_at; DELETE FROM epay.deadline";
    client.batch_execute(performed).await.unwrap();
    let old = house.engine.now();
    house.clock.forward(days(60));
    for sql in FILL {
        let filled = client.execute(sql, &[&house.engine.now(), &YOUNG]).await;
        assert_eq!(filled.unwrap(), u64::try_from(YOUNG).unwrap(), "{sql}");
    }
    client.batch_execute("ANALYZE").await.unwrap();
    drop(client);

    let before = old.checked_add(DAY).unwrap();
    let mut client = house.pool().get().await.unwrap();
    store::keep_events_from(&client, before).await.unwrap();
    let tx = client.transaction().await.unwrap();
    let mut known = read(&tx).await;
    for (kind, wanted) in [
        ("deliveries", Some(4)),
        ("undeliverable", Some(0)),
        ("events", Some(0)),
        ("batches", None),
        ("notices", Some(0)),
    ] {
        let first_young = Uuid::from_u128(0xf << 124);
        let removed = match kind {
            "deliveries" => store::remove_deliveries(&tx, before, 1_000).await,
            "undeliverable" => store::remove_undeliverable(&tx, before, 1_000).await,
            "events" => store::remove_events(&tx, before, 1_000).await,
            "batches" => {
                epay_store::remove_performed_batches(&tx, (first_young, before), 1_000).await
            }
            _ => epay_store::notice::remove_notices(&tx, before, 1_000).await,
        };
        let removed = removed.unwrap();
        assert!(
            wanted.is_none_or(|wanted| wanted == removed),
            "{kind}: {removed}"
        );
        assert!(wanted.is_some() || removed > 0, "{kind}: {removed}");
        let now = read(&tx).await;
        for (table, count) in &now {
            let more = count - known.get(table).copied().unwrap_or(0);
            assert!(more < READ_MAX, "{kind} read {more} rows of {table}");
        }
        known = now;
    }
}
