//! A person is told once, whatever is done again, and whatever dies on the way.

use epay_domain::notification::Failure;
use epay_engine::{MessageReceipt, ReceiptEffect};
use epay_notice::Channel;
use jiff::SignedDuration;
use uuid::Uuid;

use super::gateway::Answer;
use super::post::Post;
use crate::house::House;

const NUMBER: &str = "000123456789011";

async fn one_bill() -> (House, Post) {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    (house, post)
}

fn receipt(message: Uuid, outcome: Result<(), Failure>) -> MessageReceipt {
    MessageReceipt {
        message,
        outcome,
        reference: "P-1".to_owned(),
    }
}

#[tokio::test]
async fn every_step_may_be_done_again() {
    let (house, post) = one_bill().await;
    for _ in 0..3 {
        post.tell(&house).await;
    }
    let taken = post.gateway.taken();
    assert_eq!((taken.len(), taken[0].times), (1, 1));
    assert_eq!(house.count("SELECT count(*) FROM epay.notice").await, 4);
    assert_eq!(
        house.count("SELECT count(*) FROM epay.notice_news").await,
        0
    );
}

#[tokio::test]
async fn planners_and_lanes_of_many_processes_share_the_work() {
    let (house, post) = one_bill().await;
    for number in 2..=9 {
        post.person(&house, number, (NUMBER, Post::wants())).await;
    }
    tokio::join!(post.plan(&house), post.plan(&house), post.plan(&house));
    tokio::join!(post.send(&house), post.send(&house), post.send(&house));
    let taken = post.gateway.taken();
    assert_eq!(taken.len(), 9);
    assert!(taken.iter().all(|one| one.times == 1), "{taken:?}");
}

#[tokio::test]
async fn a_process_that_dies_between_sending_and_writing_leaves_the_same_message_to_another() {
    let (house, post) = one_bill().await;
    post.plan(&house).await;
    post.gateway.answers([Answer::TakesAndHangs]);
    let mut dying = post.lane(&house, Some(Channel::Sms));
    tokio::select! {
        round = dying.round() => panic!("the answer hangs: {round:?}"),
        () = post.gateway.takes(1) => {}
    }
    drop(dying);
    post.send(&house).await;
    assert_eq!(post.gateway.taken()[0].times, 1, "it still has its time");
    house.clock.forward(SignedDuration::from_secs(91));
    post.send(&house).await;
    let taken = post.gateway.taken();
    assert_eq!((taken.len(), taken[0].times), (1, 2), "one message, twice");
    assert_eq!(house.notices().await[0], "bill_ready/issued sending");
}

#[tokio::test]
async fn a_gateway_says_what_became_of_it_late_twice_and_in_disorder() {
    let (house, post) = one_bill().await;
    post.plan(&house).await;
    post.gateway.answers([Answer::TakesAndHangs]);
    let mut lane = post.lane(&house, Some(Channel::Sms));
    // The receipt is here before the answer.
    let (sent, effect) = tokio::join!(lane.round(), async {
        post.gateway.takes(1).await;
        let message = post.gateway.taken()[0].reference;
        let told = house.engine.hear_receipt(receipt(message, Ok(()))).await;
        post.gateway.release();
        told.unwrap()
    });
    assert_eq!(sent.unwrap(), 1);
    assert_eq!(effect, ReceiptEffect::Told);
    assert_eq!(house.notices().await[0], "bill_ready/issued delivered");

    let message = post.gateway.taken()[0].reference;
    for outcome in [Ok(()), Err(Failure::Permanent), Err(Failure::Temporary)] {
        let effect = house.engine.hear_receipt(receipt(message, outcome)).await;
        assert_eq!(effect.unwrap(), ReceiptEffect::Known, "{outcome:?}");
    }
    let foreign = receipt(Uuid::from_u128(0x21), Ok(()));
    let effect = house.engine.hear_receipt(foreign).await;
    assert_eq!(effect.unwrap(), ReceiptEffect::Foreign);
    assert_eq!(house.notices().await[0], "bill_ready/issued delivered");
    post.send(&house).await;
    assert_eq!(post.gateway.taken().len(), 1);
}
