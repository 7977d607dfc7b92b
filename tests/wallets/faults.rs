//! What goes wrong: each fault of the wallets' menu, and what the rail then says.

use epay_money::Money;
use epay_rail::Finding;

use crate::house::{House, WALLETS, finding, only, order, query, refund, refund_query};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_knows_for_an_hour_and_then_it_succeeded() {
    let mut house = House::open().await;
    for (wallet, (rail, _)) in WALLETS.into_iter().enumerate() {
        house.fault(rail, "unknown", None).await;
        let mut asked = order(wallet, 10_000, "F001");
        house.ask(rail, &mut asked).await;
        house.person(&asked.collect.reference, "pay").await;
        assert_eq!(
            finding(&house.ask(rail, &mut query(&asked)).await),
            Finding::Unclear,
            "{rail}"
        );
        assert!(house.nothing_heard());
        house.advance(3_600).await;
        assert_eq!(
            finding(&house.ask(rail, &mut query(&asked)).await),
            Finding::Settled,
            "{rail}"
        );
        assert_eq!(finding(&house.notice().await.decoded), Finding::Settled);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_comes_early_twice_never_or_by_another_key() {
    let mut house = House::open().await;
    for (wallet, (rail, _)) in WALLETS.into_iter().enumerate() {
        house.fault(rail, "early-notice", None).await;
        let mut early = order(wallet, 10_000, "F002");
        let begun = house.ask(rail, &mut early).await;
        assert!(begun.presentation.is_some(), "{rail}");
        assert_eq!(finding(&house.notice().await.decoded), Finding::Settled);

        house.fault(rail, "twice", None).await;
        let mut twice = order(wallet, 10_000, "F003");
        house.ask(rail, &mut twice).await;
        house.person(&twice.collect.reference, "pay").await;
        let (first, second) = (house.notice().await, house.notice().await);
        assert_eq!(
            only(&first.decoded).rail_reference,
            only(&second.decoded).rail_reference
        );

        house.fault(rail, "never", None).await;
        let mut never = order(wallet, 10_000, "F004");
        house.ask(rail, &mut never).await;
        house.person(&never.collect.reference, "pay").await;
        assert_eq!(
            finding(&house.ask(rail, &mut query(&never)).await),
            Finding::Settled,
            "{rail}"
        );

        house.fault(rail, "rotated-key", None).await;
        let mut rotated = order(wallet, 10_000, "F005");
        house.ask(rail, &mut rotated).await;
        house.person(&rotated.collect.reference, "pay").await;
        let heard = house.notice().await;
        let key = heard.genuine.as_ref().unwrap().key_id.clone();
        assert!(
            ["PUB_KEY_ID_TEST_02", "2", "demo-2", "next"].contains(&key.as_str()),
            "{key}"
        );
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_a_refusal_and_an_order_that_the_wallet_closed_are_told_as_they_are() {
    let mut house = House::open().await;
    for (wallet, (rail, _)) in WALLETS.into_iter().enumerate() {
        house.fault(rail, "wrong-amount", Some("-100")).await;
        let mut short = order(wallet, 10_000, "F006");
        house.ask(rail, &mut short).await;
        house.person(&short.collect.reference, "pay").await;
        assert_eq!(
            only(&house.notice().await.decoded).amount,
            Money::hkd(9_900),
            "{rail}"
        );

        house.fault(rail, "declined", None).await;
        let mut declined = order(wallet, 10_000, "F007");
        house.ask(rail, &mut declined).await;
        house.person(&declined.collect.reference, "pay").await;
        assert_eq!(
            finding(&house.ask(rail, &mut query(&declined)).await),
            Finding::Declined,
            "{rail}"
        );
        if rail != "wechat" {
            assert_eq!(finding(&house.notice().await.decoded), Finding::Declined);
        }

        house.fault(rail, "closed-early", None).await;
        let mut closed = order(wallet, 10_000, "F008");
        house.ask(rail, &mut closed).await;
        assert_eq!(
            finding(&house.ask(rail, &mut query(&closed)).await),
            Finding::Closed,
            "{rail}"
        );
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_is_stuck_refused_or_never_claimed() {
    let house = House::open().await;
    for (wallet, (rail, _)) in WALLETS.into_iter().enumerate() {
        for (fault, letters, expected) in [
            ("refund-stuck", "F009", Finding::RefundAccepted),
            ("refund-rejected", "F010", Finding::RefundRejected),
            ("refund-unclaimed", "F011", Finding::RefundRejected),
        ] {
            house.fault(rail, fault, None).await;
            let mut asked = order(wallet, 10_000, letters);
            house.ask(rail, &mut asked).await;
            house.person(&asked.collect.reference, "pay").await;
            let movement = only(&house.ask(rail, &mut query(&asked)).await)
                .rail_reference
                .clone();
            house.ask(rail, &mut refund(&asked, 4_000, &movement)).await;
            house.advance(86_400).await;
            let ended = house.ask(rail, &mut refund_query(&asked)).await;
            assert_eq!(finding(&ended), expected, "{rail} {fault}");
        }
    }
    house.close().await;
}
