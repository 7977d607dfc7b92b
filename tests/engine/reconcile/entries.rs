//! Payments that reach the bank one by one.

use epay_domain::reconciliation::case::{CaseState, Ended};
use epay_domain::reconciliation::{BreakClass, Why};
use epay_domain::statement::Statement;
use jiff::SignedDuration;

use super::{all_breaks, assert_sound, history, in_bank, open_breaks, reconcile};
use crate::house::{House, RVD, credit, notice};
use crate::statements::{Line, one, statement};

const NUMBER: &str = "000123456789011";

/// A house whose rates department was paid this by the bank's notices, each under its reference.
pub(super) async fn paid(credits: &[Line<'_>]) -> House {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 10_000_000).await;
    for (reference, minor) in credits {
        let body = notice(&[credit(RVD, reference, *minor).for_number(NUMBER)]);
        house.receive(reference, &body).await.unwrap();
    }
    house.settle().await;
    house
}

/// The statement of Monday, 23 November.
async fn monday(house: &House, lines: &[Line<'_>]) {
    let told = one(house, &statement(RVD, 23, 0, lines)).await;
    assert_eq!(told.findings, []);
}

#[tokio::test]
async fn what_the_statement_shows_is_swept_by_one_journal_and_once() {
    let house = paid(&[("F-001", 372_000), ("F-002", 298_000)]).await;
    assert_eq!(
        in_bank(&house).await,
        0,
        "no notice moves the bank's account"
    );
    let lines = [("F-002", 298_000), ("F-001", 372_000)];
    monday(&house, &lines).await;
    let first = reconcile(&house).await;
    assert_eq!(
        (first.sources, first.matched, first.opened, first.journals),
        (1, 2, 0, 1)
    );
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 6700.00, 2010.rvd.main Cr 6700.00"
    );
    // The same statement again, and another look, change nothing.
    monday(&house, &lines).await;
    assert_eq!(reconcile(&house).await, epay_engine::Reconciled::default());
    assert_eq!(in_bank(&house).await, 670_000);
    assert_sound(&house).await;
}

#[tokio::test]
async fn each_difference_is_named_once_and_the_books_hold_what_the_bank_holds() {
    let house = paid(&[
        ("F-001", 100),
        ("F-002", 200),
        ("F-003", 300),
        ("F-004", 400),
    ])
    .await;
    let lines = [
        ("F-001", 100),
        // One cent less than its notice said.
        ("F-002", 199),
        // F-003 is not there at all, and these two nobody told us of.
        ("X-001", 5_000),
        ("X-002", -70),
        ("F-004", 400),
    ];
    monday(&house, &lines).await;
    reconcile(&house).await;
    assert_eq!(
        open_breaks(&house).await,
        [
            "AMOUNT_MISMATCH -1 1190.fps 1",
            "MISSING_IN_GATEWAY -70 1190 70",
            "UNIDENTIFIED_CREDIT 5000 2190 5000",
        ]
    );
    assert_eq!(in_bank(&house).await, 100 + 199 + 5_000 - 70 + 400);
    assert_sound(&house).await;
    // Tuesday's statement covers the day of grace: F-003 is missing, and nothing is named twice.
    house.clock.forward(SignedDuration::from_hours(24));
    one(&house, &statement(RVD, 24, 5_629, &[])).await;
    reconcile(&house).await;
    reconcile(&house).await;
    assert_eq!(
        open_breaks(&house).await,
        [
            "AMOUNT_MISMATCH -1 1190.fps 1",
            "MISSING_IN_GATEWAY -70 1190 70",
            "MISSING_IN_RAIL -300 1110 300",
            "UNIDENTIFIED_CREDIT 5000 2190 5000",
        ]
    );
    assert_eq!(in_bank(&house).await, 5_629);
}

#[tokio::test]
async fn a_break_ends_by_itself_when_what_was_missing_comes() {
    let mut house = paid(&[("F-001", 100)]).await;
    // The bank has F-002, and its notice was lost.
    monday(&house, &[("F-002", 200)]).await;
    house.clock.forward(SignedDuration::from_hours(48));
    one(&house, &statement(RVD, 25, 200, &[])).await;
    reconcile(&house).await;
    assert_eq!(
        open_breaks(&house).await,
        [
            "MISSING_IN_RAIL -100 1110 100",
            "UNIDENTIFIED_CREDIT 200 2190 200"
        ]
    );
    let body = notice(&[credit(RVD, "F-002", 200).for_number(NUMBER)]);
    house.receive("late", &body).await.unwrap();
    house.settle().await;
    one(&house, &statement(RVD, 26, 200, &[("F-001", 100)])).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 3.00, 2010.rvd.main Cr 3.00"
    );
    assert_sound(&house).await;
    let found = all_breaks(&house).await;
    // F-001 came after its day: a break of its own, ended by the same fact.
    let late = found
        .iter()
        .filter(|case| case.class == BreakClass::LateSettlement)
        .count();
    assert_eq!((found.len(), late), (3, 1));
    for case in &found {
        assert_eq!(case.state, CaseState::Resolved);
        assert!(matches!(case.ended, Some(Ended::Fact { .. })), "{case:?}");
        assert_eq!(history(&house, case).await, ["break_opened", "break_ended"]);
    }
}

