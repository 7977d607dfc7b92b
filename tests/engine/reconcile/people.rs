//! What no fact ends, two people end: each way books its own journal, once, and can be taken back where it may be.

use epay_domain::Refusal;
use epay_domain::reconciliation::BreakClass;
use epay_domain::reconciliation::case::{Case, CaseState, Resolution};
use epay_engine::EngineError;
use epay_money::Money;
use epay_store::PageRequest;
use epay_store::reconciliation::CaseFilter;
use jiff::SignedDuration;

use super::entries::closing;
use super::{
    agreed, all_breaks, approved, assert_sound, ends, history, in_bank, open_breaks, proposed,
    reconcile,
};
use crate::house::{House, RVD, biller, credit, notice};
use crate::statements::{Line, one, statement};

const NUMBER: &str = "000123456789011";

/// One payment of 1.00 by notice, and a statement of Monday that has this.
async fn house(lines: &[Line<'_>]) -> House {
    house_of(&statement(RVD, 23, 0, lines)).await
}

async fn house_of(statement: &str) -> House {
    let mut house = House::open().await;
    house.bill("rvd-rates", NUMBER, 10_000_000).await;
    let body = notice(&[credit(RVD, "F-001", 100).for_number(NUMBER)]);
    house.receive("m", &body).await.unwrap();
    house.settle().await;
    one(&house, statement).await;
    reconcile(&house).await;
    house
}

async fn only(house: &House, class: BreakClass) -> Case {
    let mut found = all_breaks(house).await;
    found.retain(|case| case.class == class);
    let [case] = <[Case; 1]>::try_from(found).unwrap();
    case
}

#[tokio::test]
async fn each_way_to_end_a_break_books_its_own_journal() {
    let remittance = Resolution::Remittance {
        lines: vec![("main".to_owned(), 60), ("other".to_owned(), 10)],
        clawback: vec![],
    };
    let cases: [(&str, i64, Resolution, &str); 6] = [
        (
            "X-001",
            500,
            Resolution::WriteOff,
            "1010 Dr 6.00, 2010.rvd.main Cr 1.00, 5090 Cr 5.00",
        ),
        (
            "X-001",
            500,
            Resolution::Suspense,
            "1010 Dr 6.00, 2010.rvd.main Cr 1.00, 2110 Cr 5.00",
        ),
        (
            "X-001",
            -70,
            Resolution::WriteOff,
            "1010 Dr 0.30, 2010.rvd.main Cr 1.00, 5090 Dr 0.70",
        ),
        (
            "X-001",
            -70,
            Resolution::DepartmentClaim,
            "1010 Dr 0.30, 1230.rvd Dr 0.70, 2010.rvd.main Cr 1.00",
        ),
        (
            "X-001",
            -70,
            Resolution::FeeInvoice {
                rail: epay_money::RailId::new("fps").unwrap(),
            },
            // Accrued fees are left out of this picture of the book.
            "1010 Dr 0.30, 2010.rvd.main Cr 1.00",
        ),
        (
            "X-001",
            -70,
            remittance,
            "1010 Dr 0.30, 2010.rvd.main Cr 0.40, 2010.rvd.other Dr 0.10",
        ),
    ];
    for (reference, minor, resolution, book) in cases {
        let house = house(&[("F-001", 100), (reference, minor)]).await;
        let case = all_breaks(&house).await.remove(0);
        agreed(&house, &case, resolution.clone(), "key").await;
        let name = resolution.as_str();
        assert_eq!(house.book("rvd").await, book, "{name} {minor}");
        assert_eq!(open_breaks(&house).await, Vec::<String>::new(), "{name}");
        assert_eq!(in_bank(&house).await, 100 + minor, "{name}");
        assert_sound(&house).await;
        let after = all_breaks(&house).await.remove(0);
        assert_eq!(
            history(&house, &after).await,
            ["break_opened", "break_ended"],
            "{name}"
        );
        assert_eq!(after.journals.len(), 2, "{name}");
    }
}

#[tokio::test]
async fn a_credit_that_was_taken_in_can_be_given_back_like_any_other_money() {
    let house = house(&[("F-001", 100), ("X-001", 500)]).await;
    let case = all_breaks(&house).await.remove(0);
    agreed(&house, &case, Resolution::Suspense, "key").await;
    let receipts = house.receipts("rvd").await;
    let taken = receipts
        .iter()
        .find(|receipt| receipt.rail_reference == "X-001")
        .unwrap();
    assert_eq!((taken.unapplied_minor, taken.amount.minor()), (500, 500));
    // Its notice, should it come after all, tells of the same movement; and the bank is asked for nothing more.
    let body = notice(&[credit(RVD, "X-001", 500).for_number(NUMBER)]);
    house.receive("late", &body).await.unwrap();
    let mut house = house;
    house.settle().await;
    reconcile(&house).await;
    assert_eq!(house.receipts("rvd").await.len(), 2);
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_sound(&house).await;
}

#[tokio::test]
async fn two_breaks_of_one_amount_are_matched_by_people() {
    let house = house(&[("F-00I", 100)]).await;
    house.clock.forward(SignedDuration::from_hours(48));
    one(&house, &statement(RVD, 25, 100, &[])).await;
    reconcile(&house).await;
    let missing = only(&house, BreakClass::MissingInRail).await;
    let credit = only(&house, BreakClass::UnidentifiedCredit).await;
    let receipt = house.receipts("rvd").await.remove(0);
    assert_eq!(missing.journals, [receipt.journal]);
    agreed(
        &house,
        &missing,
        Resolution::Match { other: credit.id },
        "key",
    )
    .await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 1.00, 2010.rvd.main Cr 1.00"
    );
    reconcile(&house).await;
    assert_eq!(all_breaks(&house).await.len(), 2);
}

