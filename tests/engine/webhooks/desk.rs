//! Keys that are changed for others, replays, tests, receivers that are switched off.

use epay_domain::Refusal;
use epay_domain::webhook::{EndpointChange, EventType, KEYS_MAX, REPLAY_MAX};
use epay_engine::{
    EngineError, ReplayWebhooks, RotateWebhookKey, TestWebhook, WebhookEndpointView,
};
use epay_store::webhook::{Replay, ReplayRange};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

use super::doctor::deliveries;
use super::sink::{Sink, verified};
use super::{deliverer, paid_bill, register, tell_all, vault};
use crate::house::House;

fn rotation(made: &WebhookEndpointView, key: &str, overlap: SignedDuration) -> RotateWebhookKey {
    RotateWebhookKey {
        biller: made.endpoint.biller.clone(),
        endpoint: made.endpoint.id,
        overlap,
        idempotency_key: key.to_owned(),
        caller: "test".to_owned(),
    }
}

async fn test(house: &House, made: &WebhookEndpointView) {
    let command = TestWebhook {
        biller: made.endpoint.biller.clone(),
        endpoint: made.endpoint.id,
    };
    house.engine.test_webhook(command).await.unwrap();
}

#[tokio::test]
async fn an_old_key_signs_beside_the_new_one_for_as_long_as_was_agreed() {
    let house = House::open().await;
    let sink = Sink::open().await;
    let first = register(&house, &sink.url(), &[]).await;
    let mut deliverer = deliverer(&house);
    test(&house, &first).await;
    deliverer.round().await.unwrap();

    let hour = SignedDuration::from_hours(1);
    let rotate = async || {
        let command = rotation(&first, "r1", hour);
        let rotated = house.engine.rotate_webhook_key(command, &vault()).await;
        rotated.unwrap()
    };
    let (both, again) = (rotate().await, rotate().await);
    let secrets = |view: &WebhookEndpointView| -> Vec<Option<String>> {
        let secrets = view.keys.iter().map(|key| key.secret.as_ref());
        secrets
            .map(|secret| secret.map(|secret| secret.expose_secret().to_owned()))
            .collect()
    };
    assert_eq!(secrets(&both), secrets(&again), "a repeat makes no other");
    assert!(secrets(&both)[0].is_some() && secrets(&both)[1].is_none());
    test(&house, &first).await;
    deliverer.round().await.unwrap();
    house.clock.forward(hour);
    test(&house, &first).await;
    deliverer.round().await.unwrap();

    let heard = sink.heard();
    let seen: Vec<_> = heard
        .iter()
        .map(|one| {
            (
                one.signatures(),
                verified(one, &first),
                verified(one, &both),
            )
        })
        .collect();
    assert_eq!(seen, [(2, 1, 1), (4, 1, 2), (2, 0, 1)]);
}

#[tokio::test]
async fn a_key_that_somebody_saw_ends_at_once_and_few_sign_together() {
    let house = House::open().await;
    let sink = Sink::open().await;
    let made = register(&house, &sink.url(), &[]).await;
    for turn in 1..KEYS_MAX {
        let command = rotation(&made, &format!("r{turn}"), SignedDuration::from_hours(1));
        let view = house.engine.rotate_webhook_key(command, &vault()).await;
        assert_eq!(view.unwrap().keys.len(), turn + 1);
    }
    let command = rotation(&made, "one more", SignedDuration::from_hours(1));
    let refused = house.engine.rotate_webhook_key(command, &vault()).await;
    assert!(matches!(
        refused,
        Err(EngineError::Refused(Refusal::TooManyKeys { .. }))
    ));
    let command = rotation(&made, "seen", SignedDuration::ZERO);
    let view = house.engine.rotate_webhook_key(command, &vault()).await;
    assert_eq!(view.unwrap().keys.len(), 1);
    test(&house, &made).await;
    deliverer(&house).round().await.unwrap();
    assert_eq!(sink.heard()[0].signatures(), 2);
    assert_eq!(verified(&sink.heard()[0], &made), 0);
}

#[tokio::test]
async fn what_signs_lies_sealed_and_opens_in_its_own_row_only() {
    let house = House::open().await;
    let sink = Sink::open().await;
    let one = register(&house, &sink.url(), &[]).await;
    let other = register(&house, &format!("{}/other", sink.url()), &[]).await;
    let client = house.pool().get().await.unwrap();
    let swapped = client
        .execute(
            "UPDATE webhook.signing_key AS k SET sealed = o.sealed FROM webhook.signing_key AS o \
             WHERE k.endpoint_id = $1 AND o.endpoint_id = $2",
            &[&one.endpoint.id.uuid(), &other.endpoint.id.uuid()],
        )
        .await
        .unwrap();
    assert_eq!(swapped, 1);
    test(&house, &one).await;
    deliverer(&house).round().await.unwrap();
    assert_eq!(sink.heard().len(), 0, "nothing leaves unsigned");
    let log = &deliveries(&house, &one).await[0].1;
    assert_eq!(
        log[0].problem.as_deref(),
        Some("no key signs for this receiver")
    );
}

