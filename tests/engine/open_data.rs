//! What was collected in a month, counted in the database.

use epay_domain::open_data::Collected;
use jiff::SignedDuration;

use crate::house::{House, RVD, credit, notice};

#[tokio::test]
async fn a_month_counts_credits_once_by_department_and_channel() {
    let house = House::open().await;
    let bill = house.bill("rvd-rates", "000123456789011", 372_000).await;
    let view = house.payment(&bill, "k1").await;
    house.clock.forward(SignedDuration::from_secs(4));
    let credits = [
        credit(RVD, "B1", 300_000).for_payment(&view),
        // The same bill again, in part too much, and one that nobody knows: all of it came.
        credit(RVD, "B2", 100_000).for_payment(&view),
        credit(RVD, "B3", 5),
    ];
    house.receive("n1", &notice(&credits)).await.unwrap();
    let mut house = house;
    house.settle().await;
    let client = house.database.service_pool().get().await.unwrap();
    let month = async |from: &str, until: &str| {
        let days = (from.parse().unwrap(), until.parse().unwrap());
        let instant = |day: &str| format!("{day}T00:00:00+08:00").parse().unwrap();
        let instants = (instant(from), instant(until));
        let found = epay_store::open_data::collected(&client, days, instants).await;
        found.unwrap()
    };
    let expected = Collected {
        department: "rvd".to_owned(),
        channel: "fps".to_owned(),
        payments: 3,
        paid_minor: 400_005,
        refunds: 0,
        refunded_minor: 0,
        median_seconds: Some(4),
    };
    assert_eq!(month("2026-11-01", "2026-12-01").await, [expected]);
    assert_eq!(month("2026-10-01", "2026-11-01").await, []);
    assert_eq!(month("2026-12-01", "2027-01-01").await, []);
}
