//! Days of the bank as the sandbox plays it: what its statements say agrees with its own books and with ours, and each fault is
//! named once.

use epay_domain::reconciliation::BreakClass;
use epay_domain::refund::RefundState;

use super::{all_breaks, assert_sound, in_bank, open_breaks, reconcile};
use crate::house::{House, RVD};
use crate::payee_bank::PayeeBank;
use crate::payouts::{PAYER, paid_twice, sent, until};
use crate::statements::one;

const CENTS: i64 = 36_003;

/// The bank's account in our books is what the bank says that it has.
async fn agree(house: &House, bank: &PayeeBank) {
    assert_eq!(in_bank(house).await, bank.balance(RVD).await);
    assert_sound(house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_payments_and_a_refund_agrees_and_each_fault_is_named_once() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    assert_eq!(in_bank(&house).await, 0, "no notice moves the account");

    // Day one: two payments, the first of which the statement tells twice.
    let told = bank.statement(RVD, Some("duplicate-entry")).await;
    one(&house, &told).await;
    reconcile(&house).await;
    assert_eq!(
        open_breaks(&house).await,
        [format!("DUPLICATE_RAIL_REF {CENTS}")]
    );
    agree(&house, &bank).await;

    // Day two: the refund leaves, and a payment comes whose notice is on its way.
    let refund = sent(&house, &receipt, PAYER).await;
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    bank.pay("nobody knows", 700, 1).await;
    let told = bank.statement(RVD, None).await;
    one(&house, &told).await;
    reconcile(&house).await;
    assert_eq!(
        open_breaks(&house).await,
        [
            format!("DUPLICATE_RAIL_REF {CENTS}"),
            "MISSING_IN_GATEWAY 700 2190 700".to_owned()
        ]
    );
    agree(&house, &bank).await;

    // Its notice comes: the break ends by itself, and the money is where its receipt put it.
    bank.tell_rest(&mut house).await;
    reconcile(&house).await;
    let open = all_breaks(&house).await.into_iter();
    let open = open.filter(|case| case.ended.is_none());
    let classes: Vec<BreakClass> = open.map(|case| case.class).collect();
    assert_eq!(classes, [BreakClass::DuplicateRailRef]);
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 367.03, 2010.rvd.main Cr 360.03, 2110 Cr 7.00"
    );
    agree(&house, &bank).await;

    // Day three: the same statement again, and one of nothing, change nothing.
    one(&house, &told).await;
    let nothing = bank.statement(RVD, None).await;
    one(&house, &nothing).await;
    reconcile(&house).await;
    agree(&house, &bank).await;
    bank.close().await;
}
