//! What one process learns of a rail, the others know.

use epay_domain::routing::Reason;
use epay_engine::{BillView, Engine};
use jiff::SignedDuration;

use super::rail::TestRail;
use super::steps::Street;
use crate::house::House;

/// The rail that would carry a wallet payment now, and why it would not.
async fn carrier(engine: &Engine, bill: &BillView) -> (String, Vec<Reason>) {
    let (biller, id) = (&bill.bill.biller, bill.bill.id);
    let offers = engine.methods(biller, &[id]).await.unwrap();
    let offer = offers.into_iter().find(|one| one.method == "test_wallet");
    let offer = offer.unwrap();
    (offer.rail.to_string(), offer.closed)
}

/// Two payments by name of the rail that nobody answers: six calls, of which the fifth opens the breaker.
async fn break_the_first_rail(street: &Street) {
    for number in ["000123456789020", "000123456789038"] {
        let bill = street.house.bill("rvd-rates", number, 1_000).await;
        street.pay(&bill, "twin1", number).await;
        street.run().await;
        street.later(1).await;
        street.later(2).await;
    }
}

#[tokio::test]
async fn a_breaker_that_opens_on_one_node_is_routed_around_on_the_others_until_the_news_is_old() {
    let street = Street::with(|url, nobody| {
        vec![
            TestRail::twin("twin1", nobody),
            TestRail::twin("twin2", url),
        ]
    })
    .await;
    let bill = street.bill().await;
    let (one, two) = (&street.house.engine, street.house.another_engine().await);
    let well = |rail: &str| (rail.to_owned(), vec![]);
    assert_eq!(carrier(&two, &bill).await, well("twin1"));
    break_the_first_rail(&street).await;
    assert_eq!(carrier(one, &bill).await, well("twin2"), "its own breaker");
    assert_eq!(carrier(&two, &bill).await, well("twin1"), "nobody told it");
    one.share_health().await.unwrap();
    assert_eq!(
        carrier(&two, &bill).await,
        well("twin1"),
        "it has not looked"
    );
    two.share_health().await.unwrap();
    assert_eq!(carrier(&two, &bill).await, well("twin2"));
    let paid = two
        .create_payment(Street::by_method(&bill, "test_wallet", "k1"))
        .await
        .unwrap();
    assert_eq!(paid.payment.rail.as_str(), "twin2");
    let told = two.reader().routing(&bill.bill.biller, paid.payment.id);
    let told = told.await.unwrap();
    let first = told.decisions[0].candidates.iter();
    let sick = first.into_iter().find(|one| one.rail.as_str() == "twin1");
    let sick = sick.unwrap();
    assert_eq!(sick.reasons, [Reason::Unhealthy]);
    assert!(sick.condition.left_alone && sick.condition.failures == 5);
    // Node 1 stops; what it said expires, also where nobody looks again.
    street.house.clock.forward(SignedDuration::from_secs(16));
    assert_eq!(carrier(&two, &bill).await, well("twin1"));
    two.share_health().await.unwrap();
    assert_eq!(carrier(&two, &bill).await, well("twin1"));
    // Much later its row is gone.
    let rows = "SELECT count(*) FROM epay.rail_health";
    assert_eq!(street.house.count(rows).await, 1);
    street.house.clock.forward(SignedDuration::from_mins(11));
    two.share_health().await.unwrap();
    assert_eq!(street.house.count(rows).await, 0);
}

#[tokio::test]
async fn where_no_other_rail_carries_it_the_method_is_closed_with_the_reason() {
    let street = Street::with(|_url, nobody| vec![TestRail::twin("twin1", nobody)]).await;
    let bill = street.bill().await;
    break_the_first_rail(&street).await;
    let closed = ("twin1".to_owned(), vec![Reason::Unhealthy]);
    assert_eq!(carrier(&street.house.engine, &bill).await, closed);
    // A code that is merely shown has no calls, and is offered as ever.
    let bills = [bill.bill.id];
    let offered = street.house.engine.methods(&bill.bill.biller, &bills);
    let offers = offered.await.unwrap();
    assert_eq!(offers[0].method, "fps_qr");
    assert!(offers[0].closed.is_empty());
    street
        .house
        .engine
        .create_payment(House::pay(&bill, "k"))
        .await
        .unwrap();
}
