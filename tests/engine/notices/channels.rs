//! Channels that do not take a message, or give up what they took.

use epay_domain::notification::Failure;
use epay_engine::MessageReceipt;
use jiff::SignedDuration;

use super::gateway::Answer;
use super::mailbox::{Letter, Mailbox};
use super::post::Post;
use crate::house::House;

const NUMBER: &str = "000123456789011";

async fn one_bill(answers: &[Answer]) -> (House, Post) {
    let house = House::open().await;
    let post = Post::open(&house).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    post.gateway.answers(answers.iter().copied());
    post.tell(&house).await;
    (house, post)
}

#[tokio::test]
async fn a_busy_gateway_is_tried_again_later_with_the_same_message() {
    let (house, post) =
        one_bill(&[Answer::Refuses(503, "busy"), Answer::Refuses(503, "busy")]).await;
    assert_eq!(
        house.notices().await[0],
        "bill_ready/issued technical_failure"
    );
    assert_eq!(post.gateway.refused(), 1, "not at once");
    house.clock.forward(SignedDuration::from_mins(5));
    post.send(&house).await;
    house.clock.forward(SignedDuration::from_mins(10));
    post.send(&house).await;
    assert_eq!(post.gateway.refused(), 2);
    assert_eq!(post.gateway.taken().len(), 1);
    assert_eq!(house.notices().await[0], "bill_ready/issued sending");
    let facts = "SELECT count(*) FROM epay.notice_event";
    assert_eq!(house.count(facts).await, 3, "two failures, then taken");
}

#[tokio::test]
async fn a_number_that_does_not_exist_ends_it_where_no_other_way_is_there() {
    let (house, post) = one_bill(&[Answer::Refuses(422, "no-such-number")]).await;
    assert_eq!(
        house.notices().await[0],
        "bill_ready/issued permanent_failure"
    );
    house.clock.forward(SignedDuration::from_hours(24));
    post.send(&house).await;
    assert_eq!((post.gateway.refused(), post.gateway.taken().len()), (1, 0));
}

#[tokio::test]
async fn what_a_gateway_gave_up_is_sent_as_another_message() {
    let (house, post) = one_bill(&[]).await;
    let first = post.gateway.taken()[0].reference;
    let given_up = MessageReceipt {
        message: first,
        outcome: Err(Failure::Temporary),
        reference: "P-1".to_owned(),
    };
    for _ in 0..2 {
        house.engine.hear_receipt(given_up.clone()).await.unwrap();
    }
    assert_eq!(
        house.notices().await[0],
        "bill_ready/issued temporary_failure"
    );
    post.send(&house).await;
    assert_eq!(post.gateway.taken().len(), 1, "not at once");
    house.clock.forward(SignedDuration::from_mins(5));
    post.send(&house).await;
    let taken = post.gateway.taken();
    assert_eq!(taken.len(), 2);
    assert_ne!(taken[1].reference, first);
}

#[tokio::test]
async fn who_cannot_be_reached_by_the_first_way_is_told_once_by_the_second() {
    let house = House::open().await;
    let mailbox = Mailbox::open().await;
    let post = Post::with_mail(&house, Some(mailbox.options())).await;
    post.person(&house, 1, (NUMBER, Post::wants())).await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    post.gateway
        .answers([Answer::Refuses(422, "no-such-number")]);
    post.tell(&house).await;
    // Planned and sent again, now and a day later, by lanes that know nothing of the first ones.
    post.tell(&house).await;
    house.clock.forward(SignedDuration::from_hours(24));
    post.tell(&house).await;

    assert_eq!((post.gateway.refused(), post.gateway.taken().len()), (1, 0));
    let letters = mailbox.letters().await;
    let [Letter { to, body, copies }] = letters.as_slice() else {
        panic!("one letter: {letters:?}");
    };
    assert_eq!((to.as_str(), *copies), ("person-1@example.org", 1));
    assert!(
        body.contains("Last day for payment: 31 December 2026"),
        "{body}"
    );
    assert_eq!(house.notices().await[0], "bill_ready/issued sending");
    let facts = "SELECT count(*) FROM epay.notice_event";
    assert_eq!(
        house.count(facts).await,
        2,
        "refused by one, taken by the other"
    );
    mailbox.close().await;
}
