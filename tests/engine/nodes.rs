//! Two nodes on one database, and order within a bill.

use epay_money::Money;
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::house::{House, RVD, biller, credit, notice, receive};

const NUMBER: &str = "000123456789011";

#[tokio::test]
async fn two_nodes_that_hear_the_same_credits_book_each_once() {
    let mut house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 1_000_000).await;
    let other = house.another_engine().await;
    let view = house.payment(&bill, "k1").await;
    let bodies: Vec<String> = (0..40)
        .map(|number| notice(&[credit(RVD, &format!("B{number}"), 1_000).for_payment(&view)]))
        .collect();
    let told = bodies.iter().enumerate().flat_map(|(number, body)| {
        [
            receive(
                &house.engine,
                Box::leak(format!("a{number}").into_boxed_str()),
                body,
            ),
            receive(
                &other,
                Box::leak(format!("b{number}").into_boxed_str()),
                body,
            ),
        ]
    });
    for stored in join_all(told).await {
        stored.unwrap();
    }
    other.drain().await;
    house.settle().await;
    house
        .engine
        .redrive(jiff::SignedDuration::ZERO)
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(house.count("SELECT count(*) FROM epay.receipt").await, 40);
    assert_eq!(
        house.book("rvd").await,
        "1110 Dr 400.00, 2010.rvd.main Cr 400.00"
    );
    let events = house
        .engine
        .reader()
        .payment_events(&biller("rvd"), view.payment.id)
        .await
        .unwrap();
    let versions: Vec<i32> = events.iter().map(|event| event.version).collect();
    assert_eq!(
        versions,
        (1..=42).collect::<Vec<i32>>(),
        "no gap and no fork"
    );
    let now = house
        .engine
        .reader()
        .payment(&biller("rvd"), view.payment.id)
        .await
        .unwrap();
    assert_eq!(now.payment.received_minor, 40_000);
    assert_eq!(now.bill.applied_minor, 40_000);
}

#[tokio::test]
async fn two_nodes_share_idempotency_keys() {
    let house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let other = house.another_engine().await;
    let asked = (0..20).map(|number| {
        let engine = if number % 2 == 0 {
            &house.engine
        } else {
            &other
        };
        engine.create_payment(House::pay(&bill, "k1"))
    });
    let mut ids: Vec<_> = join_all(asked)
        .await
        .into_iter()
        .map(|view| view.unwrap().payment.id)
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn a_change_that_another_node_made_and_nobody_told_of_wakes_who_watches() {
    let mut house = House::open().await;
    let bill = house.bill("rvd-rates", NUMBER, 372_000).await;
    let view = house.payment(&bill, "k1").await;
    let other = house.another_engine().await;
    let of = (&view.payment.biller, view.payment.id);
    let mut watches = [other.watch(of.0, of.1), other.watch(of.0, of.1)];
    for watch in &watches {
        watch.saw(view.payment.version);
    }
    let stop = CancellationToken::new();
    let (looks, looked_until) = (other.clone(), stop.clone());
    let looking = tokio::spawn(async move { looks.look_after_watchers(looked_until).await });

    let body = notice(&[credit(RVD, "B1", 372_000).for_payment(&view)]);
    receive(&house.engine, "a1", &body).await.unwrap();
    house.settle().await;
    for watch in &mut watches {
        watch.changed().await;
    }
    let now = other.reader().payment(of.0, of.1).await.unwrap();
    assert_eq!(now.payment.received_minor, 372_000);
    stop.cancel();
    looking.await.unwrap();
}

#[tokio::test]
async fn what_a_kind_of_bill_says_anew_is_taken_in_by_every_process() {
    let house = House::open().await;
    let other = house.another_engine().await;
    assert!(!other.reload_catalogue().await.unwrap(), "nothing changed");
    let before = other.reader().catalogue();
    let bill = house.bill("rvd-rates", NUMBER, 1_000).await;
    let half = |key| {
        let mut half = House::pay(&bill, key);
        half.amount = Some(Money::hkd(500));
        half
    };
    other.create_payment(half("before")).await.unwrap();

    let exact = |kind: &mut epay_domain::BillType| kind.policy.part_allowed = false;
    house.change_kind("rvd-rates", exact).await;
    other.create_payment(half("not yet")).await.unwrap();
    assert!(other.reload_catalogue().await.unwrap());
    assert!(!other.reload_catalogue().await.unwrap(), "once is enough");
    other.create_payment(half("after")).await.unwrap_err();
    let (here, there) = (
        house.engine.reader().catalogue(),
        other.reader().catalogue(),
    );
    assert_eq!(here.kinds(), there.kinds());
    assert_ne!(before.kinds(), there.kinds());
    other.drain().await;
}
