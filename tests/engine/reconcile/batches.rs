//! Payments that reach the bank by the batch, as a rail's settlement report announces it.

use epay_domain::reconciliation::case::{Case, CaseState, Ended, Resolution};
use epay_domain::reconciliation::{BreakClass, Why};
use jiff::SignedDuration;

use super::{agreed, all_breaks, assert_sound, history, in_bank, open_breaks, reconcile};
use crate::house::{House, RVD};
use crate::remote::steps::{Street, says};
use crate::statements::{Line, one, statement};

/// A payment of 3,720.00 by card, captured; its report says this of it and pays this over.
async fn reported(fee: i64, payout: (i64, i64)) -> Street {
    let mut street = Street::open().await;
    street.rail.answers("capture", &says("settled", "C1"));
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testcard", "pay-1").await;
    street.run().await;
    street.reports(&payment, "accepted", "A1").await;
    street.later(30).await;
    assert_eq!(
        street.house.book("rvd").await,
        "1120 Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
    let reference = &payment.payment.reference;
    let (gross, kept) = payout;
    let words = format!(
        r#"{{"reports":[{{"finding":"settled","rail_reference":"C1","reference":"{reference}","minor":372000,"fee":{fee}}}],
           "payouts":[{{"account":"testcard-rvd","rail_reference":"BATCH-1","gross":{gross},"fee":{kept}}}]}}"#
    );
    street.notice("testcard", &words).await;
    street
}

async fn day(street: &Street, day: i8, opening: i64, lines: &[Line<'_>]) {
    one(&street.house, &statement(RVD, day, opening, lines)).await;
    reconcile(&street.house).await;
    assert_sound(&street.house).await;
}

#[tokio::test]
async fn an_entry_that_names_the_batch_books_net_and_fee() {
    let street = reported(100, (372_000, 100)).await;
    day(&street, 23, 0, &[("BATCH-1/testcard", 371_900)]).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
    // An entry without a name meets the only batch of its amount.
    let street = reported(100, (372_000, 100)).await;
    day(&street, 23, 0, &[("B0001", 371_900)]).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(in_bank(&street.house).await, 371_900);
}

#[tokio::test]
async fn a_batch_that_is_short_waits_for_the_rest() {
    let street = reported(100, (372_000, 100)).await;
    day(&street, 23, 0, &[("BATCH-1", 300_000)]).await;
    assert_eq!(
        open_breaks(&street.house).await,
        ["SHORT_SETTLEMENT -71900 1190.testcard 71900"]
    );
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3000.00, 1190.testcard Dr 719.00, 2010.rvd.main Cr 3720.00"
    );
    street.house.clock.forward(SignedDuration::from_hours(24));
    day(&street, 24, 300_000, &[("BATCH-1 rest", 71_900)]).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
    let found = all_breaks(&street.house).await;
    assert_eq!(found.len(), 1);
    assert!(matches!(found[0].ended, Some(Ended::Fact { .. })));
    assert_eq!(
        found[0].journals.len(),
        2,
        "what opened it and what ended it"
    );
}

#[tokio::test]
async fn a_batch_that_is_over_waits_for_the_money_to_go_back() {
    let street = reported(100, (372_000, 100)).await;
    day(&street, 23, 0, &[("BATCH-1", 372_900)]).await;
    assert_eq!(
        open_breaks(&street.house).await,
        ["OVER_SETTLEMENT 1000 2190.testcard 1000"]
    );
    street.house.clock.forward(SignedDuration::from_hours(24));
    day(&street, 24, 372_900, &[("BATCH-1 back", -1_000)]).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
}

#[tokio::test]
async fn a_batch_that_does_not_come_is_late_and_the_break_ends_when_it_does() {
    let street = reported(100, (372_000, 100)).await;
    reconcile(&street.house).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    street.house.clock.forward(SignedDuration::from_hours(48));
    reconcile(&street.house).await;
    reconcile(&street.house).await;
    assert_eq!(
        open_breaks(&street.house).await,
        ["LATE_SETTLEMENT -371900 1120 372000"]
    );
    assert_eq!(in_bank(&street.house).await, 0, "late money makes no entry");
    day(&street, 26, 0, &[("BATCH-1", 371_900)]).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
    let ended = all_breaks(&street.house).await;
    assert!(ended.iter().all(|case| case.state == CaseState::Resolved));
}