#[tokio::test]
async fn a_resolution_that_does_not_fit_is_refused_when_it_is_proposed() {
    let house = house(&[("F-001", 100), ("X-001", 500)]).await;
    let case = all_breaks(&house).await.remove(0);
    for (resolution, code) in [
        (Resolution::DepartmentClaim, "RESOLUTION_DOES_NOT_FIT"),
        (Resolution::Accept, "RESOLUTION_DOES_NOT_FIT"),
        (Resolution::RailClaim, "RESOLUTION_DOES_NOT_FIT"),
        (Resolution::Reopen, "BREAK_NOT_REOPENABLE"),
    ] {
        let name = resolution.as_str();
        let refused = house
            .engine
            .propose_break_resolution(ends(&case, resolution, name))
            .await;
        assert_eq!(refused.unwrap_err().code(), code, "{name}");
    }
}

#[tokio::test]
async fn what_people_decided_is_taken_back_by_the_mirror() {
    let house = house(&[("F-001", 100), ("X-001", -70)]).await;
    let before = house.book("rvd").await;
    let case = all_breaks(&house).await.remove(0);
    agreed(&house, &case, Resolution::WriteOff, "one").await;
    let resolved = all_breaks(&house).await.remove(0);
    agreed(&house, &resolved, Resolution::Reopen, "two").await;
    assert_eq!(house.book("rvd").await, before);
    assert_eq!(
        open_breaks(&house).await,
        ["MISSING_IN_GATEWAY -70 1190 70"]
    );
    let open = all_breaks(&house).await.remove(0);
    agreed(&house, &open, Resolution::DepartmentClaim, "three").await;
    assert_eq!(
        history(&house, &open).await,
        [
            "break_opened",
            "break_ended",
            "break_reopened",
            "break_ended"
        ]
    );
    assert_sound(&house).await;
}

#[tokio::test]
async fn an_agreement_that_a_fact_overtook_books_nothing() {
    let mut house = house(&[("F-001", 100), ("F-002", 500)]).await;
    let case = all_breaks(&house).await.remove(0);
    let proposal = proposed(&house, &case, Resolution::WriteOff, "key").await;
    let body = notice(&[credit(RVD, "F-002", 500).for_number(NUMBER)]);
    house.receive("late", &body).await.unwrap();
    house.settle().await;
    reconcile(&house).await;
    approved(&house, &proposal).await;
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 6.00, 2010.rvd.main Cr 6.00"
    );
    assert_eq!(
        history(&house, &case).await,
        ["break_opened", "break_ended", "break_overtaken"]
    );
}

#[tokio::test]
async fn a_break_has_an_owner_and_an_age() {
    let house = house(&[("F-001", 100), ("X-001", 500)]).await;
    let case = all_breaks(&house).await.remove(0);
    let owner = Some("ann".to_owned());
    let assign = || {
        house
            .engine
            .assign_break(&case.biller, case.id, owner.clone(), "eve".into())
    };
    assign().await.unwrap();
    house.clock.forward(SignedDuration::from_hours(24 * 7));
    let view = assign().await.unwrap();
    assert_eq!(
        (view.case.owner.as_deref(), view.age_business_days),
        (Some("ann"), Some(5))
    );
    assert_eq!(
        history(&house, &case).await,
        ["break_opened", "break_assigned"]
    );
    let until = |age| house.engine.opened_until(age).unwrap();
    assert!(until(5) >= case.opened_on && until(6) < case.opened_on);
    agreed(&house, &view.case, Resolution::WriteOff, "key").await;
    let refused = assign().await;
    assert!(matches!(
        refused,
        Err(EngineError::Refused(Refusal::BreakResolved))
    ));
    let unknown = house
        .engine
        .reader()
        .break_case(&biller("ird"), case.id)
        .await;
    assert!(matches!(unknown, Err(EngineError::NotFound { .. })));
    assert_eq!(all_breaks(&house).await[0].state, CaseState::Resolved);
}

