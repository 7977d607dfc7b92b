//! A rail that was certainly not reached: another one carries the payment, and never where the first may have been.

use epay_domain::payment::{PaymentState as S, Presentation};
use epay_engine::PaymentView;
use epay_money::RailId;
use epay_store::OrderState;
use jiff::SignedDuration;

use super::rail::TestRail;
use super::steps::{SHOWN, Street, says};
use crate::house::{House, biller};

/// "EP…" cut off: "collect-A1" is the first failover's order.
async fn orders(street: &Street, payment: &PaymentView) -> Vec<(String, String, OrderState)> {
    let reader = street.house.engine.reader();
    let orders = reader.orders(&biller("rvd"), payment.payment.id).await;
    let orders = orders.unwrap().into_iter();
    orders
        .map(|order| {
            let behind = order.key.get(20..).unwrap().to_owned();
            (order.rail.to_string(), behind, order.state)
        })
        .collect()
}

/// Long enough for every try of an order that a payer waits for.
async fn all_tries(street: &Street) {
    street.run().await;
    for _ in 0..16 {
        street.later(1).await;
    }
}

#[tokio::test]
async fn a_payment_goes_on_by_the_next_rail_and_keeps_its_reference() {
    let mut street = Street::with(|url, nobody| {
        vec![
            TestRail::twin("twin1", nobody),
            TestRail::twin("twin2", url),
            TestRail::card(url),
        ]
    })
    .await;
    let bill = street.bill().await;
    street.rail.answers("collect", SHOWN);
    let first = street.pay_by(&bill, "test_wallet", "k1").await;
    assert_eq!(first.payment.rail.as_str(), "twin1");
    all_tries(&street).await;
    let view = street.view(&first).await;
    assert_eq!(view.payment.rail.as_str(), "twin2");
    assert_eq!(view.payment.state, S::AwaitingPayer);
    assert_eq!(view.payment.reference, first.payment.reference);
    assert!(view.payment.expires_at > first.payment.expires_at);
    assert_eq!(
        street.events(&first).await,
        [
            "created",
            "submitted",
            "failed_over",
            "submitted",
            "presented"
        ]
    );
    assert_eq!(street.rail.calls(), ["collect-A1"]);
    assert_eq!(
        orders(&street, &first).await,
        [
            ("twin1".to_owned(), String::new(), OrderState::NotSent),
            ("twin2".to_owned(), "-A1".to_owned(), OrderState::Answered),
        ]
    );
    // The repeat of the command gets its first answer.
    let again = street.pay_by(&bill, "test_wallet", "k1").await;
    assert_eq!(again.payment.id, first.payment.id);
    assert_eq!(again.payment.rail.as_str(), "twin1");
    assert_eq!(again.payment.state, S::Submitting);
    why_is_told(&street, &first).await;
    // The payer pays at the second rail; then the first, which certainly had not been reached, says that it was paid.
    street.reports(&view, "settled", "R2").await;
    assert_eq!(street.state(&first).await, S::Settled);
    let book = "1140.twin2 Dr 3720.00, 2010.rvd.main Cr 3720.00";
    assert_eq!(street.house.book("rvd").await, book);
    street.reports(&first, "settled", "R1").await;
    let both =
        "1140.twin1 Dr 3720.00, 1140.twin2 Dr 3720.00, 2010.rvd.main Cr 3720.00, 2130 Cr 3720.00";
    assert_eq!(street.house.book("rvd").await, both);
    let receipts = street.view(&first).await.receipts;
    let rails: Vec<&str> = receipts.iter().map(|one| one.rail.as_str()).collect();
    assert_eq!(rails.len(), 2);
    assert!(
        rails.contains(&"twin1") && rails.contains(&"twin2"),
        "{rails:?}"
    );
}

async fn why_is_told(street: &Street, payment: &PaymentView) {
    let reader = street.house.engine.reader();
    let told = reader.routing(&biller("rvd"), payment.payment.id).await;
    let told = told.unwrap();
    assert_eq!(told.rail.as_str(), "twin2");
    let [first, second] = told.decisions.as_slice() else {
        panic!("two decisions: {told:?}");
    };
    assert_eq!((first.rail.as_str(), &first.left), ("twin1", &None));
    assert_eq!(second.rail, "twin2");
    let (left, why) = second.left.clone().unwrap();
    assert_eq!(left.as_str(), "twin1");
    assert!(
        why.starts_with("no connection to the rail could be made"),
        "{why}"
    );
    let judged: Vec<String> = second
        .candidates
        .iter()
        .filter(|one| one.rail.as_str().starts_with("t"))
        .map(|one| {
            let reasons: Vec<&str> = one.reasons.iter().map(|reason| reason.as_str()).collect();
            let condition = one.condition;
            let (calls, failures) = (condition.calls, condition.failures);
            format!("{} {reasons:?} {failures}/{calls}", one.rail)
        })
        .collect();
    assert_eq!(
        judged,
        [
            r#"testcard ["method_not_carried"] 0/0"#,
            r#"twin1 ["tried_before"] 3/3"#,
            "twin2 [] 0/0",
        ]
    );
}

