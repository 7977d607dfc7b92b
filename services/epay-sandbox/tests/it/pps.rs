//! PPS: bill payments with their daily file, and the checkout page with its feed and query.

use epay_sandbox::frame::Secrets;
use epay_sandbox::server::Server;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{Database, SECRET, Sandbox, config, with_database};

const MERCHANT: &str = "99020101";
const REFERENCE: &str = "EP0AB1CD2EF3GH4JK5MN";

async fn sandbox(database: &Database) -> Sandbox {
    // Nobody hears: every message stays in the outbox, where the tests read it.
    let config = config(database, "http://127.0.0.1:9");
    let secrets = Secrets::from(SecretString::from(SECRET))
        .with("pps-checkout", "a-secret-of-the-merchant")
        .with("pps-checkout-password", "a password");
    Sandbox::serve(Server::bind(config, secrets).await.unwrap())
}

async fn pay(sandbox: &Sandbox, bill_number: &str) -> Value {
    let body =
        json!({ "merchant_code": "990201", "bill_number": bill_number, "amount_cents": 372_000 });
    sandbox.done("/pps/api/pay", &body).await
}

async fn fault(sandbox: &Sandbox, rail: &str, fault: &str) {
    let order = json!({ "rail": rail, "fault": fault });
    sandbox.done("/api/faults", &order).await;
}

/// Message ids, paths' subjects and bodies of what PPS told, in order.
async fn told(sandbox: &Sandbox) -> Vec<(String, String)> {
    let list = sandbox.get("/api/notices?page_size=500").await;
    let mut told = Vec::new();
    for notice in list["notices"].as_array().unwrap() {
        if notice["counterparty"] == "pps" {
            let id = notice["message_id"].as_str().unwrap();
            let body = sandbox.text(&format!("/api/notices/{id}")).await;
            told.push((id.to_owned(), body));
        }
    }
    told
}

#[test]
fn the_file_of_the_day_is_made_at_seven_and_merchants_are_paid_a_working_day_later() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        let paid = pay(&sandbox, "000123456789011").await;
        let reference = paid["pps_references"][0].as_str().unwrap();
        sandbox
            .done("/api/clock", &json!({ "advance_seconds": 4 * 86_400 }))
            .await;
        sandbox
            .done("/api/clock", &json!({ "advance_seconds": 4 * 86_400 }))
            .await;
        let told = told(&sandbox).await;
        assert_eq!(told.len(), 2);
        // The file of the day, and the report of what is credited for it.
        for head in ["H|EPAY-PPS-BILL|1|PPS-", "H|EPAY-PPS-SETTLEMENT|1|S-PPS-"] {
            let body = told.iter().find(|(_, body)| body.starts_with(head));
            let lines: Vec<&str> = body.unwrap().1.lines().collect();
            let row = format!("D|990201|000123456789011|372000|{reference}|");
            assert!(lines[1].starts_with(&row), "{lines:?}");
            assert_eq!(lines[2], "T|1|372000|123456789011");
        }
        let summary = sandbox.get("/api/books/summary").await;
        assert_eq!(summary["balanced"], true);
        let account = |list: &Value, number: &str| {
            let rows = list["accounts"].as_array().unwrap().clone();
            rows.iter().find(|row| row["account"] == number).unwrap()["balance_cents"].clone()
        };
        let accounts = sandbox.get("/api/books/accounts").await;
        assert_eq!(account(&accounts, "999000000201"), 372_000);
        assert_eq!(account(&accounts, "PPS-CLEARING"), 0);
        sandbox.stop().await;
    });
}

#[test]
fn faults_bend_payments_and_files() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        fault(&sandbox, "pps", "three-times").await;
        let three = pay(&sandbox, "000123456789011").await;
        assert_eq!(three["pps_references"].as_array().unwrap().len(), 3);
        fault(&sandbox, "pps", "unknown-bill").await;
        pay(&sandbox, "000123456789011").await;
        fault(&sandbox, "pps", "wrong-trailer").await;
        fault(&sandbox, "pps", "twice").await;
        let made = sandbox.done("/pps/api/file", &json!({})).await;
        let file = sandbox
            .text(&format!(
                "/pps/api/files/{}",
                made["file_id"].as_str().unwrap()
            ))
            .await;
        let told = told(&sandbox).await;
        assert_eq!(told.len(), 2);
        assert!(told[0].0 != told[1].0 && told.iter().all(|(_, body)| *body == file));
        assert!(file.contains("|9999999999999|"));
        // Three times 123456789011 and 9999999999999, and one too much.
        let hash = 3 * 123_456_789_011_u64 + 9_999_999_999_999 + 1;
        assert!(file.ends_with(&format!("T|4|1488000|{hash}\n")), "{file}");
        assert_eq!(
            sandbox.done("/pps/api/file", &json!({})).await,
            json!({ "file_id": null })
        );
        sandbox.stop().await;
    });
}