async fn replay(
    house: &House,
    made: &WebhookEndpointView,
    key: &str,
    delivered: bool,
) -> Result<Replay, EngineError> {
    let now = house.engine.now();
    let hour = SignedDuration::from_hours(1);
    let command = ReplayWebhooks {
        biller: made.endpoint.biller.clone(),
        endpoint: made.endpoint.id,
        range: ReplayRange {
            from: now.checked_sub(hour).unwrap(),
            to: now.checked_add(hour).unwrap(),
            delivered,
        },
        idempotency_key: key.to_owned(),
        caller: "test".to_owned(),
    };
    house.engine.replay_webhooks(command).await
}

#[tokio::test]
async fn a_replay_brings_what_was_missed_once_a_key_and_all_of_it_when_asked() {
    let mut house = House::open().await;
    let (early, late) = (Sink::open().await, Sink::open().await);
    register(&house, &early.url(), &[]).await;
    paid_bill(&house).await;
    house.settle().await;
    tell_all(&house).await;
    let mut deliverer = deliverer(&house);
    deliverer.round().await.unwrap();
    let made = register(
        &house,
        &late.url(),
        &[EventType::BillPaid, EventType::BillIssued],
    )
    .await;
    let table = [
        ("k1", false, 2, 2),
        ("k1", false, 2, 2),
        ("k2", false, 0, 2),
        ("k3", true, 2, 4),
    ];
    for (key, delivered, events, heard) in table {
        let replay = replay(&house, &made, key, delivered).await.unwrap();
        assert_eq!((replay.events, replay.next_at), (events, None), "{key}");
        deliverer.round().await.unwrap();
        assert_eq!(late.heard().len(), heard, "{key}");
    }
    let reused = replay(&house, &made, "k1", true).await;
    assert!(matches!(reused, Err(EngineError::KeyReused)));
    let (first, second) = late
        .heard()
        .split_at_checked(2)
        .map(|(a, b)| (a.to_vec(), b.to_vec()))
        .unwrap();
    let texts = |heard: &[super::sink::Heard]| {
        let mut texts: Vec<String> = heard.iter().map(|one| one.text().to_owned()).collect();
        texts.sort();
        texts
    };
    assert_eq!(texts(&first), texts(&second), "the same bytes each time");
    assert_eq!(early.heard().len(), 4, "nobody else hears of it");
}

#[tokio::test]
async fn a_replay_is_cut_short_at_its_bound_and_says_where_to_go_on() {
    let house = House::open().await;
    let sink = Sink::open().await;
    let made = register(&house, &sink.url(), &[]).await;
    let client = house.pool().get().await.unwrap();
    client
        .execute(
            "INSERT INTO webhook.event (biller_id, event_id, type, at, body) \
             SELECT 'rvd', 'evt_' || n, 'bill.paid', $1::timestamptz + n * interval '1 millisecond', '{}' \
             FROM generate_series(1, $2::int8 + 5) AS n",
            &[&house.engine.now(), &REPLAY_MAX],
        )
        .await
        .unwrap();
    let first = replay(&house, &made, "k1", false).await.unwrap();
    assert_eq!(first.events, REPLAY_MAX);
    let command = ReplayWebhooks {
        biller: made.endpoint.biller.clone(),
        endpoint: made.endpoint.id,
        range: ReplayRange {
            from: first.next_at.unwrap(),
            ..first.range
        },
        idempotency_key: "k2".to_owned(),
        caller: "test".to_owned(),
    };
    let rest = house.engine.replay_webhooks(command).await.unwrap();
    assert_eq!((rest.events, rest.next_at), (5, None));
}

#[tokio::test]
async fn a_receiver_that_is_off_or_gone_gets_nothing() {
    let mut house = House::open().await;
    let (off, gone) = (Sink::open().await, Sink::open().await);
    let off_view = register(&house, &off.url(), &[]).await;
    let gone_view = register(&house, &gone.url(), &[]).await;
    paid_bill(&house).await;
    house.settle().await;
    tell_all(&house).await;
    let switch = |disabled| EndpointChange {
        disabled: Some(disabled),
        ..EndpointChange::default()
    };
    let (rvd, id) = (&off_view.endpoint.biller, off_view.endpoint.id);
    let engine = house.engine.clone();
    engine
        .update_webhook_endpoint(rvd, id, switch(true))
        .await
        .unwrap();
    engine
        .delete_webhook_endpoint(rvd, gone_view.endpoint.id)
        .await
        .unwrap();
    let mut deliverer = deliverer(&house);
    assert_eq!(deliverer.round().await.unwrap(), 0);
    let refused = replay(&house, &off_view, "k1", true).await;
    assert!(matches!(
        refused,
        Err(EngineError::Refused(Refusal::EndpointDisabled))
    ));
    let unknown = replay(&house, &gone_view, "k2", true).await;
    assert!(matches!(unknown, Err(EngineError::NotFound { .. })));
    engine
        .update_webhook_endpoint(rvd, id, switch(false))
        .await
        .unwrap();
    assert_eq!(deliverer.round().await.unwrap(), 4);
    assert_eq!((off.heard().len(), gone.heard().len()), (4, 0));
}