#[tokio::test]
async fn a_line_that_moved_no_money_is_no_match_for_money_that_is_missing() {
    // F-001 was told to us and never came; X-001 came once and is told twice by one statement.
    let twice = statement(RVD, 23, 0, &[("X-001", 100), ("X-001", 100)]);
    let house = house_of(&closing(&twice, "2.00", "1.00")).await;
    house.clock.forward(SignedDuration::from_hours(48));
    one(&house, &statement(RVD, 25, 100, &[])).await;
    reconcile(&house).await;
    let before = house.book("rvd").await;
    let missing = only(&house, BreakClass::MissingInRail).await;
    let repeated = only(&house, BreakClass::DuplicateRailRef).await;
    assert_eq!((&repeated.kept, repeated.difference_minor), (&None, 100));
    let other = missing.id;
    let refused = ends(&repeated, Resolution::Match { other }, "one");
    let refused = house.engine.propose_break_resolution(refused).await;
    assert_eq!(refused.unwrap_err().code(), "RESOLUTION_DOES_NOT_FIT");
    // Proposed from the other side, it books nothing.
    let other = repeated.id;
    agreed(&house, &missing, Resolution::Match { other }, "two").await;
    assert_eq!(house.book("rvd").await, before);
    assert_eq!(
        history(&house, &missing).await,
        ["break_opened", "break_overtaken"]
    );
    // It is explained, and that is all.
    agreed(&house, &repeated, Resolution::Accept, "three").await;
    assert_eq!(house.book("rvd").await, before);
    assert_sound(&house).await;
}

#[tokio::test]
async fn a_second_credit_under_one_reference_is_taken_in_under_its_own_name() {
    let house = house(&[("F-001", 100)]).await;
    house.clock.forward(SignedDuration::from_hours(24));
    one(&house, &statement(RVD, 24, 100, &[("F-001", 100)])).await;
    reconcile(&house).await;
    let again = only(&house, BreakClass::DuplicateRailRef).await;
    agreed(&house, &again, Resolution::Suspense, "key").await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 2.00, 2010.rvd.main Cr 1.00, 2110 Cr 1.00"
    );
    let receipts = house.receipts("rvd").await;
    let taken = receipts.iter().find(|one| one.unapplied_minor == 100);
    assert_eq!(taken.unwrap().rail_reference, again.id.to_string());
    assert_eq!(receipts.len(), 2);
    // It is there once, and nothing more is expected of it.
    house.clock.forward(SignedDuration::from_hours(72));
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_sound(&house).await;
}

#[tokio::test]
async fn what_can_never_be_carried_out_ends_with_its_reason() {
    let house = House::open().await;
    // No rail credits this account, so no receipt can be made of what came on it.
    let treasury = biller("treasury");
    one(&house, &statement("999000009999", 23, 0, &[("X-001", 500)])).await;
    house.engine.reconcile(&treasury).await.unwrap();
    let filter = CaseFilter {
        biller: Some(treasury.clone()),
        ..CaseFilter::default()
    };
    let reader = house.engine.reader();
    let mut found = reader.break_cases(&filter, PageRequest::default()).await;
    let case = found.as_mut().unwrap().items.remove(0);
    agreed(&house, &case, Resolution::Suspense, "one").await;
    let case = reader.break_case(&treasury, case.id).await.unwrap();
    assert_eq!(case.state, CaseState::Open);
    assert_eq!(
        history(&house, &case).await,
        ["break_opened", "break_not_ended"]
    );
    // Another end is found for it.
    agreed(&house, &case, Resolution::WriteOff, "two").await;
    assert_eq!(house.book("treasury").await, "1010 Dr 5.00, 5090 Cr 5.00");
    assert_sound(&house).await;
}

#[tokio::test]
async fn what_a_department_owes_is_kept_back_from_what_is_passed_on() {
    let house = house(&[("F-001", 100), ("X-001", -70)]).await;
    let case = all_breaks(&house).await.remove(0);
    agreed(&house, &case, Resolution::DepartmentClaim, "claim").await;
    house.clock.forward(SignedDuration::from_hours(24));
    one(&house, &statement(RVD, 24, 30, &[("X-002", -20)])).await;
    reconcile(&house).await;
    let before = "1010 Dr 0.10, 1190 Dr 0.20, 1230.rvd Dr 0.70, 2010.rvd.main Cr 1.00";
    assert_eq!(house.book("rvd").await, before);
    let kept_back = |minor| Resolution::Remittance {
        lines: vec![("main".to_owned(), 20)],
        clawback: vec![("main".to_owned(), minor)],
    };
    let debit = async || all_breaks(&house).await.remove(1);
    // More than the department owes is not kept back, and nothing is booked.
    agreed(&house, &debit().await, kept_back(71), "more").await;
    assert_eq!(house.book("rvd").await, before);
    assert_eq!(
        history(&house, &debit().await).await,
        ["break_opened", "break_not_ended"]
    );
    let proposal = proposed(&house, &debit().await, kept_back(70), "all").await;
    assert_eq!(proposal.amount, Some(Money::hkd(90)), "both are agreed to");
    approved(&house, &proposal).await;
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 0.10, 2010.rvd.main Cr 0.10"
    );
    assert_sound(&house).await;
    // Both journals are taken back together.
    agreed(&house, &debit().await, Resolution::Reopen, "back").await;
    assert_eq!(house.book("rvd").await, before);
    let nothing = ends(&debit().await, kept_back(0), "nothing");
    let refused = house.engine.propose_break_resolution(nothing).await;
    assert_eq!(refused.unwrap_err().code(), "RESOLUTION_DOES_NOT_FIT");
}