async fn post_form(sandbox: &Sandbox, path: &str, form: &[(&str, &str)]) -> reqwest::Response {
    let mut url = reqwest::Url::parse(&format!("{}{path}", sandbox.url)).unwrap();
    url.query_pairs_mut().extend_pairs(form);
    let body = url.query().unwrap().to_owned();
    url.set_query(None);
    let request = sandbox.client.post(url).body(body);
    let kind = "application/x-www-form-urlencoded";
    request.header("content-type", kind).send().await.unwrap()
}

/// The page's hidden number, after posting the merchant's form.
async fn page(sandbox: &Sandbox, hash: &str) -> (u16, String) {
    let form = [
        ("merchantId", MERCHANT),
        ("orderRef", REFERENCE),
        ("currCode", "344"),
        ("amount", "3720.00"),
        ("payType", "N"),
        ("payMethod", "PPS"),
        ("lang", "E"),
        ("successUrl", "https://bills.example/back"),
        ("failUrl", "https://bills.example/back"),
        ("cancelUrl", "https://bills.example/back"),
        ("secureHash", hash),
    ];
    let answer = post_form(sandbox, "/pps/b2c/payForm.jsp", &form).await;
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let number = text
        .split_once("name=\"pay_ref\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    (status, number.map_or("", |(number, _)| number).to_owned())
}

async fn press(sandbox: &Sandbox, number: &str, choice: &str) {
    let form = [("pay_ref", number), ("payer", ""), ("do", choice)];
    let answer = post_form(sandbox, "/pps/b2c/pay", &form).await;
    assert_eq!(answer.headers()["location"], "https://bills.example/back");
}

async fn query(sandbox: &Sandbox, password: &str) -> String {
    let form = [
        ("merchantId", MERCHANT),
        ("loginId", "epay"),
        ("password", password),
        ("actionType", "Query"),
        ("orderRef", REFERENCE),
    ];
    let answer = post_form(sandbox, "/pps/b2c/orderApi.jsp", &form).await;
    answer.text().await.unwrap()
}

/// SHA-1 of `99020101|EP0AB1CD2EF3GH4JK5MN|344|3720.00|N|a-secret-of-the-merchant`, by Python's hashlib.
const HASH: &str = "6009a91ba742ba0868c53e8ba59efef7cd344993";

#[test]
fn a_payer_pays_once_on_the_page_and_the_merchant_hears_and_may_ask() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        assert_eq!(page(&sandbox, &"0".repeat(40)).await.0, 422);
        let (status, number) = page(&sandbox, HASH).await;
        assert_eq!(status, 200);
        assert!(
            query(&sandbox, "a password")
                .await
                .contains("<records></records>")
        );
        press(&sandbox, &number, "pay").await;
        press(&sandbox, &number, "pay").await;
        let answer = query(&sandbox, "a password").await;
        assert_eq!(answer.matches("<record>").count(), 1);
        assert!(
            answer.contains("<orderStatus>Accepted</orderStatus>"),
            "{answer}"
        );
        assert!(answer.contains("<amt>3720.00</amt>"), "{answer}");
        assert!(!query(&sandbox, "guessed").await.contains("records"));
        let told = told(&sandbox).await;
        assert_eq!(told.len(), 1);
        assert!(
            told[0]
                .1
                .contains(&format!("Ref={REFERENCE}&PayRef={number}&successcode=0"))
        );
        let summary = sandbox.get("/api/books/summary").await;
        assert_eq!(summary["balanced"], true);
        sandbox.stop().await;
    });
}

#[test]
fn an_attempt_is_declined_cancelled_or_unknown_for_an_hour() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        press(&sandbox, &page(&sandbox, HASH).await.1, "cancel").await;
        fault(&sandbox, "pps-checkout", "declined").await;
        press(&sandbox, &page(&sandbox, HASH).await.1, "pay").await;
        fault(&sandbox, "pps-checkout", "unknown").await;
        press(&sandbox, &page(&sandbox, HASH).await.1, "pay").await;
        let statuses = async || {
            let answer = query(&sandbox, "a password").await;
            let parts = answer.split("<orderStatus>").skip(1);
            parts
                .map(|part| part.split_once('<').unwrap().0.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(statuses().await, ["Cancelled", "Rejected", "Pending"]);
        sandbox
            .done("/api/clock", &json!({ "advance_seconds": 3_600 }))
            .await;
        assert_eq!(statuses().await, ["Cancelled", "Rejected", "Accepted"]);
        sandbox.stop().await;
    });
}

#[test]
fn a_person_pays_a_bill_on_the_page() {
    with_database(async |database| {
        let sandbox = sandbox(&database).await;
        assert!(sandbox.text("/").await.contains("href=\"/pps/pay\""));
        assert!(
            sandbox
                .text("/pps/pay")
                .await
                .contains("TEST Water Supplies Department")
        );
        let form = [
            ("merchant_code", "990301"),
            ("bill_number", "1234567890"),
            ("amount", "1,234.50"),
            ("payer", "998000000001"),
        ];
        let answer = post_form(&sandbox, "/pps/pay", &form).await;
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.text().await.unwrap().contains("HKD 1,234.50"));
        sandbox.stop().await;
    });
}
