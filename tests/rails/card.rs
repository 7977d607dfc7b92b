//! The hosted page, authorisations, unknown outcomes and notifications.

use epay_rail::{Ask, Finding, NotGenuine, Order, OrderKind, Question};
use serde_json::json;

use crate::house::{Answer, rail_id};
use crate::payer::{
    APPROVED, CHALLENGE, PASSWORD, ask, begin, capture, findings, open, pay, submit, then,
};

const ONE: &str = "EP0AB1CD2EF3GH4JK5MN";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_authorised_without_a_question_captured_in_part_and_voided_no_more() {
    let (house, rail) = open("").await;
    let mut attempt = begin(&house, rail.as_ref(), ONE).await;
    let waiting = ask(&house, rail.as_ref(), &mut attempt).await;
    assert_eq!(findings(&waiting), [(ONE, Finding::Waiting)]);
    assert!(
        pay(&house, &attempt, APPROVED, "CHAN Tai Man")
            .await
            .is_back()
    );
    let held = ask(&house, rail.as_ref(), &mut attempt).await;
    assert_eq!(findings(&held), [(ONE, Finding::Accepted)]);
    assert_eq!(held.reports[0].payer.as_deref(), Some("SANDBOX 0010"));
    let part = then(&house, rail.as_ref(), &attempt, ("C1", capture(100_050))).await;
    let part = part.read();
    assert_eq!(part.reports[0].finding, Finding::Settled);
    assert_eq!(part.reports[0].amount.minor(), 100_050);
    // The same order again is the same movement; more than is left, or a void now, is not done.
    let again = then(&house, rail.as_ref(), &attempt, ("C1", capture(100_050))).await;
    assert_eq!(again.read().reports, part.reports);
    for (key, what) in [("C2", capture(507_400)), ("V1", Ask::Void)] {
        let refused = then(&house, rail.as_ref(), &attempt, (key, what)).await;
        assert_eq!(refused.read().reports[0].finding, Finding::Unclear, "{key}");
    }
    let truth = ask(&house, rail.as_ref(), &mut attempt).await;
    let key = format!("{ONE}-C1");
    let expected = [(ONE, Finding::Accepted), (key.as_str(), Finding::Settled)];
    assert_eq!(findings(&truth), expected);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_takes_the_right_code_and_an_authorisation_can_be_voided() {
    let (house, rail) = open("").await;
    let mut attempt = begin(&house, rail.as_ref(), ONE).await;
    let asked = pay(&house, &attempt, CHALLENGE, "LEE").await;
    let acs = format!("{}{}", house.url, asked.location.unwrap());
    let page = house
        .http
        .get(&acs)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let (_, rest) = page.split_once("id=\"sent-code\">").unwrap();
    let (code, _) = rest.split_once("<").unwrap();
    let other = if code == "000000" { "000001" } else { "000000" };
    let wrong = submit(&house, &acs, &[("code", other), ("do", "confirm")]).await;
    assert!(wrong.text.contains("That was not the code"));
    let right = submit(&house, &acs, &[("code", code), ("do", "confirm")]).await;
    assert!(right.is_back(), "{}", right.text);
    let held = ask(&house, rail.as_ref(), &mut attempt).await;
    assert_eq!(findings(&held), [(ONE, Finding::Accepted)]);
    let voided = then(&house, rail.as_ref(), &attempt, ("V1", Ask::Void)).await;
    assert_eq!(voided.read().reports[0].finding, Finding::Voided);
    // A used code is worth nothing.
    let used = submit(&house, &acs, &[("code", code), ("do", "confirm")]).await;
    assert_eq!(used.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn declines_have_reasons_and_another_card_may_follow() {
    let (house, rail) = open("").await;
    let mut attempt = begin(&house, rail.as_ref(), ONE).await;
    let rows = [
        ("9999 0000 0000 0036", "X", "INSUFFICIENT_FUNDS (51)"),
        ("9999 0000 0000 0044", "X", "EXPIRED_CARD (54)"),
        ("9999 0000 0000 0051", "X", "DECLINED (05)"),
        ("9999 0000 0000 0069", "X", "INVALID_CSC (82)"),
        (APPROVED, "FAULT DECLINED=BLOCKED", "BLOCKED (05)"),
    ];
    for (card, holder, reason) in rows {
        let page = pay(&house, &attempt, card, holder).await;
        assert!(page.text.contains("You may try another card"), "{card}");
        let told = ask(&house, rail.as_ref(), &mut attempt).await;
        assert_eq!(findings(&told), [(ONE, Finding::Waiting)]);
        let given = told.reports[0].reason.clone().unwrap();
        assert!(given.starts_with(reason), "{given}");
    }
    assert!(pay(&house, &attempt, APPROVED, "X").await.is_back());
    let told = ask(&house, rail.as_ref(), &mut attempt).await;
    assert_eq!(findings(&told), [(ONE, Finding::Accepted)]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cancels_or_fails_the_check_has_not_paid_and_the_page_closes() {
    let (house, rail) = open("").await;
    let mut attempt = begin(&house, rail.as_ref(), ONE).await;
    let real = pay(&house, &attempt, "4111111111111111", "X").await;
    assert!(real.text.contains("test cards of the sandbox alone"));
    let gone = submit(&house, &attempt.page, &[("do", "cancel")]).await;
    assert!(gone.location.is_some() && !gone.is_back());
    let failed = submit(&house, &attempt.page, &[("do", "fail")]).await;
    assert!(failed.text.contains("AUTHENTICATION_FAILED"));
    let told = ask(&house, rail.as_ref(), &mut attempt).await;
    assert_eq!(findings(&told), [(ONE, Finding::Waiting)]);
    // The page's fifteen minutes, and ten minutes of grace.
    house.advance(25 * 60).await;
    let late = pay(&house, &attempt, APPROVED, "X").await;
    assert_eq!(late.status, 410);
    let told = ask(&house, rail.as_ref(), &mut attempt).await;
    assert_eq!(findings(&told), [(ONE, Finding::Closed)]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_unknown_for_an_hour_is_unclear_until_it_is_known() {
    let (mut house, rail) = open("").await;
    for (reference, card, seconds) in [
        ("EP0AB1CD2EF3GH4JK5MA", "9999 0000 0000 0077", 60),
        ("EP0AB1CD2EF3GH4JK5MB", "9999 0000 0000 0085", 3_600),
    ] {
        let mut attempt = begin(&house, rail.as_ref(), reference).await;
        let page = pay(&house, &attempt, card, "X").await;
        assert!(page.text.contains("Do not pay again"));
        for _ask in 0..2 {
            let told = ask(&house, rail.as_ref(), &mut attempt).await;
            assert_eq!(findings(&told), [(reference, Finding::Unclear)]);
        }
        house.advance(seconds).await;
        let told = ask(&house, rail.as_ref(), &mut attempt).await;
        assert_eq!(findings(&told), [(reference, Finding::Accepted)]);
        // Both times the acquirer says that there is something to ask about.
        for _notice in 0..2 {
            let heard = house.next(rail.as_ref()).await.unwrap();
            assert_eq!(heard.decoded.hints[0].reference, reference);
            assert!(heard.decoded.reports.is_empty());
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_whose_answer_is_lost_or_late_is_found_and_a_lost_one_is_not() {
    let (house, rail) = open("call_millis = 400").await;
    // Card, words, and what the truth says of the capture.
    let rows = [
        (
            "EP0AB1CD2EF3GH4JK5MA",
            "9999 0000 0000 0101",
            "X",
            Finding::Settled,
        ),
        (
            "EP0AB1CD2EF3GH4JK5MB",
            "9999 0000 0000 0119",
            "X",
            Finding::NotFound,
        ),
        (
            "EP0AB1CD2EF3GH4JK5MC",
            APPROVED,
            "FAULT LATE-ANSWER=2",
            Finding::Settled,
        ),
    ];
    for (reference, card, holder, expected) in rows {
        let mut attempt = begin(&house, rail.as_ref(), reference).await;
        assert!(pay(&house, &attempt, card, holder).await.is_back());
        ask(&house, rail.as_ref(), &mut attempt).await;
        let answer = then(&house, rail.as_ref(), &attempt, ("C1", capture(507_400))).await;
        assert!(matches!(answer, Answer::Unknown), "{reference}: {answer:?}");
        let key = format!("{reference}-C1");
        let question = Ask::Query(Question::Order {
            key: key.clone(),
            kind: OrderKind::Capture,
        });
        let truth = then(&house, rail.as_ref(), &attempt, ("Q1", question))
            .await
            .read();
        assert_eq!(
            findings(&truth),
            [(reference, Finding::Accepted), (key.as_str(), expected)]
        );
        // Sent again under the same key, it is captured once, whatever became of the first.
        let again = then(&house, rail.as_ref(), &attempt, ("C1", capture(507_400))).await;
        assert_eq!(again.read().reports[0].finding, Finding::Settled);
        let truth = ask(&house, rail.as_ref(), &mut attempt).await;
        let captures = findings(&truth)
            .into_iter()
            .filter(|(told, _)| *told == key);
        assert_eq!(captures.count(), 1);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acquirer_that_was_ill_for_a_while_is_well_for_whoever_came_meanwhile() {
    let (house, rail) = open("call_millis = 400").await;
    for (fault, references) in [
        (
            "cut-captures",
            ["EP0AB1CD2EF3GH4JK5MA", "EP0AB1CD2EF3GH4JK5MB"],
        ),
        (
            "slow-captures",
            ["EP0AB1CD2EF3GH4JK5MC", "EP0AB1CD2EF3GH4JK5MD"],
        ),
    ] {
        let ill = json!({ "rail": "card", "fault": fault, "value": "2", "count": 0 });
        house.post("/api/faults", &ill).await;
        let mut attempts = Vec::new();
        for reference in references {
            let mut attempt = begin(&house, rail.as_ref(), reference).await;
            assert!(pay(&house, &attempt, APPROVED, "X").await.is_back());
            ask(&house, rail.as_ref(), &mut attempt).await;
            attempts.push(attempt);
        }
        let ask_for = ("C1", capture(507_400));
        let answer = then(&house, rail.as_ref(), &attempts[0], ask_for.clone()).await;
        assert!(matches!(answer, Answer::Unknown), "{fault}: {answer:?}");
        house.delete("/api/faults").await;
        let answer = then(&house, rail.as_ref(), &attempts[1], ask_for).await;
        let told = answer.read().reports[0].finding;
        assert_eq!(told, Finding::Settled, "{fault}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_come_twice_late_never_or_with_a_secret_that_is_not_ours() {
    let (mut house, rail) = open("").await;
    // Faults, and how many notifications come at once, and after an hour.
    let rows = [
        ("EP0AB1CD2EF3GH4JK5MA", "FAULT TWICE", 2, 0),
        ("EP0AB1CD2EF3GH4JK5MB", "FAULT LATE", 0, 1),
        ("EP0AB1CD2EF3GH4JK5MC", "FAULT NEVER", 0, 0),
    ];
    for (reference, holder, soon, later) in rows {
        let attempt = begin(&house, rail.as_ref(), reference).await;
        assert!(pay(&house, &attempt, APPROVED, holder).await.is_back());
        let mut ids = Vec::new();
        for _notice in 0..soon {
            ids.push(house.next(rail.as_ref()).await.unwrap().message_id);
        }
        house.advance(3_600).await;
        for _notice in 0..later {
            ids.push(house.next(rail.as_ref()).await.unwrap().message_id);
        }
        ids.dedup();
        assert_eq!(ids.len(), soon + later, "{holder}");
    }
    let attempt = begin(&house, rail.as_ref(), "EP0AB1CD2EF3GH4JK5MD").await;
    assert!(
        pay(&house, &attempt, APPROVED, "FAULT ROTATED-KEY")
            .await
            .is_back()
    );
    let stranger = house.next(rail.as_ref()).await.unwrap_err();
    assert_eq!(stranger, NotGenuine::BadSignature);
    assert_eq!(house.untold(), 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_out_of_order_are_only_hints() {
    let (mut house, rail) = open("").await;
    let two = ["EP0AB1CD2EF3GH4JK5MA", "EP0AB1CD2EF3GH4JK5MB"];
    for reference in two {
        let attempt = begin(&house, rail.as_ref(), reference).await;
        assert!(
            pay(&house, &attempt, APPROVED, "FAULT OUT-OF-ORDER")
                .await
                .is_back()
        );
    }
    house.post("/api/notices/release", &json!({})).await;
    for reference in two.iter().rev() {
        let heard = house.next(rail.as_ref()).await.unwrap();
        assert_eq!(heard.decoded.hints[0].reference, *reference);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_acquirer_authorises_what_a_device_made_and_the_rail_reads_it() {
    let (house, rail) = open("").await;
    let mut attempt = begin(&house, rail.as_ref(), ONE).await;
    let url = format!(
        "{}/acquirer/api/rest/version/100/merchant/TESTTD/order/{ONE}/transaction/T1",
        house.url
    );
    let device = json!({ "devicePayment": { "paymentToken": "{}" } });
    let body = json!({
        "apiOperation": "AUTHORIZE",
        "order": { "amount": "5074.00", "currency": "HKD" },
        "sourceOfFunds": { "type": "CARD", "provided": { "card": device } },
    });
    let put = |password| {
        let request = house.http.put(&url).json(&body);
        request.basic_auth("merchant.TESTTD", Some(password)).send()
    };
    assert_eq!(put("another").await.unwrap().status().as_u16(), 401);
    assert_eq!(put(PASSWORD).await.unwrap().status().as_u16(), 201);
    attempt.collect.method = "apple_pay".to_owned();
    let told = ask(&house, rail.as_ref(), &mut attempt).await;
    assert_eq!(findings(&told), [("T1", Finding::Accepted)]);
    let voided = then(&house, rail.as_ref(), &attempt, ("V1", Ask::Void)).await;
    assert_eq!(voided.read().reports[0].finding, Finding::Voided);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_begins_nothing() {
    let (house, rail) = open("").await;
    let attempt = begin(&house, rail.as_ref(), ONE).await;
    let settings = format!(
        "base_url = '{}/acquirer'\n[merchants]\nTESTTD = 'another'",
        house.url
    );
    let entry = epay_rails::rails()
        .into_iter()
        .find(|entry| entry.id == "card");
    let stranger = (entry.unwrap().open)(&rail_id("card"), &settings).unwrap();
    let refused = house
        .send(stranger.as_ref(), &Order::collect(attempt.collect))
        .await;
    let refused = refused.read();
    assert_eq!(findings(&refused), [(ONE, Finding::Declined)]);
    assert_eq!(
        refused.reports[0].reason.as_deref(),
        Some("REQUEST_REJECTED")
    );
    house.close().await;
}
