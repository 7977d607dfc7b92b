//! The settlement report of a real rail: what its daily file told is found in it, its sum is the batch that the bank's entry
//! must meet, and what one of the three does not have is named.

use epay_domain::reconciliation::BreakClass;
use jiff::SignedDuration;

use super::{all_breaks, assert_sound, in_bank, open_breaks, reconcile};
use crate::house::{House, RVD};
use crate::statements::{Line, one, statement};

pub(super) const NUMBER: &str = "000123456789011";
/// The department's account with PPS.
const MERCHANT: &str = "990201";

/// A file or report of PPS: references, cents and their totals.
pub(super) fn paper(kind: &str, id: &str, day: &str, rows: &[Line<'_>]) -> String {
    let mut text = format!("H|{kind}|1|{id}|{day}190500|{day}\n");
    let mut sums = (0_i64, 0_i64);
    for (reference, cents) in rows {
        sums = (sums.0 + cents, sums.1 + NUMBER.parse::<i64>().unwrap());
        text.push_str(&format!(
            "D|{MERCHANT}|{NUMBER}|{cents}|{reference}|20261120185903|20261123|****1234\n"
        ));
    }
    text + &format!("T|{}|{}|{}\n", rows.len(), sums.0, sums.1)
}

/// PPS told of these payments on Friday, 20 November; it is Monday.
async fn told(rows: &[Line<'_>]) -> House {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 10_000_000).await;
    let file = paper("EPAY-PPS-BILL", "PPS-1", "20261120", rows);
    house.receive_of("pps", "file", &file).await;
    house.settle().await;
    house
}

/// PPS reports that it credits these.
async fn reported(house: &mut House, rows: &[Line<'_>]) {
    reported_as(house, "S-PPS-1", rows).await;
}

async fn reported_as(house: &mut House, name: &str, rows: &[Line<'_>]) {
    let report = paper("EPAY-PPS-SETTLEMENT", name, "20261123", rows);
    house.receive_of("pps", name, &report).await;
    house.settle().await;
    reconcile(house).await;
}

async fn credited(house: &House, cents: i64) {
    let named = format!("PPS-NET-S-PPS-1-{MERCHANT}");
    one(house, &statement(RVD, 23, 0, &[(&named, cents)])).await;
    reconcile(house).await;
    assert_sound(house).await;
}

#[tokio::test]
async fn what_was_told_reported_and_credited_agrees_at_both_levels() {
    let rows = [("P1", 372_000), ("P2", 36_003)];
    let mut house = told(&rows).await;
    let owed = "1130 Dr 4080.03, 2010.rvd.main Cr 4080.03";
    assert_eq!(house.book("rvd").await, owed);
    reported(&mut house, &rows).await;
    assert_eq!(house.book("rvd").await, owed, "a report moves nothing");
    credited(&house, 408_003).await;
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 4080.03, 2010.rvd.main Cr 4080.03"
    );
    assert_eq!(all_breaks(&house).await.len(), 0);
    // The report once more, under another message, is no news.
    let again = paper("EPAY-PPS-SETTLEMENT", "S-PPS-1", "20261123", &rows);
    house.receive_of("pps", "again", &again).await;
    house.settle().await;
    reconcile(&house).await;
    assert_eq!(all_breaks(&house).await.len(), 0);
    assert_eq!(in_bank(&house).await, 408_003);
}

#[tokio::test]
async fn a_payment_that_only_the_report_knows_is_learned_from_it() {
    let mut house = told(&[("P1", 372_000)]).await;
    reported(&mut house, &[("P1", 372_000), ("P2", 100)]).await;
    assert_eq!(house.receipts("rvd").await.len(), 2);
    credited(&house, 372_100).await;
    assert_eq!(all_breaks(&house).await.len(), 0);
    assert_eq!(in_bank(&house).await, 372_100);
}

#[tokio::test]
async fn each_difference_between_the_three_is_named_once() {
    // Credited short; and a payment that the report does not list.
    let mut house = told(&[("P1", 372_000), ("P2", 100)]).await;
    reported(&mut house, &[("P1", 372_000)]).await;
    credited(&house, 371_000).await;
    assert_eq!(
        open_breaks(&house).await,
        ["SHORT_SETTLEMENT -1000 1190.pps 1000"]
    );
    house.clock.forward(SignedDuration::from_hours(72));
    reconcile(&house).await;
    let mut classes: Vec<BreakClass> = all_breaks(&house)
        .await
        .into_iter()
        .map(|case| case.class)
        .collect();
    classes.sort();
    assert_eq!(
        classes,
        [BreakClass::LateSettlement, BreakClass::ShortSettlement]
    );
    assert_eq!(in_bank(&house).await, 371_000);
}

#[tokio::test]
async fn a_rail_that_is_not_set_to_report_is_expected_by_the_day() {
    let rows = [("P1", 372_000), ("P2", 36_003)];
    let mut house = House::open_with("[fps]\n[pps]\nsettlement = \"day\"\n").await;
    house.bill("rvd-rates", NUMBER, 10_000_000).await;
    let file = paper("EPAY-PPS-BILL", "PPS-1", "20261120", &rows);
    house.receive_of("pps", "file", &file).await;
    house.settle().await;
    one(
        &house,
        &statement(RVD, 23, 0, &[("NET 990201 23NOV", 408_003)]),
    )
    .await;
    reconcile(&house).await;
    assert_sound(&house).await;
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 4080.03, 2010.rvd.main Cr 4080.03"
    );
    // A report nevertheless would expect the same money twice: it is set apart.
    let report = paper("EPAY-PPS-SETTLEMENT", "S-PPS-1", "20261123", &rows);
    house.receive_of("pps", "report", &report).await;
    house.settle().await;
    reconcile(&house).await;
    let apart = "SELECT count(*) FROM epay.quarantine WHERE code = 'not_bookable'";
    assert_eq!(house.count(apart).await, 1);
    assert_eq!(all_breaks(&house).await.len(), 0);
}

#[tokio::test]
async fn what_a_rail_owes_waits_while_the_rail_is_not_configured() {
    let rows = [("P1", 372_000), ("P2", 36_003)];
    // Its receipts were not looked at, or its batch was not, when it was taken out of the configuration.
    for announced in [false, true] {
        let mut house = told(&rows).await;
        if announced {
            let report = paper("EPAY-PPS-SETTLEMENT", "S-PPS-1", "20261123", &rows);
            house.receive_of("pps", "report", &report).await;
            house.settle().await;
        }
        house.configure("[fps]\n").await;
        reconcile(&house).await;
        // Longer than it takes a slow commit to be seen.
        house.clock.forward(SignedDuration::from_mins(20));
        reconcile(&house).await;
        house.clock.forward(SignedDuration::from_mins(20));
        reconcile(&house).await;
        house.configure("[fps]\n[pps]\n").await;
        if !announced {
            reported(&mut house, &rows).await;
        }
        reconcile(&house).await;
        credited(&house, 408_003).await;
        assert_eq!(open_breaks(&house).await, Vec::<String>::new());
        assert_eq!(
            house.book("rvd").await,
            "1010 Dr 4080.03, 2010.rvd.main Cr 4080.03"
        );
    }
}

#[tokio::test]
async fn a_payment_that_two_reports_list_is_a_duplicate_in_the_second() {
    let rows = [("P1", 372_000), ("P2", 36_003)];
    let mut house = told(&rows).await;
    reported_as(&mut house, "S-PPS-1", &rows[..1]).await;
    reported_as(&mut house, "S-PPS-2", &rows).await;
    reconcile(&house).await;
    // A report moves no money, so it keeps none.
    assert_eq!(open_breaks(&house).await, ["DUPLICATE_RAIL_REF 372000"]);
}
