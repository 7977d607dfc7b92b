//! Each fault, seen from the gateway's end and in the bank's books.

use serde_json::{Value, json};

use crate::support::code::Code;
use crate::support::receiver::Receiver;
use crate::support::{Database, Sandbox, books, config, with_database};

/// Pays the bill's code with faults and expects success.
async fn pay(sandbox: &Sandbox, faults: Value) -> Value {
    sandbox
        .done(
            "/api/pay",
            &json!({ "image_base64": Code::bill().base64(), "faults": faults }),
        )
        .await
}

async fn start(database: &Database) -> (Sandbox, Receiver) {
    let receiver = Receiver::start(&[], 202).await;
    (Sandbox::start(database, &receiver).await, receiver)
}

#[test]
fn a_delayed_notice_waits_and_can_be_hurried() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let paid = pay(&sandbox, json!({ "delay_seconds": 3600 })).await;
        // A later payment overtakes it, which shows that the sender has looked and left it alone.
        pay(&sandbox, json!({})).await;
        let reference = paid["transactions"][0]["bank_reference"].as_str().unwrap();
        assert_ne!(
            receiver.next().await.element("AcctSvcrRef"),
            Some(reference)
        );
        let waiting = sandbox
            .get(&format!(
                "/api/notices?status=queued&bank_reference={reference}"
            ))
            .await;
        assert_eq!(
            (
                &waiting["notices"][0]["status"],
                &waiting["notices"][0]["attempts"]
            ),
            (&json!("queued"), &json!(0))
        );
        let again = sandbox
            .done(
                "/api/notices/redeliver",
                &json!({ "bank_reference": reference }),
            )
            .await;
        assert_eq!(again["queued"], 1);
        assert_eq!(
            receiver.next().await.element("AcctSvcrRef"),
            Some(reference)
        );
        sandbox.stop().await;
    });
}

#[test]
fn a_short_delay_ends_by_itself() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let paid = pay(&sandbox, json!({ "delay_seconds": 1 })).await;
        let reference = paid["transactions"][0]["bank_reference"].as_str();
        assert_eq!(receiver.next().await.element("AcctSvcrRef"), reference);
        let transaction = &books(&database)
            .await
            .list_notices(None, reference, 0, 1)
            .await
            .unwrap()[0];
        let waited = jiff::Timestamp::now().duration_since(transaction.created_at);
        assert!(waited >= jiff::SignedDuration::from_secs(1), "{waited:?}");
        sandbox.stop().await;
    });
}

#[test]
fn a_held_notice_leaves_when_its_group_is_released() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let held = pay(&sandbox, json!({ "hold": true, "group": "a" })).await;
        assert_eq!(held["transactions"][0]["notice"]["status"], "held");
        assert_eq!(
            sandbox.done("/api/notices/redeliver", &json!({})).await["queued"],
            0
        );
        assert_eq!(
            sandbox
                .done("/api/notices/release", &json!({ "group": "b" }))
                .await["queued"],
            0
        );
        assert_eq!(receiver.left(), 0);
        assert_eq!(
            sandbox
                .done("/api/notices/release", &json!({ "group": "a" }))
                .await["queued"],
            1
        );
        assert_eq!(
            receiver.next().await.element("AcctSvcrRef"),
            held["transactions"][0]["bank_reference"].as_str()
        );
        sandbox.stop().await;
    });
}

#[test]
fn a_reversed_group_leaves_last_first_even_when_an_answer_is_bad() {
    with_database(async |database| {
        let mut receiver = Receiver::start(&[202, 500], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let mut expected = Vec::new();
        for _ in 0..5 {
            let paid = pay(&sandbox, json!({ "out_of_order": true })).await;
            expected.insert(
                0,
                paid["transactions"][0]["notice"]["message_id"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        assert_eq!(
            sandbox.done("/api/notices/release", &json!({})).await["queued"],
            5
        );
        let mut arrived = Vec::new();
        while arrived.len() < 5 {
            let attempt = receiver.next().await;
            if attempt.answered == 202 {
                arrived.push(attempt.message_id);
            }
        }
        assert_eq!(arrived, expected);
        sandbox.stop().await;
    });
}

#[test]
fn a_duplicate_tells_one_credit_under_two_message_ids() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let paid = pay(&sandbox, json!({ "duplicate": true })).await;
        assert_eq!(paid["transactions"].as_array().unwrap().len(), 1);
        let (first, second) = (receiver.next().await, receiver.next().await);
        assert_ne!(first.message_id, second.message_id);
        for element in [
            "AcctSvcrRef",
            "EndToEndId",
            "TxId",
            "ClrSysRef",
            "Ref",
            "Nb",
        ] {
            assert_eq!(first.element(element), second.element(element), "{element}");
        }
        sandbox.stop().await;
        assert_eq!(books(&database).await.summary().await.unwrap().count, 1);
    });
}

#[test]
fn a_wrong_amount_is_what_the_bank_moved_and_told() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        for (delta, expected) in [(-100, "3719.00"), (5, "3720.05")] {
            let paid = pay(&sandbox, json!({ "amount_delta_cents": delta })).await;
            assert_eq!(paid["transactions"][0]["amount_cents"], 372_000 + delta);
            assert!(
                receiver
                    .next()
                    .await
                    .body
                    .contains(&format!(r#"<Amt Ccy="HKD">{expected}</Amt>"#))
            );
        }
        sandbox.stop().await;
        let summary = books(&database).await.summary().await.unwrap();
        assert_eq!((summary.balanced, summary.sum_cents), (true, 743_905));
    });
}

