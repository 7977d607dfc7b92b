//! News of money that did not come, came back, or was sent back.

use jiff::SignedDuration;

use super::post::Post;
use crate::house::House;
use crate::refunds::{entry, paid_out, paying_bank};
use crate::remote::promises::handed_over;
use crate::remote::steps::{NUMBER, SHOWN, Street};

/// Somebody who hears of what comes from now on, and of nothing that was.
async fn somebody(house: &House) -> Post {
    house.clock.forward(SignedDuration::from_hours(1));
    let post = Post::open(house).await;
    post.person(house, 1, (NUMBER, Post::wants())).await;
    house.clock.forward(SignedDuration::from_hours(1));
    post
}

/// Everything is planned and sent, twice: the texts that a person has.
async fn texts(post: &Post, house: &House) -> Vec<String> {
    for _ in 0..2 {
        post.tell(house).await;
    }
    let taken = post.gateway.taken();
    assert!(taken.iter().all(|one| one.times == 1), "{taken:?}");
    taken.into_iter().map(|one| one.text).collect()
}

#[tokio::test]
async fn a_refund_that_reached_the_payer_is_told_of_once_and_not_before() {
    let bank = paying_bank().await;
    let (mut house, _refund, key) = paid_out(&bank).await;
    let post = somebody(&house).await;
    assert!(texts(&post, &house).await.is_empty(), "it is under way");
    for message in ["d1", "d2"] {
        let debit = entry(&key, "DBIT", "D1", 13_997);
        house.receive(message, &debit).await.unwrap();
        house.settle().await;
    }
    let told = texts(&post, &house).await;
    let receipt = house.receipts("rvd").await.remove(0);
    let reference = epay_domain::Reference::of(receipt.payment.unwrap());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("A refund of $139.97 for"), "{told:?}");
    assert!(
        told[0].contains(&format!("Reference {reference}.")),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_payment_that_its_rail_declined_is_told_of_and_one_that_the_payer_gave_up_is_not() {
    let mut street = Street::open().await;
    let bill = street.bill().await;
    let post = somebody(&street.house).await;
    street.rail.answers("collect", SHOWN);
    let given_up = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    street.cancel(&given_up).await;
    street.reports(&given_up, "closed", "R1").await;
    assert!(texts(&post, &street.house).await.is_empty());
    street.rail.answers("collect", SHOWN);
    let declined = street.pay(&bill, "testwallet", "k2").await;
    street.run().await;
    street.reports(&declined, "declined", "R2").await;
    let told = texts(&post, &street.house).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let reference = &declined.payment.reference;
    let expected = format!(
        "was not completed, and no money was taken. Reference {reference}. You can pay again."
    );
    assert!(
        told[0].starts_with("Your payment of $3,720.00 for"),
        "{told:?}"
    );
    assert!(told[0].ends_with(&expected), "{told:?}");
}

#[tokio::test]
async fn an_e_cheque_that_its_bank_returned_is_told_of_whether_it_had_counted_or_not() {
    // What is told before it is returned, and how many messages a person then has.
    for (before, messages) in [(None, 1), (Some("settled"), 2)] {
        let mut street = Street::open().await;
        let bill = street.bill().await;
        let post = somebody(&street.house).await;
        let payment = street.pay(&bill, "testcheque", "k1").await;
        handed_over(&street, &payment).await;
        if let Some(finding) = before {
            street.reports(&payment, finding, "Q1").await;
        }
        street.reports(&payment, "dishonoured", "Q1").await;
        let told = texts(&post, &street.house).await;
        assert_eq!(told.len(), messages, "{told:?}");
        let reference = &payment.payment.reference;
        let returned: Vec<&String> = told
            .iter()
            .filter(|text| text.starts_with("Your e-Cheque of $3,720.00 for"))
            .collect();
        assert_eq!(returned.len(), 1, "{told:?}");
        let expected = format!("The bill is unpaid. Reference {reference}. Please pay again.");
        assert!(returned[0].ends_with(&expected), "{told:?}");
    }
}