#[tokio::test]
async fn a_rail_that_was_named_is_not_changed_for_another() {
    let street = Street::with(|url, nobody| {
        vec![
            TestRail::twin("twin1", nobody),
            TestRail::twin("twin2", url),
        ]
    })
    .await;
    let bill = street.bill().await;
    let payment = street.pay(&bill, "twin1", "k1").await;
    all_tries(&street).await;
    assert_eq!(street.state(&payment).await, S::Failed);
    assert_eq!(
        street.events(&payment).await,
        ["created", "submitted", "not_sent"]
    );
    assert_eq!(street.rail.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn no_other_rail_is_asked_while_the_first_may_have_been_reached() {
    let street = Street::with(|url, _nobody| {
        vec![TestRail::twin("twin1", url), TestRail::twin("twin2", url)]
    })
    .await;
    let bill = street.bill().await;
    street.rail.loses("collect");
    let payment = street.pay_by(&bill, "test_wallet", "k1").await;
    street.run().await;
    assert_eq!(street.state(&payment).await, S::Unclear);
    // Asked about it, the rail never heard of it. That ends the payment, and a person may begin another.
    street.rail.answers("query", &says("not_found", "R1"));
    all_tries(&street).await;
    let view = street.view(&payment).await;
    assert_eq!(view.payment.state, S::Failed);
    assert_eq!(view.payment.rail.as_str(), "twin1");
    assert_eq!(
        street.events(&payment).await,
        ["created", "submitted", "went_unclear", "never_arrived"]
    );
    assert_eq!(street.rail.calls(), ["collect", "query-Q1"]);
}

#[tokio::test]
async fn a_payment_goes_on_a_few_times_and_then_fails() {
    let street = Street::with(|_url, nobody| {
        ["twin1", "twin2", "twin3", "twin4", "twin5"]
            .into_iter()
            .map(|name| TestRail::twin(name, nobody))
            .collect()
    })
    .await;
    let bill = street.bill().await;
    let payment = street.pay_by(&bill, "test_wallet", "k1").await;
    all_tries(&street).await;
    assert_eq!(street.state(&payment).await, S::Failed);
    let failed_over = street.events(&payment).await;
    let failed_over = failed_over.iter().filter(|kind| *kind == "failed_over");
    assert_eq!(failed_over.count(), 3);
    let tried: Vec<String> = orders(&street, &payment)
        .await
        .into_iter()
        .map(|(rail, key, state)| format!("{rail}{key} {}", state.as_str()))
        .collect();
    assert_eq!(
        tried,
        [
            "twin1 not_sent",
            "twin2-A1 not_sent",
            "twin3-A2 not_sent",
            "twin4-A3 not_sent",
        ]
    );
    // It is over: the bill may be paid by another attempt.
    street.house.payment(&bill, "k2").await;
}

#[tokio::test]
async fn a_rail_without_words_for_it_is_passed_over_and_one_that_shows_something_shows_it() {
    let street = Street::with(|_url, nobody| {
        vec![
            TestRail::twin("twin1", nobody),
            TestRail::twin("twin2", nobody).without_words(),
            TestRail::twin("twin3", nobody).handing_over(),
        ]
    })
    .await;
    let bill = street.bill().await;
    let payment = street.pay_by(&bill, "test_wallet", "k1").await;
    all_tries(&street).await;
    let view = street.view(&payment).await;
    assert_eq!(view.payment.rail.as_str(), "twin3");
    assert_eq!(view.payment.state, S::AwaitingPayer);
    let shown = view.payment.presentation.unwrap();
    assert!(matches!(shown, Presentation::Handover { .. }), "{shown:?}");
    let reader = street.house.engine.reader();
    let told = reader.routing(&biller("rvd"), payment.payment.id).await;
    let decisions = told.unwrap().decisions;
    let passed = decisions[1].candidates.iter();
    let passed: Vec<(&str, &str)> = passed
        .filter_map(|one| Some((one.rail.as_str(), one.reasons.first()?.as_str())))
        .filter(|(rail, _reason)| rail.starts_with("twin"))
        .collect();
    assert_eq!(passed, [("twin1", "tried_before"), ("twin2", "refused")]);
}

#[tokio::test]
async fn a_bill_that_was_paid_meanwhile_and_a_payer_who_has_gone_are_left_alone() {
    for paid in [true, false] {
        let mut street = Street::with(|url, nobody| {
            vec![
                TestRail::twin("twin1", nobody),
                TestRail::twin("twin2", url),
            ]
        })
        .await;
        let bill = street.bill().await;
        let code = street.house.payment(&bill, "k0").await;
        let payment = street.pay_by(&bill, "test_wallet", "k1").await;
        street.run().await;
        if paid {
            let credit = crate::house::credit(crate::house::RVD, "B1", 372_000);
            let body = crate::house::notice(&[credit.for_payment(&code)]);
            street.house.receive("m1", &body).await.unwrap();
            street.house.settle().await;
        } else {
            // Nobody sent anything for an hour.
            street.house.clock.forward(SignedDuration::from_hours(1));
        }
        all_tries(&street).await;
        assert_eq!(street.state(&payment).await, S::Failed, "paid: {paid}");
        assert_eq!(street.rail.calls(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn whoever_lost_an_order_to_another_worker_cannot_say_that_it_was_not_sent() {
    let street = Street::with(|url, nobody| {
        vec![
            TestRail::twin("twin1", nobody).safe_to_repeat(),
            TestRail::twin("twin2", url),
        ]
    })
    .await;
    let bill = street.bill().await;
    let payment = street.pay_by(&bill, "test_wallet", "k1").await;
    let rail = RailId::new("twin1").unwrap();
    let slow = &street.house.engine;
    // The first worker takes it up for the last time, and falls asleep.
    for _ in 0..2 {
        let taken = slow.claim_orders(&rail, 1).await.unwrap();
        slow.send_order(&taken[0]).await.unwrap();
        street.house.clock.forward(SignedDuration::from_secs(2));
    }
    let taken = slow.claim_orders(&rail, 1).await.unwrap();
    assert_eq!(taken[0].tries, 3);
    // Another one finds the order, and may send it at any moment.
    street.house.clock.forward(SignedDuration::from_mins(1));
    let quick = street.house.another_engine().await;
    assert_eq!(quick.bury_orders(&rail, 1).await.unwrap(), 1);
    slow.send_order(&taken[0]).await.unwrap();
    assert_eq!(street.events(&payment).await, ["created", "submitted"]);
    let waiting = orders(&street, &payment).await;
    assert_eq!(
        waiting,
        [("twin1".to_owned(), String::new(), OrderState::Queued)]
    );
}

#[tokio::test]
async fn what_a_rail_says_after_it_was_left_changes_nothing_and_a_promise_is_put_before_a_person() {
    let mut street = Street::with(|url, nobody| {
        vec![
            TestRail::twin("twin1", nobody),
            TestRail::twin("twin2", url),
        ]
    })
    .await;
    let bill = street.bill().await;
    street.rail.answers("collect", SHOWN);
    let first = street.pay_by(&bill, "test_wallet", "k1").await;
    all_tries(&street).await;
    // What it says, and how many things wait for a person afterwards.
    let table = [
        ("declined", 0),
        ("closed", 0),
        ("not_found", 0),
        ("accepted", 1),
        ("unclear", 2),
    ];
    for (finding, waiting) in table {
        street
            .reports(&first, finding, &format!("R-{finding}"))
            .await;
        assert_eq!(street.state(&first).await, S::AwaitingPayer, "{finding}");
        let apart = "SELECT count(*) FROM epay.quarantine WHERE code = 'other_rail'";
        assert_eq!(street.house.count(apart).await, waiting, "{finding}");
    }
    // Money is money, whoever says so.
    street.reports(&first, "settled", "R1").await;
    assert_eq!(street.state(&first).await, S::Settled);
    let book = "1140.twin1 Dr 3720.00, 2010.rvd.main Cr 3720.00";
    assert_eq!(street.house.book("rvd").await, book);
}

#[tokio::test]
async fn money_that_the_next_rail_holds_is_not_let_go_of_because_the_first_one_paid() {
    let card = |name, url: &str| TestRail::card_named(name, url);
    let mut street =
        Street::with(|url, nobody| vec![card("twin1", nobody), card("twin2", url)]).await;
    let bill = street.bill().await;
    street.rail.answers("collect", SHOWN);
    let first = street.pay_by(&bill, "test_card", "k1").await;
    all_tries(&street).await;
    let view = street.view(&first).await;
    street.rail.loses("capture");
    street.reports(&view, "accepted", "R2").await;
    let held = "9010 Dr 3720.00, 9020 Cr 3720.00";
    assert_eq!(street.house.book("rvd").await, held);
    street.reports(&first, "settled", "R1").await;
    let book = street.house.book("rvd").await;
    assert!(book.contains("2010.rvd.main Cr 3720.00"), "{book}");
    assert!(book.contains(held), "{book}");
    // The capture comes through all the same: its money is held, and the memorandum ends.
    street.reports(&view, "settled", "R3").await;
    let book = street.house.book("rvd").await;
    assert!(book.contains("2130 Cr 3720.00"), "{book}");
    assert!(!book.contains("9010"), "{book}");
}

#[tokio::test]
async fn the_house_with_one_rail_a_method_fails_as_before() {
    let street = Street::with(|_url, nobody| vec![TestRail::twin("twin1", nobody)]).await;
    let bill = street.bill().await;
    let payment = street.pay_by(&bill, "test_wallet", "k1").await;
    all_tries(&street).await;
    assert_eq!(
        street.events(&payment).await,
        ["created", "submitted", "not_sent"]
    );
    let code = House::pay(&bill, "k2");
    street.house.engine.create_payment(code).await.unwrap();
}
