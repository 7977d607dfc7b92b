//! One sick rail does not slow another: a worker under load, one of whose rails takes calls and never answers.
//!
//! Nothing here measures time. The sick rail's calls outlast the test, so that payments which had to wait for any of
//! them would not end at all.

use std::sync::{Arc, Mutex};

use epay_domain::CheckDigit;
use epay_domain::payment::PaymentState as S;
use epay_engine::PaymentView;
use epay_rail::Rail;
use futures_util::future::join_all;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::counterparty::Counterparty;
use super::rail::TestRail;
use super::steps::{Street, says};
use crate::house::House;

/// Payments by the rail that is well.
const WELL: usize = 220;
/// Payments by the rail that never answers.
const SICK: usize = 40;
/// Calls that the sick rail takes at once.
const SICK_AT_ONCE: usize = 4;
/// Longer than any test runs.
const FOR_EVER_MILLIS: u32 = 3_600_000;

/// Takes every call and answers none, until it is let go.
#[derive(Debug)]
struct Hole {
    url: String,
    held: Arc<Mutex<Vec<TcpStream>>>,
    taking: tokio::task::JoinHandle<()>,
}

impl Hole {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&held);
        let taking = tokio::spawn(async move {
            while let Ok((stream, _peer)) = listener.accept().await {
                shared.lock().unwrap().push(stream);
            }
        });
        Self { url, held, taking }
    }

    fn calls(&self) -> usize {
        self.held.lock().unwrap().len()
    }

    fn let_go(self) {
        self.taking.abort();
        self.held.lock().unwrap().clear();
    }
}

fn number(place: usize) -> String {
    let body = format!("{place:014}");
    let digit = CheckDigit::Mod11Radix10.of(&body).unwrap();
    format!("{body}{digit}")
}

/// A payment of a bill of its own.
async fn payment(house: &House, place: usize, rail: &str) -> PaymentView {
    let number = number(place);
    let bill = house.bill("rvd-rates", &number, 1_000).await;
    let command = Street::paying(&bill, rail, &number);
    house.engine.create_payment(command).await.unwrap()
}

async fn state(house: &House, payment: &PaymentView) -> S {
    let of = &payment.payment;
    let view = house.engine.reader().payment(&of.biller, of.id).await;
    view.unwrap().payment.state
}

/// Waits for the end of a payment; woken by its changes, never by a clock.
async fn settled(house: &House, payment: &PaymentView) {
    let mut watch = house
        .engine
        .watch(&payment.payment.biller, payment.payment.id);
    while state(house, payment).await != S::Settled {
        watch.changed().await;
    }
}

#[tokio::test]
async fn two_hundred_payments_end_by_one_rail_while_another_never_answers() {
    let (well, hole) = (Counterparty::open().await, Hole::open().await);
    let at_once = u32::try_from(SICK_AT_ONCE).unwrap();
    let rails: Vec<Arc<dyn Rail>> = vec![
        Arc::new(TestRail::twin("asick", &hole.url).calls(at_once, FOR_EVER_MILLIS)),
        Arc::new(TestRail::twin("well", &well.url)),
    ];
    let house = House::open_with_own(rails).await;
    for place in 0..WELL {
        well.answers("collect", &says("settled", &format!("R{place}")));
    }
    // The sick rail's orders are the oldest: whatever went by age alone would go to it first.
    let sick = (0..SICK).map(|place| payment(&house, place, "asick"));
    let sick = join_all(sick).await;
    let paid = (SICK..SICK + WELL).map(|place| payment(&house, place, "well"));
    let paid = join_all(paid).await;

    let stop = CancellationToken::new();
    let config = house.database.config().clone();
    let worker = tokio::spawn(epay_worker::run(
        config,
        house.engine.clone(),
        false,
        stop.clone(),
    ));
    join_all(paid.iter().map(|payment| settled(&house, payment))).await;

    assert_eq!(well.calls().len(), WELL, "each was asked for once");
    assert_eq!(
        hole.calls(),
        SICK_AT_ONCE,
        "the sick rail's lane is full, and no fuller"
    );
    let queued = "SELECT count(*) FROM epay.rail_order WHERE rail = 'asick' AND state = 'queued'";
    let rest = i64::try_from(SICK - SICK_AT_ONCE).unwrap();
    assert_eq!(
        house.count(queued).await,
        rest,
        "the others wait their turn"
    );

    // The calls break off: what may have arrived is unclear, what was never sent still waits. Nothing is lost.
    stop.cancel();
    hole.let_go();
    worker.await.unwrap().unwrap();
    let ends = join_all(sick.iter().map(|payment| state(&house, payment))).await;
    let count = |wanted| ends.iter().filter(|state| **state == wanted).count();
    assert_eq!(count(S::Unclear), SICK_AT_ONCE);
    assert_eq!(count(S::Submitting), SICK - SICK_AT_ONCE);
    let held = "SELECT count(*) FROM epay.receipt";
    assert_eq!(house.count(held).await, i64::try_from(WELL).unwrap());
}
