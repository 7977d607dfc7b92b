//! Departments hear that their bills are paid: the rating department, so that a demand is shown as paid; the transport department, so that a
//! licence can be issued. By stream, by webhook and by the file of the day, each in order of a bill, and each of its own bills alone.

use std::collections::{BTreeMap, BTreeSet};

use epay_domain::PublicEventKind;
use epay_engine::CloseDay;
use epay_feed::Shape;
use epay_money::RailId;
use serde_json::Value;

use crate::days::{MONDAY, hours};
use crate::house::{House, RVD, TD, biller, credit, notice};
use crate::webhooks::sink::Sink;
use crate::webhooks::{deliverer, register_of, tell_all};

/// A department, a kind of its bills, the account that they are paid to, and their numbers.
type Department = (&'static str, &'static str, &'static str, [&'static str; 2]);
const DEPARTMENTS: [Department; 2] = [
    (
        "rvd",
        "rvd-rates",
        RVD,
        ["000123456789011", "000123456789020"],
    ),
    ("td", "td-licence", TD, ["456789012340", "456789012358"]),
];
/// What happens to a bill that is paid.
const PAID: [&str; 4] = [
    "bill.issued",
    "payment.started",
    "bill.paid",
    "payment.settled",
];

/// What was told of each bill, in order.
type Told = BTreeMap<String, Vec<String>>;

/// What must be told of these bills: of each the same.
fn expected(numbers: [&str; 2]) -> Told {
    let words = PAID.map(str::to_owned).to_vec();
    numbers
        .map(|number| (number.to_owned(), words.clone()))
        .into()
}

/// Sorts events by what they say of their place; none may have another's.
fn in_order(events: Vec<Value>) -> Told {
    let mut places = BTreeMap::new();
    for event in events {
        let place = event["sequence"].as_str().unwrap().to_owned();
        let number = event["data"]["billNumber"].as_str().unwrap().to_owned();
        let word = event["type"].as_str().unwrap().to_owned();
        let other = places.insert((number, place), word);
        assert_eq!(other, None, "each event once");
    }
    let mut told = Told::new();
    for ((number, _place), word) in places {
        let word = word.strip_prefix("epay.v1.").unwrap().to_owned();
        told.entry(number).or_default().push(word);
    }
    told
}

async fn by_stream(house: &House, department: &str) -> Told {
    let mut told = Told::new();
    let events = house.engine.events_after(&biller(department), None).await;
    for event in events.unwrap() {
        let body: Value = serde_json::from_str(&event.event.body).unwrap();
        let number = body["data"]["billNumber"].as_str().unwrap().to_owned();
        let word = event.event.event_type.as_str().to_owned();
        told.entry(number).or_default().push(word);
    }
    told
}

/// The numbers of bills in the file of a day.
async fn by_file(house: &House, department: &str) -> Vec<String> {
    let close = CloseDay {
        biller: biller(department),
        day: MONDAY.parse().unwrap(),
        late: vec![RailId::new("pps").unwrap()],
        reason: Some("its file comes in the morning".to_owned()),
        caller: "ann".to_owned(),
    };
    let view = house.engine.close_day(&close).await.unwrap();
    let [file] = view.files.as_slice() else {
        panic!("{} files", view.files.len())
    };
    let mut pieces = house.engine.feed_bytes(file, Shape::Csv);
    let mut whole = Vec::new();
    while let Some(piece) = pieces.recv().await {
        whole.extend(piece.unwrap());
    }
    let whole = String::from_utf8(whole).unwrap();
    let rows = whole.lines().filter(|line| line.starts_with("D,"));
    rows.map(|row| row.split(',').nth(3).unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn each_department_hears_that_its_bills_are_paid_by_every_way_in_order_and_of_no_other() {
    let mut house = House::open().await;
    let mut sinks = vec![];
    for (department, ..) in DEPARTMENTS {
        let sink = Sink::open().await;
        register_of(department, &house, &sink.url(), &[]).await;
        sinks.push(sink);
    }
    // Turn by turn, so that no department's bills stand together in the log.
    for turn in 0..2 {
        for (_, kind, account, numbers) in DEPARTMENTS {
            let number = numbers[turn];
            let bill = house.bill(kind, number, 372_000).await;
            let view = house.payment(&bill, number).await;
            let body = notice(&[credit(account, number, 372_000).for_payment(&view)]);
            house.receive(number, &body).await.unwrap();
        }
    }
    house.settle().await;
    tell_all(&house).await;
    let mut deliverer = deliverer(&house);
    while deliverer.round().await.unwrap() > 0 {}
    house.clock.forward(hours(10));

    for ((department, _, _, numbers), sink) in DEPARTMENTS.into_iter().zip(&sinks) {
        let expected = expected(numbers);
        assert_eq!(
            by_stream(&house, department).await,
            expected,
            "{department}"
        );
        let heard = sink.heard().iter().map(|one| one.body()).collect();
        assert_eq!(in_order(heard), expected, "{department}");
        let filed: BTreeSet<String> = by_file(&house, department).await.into_iter().collect();
        let numbers = BTreeSet::from(numbers.map(str::to_owned));
        assert_eq!(filed, numbers, "{department}");
    }
    assert_eq!(PublicEventKind::BillPaid.as_str(), PAID[2]);
}
