//! What channels tell of messages to people: proved first, then written, then acknowledged.

use std::sync::Arc;

use epay_channels::SMS_RECEIPTS_PATH;
use epay_domain::notification::{MessageKey, notice_id};
use epay_gateway::ReceiptDoors;
use epay_notice::Channel;
use epay_rail_kit::channel::{KeyRing, Request, sign};
use jiff::Timestamp;
use secrecy::SecretSlice;
use uuid::Uuid;

use crate::support::{House, http_client};

const KEY: &str = "sms-1";
const SECRET: &[u8] = b"a-secret-of-more-than-thirty-two-bytes";

async fn house() -> House {
    House::start_with(|config| {
        let secret = SecretSlice::from(SECRET.to_vec());
        let ring = KeyRing::new([(KEY.to_owned(), vec![secret])]).unwrap();
        config.receipt_doors = ReceiptDoors {
            sms: Some(Arc::new(ring)),
            ..ReceiptDoors::default()
        };
    })
    .await
}

fn body(message: Uuid, status: &str) -> String {
    format!(
        r#"{{"clientReference":"{message}","providerReference":"S-1","status":"{status}","completedAt":"2026-11-28T09:00:00+08:00"}}"#
    )
}

/// Posts a receipt, signed by a secret; answers the status.
async fn post(house: &House, body: &str, secret: &[u8]) -> u16 {
    let request = Request {
        method: "POST",
        path: SMS_RECEIPTS_PATH,
        body: body.as_bytes(),
    };
    let secrets = [SecretSlice::from(secret.to_vec())];
    let id = Uuid::now_v7().to_string();
    let signed = sign(KEY, &secrets, &id, &request, Timestamp::now()).unwrap();
    let mut call = http_client().post(house.url(SMS_RECEIPTS_PATH));
    for (name, value) in signed.headers {
        call = call.header(name, value);
    }
    let answer = call.body(body.to_owned()).send().await.unwrap();
    answer.status().as_u16()
}

/// A notice that a gateway took; answers its message.
async fn sent(house: &House) -> MessageKey {
    let message = MessageKey {
        notice: notice_id(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_7700)),
        channel: Channel::Sms,
        round: 0,
    };
    let client = house.engine.reader().pool().get().await.unwrap();
    let insert = "INSERT INTO epay.notice (notice_id, person_id, biller_id, bill_id, kind, name, expires_at, state, channel, attempts, \
         first_try_at, unsure, created_at, changed_at, version) VALUES ($1, $1, 'rvd', $1, 'bill_ready', 'bill_ready/issued', \
         now() + interval '1 day', 'sending', 'sms', 1, now(), true, now(), now(), 1)";
    client.execute(insert, &[&message.notice]).await.unwrap();
    message
}

async fn state(house: &House) -> String {
    let client = house.engine.reader().pool().get().await.unwrap();
    let query = "SELECT state || ' ' || version FROM epay.notice";
    client.query_one(query, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_receipt_is_written_before_it_is_acknowledged_and_only_once() {
    let house = house().await;
    let message = sent(&house).await;
    let delivered = body(message.id(), "delivered");
    for _repeat in 0..2 {
        assert_eq!(post(&house, &delivered, SECRET).await, 204);
        assert_eq!(state(&house).await, "delivered 2");
    }
    let late = body(message.id(), "temporary-failure");
    assert_eq!(post(&house, &late, SECRET).await, 204);
    assert_eq!(state(&house).await, "delivered 2");
    house.stop().await;
}

#[tokio::test]
async fn what_is_not_proved_or_no_receipt_changes_nothing() {
    let house = house().await;
    let message = sent(&house).await;
    let delivered = body(message.id(), "delivered");
    let table = [
        (delivered.clone(), &[9_u8; 32][..], 401),
        ("{}".to_owned(), SECRET, 400),
        (" ".repeat(20_000), SECRET, 413),
        // Nobody here knows it, and its sender can do nothing about that.
        (body(Uuid::from_u128(0x21), "delivered"), SECRET, 204),
    ];
    for (body, secret, expected) in table {
        assert_eq!(post(&house, &body, secret).await, expected);
        assert_eq!(state(&house).await, "sending 1");
    }
    house.stop().await;

    let without = House::start().await;
    assert_eq!(post(&without, &delivered, SECRET).await, 404);
    without.stop().await;
}
