//! What a bank told before its statement does: honoured and returned promises, refunds and what came back of them. The bank
//! account moves by the statement alone.

use epay_domain::refund::RefundState;
use jiff::SignedDuration;

use super::{all_breaks, assert_sound, in_bank, open_breaks, reconcile};
use crate::house::RVD;
use crate::refunds::{entry, paid_out, paying_bank, state};
use crate::remote::steps::Street;
use crate::statements::{Line, one, statement};

/// A cheque of 3,720.00 that was handed over.
async fn cheque() -> (Street, String) {
    let street = Street::open().await;
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testcheque", "k1").await;
    crate::remote::promises::handed_over(&street, &payment).await;
    (street, payment.payment.reference.to_string())
}

async fn told(street: &mut Street, finding: &str, reference: &str) {
    let words = format!(
        r#"{{"reports":[{{"finding":"{finding}","rail_reference":"Q1","reference":"{reference}","minor":372000}}]}}"#
    );
    street.notice("testcheque", &words).await;
}

async fn day(street: &Street, day: i8, opening: i64, lines: &[Line<'_>]) {
    // A promise is credited to the rail's own account.
    let account = "testcheque-rvd";
    one(&street.house, &statement(account, day, opening, lines)).await;
    reconcile(&street.house).await;
    assert_sound(&street.house).await;
}

#[tokio::test]
async fn an_honoured_cheque_is_in_the_bank_when_the_statement_has_it() {
    let (mut street, reference) = cheque().await;
    told(&mut street, "settled", &reference).await;
    let house = &street.house;
    assert_eq!(
        house.book("rvd").await,
        "1180 Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
    day(&street, 23, 0, &[("Q1", 372_000)]).await;
    assert_eq!(open_breaks(house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
    // Returned after all: the department owes it at the bank's word, and the account moves with the statement.
    told(&mut street, "dishonoured", &reference).await;
    let house = &street.house;
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 3720.00, 1180 Cr 3720.00, 1230.rvd Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
    house.clock.forward(SignedDuration::from_hours(24));
    day(&street, 24, 372_000, &[("Q1", -372_000)]).await;
    let house = &street.house;
    assert_eq!(open_breaks(house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1230.rvd Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
    assert_eq!(all_breaks(house).await.len(), 0, "nothing was unexpected");
}

#[tokio::test]
async fn a_return_that_the_statement_has_first_is_a_break_until_the_bank_tells_of_it() {
    let (mut street, reference) = cheque().await;
    told(&mut street, "settled", &reference).await;
    day(&street, 23, 0, &[("Q1", 372_000), ("Q1", -372_000)]).await;
    assert_eq!(
        open_breaks(&street.house).await,
        ["MISSING_IN_GATEWAY -372000 1190 372000"]
    );
    told(&mut street, "dishonoured", &reference).await;
    reconcile(&street.house).await;
    assert_sound(&street.house).await;
    assert_eq!(open_breaks(&street.house).await, Vec::<String>::new());
    assert_eq!(
        street.house.book("rvd").await,
        "1230.rvd Dr 3720.00, 2010.rvd.main Cr 3720.00"
    );
}

/// A statement whose every line carries the name of an order of ours.
fn naming(day: i8, opening: i64, key: &str, lines: &[Line<'_>]) -> String {
    let mut body = statement(RVD, day, opening, lines);
    for (reference, _) in lines {
        let own = format!("<AcctSvcrRef>{reference}</AcctSvcrRef>");
        let named = format!(
            "{own}<NtryDtls><TxDtls><Refs><EndToEndId>{key}</EndToEndId></Refs></TxDtls></NtryDtls>"
        );
        body = body.replace(&own, &named);
    }
    body
}

#[tokio::test]
async fn a_refund_leaves_the_account_with_its_debit_and_comes_back_with_its_credit() {
    let bank = paying_bank().await;
    let (mut house, refund, key) = paid_out(&bank).await;
    house
        .receive("d1", &entry(&key, "DBIT", "D1", 13_997))
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(state(&house, refund).await.0, RefundState::Refunded);
    let rest = "2010.rvd.main Cr 360.03";
    assert_eq!(
        house.book("rvd").await,
        format!("1110 Dr 500.00, {rest}, 2150 Cr 139.97")
    );
    one(&house, &naming(23, 0, &key, &[("D1", -13_997)])).await;
    reconcile(&house).await;
    assert_sound(&house).await;
    assert_eq!(
        house.book("rvd").await,
        format!("1010 Cr 139.97, 1110 Dr 500.00, {rest}")
    );
    house
        .receive("d2", &entry(&key, "CRDT", "D2", 13_997))
        .await
        .unwrap();
    house.settle().await;
    house.clock.forward(SignedDuration::from_hours(24));
    let body = naming(24, -13_997, &key, &[("D2", 13_997)]);
    // A return says why it is one.
    let why = "</Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>";
    one(&house, &body.replace("</Refs></TxDtls>", why)).await;
    reconcile(&house).await;
    assert_sound(&house).await;
    assert_eq!(
        house.book("rvd").await,
        format!("1110 Dr 500.00, {rest}, 2140 Cr 139.97")
    );
    // Only the payment itself, which no statement shows.
    assert_eq!(
        open_breaks(&house).await,
        ["MISSING_IN_RAIL -50000 1110 50000"]
    );
}

#[tokio::test]
async fn a_refund_that_is_debited_with_another_amount_is_named_and_the_account_is_right() {
    for (debited, broken, books) in [
        (
            13_897,
            "AMOUNT_MISMATCH -100 2190 100",
            "1010 Cr 138.97, 1110 Dr 500.00, 2010.rvd.main Cr 360.03, 2190 Cr 1.00",
        ),
        (
            14_097,
            "AMOUNT_MISMATCH 100 1190 100",
            "1010 Cr 140.97, 1110 Dr 500.00, 1190 Dr 1.00, 2010.rvd.main Cr 360.03",
        ),
    ] {
        let bank = paying_bank().await;
        let (mut house, _refund, key) = paid_out(&bank).await;
        house
            .receive("d1", &entry(&key, "DBIT", "D1", 13_997))
            .await
            .unwrap();
        house.settle().await;
        one(&house, &naming(23, 0, &key, &[("D1", -debited)])).await;
        reconcile(&house).await;
        assert_sound(&house).await;
        assert_eq!(open_breaks(&house).await, [broken]);
        assert_eq!(house.book("rvd").await, books);
        assert_eq!(in_bank(&house).await, -debited);
    }
}

#[tokio::test]
async fn a_refund_that_no_statement_debits_is_late() {
    let bank = paying_bank().await;
    let (mut house, _refund, key) = paid_out(&bank).await;
    house
        .receive("d1", &entry(&key, "DBIT", "D1", 13_997))
        .await
        .unwrap();
    house.settle().await;
    house.clock.forward(SignedDuration::from_hours(48));
    reconcile(&house).await;
    let late = open_breaks(&house).await;
    assert!(
        late.contains(&"LATE_SETTLEMENT -13997".to_owned()),
        "{late:?}"
    );
}
