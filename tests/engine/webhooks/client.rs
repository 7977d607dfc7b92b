//! Names that lead inside are not called, whatever they led to before.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use epay_domain::webhook::EventType;
use epay_webhook::Guard;
use epay_worker::{Deliverer, Lookup, LookupFuture};
use jiff::SignedDuration;

use super::doctor::deliveries;
use super::sink::Sink;
use super::{options, paid_bill, register, tell_all};
use crate::house::House;

/// A name server that changes its mind.
#[derive(Debug)]
struct Fickle {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Lookup for Fickle {
    fn lookup(&self, _name: String) -> LookupFuture {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[turn.min(self.answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_asked_once_and_not_called() {
    let inside = [
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "169.254.169.254",
        "::ffff:10.0.0.1",
    ];
    let answers: Vec<Vec<IpAddr>> = inside
        .iter()
        .map(|address| vec!["93.184.216.34".parse().unwrap(), address.parse().unwrap()])
        .collect();
    let turns = answers.len();
    let lookup = Arc::new(Fickle {
        answers,
        asked: AtomicUsize::new(0),
    });
    let mut house = House::open().await;
    let made = register(&house, "https://rebind.example/", &[EventType::BillPaid]).await;
    paid_bill(&house).await;
    house.settle().await;
    tell_all(&house).await;
    let mut options = options(&house);
    options.guard = Guard::default();
    options.lookup = Arc::clone(&lookup) as _;
    let mut deliverer = Deliverer::new(house.database.config(), options).unwrap();
    for turn in 1..=turns {
        assert_eq!(deliverer.round().await.unwrap(), 1, "{turn}");
        assert_eq!(lookup.asked.load(Ordering::SeqCst), turn);
        house.clock.forward(SignedDuration::from_hours(20));
    }
    let log = &deliveries(&house, &made).await[0].1;
    assert_eq!(log.len(), turns);
    for line in log {
        let problem = line.problem.as_deref().unwrap();
        assert!(
            problem.contains("the name has an address that may not be called"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn an_address_that_was_allowed_once_is_judged_again_before_each_call() {
    let mut house = House::open().await;
    let sink = Sink::open().await;
    // Registered where this machine may be called; sent where it may not.
    let made = register(&house, &sink.url(), &[EventType::BillPaid]).await;
    paid_bill(&house).await;
    house.settle().await;
    tell_all(&house).await;
    let mut options = options(&house);
    options.guard = Guard::default();
    let mut deliverer = Deliverer::new(house.database.config(), options).unwrap();
    assert_eq!(deliverer.round().await.unwrap(), 1);
    assert_eq!(sink.heard().len(), 0);
    let problem = deliveries(&house, &made).await[0].1[0].problem.clone();
    assert_eq!(problem.as_deref(), Some("the URL must begin with https://"));
}
