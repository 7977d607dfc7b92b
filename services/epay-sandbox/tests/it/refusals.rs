//! Requests that are refused: with which status and code, and always saying that no money moved.

use serde_json::{Value, json};

use crate::support::code::{Code, png};
use crate::support::receiver::Receiver;
use crate::support::{Sandbox, with_database};

fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

/// Bodies of a payment with the status and code that each must get.
#[expect(clippy::too_many_lines, reason = "one row a refusal")]
fn refused() -> Vec<(Value, u16, &'static str)> {
    let bill = Code::bill().base64();
    let open = Code {
        amount: None,
        ..Code::bill()
    }
    .base64();
    let stranger = Code {
        fps_id: "9999999",
        ..Code::bill()
    }
    .base64();
    let payload = Code::bill().payload();
    let torn = base64(&png(&payload.replace("3720", "3721")));
    vec![
        (json!({}), 400, "one-source"),
        (
            json!({ "image_base64": bill, "url": "http://x/" }),
            400,
            "one-source",
        ),
        (json!({ "image_base64": "%" }), 400, "base64"),
        (
            json!({ "image_base64": base64(b"no image") }),
            415,
            "image-unreadable",
        ),
        (
            json!({ "image_base64": base64(&png("https://qr.example/")) }),
            422,
            "code-not-payable",
        ),
        (json!({ "image_base64": torn }), 422, "code-not-payable"),
        (json!({ "image_base64": stranger }), 422, "unknown-payee"),
        (
            json!({ "image_base64": bill, "amount_cents": 1 }),
            422,
            "amount-fixed",
        ),
        (json!({ "image_base64": open }), 422, "amount-missing"),
        (
            json!({ "image_base64": open, "amount_cents": 0 }),
            422,
            "amount-range",
        ),
        (
            json!({ "image_base64": open, "amount_cents": -5 }),
            422,
            "amount-range",
        ),
        (
            json!({ "image_base64": open, "amount_cents": 5, "faults": { "amount_delta_cents": -5 } }),
            422,
            "amount-range",
        ),
        (
            json!({ "image_base64": bill, "payer": "LEE Ka Yan" }),
            422,
            "too-little",
        ),
        (
            json!({ "image_base64": bill, "payer": "" }),
            422,
            "payer-name",
        ),
        (
            json!({ "image_base64": bill, "faults": { "delay_seconds": 3601 } }),
            422,
            "delay",
        ),
        (
            json!({ "image_base64": bill, "faults": { "dealy": 1 } }),
            422,
            "body",
        ),
    ]
}

#[test]
fn refusals_have_a_status_a_code_and_say_that_no_money_moved() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        for (request, status, code) in refused() {
            let answer = sandbox.post("/api/pay", &request).await;
            let found = (
                answer.0,
                answer.1["code"].as_str(),
                answer.1["money_moved"].as_str(),
            );
            assert_eq!(
                found,
                (status, Some(code), Some("no")),
                "{request}: {}",
                answer.1
            );
        }
        let (status, problem) = sandbox
            .post("/api/pay-many", &json!({ "instructions": [] }))
            .await;
        assert_eq!((status, &problem["code"]), (422, &json!("list-length")));
        assert_eq!(sandbox.get("/api/books/summary").await["count"], 0);
        sandbox.stop().await;
    });
}

#[test]
fn the_payer_changes_the_amount_where_the_code_allows_it() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let rows = [
            (
                Code {
                    editable: true,
                    ..Code::bill()
                },
                Some(50_000),
                50_000,
            ),
            (
                Code {
                    editable: true,
                    ..Code::bill()
                },
                None,
                372_000,
            ),
            (
                Code {
                    amount: None,
                    ..Code::bill()
                },
                Some(1),
                1,
            ),
            (Code::bill(), Some(372_000), 372_000),
        ];
        for (code, given, expected) in rows {
            let request = json!({ "image_base64": code.base64(), "amount_cents": given });
            let paid = sandbox.done("/api/pay", &request).await;
            assert_eq!(paid["transactions"][0]["amount_cents"], expected);
        }
        sandbox.stop().await;
    });
}

#[test]
fn an_upload_past_the_cap_is_cut_off() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let (status, problem) = sandbox
            .post(
                "/api/scan",
                &json!({ "image_base64": "A".repeat(3_000_000) }),
            )
            .await;
        assert_eq!((status, &problem["money_moved"]), (413, &json!("no")));
        sandbox.stop().await;
    });
}
