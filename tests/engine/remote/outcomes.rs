//! What the rail does, and what the payment, the books and the bill then are.

use epay_domain::Refusal;
use epay_domain::payment::PaymentState as S;
use epay_engine::{EngineError, Found, ResolvePayment};
use epay_money::RailId;
use epay_store::PageRequest;
use uuid::Uuid;

use super::steps::{SHOWN, Street, says};
use crate::house::biller;

const PAID: &str = "1140.testwallet Dr 3720.00, 2010.rvd.main Cr 3720.00";

/// One thing that the rail does: what it is asked, and what it says; nothing when the answer is lost.
type Act<'a> = (&'a str, Option<&'a str>);

#[expect(clippy::too_many_lines, reason = "a table")]
#[tokio::test]
async fn what_the_rail_does_decides_and_silence_decides_nothing() {
    let rows: &[(&str, &[Act<'_>], S, &str)] = &[
        (
            "shows a page",
            &[("collect", Some(SHOWN))],
            S::AwaitingPayer,
            "",
        ),
        (
            "takes the money at once",
            &[("collect", Some("settled"))],
            S::Settled,
            PAID,
        ),
        ("says no", &[("collect", Some("declined"))], S::Failed, ""),
        (
            "says something odd",
            &[("collect", Some("odd"))],
            S::Unclear,
            "",
        ),
        ("says nothing", &[("collect", Some("{}"))], S::Unclear, ""),
        ("mumbles", &[("collect", Some("<html>"))], S::Unclear, ""),
        ("is not heard", &[("collect", None)], S::Unclear, ""),
        (
            "is not heard, and was paid",
            &[("collect", None), ("query", Some("settled"))],
            S::Settled,
            PAID,
        ),
        (
            "is not heard, and never heard us",
            &[("collect", None), ("query", Some("not_found"))],
            S::Failed,
            "",
        ),
        (
            "is not heard, and waits for a payer who never saw it",
            &[
                ("collect", None),
                ("query", Some("waiting")),
                ("close", Some("closed")),
            ],
            S::Expired,
            "",
        ),
        (
            "is not heard twice",
            &[("collect", None), ("query", None)],
            S::Unclear,
            "",
        ),
    ];
    for (name, acts, state, book) in rows {
        let street = Street::open().await;
        for (kind, words) in *acts {
            match words {
                Some(text) if text.starts_with(['{', '<']) => street.rail.answers(kind, text),
                Some(finding) => street.rail.answers(kind, &says(finding, "R1")),
                None => street.rail.loses(kind),
            }
        }
        let bill = street.bill().await;
        let payment = street.pay(&bill, "testwallet", "k1").await;
        assert_eq!(payment.payment.state, S::Submitting, "{name}");
        street.run().await;
        if acts.len() > 1 {
            street.later(6).await;
        }
        assert_eq!(street.state(&payment).await, *state, "{name}");
        assert_eq!(street.house.book("rvd").await, *book, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_for_with_growing_pauses_and_shown_to_people() {
    let street = Street::open().await;
    street.rail.loses("collect");
    for _ in 0..4 {
        street.rail.loses("query");
    }
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    let reader = street.house.engine.reader();
    let board = async || {
        let page = reader.unclear(None, PageRequest::default()).await.unwrap();
        page.items.into_iter().next().unwrap()
    };
    let first = board().await;
    assert_eq!((first.probes, first.needs_person), (0, false));
    for secs in [6, 12, 23, 46] {
        street.later(secs).await;
    }
    let shown = board().await;
    assert!(shown.needs_person && shown.probes >= 3, "{shown:?}");
    assert!(shown.next_probe_at.is_some(), "it is still asked");
    assert!(shown.evidence.len() > 3, "{:?}", shown.evidence);
    let engine = &street.house.engine;
    let owner = Some("ada".to_owned());
    engine
        .assign_unclear(&biller("rvd"), payment.payment.id, owner, "ben".to_owned())
        .await
        .unwrap();
    assert_eq!(board().await.owner.as_deref(), Some("ada"));
    assert_eq!(
        street.state(&payment).await,
        S::Unclear,
        "never failed by itself"
    );
}

#[tokio::test]
async fn two_people_book_what_they_found_or_end_it_and_the_rails_late_word_changes_nothing() {
    for came in [true, false] {
        let mut street = Street::open().await;
        street.rail.loses("collect");
        let bill = street.bill().await;
        let payment = street.pay(&bill, "testwallet", "k1").await;
        street.run().await;
        let found = if came {
            Found::Came {
                rail: RailId::new("testwallet").unwrap(),
                rail_account: "testwallet-rvd".to_owned(),
                rail_reference: "R1".to_owned(),
                amount: payment.payment.amount,
                value_date: "2026-11-23".parse().unwrap(),
            }
        } else {
            Found::DidNotCome {
                evidence: "statement of 24 November".to_owned(),
            }
        };
        let command = ResolvePayment {
            biller: biller("rvd"),
            payment: payment.payment.id,
            found,
            proposal: Uuid::now_v7(),
        };
        let engine = street.house.engine.clone();
        engine.resolve_payment(command.clone()).await.unwrap();
        let again = engine.resolve_payment(command).await.unwrap_err();
        let known = matches!(again, EngineError::Refused(Refusal::NotUnclear));
        assert!(known, "{again:?}");
        let (state, book) = if came {
            (S::Settled, PAID)
        } else {
            (S::Failed, "")
        };
        assert_eq!(street.state(&payment).await, state);
        assert_eq!(street.house.book("rvd").await, book);
        street.reports(&payment, "settled", "R1").await;
        assert_eq!(
            street.house.book("rvd").await,
            PAID,
            "the money is there once"
        );
    }
}

#[tokio::test]
async fn an_order_whose_sender_died_is_asked_about_or_repeated_under_its_key() {
    for repeats in [false, true] {
        let street = if repeats {
            Street::patient().await
        } else {
            Street::open().await
        };
        street.rail.answers("collect", SHOWN);
        let bill = street.bill().await;
        let payment = street.pay(&bill, "testwallet", "k1").await;
        let rail = RailId::new("testwallet").unwrap();
        let claimed = street.house.engine.claim_orders(&rail, 9).await.unwrap();
        assert_eq!(claimed.len(), 1, "taken up, and its worker is killed here");
        street.run().await;
        assert_eq!(street.rail.calls(), [""; 0], "nobody else may send it");
        street.later(60).await;
        street.later(1).await;
        let state = street.state(&payment).await;
        if repeats {
            assert_eq!(state, S::AwaitingPayer);
            assert_eq!(street.rail.calls(), ["collect"]);
        } else {
            assert_eq!(state, S::Unclear, "it may have left");
        }
    }
}

#[tokio::test]
async fn what_certainly_was_not_sent_fails_and_leaves_the_bill_payable() {
    let street = Street::open().await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let wallet = super::rail::TestRail::wallet(&url);
    let house = crate::house::House::open_with_own(vec![std::sync::Arc::new(wallet)]).await;
    let street = Street { house, ..street };
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testwallet", "k1").await;
    for _ in 0..4 {
        street.later(3).await;
    }
    assert_eq!(street.state(&payment).await, S::Failed);
    assert_eq!(
        street.events(&payment).await,
        ["created", "submitted", "not_sent"]
    );
    street.pay(&bill, "testwallet", "k2").await;
}

#[tokio::test]
async fn a_payer_who_leaves_is_asked_about_closed_and_then_expired() {
    let street = Street::open().await;
    street.rail.answers("collect", SHOWN);
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    street.later(901).await;
    assert_eq!(street.state(&payment).await, S::Unclear, "asked, not ended");
    street.rail.answers("close", &says("closed", "R1"));
    street.later(70).await;
    assert_eq!(street.state(&payment).await, S::Expired);
    let ends = street.events(&payment).await;
    assert_eq!(
        ends[ends.len() - 3..],
        ["went_unclear", "close_asked", "expired"]
    );
}

#[tokio::test]
async fn a_hint_is_not_believed_but_asked_about() {
    let mut street = Street::open().await;
    street.rail.answers("collect", SHOWN);
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    street.rail.answers("query", &says("settled", "R1"));
    let words = format!(r#"{{"hints":["{}"]}}"#, payment.payment.reference);
    street.notice("testwallet", &words).await;
    assert_eq!(street.state(&payment).await, S::Settled);
    assert_eq!(street.rail.calls(), ["collect", "query-Q1"]);
}

#[tokio::test]
async fn what_a_rail_took_in_is_asked_about_until_it_is_final() {
    let street = Street::open().await;
    street.rail.answers("collect", &says("accepted", "R1"));
    for _ in 0..2 {
        street.rail.answers("query", &says("accepted", "R1"));
    }
    street.rail.answers("query", &says("settled", "R1"));
    let bill = street.bill().await;
    let payment = street.pay(&bill, "testwallet", "k1").await;
    street.run().await;
    for secs in [6, 12] {
        assert_eq!(street.state(&payment).await, S::Accepted);
        street.later(secs).await;
    }
    street.later(24).await;
    assert_eq!(street.state(&payment).await, S::Settled);
    assert_eq!(street.house.book("rvd").await, PAID);
}
