//! From a bill to a telephone at the sandbox's iAM Smart, and what became of it back through our door: real sockets all the way.

mod forms;
mod world;

use epay_domain::notification::MessageKey;
use epay_notice::Channel;
use epay_proto::v1;
use epay_proto::v1::NoticeState;
use uuid::Uuid;

use self::world::World;
use crate::support::{http_client, number};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_pushed_a_notice_and_the_department_sees_that_it_was_delivered() {
    let mut world = World::open().await;
    world.order_fault("twice").await;
    world.bill(&number(1)).await;
    world.tell().await;
    assert_eq!(world.notice().await.state(), NoticeState::Sending);
    for _copy in 0..2 {
        assert_eq!(world.acknowledged().await, 204, "the same again is known");
    }
    let notice = world.notice().await;
    assert_eq!(notice.state(), NoticeState::Delivered);
    assert_eq!(notice.channel(), v1::NoticeChannel::IamSmart);
    assert_eq!(world.shown().await, [("delivered".to_owned(), 1)]);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_does_not_push_twice() {
    let mut world = World::open().await;
    world.order_fault("lost-answer").await;
    world.bill(&number(1)).await;
    world.tell().await;
    // It was taken, which we hear of though its answer was lost.
    assert_eq!(world.acknowledged().await, 204);
    assert_eq!(world.notice().await.state(), NoticeState::Delivered);
    world.make_due().await;
    world.tell().await;
    assert_eq!(world.shown().await, [("delivered".to_owned(), 1)]);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hears_nothing_sends_the_same_message_and_it_is_shown_once() {
    let world = World::open().await;
    for fault in ["lost-answer", "never"] {
        world.order_fault(fault).await;
    }
    world.bill(&number(1)).await;
    world.tell().await;
    world.make_due().await;
    world.tell().await;
    assert_eq!(world.shown().await, [("delivered".to_owned(), 2)]);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_switched_messages_off_is_told_by_the_next_way() {
    let world = World::open().await;
    world.order_fault("switched-off").await;
    world.bill(&number(1)).await;
    world.tell().await;
    let notice = world.notice().await;
    assert_eq!(notice.failed_channels, [1]);
    assert_eq!(notice.channel(), v1::NoticeChannel::Sms);
    assert!(world.shown().await.is_empty());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_iam_smart_did_not_sign_changes_nothing() {
    let world = World::open().await;
    world.order_fault("never").await;
    world.bill(&number(1)).await;
    world.tell().await;
    let notice = world.notice().await;
    let id: Uuid = notice.name.rsplit('/').next().unwrap().parse().unwrap();
    let message = MessageKey {
        notice: id,
        channel: Channel::IamSmartPush,
        round: 0,
    };
    let body = format!(
        r#"{{"businessID":"{}","messageID":"P-1","status":"delivered","completedAt":"2026-11-28T09:00:00+08:00"}}"#,
        message.id()
    );
    let ours = world.sign(&body);
    let mut forged = ours.clone();
    forged.nonce = "another".to_owned();
    let table = [
        (&forged, body.clone(), 401),
        (&ours, "{}".to_owned(), 401),
        (&world.sign("{}"), "{}".to_owned(), 400),
        (&world.sign(""), " ".repeat(20_000), 413),
        (&ours, body.clone(), 204),
    ];
    for (signed, body, expected) in table {
        assert_eq!(world.notice().await.state(), NoticeState::Sending);
        let url = world.house.url(epay_channels::PUSH_RECEIPTS_PATH);
        let mut call = http_client().post(url);
        for (name, value) in signed.headers() {
            call = call.header(name, value);
        }
        let answer = call.body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected);
    }
    assert_eq!(world.notice().await.state(), NoticeState::Delivered);
    world.close().await;
}