#[test]
fn a_lost_reference_is_in_the_books_and_not_in_the_notice() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let paid = pay(&sandbox, json!({ "lost_reference": true })).await;
        assert_eq!(paid["transactions"][0]["reference"], "P01ABC");
        let notice = receiver.next().await;
        assert!(!notice.body.contains("P01ABC") && !notice.body.contains("000123456789011"));
        assert_eq!(notice.element("Ustrd"), Some("FPS"));
        sandbox.stop().await;
    });
}

#[test]
fn paid_twice_is_two_transactions_for_one_code() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let paid = pay(&sandbox, json!({ "paid_twice": true })).await;
        let [first, second] = &paid["transactions"].as_array().unwrap()[..] else {
            panic!("not two")
        };
        assert_ne!(first["bank_reference"], second["bank_reference"]);
        assert_eq!(first["reference"], second["reference"]);
        let (one, two) = (receiver.next().await, receiver.next().await);
        assert_ne!(one.element("AcctSvcrRef"), two.element("AcctSvcrRef"));
        sandbox.stop().await;
        let summary = books(&database).await.summary().await.unwrap();
        assert_eq!(
            (summary.count, summary.sum_cents, summary.balanced),
            (2, 744_000, true)
        );
    });
}

#[test]
fn an_expired_code_is_refused_unless_the_fault_is_on() {
    with_database(async |database| {
        let (sandbox, mut receiver) = start(&database).await;
        let image = Code {
            time_out: Some("200101000000"),
            ..Code::bill()
        }
        .base64();
        assert_eq!(
            sandbox
                .done("/api/scan", &json!({ "image_base64": image }))
                .await["expired"],
            true
        );
        let (status, problem) = sandbox
            .post("/api/pay", &json!({ "image_base64": image }))
            .await;
        assert_eq!(
            (status, &problem["code"], &problem["money_moved"]),
            (422, &json!("expired"), &json!("no"))
        );
        let faults = json!({ "after_expiry": true });
        sandbox
            .done(
                "/api/pay",
                &json!({ "image_base64": image, "faults": faults }),
            )
            .await;
        assert_eq!(receiver.next().await.element("Ref"), Some("P01ABC"));
        sandbox.stop().await;
    });
}

#[test]
fn names_references_and_the_configuration_switch_faults_on_too() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let mut config = config(&database, &receiver.url);
        config.fault_defaults.hold = true;
        let sandbox = Sandbox::start_with(config).await;
        let by_reference = Code {
            reference: Some("FAULT-LOST-1".into()),
            ..Code::bill()
        };
        let rows = [
            (
                json!({ "image_base64": Code::bill().base64() }),
                json!({ "hold": true }),
            ),
            (
                json!({ "image_base64": Code::bill().base64(), "payer": "FAULT TWICE" }),
                json!({ "paid_twice": true }),
            ),
            (
                json!({ "image_base64": by_reference.base64() }),
                json!({ "lost_reference": true }),
            ),
        ];
        for (request, expected) in rows {
            let paid = sandbox.done("/api/pay", &request).await;
            let reference = paid["transactions"][0]["bank_reference"].as_str().unwrap();
            let listed = sandbox
                .get(&format!(
                    "/api/books/transactions?bank_reference={reference}"
                ))
                .await;
            assert_eq!(listed["transactions"][0]["faults"], expected);
        }
        sandbox.stop().await;
    });
}
