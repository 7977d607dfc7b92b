//! What is not there by its business day, though no statement came: a break a day, and nothing said twice.

use epay_domain::reconciliation::BreakClass;
use epay_domain::reconciliation::case::{CaseState, ItemKind, Resolution};
use jiff::SignedDuration;

use super::entries::paid;
use super::reports::{NUMBER, paper};
use super::{
    agreed, all_breaks, approved, assert_sound, history, in_bank, open_breaks, proposed, reconcile,
};
use crate::house::{House, RVD};
use crate::statements::{one, statement};

/// Three payments of Monday, and Wednesday without a statement.
async fn late() -> House {
    let house = paid(&[("F-001", 100), ("F-002", 200), ("F-003", 300)]).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    house.clock.forward(SignedDuration::from_hours(24));
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new(), "of grace");
    house.clock.forward(SignedDuration::from_hours(24));
    reconcile(&house).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, ["LATE_SETTLEMENT -600 1110 600"]);
    house
}

#[tokio::test]
async fn a_day_without_a_statement_is_one_break_that_ends_when_it_comes() {
    let house = late().await;
    let [day] = &all_breaks(&house).await[..] else {
        panic!("one break")
    };
    assert_eq!(day.expected.len(), 1);
    assert_eq!(day.expected[0].kind, ItemKind::DayBatch);
    let lines = [("F-001", 100), ("F-002", 200), ("F-003", 300)];
    one(&house, &statement(RVD, 23, 0, &lines)).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 6.00, 2010.rvd.main Cr 6.00"
    );
    assert_eq!(all_breaks(&house).await.len(), 1);
    assert_sound(&house).await;
}

#[tokio::test]
async fn what_the_statement_does_not_show_has_a_break_of_its_own_then() {
    let house = late().await;
    one(&house, &statement(RVD, 23, 0, &[("F-002", 200)])).await;
    reconcile(&house).await;
    assert_eq!(
        open_breaks(&house).await,
        ["LATE_SETTLEMENT -400 1110 400"],
        "two are still late"
    );
    one(&house, &statement(RVD, 24, 200, &[("F-001", 100)])).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, ["MISSING_IN_RAIL -300 1110 300"]);
    one(&house, &statement(RVD, 25, 300, &[("F-003", 300)])).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 6.00, 2010.rvd.main Cr 6.00"
    );
    assert_sound(&house).await;
}

#[tokio::test]
async fn people_end_a_day_with_every_payment_of_it_and_open_it_again() {
    let house = late().await;
    let day = all_breaks(&house).await.remove(0);
    agreed(&house, &day, Resolution::DepartmentClaim, "one").await;
    assert_eq!(
        house.book("rvd").await,
        "1230.rvd Dr 6.00, 2010.rvd.main Cr 6.00"
    );
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    let ended = all_breaks(&house).await.remove(0);
    assert_eq!(
        (ended.class, ended.state),
        (BreakClass::LateSettlement, CaseState::Resolved)
    );
    agreed(&house, &ended, Resolution::Reopen, "two").await;
    let lines = [("F-001", 100), ("F-002", 200), ("F-003", 300)];
    one(&house, &statement(RVD, 23, 0, &lines)).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 6.00, 2010.rvd.main Cr 6.00"
    );
    assert_sound(&house).await;
}

#[tokio::test]
async fn people_end_of_a_day_that_was_seen_in_part_only_what_is_left() {
    let house = late().await;
    let day = all_breaks(&house).await.remove(0);
    let of_all = proposed(&house, &day, Resolution::WriteOff, "all").await;
    one(&house, &statement(RVD, 23, 0, &[("F-002", 200)])).await;
    reconcile(&house).await;
    // What was agreed on was six dollars, and four are left: nothing is booked.
    approved(&house, &of_all).await;
    let day = all_breaks(&house).await.remove(0);
    assert_eq!(open_breaks(&house).await, ["LATE_SETTLEMENT -400 1110 400"]);
    assert_eq!(day.expected[0].minor, 400);
    assert_eq!(
        history(&house, &day).await,
        ["break_opened", "break_restated", "break_overtaken"]
    );
    for (resolution, key, books) in [
        (
            Resolution::WriteOff,
            "rest",
            "1010 Dr 2.00, 2010.rvd.main Cr 6.00, 5090 Dr 4.00",
        ),
        (
            Resolution::Reopen,
            "again",
            "1010 Dr 2.00, 1110 Dr 4.00, 2010.rvd.main Cr 6.00",
        ),
        (
            Resolution::DepartmentClaim,
            "claim",
            "1010 Dr 2.00, 1230.rvd Dr 4.00, 2010.rvd.main Cr 6.00",
        ),
    ] {
        let day = all_breaks(&house).await.remove(0);
        agreed(&house, &day, resolution, key).await;
        assert_eq!(house.book("rvd").await, books, "{key}");
        assert_sound(&house).await;
    }
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(in_bank(&house).await, 200);
}

#[tokio::test]
async fn a_payment_that_joins_a_late_day_is_late_with_it() {
    let mut house = House::open_with("[fps]\n[pps]\nsettlement = \"day\"\n").await;
    let told = async |house: &mut House, id: &str, reference: &str, cents: i64| {
        let file = paper("EPAY-PPS-BILL", id, "20261120", &[(reference, cents)]);
        house.receive_of("pps", id, &file).await;
        house.settle().await;
    };
    house.bill("rvd-rates", NUMBER, 10_000_000).await;
    told(&mut house, "PPS-1", "P1", 500).await;
    reconcile(&house).await;
    house.clock.forward(SignedDuration::from_hours(48));
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, ["LATE_SETTLEMENT -500 1130 500"]);
    told(&mut house, "PPS-2", "P2", 70).await;
    reconcile(&house).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, ["LATE_SETTLEMENT -570 1130 570"]);
    let day = all_breaks(&house).await.remove(0);
    assert_eq!(
        history(&house, &day).await,
        ["break_opened", "break_restated"]
    );
    // Both end with the one entry that pays them.
    one(&house, &statement(RVD, 25, 0, &[("NET 990201", 570)])).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 5.70, 2010.rvd.main Cr 5.70"
    );
    assert_sound(&house).await;
}