#[tokio::test]
async fn a_fee_that_was_not_agreed_is_a_break_of_the_rails_level() {
    let street = reported(150, (372_000, 150)).await;
    day(&street, 23, 0, &[("BATCH-1", 371_850)]).await;
    assert_eq!(open_breaks(&street.house).await, ["FEE_MISMATCH 50"]);
}

#[tokio::test]
async fn a_fee_that_a_rail_owes_is_late_after_a_month_and_the_break_ends_when_it_is_paid() {
    let street = reported(150, (372_000, 150)).await;
    day(&street, 23, 0, &[("BATCH-1", 371_850)]).await;
    let house = &street.house;
    let fee = all_breaks(house).await.remove(0);
    agreed(house, &fee, Resolution::RailClaim, "claim").await;
    house.clock.forward(SignedDuration::from_hours(24 * 30));
    reconcile(house).await;
    assert_eq!(open_breaks(house).await, Vec::<String>::new());
    house.clock.forward(SignedDuration::from_hours(24 * 6));
    reconcile(house).await;
    assert_eq!(
        open_breaks(house).await,
        ["LATE_SETTLEMENT -50 1190.testcard 50"]
    );
    assert_eq!(reconcile(house).await, epay_engine::Reconciled::default());
    // The rail names the claim: its amount alone would say nothing.
    let name = fee.id.uuid().simple().to_string();
    day(&street, 24, 371_850, &[(&name, 50)]).await;
    assert_eq!(open_breaks(house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
}

#[tokio::test]
async fn what_no_settlement_report_lists_is_late_at_the_rails_level() {
    let mut street = Street::open().await;
    street.rail.answers("capture", &says("settled", "C1"));
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testcard", "pay-1").await;
    street.run().await;
    street.reports(&payment, "accepted", "A1").await;
    street.later(30).await;
    // Two business days, and one of grace.
    for (hours, wanted) in [(72, 0), (24, 1)] {
        street
            .house
            .clock
            .forward(SignedDuration::from_hours(hours));
        reconcile(&street.house).await;
        let found = all_breaks(&street.house).await;
        assert_eq!(found.len(), wanted);
        assert!(
            found
                .iter()
                .all(|case| case.class == BreakClass::LateSettlement)
        );
    }
}

/// What booked the payment or dispute that the first break is about, by the kinds of its journals.
async fn booked_by(house: &House) -> Vec<String> {
    let client = house.pool().get().await.unwrap();
    let case = all_breaks(house).await.remove(0);
    let mut kinds = Vec::new();
    for id in case.journals {
        let journal = epay_ledger_pg::journal(&**client, id).await.unwrap();
        kinds.push(journal.unwrap().kind().as_str().to_owned());
    }
    kinds
}

#[tokio::test]
async fn the_rows_of_a_report_that_pays_nothing_are_reported_and_its_sum_is_carried() {
    let street = reported(100, (0, 0)).await;
    reconcile(&street.house).await;
    // The capture was reported: it is neither late nor missing, whatever comes to be known later.
    street
        .house
        .clock
        .forward(SignedDuration::from_hours(24 * 5));
    reconcile(&street.house).await;
    assert_eq!(all_breaks(&street.house).await.len(), 0);
    let mut street = street;
    let carried = r#"{"reports":[],"payouts":[{"account":"testcard-rvd","rail_reference":"BATCH-2","gross":372000,"fee":100}]}"#;
    street.notice("testcard", carried).await;
    day(&street, 27, 0, &[("BATCH-2", 371_900)]).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
}

/// What is told of a dispute about the only payment, by a report that pays nothing.
async fn dispute(street: &mut Street, finding: &str, batch: &str) {
    let client = street.house.pool().get().await.unwrap();
    let row = client.query_one("SELECT reference FROM epay.payment", &[]);
    let reference: String = row.await.unwrap().get(0);
    let told = format!(
        r#"{{"reports":[{{"finding":"{finding}","rail_reference":"D1","reference":"{reference}","minor":372000}}],
           "payouts":[{{"account":"testcard-rvd","rail_reference":"{batch}","gross":0,"fee":0}}]}}"#
    );
    street.notice("testcard", &told).await;
    reconcile(&street.house).await;
}

#[tokio::test]
async fn a_dispute_stays_open_until_its_money_comes_back() {
    let mut street = reported(100, (372_000, 100)).await;
    day(&street, 23, 0, &[("BATCH-1", 371_900)]).await;
    dispute(&mut street, "charged_back", "BATCH-2").await;
    assert_eq!(
        open_breaks(&street.house).await,
        ["RETURNED_ITEM -372000 1210 372000"]
    );
    assert_eq!(booked_by(&street.house).await, ["chargeback"]);
    dispute(&mut street, "chargeback_reversed", "BATCH-3").await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_sound(&street.house).await;
}

