//! What goes right: asked, shown, paid, told, asked again, refunded, paid over; and what is closed stays closed.

use std::collections::BTreeMap;

use epay_money::Money;
use epay_rail::{Ask, Finding, Order, Presentation};
use futures_util::future::join_all;

use crate::house::{House, WALLETS, about, finding, only, order, query, refund, refund_query};

/// J04 of the chart of journals: HK$360.03 less 0.60 %.
const CENTS: i64 = 36_003;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_wallet_is_shown_paid_told_and_paid_over() {
    let mut house = House::open().await;
    let mut named = BTreeMap::new();
    for (wallet, (rail, payee)) in WALLETS.into_iter().enumerate() {
        // Octopus has no cents.
        let cents = if rail == "octopus" { 36_000 } else { CENTS };
        let mut asked = order(wallet, cents, "A1B2");
        let begun = house.ask(rail, &mut asked).await;
        assert_eq!(finding(&begun), Finding::Waiting, "{rail}");
        let shown = match (rail, begun.presentation) {
            ("octopus", Some(Presentation::Redirect { url })) => url,
            (_, Some(Presentation::Qr { payload, .. })) => payload,
            (_, other) => panic!("{rail}: {other:?}"),
        };
        assert!(
            shown.starts_with("http") || shown.starts_with("weixin://"),
            "{shown}"
        );
        assert_eq!(
            finding(&house.ask(rail, &mut query(&asked)).await),
            Finding::Waiting
        );

        let page = house.person(&asked.collect.reference, "pay").await;
        assert!(page.contains("This request is paid"), "{rail}: {page}");
        let heard = house.notice().await;
        assert_eq!(heard.rail, rail);
        let told = only(&heard.decoded).clone();
        assert_eq!(told.finding, Finding::Settled);
        assert_eq!(told.amount, Money::hkd(cents));
        assert_eq!(told.rail_account, payee);
        assert_eq!(
            told.reference.as_deref(),
            Some(asked.collect.reference.as_str())
        );
        assert!(told.payer.is_some());
        let answer = house.ask(rail, &mut query(&asked)).await;
        assert_eq!(only(&answer).finding, Finding::Settled);
        assert_eq!(
            only(&answer).rail_reference,
            told.rail_reference,
            "one movement, one name"
        );
        named.insert(rail.to_owned(), told.rail_reference.clone());
    }
    house.advance(86_400 + 21_600).await;
    for _ in WALLETS {
        let heard = house.notice().await;
        let payout = &heard.decoded.payouts[0];
        let (gross, fee) = if heard.rail == "octopus" {
            (36_000, 216)
        } else {
            (CENTS, 216)
        };
        assert_eq!(payout.gross, Money::hkd(gross), "{}", heard.rail);
        assert_eq!(payout.fee, Money::hkd(fee));
        assert_eq!(payout.net, Money::hkd(gross - fee));
        assert_eq!(payout.items, 1);
        // The file tells of the payment again, by the same name, with what the wallet keeps of it.
        let row = only(&heard.decoded);
        assert_eq!(row.finding, Finding::Settled);
        assert_eq!(named.get(&heard.rail), Some(&row.rail_reference));
        assert_eq!(row.fee, Some(Money::hkd(fee)));
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_has_its_own_name_its_own_end_and_never_exceeds_the_payment() {
    let mut house = House::open().await;
    for (wallet, (rail, _)) in WALLETS.into_iter().enumerate() {
        let mut asked = order(wallet, 10_000, "A1B3");
        house.ask(rail, &mut asked).await;
        house.person(&asked.collect.reference, "pay").await;
        let movement = only(&house.notice().await.decoded).rail_reference.clone();
        let taken = house.ask(rail, &mut refund(&asked, 4_000, &movement)).await;
        let at_once = rail == "alipay";
        let expected = if at_once {
            Finding::Refunded
        } else {
            Finding::RefundAccepted
        };
        assert_eq!(finding(&taken), expected, "{rail}");
        // The same refund again is the same refund.
        let again = house.ask(rail, &mut refund(&asked, 4_000, &movement)).await;
        assert_eq!(only(&again).rail_reference, only(&taken).rail_reference);
        if rail == "octopus" {
            assert_eq!(
                finding(&house.ask(rail, &mut refund_query(&asked)).await),
                Finding::RefundAccepted
            );
            house.advance(86_400).await;
        } else {
            house.advance(60).await;
        }
        let ended = house.ask(rail, &mut refund_query(&asked)).await;
        assert_eq!(finding(&ended), Finding::Refunded, "{rail}");
        assert_eq!(only(&ended).amount, Money::hkd(4_000));
        if rail != "payme" {
            let heard = loop {
                let heard = house.notice().await;
                if heard.decoded.payouts.is_empty() {
                    break heard;
                }
            };
            assert_eq!(finding(&heard.decoded), Finding::Refunded);
            let key = format!("{}-R1", asked.collect.reference);
            assert_eq!(
                only(&heard.decoded).order_key.as_deref(),
                Some(key.as_str())
            );
        }
        let mut more = refund(&asked, 6_010, &movement);
        more.header.key.push('X');
        assert_eq!(
            finding(&house.ask(rail, &mut more).await),
            Finding::RefundRejected,
            "{rail}"
        );
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_order_cannot_be_paid_and_we_chat_closes_none_before_five_minutes() {
    let mut house = House::open().await;
    for (wallet, (rail, _)) in WALLETS.into_iter().enumerate() {
        let mut asked = order(wallet, 10_000, "A1B4");
        house.ask(rail, &mut asked).await;
        let mut close = about(&asked, "C1", Ask::Close);
        if rail == "wechat" {
            assert_eq!(
                finding(&house.ask(rail, &mut close).await),
                Finding::Unclear
            );
            house.advance(300).await;
        }
        assert_eq!(
            finding(&house.ask(rail, &mut close).await),
            Finding::Closed,
            "{rail}"
        );
        let page = house.person(&asked.collect.reference, "pay").await;
        assert!(page.contains("closed by the merchant"), "{rail}");
        assert_eq!(
            finding(&house.ask(rail, &mut query(&asked)).await),
            Finding::Closed
        );
    }
    assert!(house.nothing_heard());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_was_asked_for_is_not_found() {
    let house = House::open().await;
    for (wallet, (rail, _)) in WALLETS.into_iter().enumerate() {
        let strange = order(wallet, 10_000, "ZZZZ");
        assert_eq!(
            finding(&house.ask(rail, &mut query(&strange)).await),
            Finding::NotFound,
            "{rail}"
        );
    }
    house.close().await;
}

/// More than twice as many as the sandbox has connections to its database.
const AT_ONCE: usize = 30;

/// Whoever holds a connection and waits for a second one would wait for all the others, who do the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_payers_at_once_than_the_sandbox_has_connections_are_all_served() {
    let house = House::open().await;
    // Octopus signs nothing, so that all of them are there at once.
    let (wallet, rail, cents) = (3, WALLETS[3].0, 36_000);
    let orders = (0..AT_ONCE).map(|number| order(wallet, cents, &format!("C{number:03}")));
    let mut orders: Vec<Order> = orders.collect();
    for begun in join_all(orders.iter_mut().map(|asked| house.ask(rail, asked))).await {
        assert_eq!(finding(&begun), Finding::Waiting);
    }
    let mut requests = Vec::new();
    for asked in &orders {
        requests.push(house.request(&asked.collect.reference).await);
    }
    let pressed = requests.iter().map(|token| house.press(token, "pay"));
    for page in join_all(pressed).await {
        assert!(page.contains("This request is paid"), "{page}");
    }
    house.close().await;
}
