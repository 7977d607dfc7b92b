//! The door for rails.

use epay_proto::v1;
use serde_json::{Value, json};

use crate::support::{House, RAIL, http_client, notice, signed};

async fn outcome(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    if status != 202 {
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    (status, answer.json().await.unwrap())
}

#[tokio::test]
async fn a_notice_is_stored_once_and_a_second_body_under_its_id_is_refused() {
    let house = House::start().await;
    let body = notice("B1", "1.00", "EP0123456789ABCDEFGH");
    let first = outcome(signed(&house, "m-1", &body)).await;
    assert_eq!(first, (202, json!({"stored": true, "duplicate": false})));
    let again = outcome(signed(&house, "m-1", &body)).await;
    assert_eq!(again, (202, json!({"stored": true, "duplicate": true})));
    let (status, problem) = outcome(signed(&house, "m-1", &body.replace("1.00", "2.00"))).await;
    assert_eq!(
        (status, &problem["reason"]),
        (409, &json!("NOTICE_ID_REUSED"))
    );
    house.stop().await;
}

#[tokio::test]
async fn what_is_not_signed_or_not_of_the_channel_is_never_stored() {
    let house = House::start().await;
    let body = notice("B1", "1.00", "EP0123456789ABCDEFGH");
    let url = house.url(&format!("/rails/{RAIL}/notices"));
    let client = http_client();
    let xml = || client.post(&url).header("content-type", "application/xml");
    let unknown_rail = client
        .post(house.url("/rails/nobody/notices"))
        .header("content-type", "application/xml");
    let twice = signed(&house, "m-2", &body).header("epay-channel-message-id", "m-3");
    let table = [
        (
            "no signature",
            xml().body(body.clone()),
            401,
            "NOTICE_SIGNATURE",
        ),
        (
            "another body than the signed one",
            signed(&house, "m-1", &body).body("<Document/>"),
            401,
            "NOTICE_SIGNATURE",
        ),
        ("a header twice", twice, 401, "NOTICE_SIGNATURE"),
        (
            "another rail",
            unknown_rail.body(body.clone()),
            404,
            "NOT_FOUND",
        ),
        (
            "another type",
            client.post(&url).json(&json!({})),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "no type",
            client.post(&url).body(body.clone()),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "too large",
            xml().body("x".repeat(4 * 1024 * 1024 + 1)),
            413,
            "BODY_TOO_LARGE",
        ),
    ];
    for (what, request, status, reason) in table {
        let (found, problem) = outcome(request).await;
        assert_eq!(
            (found, &problem["reason"]),
            (status, &json!(reason)),
            "{what}"
        );
    }
    let first = outcome(signed(&house, "m-1", &body)).await;
    assert_eq!(
        first.1["duplicate"], false,
        "nothing of the above was stored"
    );
    house.stop().await;
}

#[tokio::test]
async fn money_that_nobody_can_place_is_taken_and_shown() {
    let house = House::start().await;
    let body = notice("B1", "12.34", "EP0123456789ABCDEFGH");
    assert_eq!(outcome(signed(&house, "m-1", &body)).await.0, 202);
    let mut finance = house.caller(epay_gateway::Role::Finance).await.bills();
    let request = v1::ListReceiptsRequest {
        parent: "billers/rvd".to_owned(),
        ..Default::default()
    };
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let receipt = loop {
        let page = finance
            .list_receipts(request.clone())
            .await
            .unwrap()
            .into_inner();
        if let Some(receipt) = page.receipts.into_iter().next() {
            break receipt;
        }
        assert!(
            tokio::time::Instant::now() < until,
            "the credit was never booked"
        );
        tokio::task::yield_now().await;
    };
    assert_eq!(receipt.unapplied.unwrap().minor_units, 1_234);
    assert_eq!(
        (
            receipt.unapplied_reason.as_str(),
            receipt.matched_by.as_str()
        ),
        ("unidentified", "none")
    );
    house.stop().await;
}
