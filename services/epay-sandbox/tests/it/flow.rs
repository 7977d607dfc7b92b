//! Payments without faults: delivered once acknowledged, across restarts, and the books add up.

use serde_json::{Value, json};

use crate::support::code::Code;
use crate::support::receiver::{Attempt, Receiver};
use crate::support::{Sandbox, books, with_database};

/// The notice says what the bank booked.
fn tells(notice: &Attempt, transaction: &Value) {
    let rows = [
        ("AcctSvcrRef", transaction["bank_reference"].as_str()),
        ("ClrSysRef", transaction["fps_reference"].as_str()),
        ("EndToEndId", transaction["end_to_end_id"].as_str()),
        ("TxDtTm", transaction["instructed_at"].as_str()),
        ("Ref", Some("P01ABC")),
        ("Nb", Some("000123456789011")),
        ("Nm", Some("C*** T** M**")),
    ];
    for (element, expected) in rows {
        assert_eq!(notice.element(element), expected, "{element}");
    }
    assert!(notice.body.contains(r#"<Amt Ccy="HKD">3720.00</Amt>"#));
}

#[test]
fn a_paid_code_is_booked_and_told_until_the_gateway_acknowledges() {
    with_database(async |database| {
        let mut receiver = Receiver::start(&[500], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let scan = sandbox
            .done(
                "/api/scan",
                &json!({ "image_base64": Code::bill().base64() }),
            )
            .await;
        assert_eq!(
            scan["registered_name"],
            "TEST Rating and Valuation Department"
        );
        assert_eq!(
            (&scan["amount_cents"], &scan["amount_editable"]),
            (&json!(372_000), &json!(false))
        );
        let paid = sandbox
            .done(
                "/api/pay",
                &json!({ "image_base64": Code::bill().base64() }),
            )
            .await;
        let transaction = &paid["transactions"][0];
        let (first, second) = (receiver.next().await, receiver.next().await);
        assert_eq!((first.answered, second.answered), (500, 202));
        assert_eq!(
            (&first.message_id, &first.body),
            (&second.message_id, &second.body)
        );
        assert_eq!(
            transaction["notice"]["message_id"],
            first.message_id.as_str()
        );
        tells(&second, transaction);
        let listed = sandbox
            .get("/api/books/transactions?reference=P01ABC")
            .await;
        assert_eq!(
            listed["transactions"][0]["bank_reference"],
            transaction["bank_reference"]
        );
        assert_eq!(listed["next_cursor"], json!(null));
        sandbox.stop().await;
        let books = books(&database).await;
        let notices = books.list_notices(None, None, 0, 10).await.unwrap();
        assert_eq!(
            (
                notices.len(),
                notices[0].status.as_str(),
                notices[0].attempts
            ),
            (1, "delivered", 2)
        );
        let summary = books.summary().await.unwrap();
        assert!(summary.balanced);
        assert_eq!((summary.count, summary.sum_cents), (1, 372_000));
    });
}

#[test]
fn the_bank_app_fetches_allowed_addresses_only() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let rows = [
            (
                "/codes/bill.png",
                200,
                "registered_name",
                "TEST Rating and Valuation Department",
            ),
            ("/codes/away.png", 502, "code", "fetch-failed"),
            ("/codes/none.png", 502, "code", "fetch-failed"),
            ("/rails/fps/notices", 403, "code", "fetch-not-allowed"),
        ];
        for (path, status, field, expected) in rows {
            let url = format!("{}{path}", receiver.url);
            let answer = sandbox.post("/api/scan", &json!({ "url": url })).await;
            assert_eq!(
                (answer.0, answer.1[field].as_str()),
                (status, Some(expected)),
                "{path}"
            );
        }
        sandbox.stop().await;
    });
}

