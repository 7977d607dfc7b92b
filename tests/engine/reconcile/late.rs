//! What is not there by its business day, though no statement came: a break a day, and nothing said twice.

use epay_domain::reconciliation::BreakClass;
use epay_domain::reconciliation::case::{CaseState, ItemKind, Resolution};
use jiff::SignedDuration;

use super::entries::paid;
use super::{agreed, all_breaks, assert_sound, open_breaks, reconcile};
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
        ["LATE_SETTLEMENT -600 1110 600"],
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