#[tokio::test]
async fn a_movement_that_is_told_twice_is_a_duplicate_on_the_same_day_and_on_another() {
    let house = paid(&[("F-001", 100)]).await;
    let twice = statement(RVD, 23, 0, &[("F-001", 100), ("F-001", 100)]);
    // Under one reference and day the bank moved money once: the second line moved none.
    one(&house, &closing(&twice, "2.00", "1.00")).await;
    reconcile(&house).await;
    assert_sound(&house).await;
    assert_eq!(open_breaks(&house).await, ["DUPLICATE_RAIL_REF 100"]);
    assert_eq!(in_bank(&house).await, 100);
    house.clock.forward(SignedDuration::from_hours(24));
    one(&house, &statement(RVD, 24, 100, &[("F-001", 100)])).await;
    reconcile(&house).await;
    assert_eq!(
        open_breaks(&house).await,
        ["DUPLICATE_RAIL_REF 100", "DUPLICATE_RAIL_REF 100 2190 100"]
    );
    assert_eq!(in_bank(&house).await, 200);
    assert_sound(&house).await;
}

#[tokio::test]
async fn a_break_says_what_nearly_fits() {
    let house = paid(&[("F-001", 37_200)]).await;
    monday(&house, &[("X-001", 37_200)]).await;
    house.clock.forward(SignedDuration::from_hours(48));
    one(&house, &statement(RVD, 25, 37_200, &[])).await;
    reconcile(&house).await;
    for case in all_breaks(&house).await {
        let reasons: Vec<Why> = case.hints.iter().map(|hint| hint.why).collect();
        assert_eq!(reasons, [Why::SameAmount], "{:?}", case.class);
        assert_eq!(case.hints[0].items[0].minor, 37_200);
    }
}

/// A statement that closes with another balance.
pub(super) fn closing(statement: &str, from: &str, to: &str) -> String {
    let balance =
        |amount: &str| format!("<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"HKD\">{amount}</Amt>");
    assert!(statement.contains(&balance(from)), "{from}");
    statement.replace(&balance(from), &balance(to))
}

/// As if a row had been set apart and read again: the statement has one entry more than was looked at.
async fn read_later(house: &House, told: &Statement, (reference, minor): Line<'_>, standing: &str) {
    let client = house.pool().get().await.unwrap();
    client
        .execute(
            "INSERT INTO recon.statement_entry SELECT biller_id, statement_id, 3, account, currency, direction, $1, \
             booking_date, value_date, $2, NULL, NULL, NULL, NULL, false, NULL, 1, NULL, $3 \
             FROM recon.statement_entry WHERE line = 1",
            &[&minor, &reference, &standing],
        )
        .await
        .unwrap();
    client
        .execute(
            "UPDATE recon.statement SET entries = 3 WHERE statement_id = $1",
            &[&told.id.uuid()],
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn a_row_that_is_read_later_is_looked_at_later() {
    let house = paid(&[("F-001", 100), ("F-002", 200)]).await;
    let body = statement(RVD, 23, 0, &[("F-001", 100), ("F-002", 200)]);
    let told = one(&house, &body).await;
    reconcile(&house).await;
    read_later(&house, &told, ("F-003", 300), "counts").await;
    let again = reconcile(&house).await;
    assert_eq!((again.sources, again.matched, again.opened), (1, 0, 1));
    assert_eq!(
        open_breaks(&house).await,
        ["UNIDENTIFIED_CREDIT 300 2190 300"]
    );
    assert_eq!(in_bank(&house).await, 600);
}

#[tokio::test]
async fn a_row_that_is_read_later_and_repeats_a_line_is_a_duplicate() {
    let house = paid(&[("F-001", 100), ("F-002", 200)]).await;
    let body = statement(RVD, 23, 0, &[("F-001", 100), ("F-002", 200)]);
    let told = one(&house, &body).await;
    reconcile(&house).await;
    read_later(&house, &told, ("F-001", 100), "repeated").await;
    reconcile(&house).await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, ["DUPLICATE_RAIL_REF 100"]);
    assert_eq!(in_bank(&house).await, 300, "it moved no money");
}