#[tokio::test]
async fn a_dispute_that_is_lost_is_borne_by_the_department() {
    let mut street = reported(100, (372_000, 100)).await;
    day(&street, 23, 0, &[("BATCH-1", 371_900)]).await;
    dispute(&mut street, "charged_back", "BATCH-2").await;
    let lost = all_breaks(&street.house).await.remove(0);
    agreed(&street.house, &lost, Resolution::DepartmentClaim, "key").await;
    // The rail keeps it back from its next batch, and the department from what it is owed.
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 1120 Cr 3720.00, 1230.rvd Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
    street
        .house
        .clock
        .forward(SignedDuration::from_hours(24 * 7));
    reconcile(&street.house).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_credit_of_its_amount_is_not_the_rest_of_a_batch_unless_it_says_so() {
    let street = reported(100, (372_000, 100)).await;
    day(&street, 23, 0, &[("BATCH-1", 300_000)]).await;
    street.house.clock.forward(SignedDuration::from_hours(24));
    day(&street, 24, 300_000, &[("X-001", 71_900)]).await;
    assert_eq!(
        open_breaks(&street.house).await,
        [
            "SHORT_SETTLEMENT -71900 1190.testcard 71900",
            "UNIDENTIFIED_CREDIT 71900 2190 71900"
        ]
    );
    // It is only a suggestion.
    let found = all_breaks(&street.house).await;
    let credit = found
        .iter()
        .find(|case| case.class == BreakClass::UnidentifiedCredit);
    let [hint] = &credit.unwrap().hints[..] else {
        panic!("one hint")
    };
    assert_eq!(hint.why, Why::SameAmount);
    // Two people take it.
    let (short, credit) = (&found[0], &found[1]);
    assert_eq!(hint.items[0].id, short.id.uuid());
    let other = short.id;
    agreed(&street.house, credit, Resolution::Match { other }, "key").await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
    reconcile(&street.house).await;
    assert_eq!(all_breaks(&street.house).await.len(), 2);
    assert_sound(&street.house).await;
}

/// A fee of 1.50 where 1.00 was agreed, and the day on which the bank credited the rest; two people claim the difference.
async fn claimed() -> (Street, Case) {
    let street = reported(150, (372_000, 150)).await;
    day(&street, 23, 0, &[("BATCH-1", 371_850)]).await;
    let fee = all_breaks(&street.house).await.remove(0);
    agreed(&street.house, &fee, Resolution::RailClaim, "claim").await;
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3718.50, 1190.testcard Dr 0.50, 2010.rvd.main Cr 3720.00"
    );
    street.house.clock.forward(SignedDuration::from_hours(24));
    let fee = all_breaks(&street.house).await.remove(0);
    (street, fee)
}

#[tokio::test]
async fn a_claim_that_is_taken_back_is_not_expected_any_more() {
    let (street, fee) = claimed().await;
    agreed(&street.house, &fee, Resolution::Reopen, "back").await;
    let name = fee.id.uuid().simple().to_string();
    day(&street, 24, 371_850, &[(&name, 50)]).await;
    assert_eq!(
        open_breaks(&street.house).await,
        ["FEE_MISMATCH 50", "UNIDENTIFIED_CREDIT 50 2190 50"]
    );
    // Claimed once more, it is expected again, and people say that this is it.
    let fee = all_breaks(&street.house).await.remove(0);
    agreed(&street.house, &fee, Resolution::RailClaim, "again").await;
    reconcile(&street.house).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00"
    );
    assert_sound(&street.house).await;
}

#[tokio::test]
async fn a_claim_that_the_rail_paid_is_not_taken_back() {
    let (street, fee) = claimed().await;
    let name = fee.id.uuid().simple().to_string();
    day(&street, 24, 371_850, &[(&name, 50)]).await;
    let paid = "1010 Dr 3719.00, 2010.rvd.main Cr 3720.00";
    assert_eq!(street.house.book("rvd").await, paid);
    agreed(&street.house, &fee, Resolution::Reopen, "back").await;
    assert_eq!(street.house.book("rvd").await, paid);
    assert_eq!(
        history(&street.house, &fee).await,
        ["break_opened", "break_ended", "break_overtaken"]
    );
    assert_sound(&street.house).await;
}