#[test]
fn notices_that_a_stopped_sandbox_left_behind_are_sent_by_the_next() {
    with_database(async |database| {
        let mut deaf = Receiver::start(&[], 503).await;
        let sandbox = Sandbox::start(&database, &deaf).await;
        sandbox
            .done(
                "/api/pay",
                &json!({ "image_base64": Code::bill().base64() }),
            )
            .await;
        let unheard = deaf.next().await;
        sandbox.stop().await;
        // What a killed process leaves: a row that says it is on the way.
        database
            .execute("UPDATE notices SET status = 'sending'")
            .await;
        let mut receiver = Receiver::start(&[], 204).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let heard = receiver.next().await;
        assert_eq!(
            (heard.message_id, heard.body),
            (unheard.message_id, unheard.body)
        );
        sandbox.stop().await;
        assert_eq!(
            books(&database)
                .await
                .summary()
                .await
                .unwrap()
                .notices
                .delivered,
            1
        );
    });
}

#[test]
fn a_list_is_booked_whole_or_not_at_all() {
    with_database(async |database| {
        let mut receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let list = |last: Value| {
            let mut list: Vec<_> = (0..120)
                .map(|n| json!({ "fps_id": "999900301", "amount_cents": 100 + n, "reference": format!("R{n}") }))
                .collect();
            list.push(last);
            json!({ "instructions": list })
        };
        let bad = [
            json!({ "fps_id": "1234567", "amount_cents": 1 }),
            json!({ "fps_id": "999900301", "amount_cents": 0 }),
            json!({ "fps_id": "999900301", "amount_cents": 1, "reference": "水" }),
            json!({ "fps_id": "999900301", "amount_cents": 5001, "payer": "LEE Ka Yan" }),
        ];
        for last in bad {
            let (status, problem) = sandbox.post("/api/pay-many", &list(last)).await;
            assert_eq!(
                (status, &problem["money_moved"]),
                (422, &json!("no")),
                "{problem}"
            );
        }
        assert_eq!(sandbox.get("/api/books/summary").await["count"], 0);
        let good = json!({ "fps_id": "999900301", "amount_cents": 5000, "payer": "LEE Ka Yan" });
        let paid = sandbox.done("/api/pay-many", &list(good)).await;
        assert_eq!(paid["transactions"].as_array().unwrap().len(), 121);
        let mut ids: Vec<String> = Vec::new();
        for _ in 0..121 {
            ids.push(receiver.next().await.message_id);
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 121);
        let (mut cursor, mut listed) = (String::from("0"), 0);
        loop {
            let page = sandbox
                .get(&format!(
                    "/api/books/transactions?page_size=50&cursor={cursor}"
                ))
                .await;
            listed += page["transactions"].as_array().unwrap().len();
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = next.to_owned();
        }
        assert_eq!(listed, 121);
        sandbox.stop().await;
        let summary = books(&database).await.summary().await.unwrap();
        assert_eq!((summary.balanced, summary.notices.delivered), (true, 121));
        assert_eq!(summary.sum_cents, (100..220).sum::<i64>() + 5000);
    });
}

#[test]
fn payments_that_cross_keep_the_books_right() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let payers = ["CHAN Tai Man", "WONG Siu Ming", "A customer elsewhere"];
        let lists = (0..24).map(|n| {
            let item = |k: usize| {
                let fps_id = ["999900101", "999900102", "999900201"][(n + k) % 3];
                json!({ "fps_id": fps_id, "amount_cents": 1 + k, "payer": payers[(n * k) % 3] })
            };
            json!({ "instructions": (0..10).map(item).collect::<Vec<_>>() })
        });
        let lists: Vec<_> = lists.collect();
        futures_util::future::join_all(
            lists.iter().map(|list| sandbox.done("/api/pay-many", list)),
        )
        .await;
        let summary = sandbox.get("/api/books/summary").await;
        assert_eq!(
            (&summary["count"], &summary["balanced"]),
            (&json!(240), &json!(true))
        );
        sandbox.stop().await;
        // A change by hand is found: the summary adds up from the lines.
        database
            .execute(
                "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE fps_id = '999900101'",
            )
            .await;
        let summary = books(&database).await.summary().await.unwrap();
        assert_eq!((summary.balanced, summary.wrong_balances), (false, 1));
    });
}
