//! JSON over HTTP.

use epay_gateway::Role;
use serde_json::{Value, json};

use crate::support::{House, RAIL, http_client, number, pay};

#[tokio::test]
async fn a_bill_is_found_and_paid_in_json() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 372_000).await;
    let client = http_client();
    let token = house.token(Role::CitizenPortal);
    let post = async |path: &str, body: Value| {
        let answer = client
            .post(house.url(path))
            .bearer_auth(&token)
            .json(&body)
            .send()
            .await
            .unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let (status, found) = post(
        "/v1/bills:lookup",
        json!({"billType": "rvd-rates", "number": number(1)}),
    )
    .await;
    assert_eq!((status, &found["name"]), (200, &json!(bill.name)));
    assert_eq!(
        found["outstanding"],
        json!({"minorUnits": "372000", "currencyCode": "HKD"})
    );

    let body = json!({"rail": RAIL, "idempotencyKey": "k"});
    let (status, payment) = post(&format!("/v1/{}/payments", bill.name), body).await;
    assert_eq!(
        (status, &payment["state"]),
        (200, &json!("PAYMENT_STATE_AWAITING_PAYER"))
    );
    let payload = payment["nextAction"]["showQr"]["payload"].as_str().unwrap();
    let (status, reading) = post("/v1/qr:decode", json!({"payload": payload})).await;
    assert_eq!(
        (status, &reading["fps"]["reference"]),
        (200, &payment["reference"])
    );

    let name = payment["name"].as_str().unwrap();
    let (status, cancelled) = post(
        &format!("/v1/{name}:cancel"),
        json!({"idempotencyKey": "c"}),
    )
    .await;
    assert_eq!(
        (status, &cancelled["state"]),
        (200, &json!("PAYMENT_STATE_CANCELLED"))
    );
    let watched = client
        .get(house.url(&format!("/v1/{name}:watch")))
        .bearer_auth(&token);
    let watched = watched
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    assert_eq!(watched.headers()["content-type"], "text/event-stream");
    assert!(
        watched
            .text()
            .await
            .unwrap()
            .contains("PAYMENT_STATE_CANCELLED")
    );
    house.stop().await;
}

#[tokio::test]
async fn problems_are_rfc_9457_and_name_the_request() {
    let house = House::start().await;
    let client = http_client();
    let token = house.token(Role::CitizenPortal);
    let long = format!("\"{}\"", "x".repeat(300 * 1024));
    let table = [
        (
            "/v1/bills:lookup",
            r#"{"billType":"rvd-rates","number":"12"}"#,
            400,
            "INVALID_REQUEST",
        ),
        ("/v1/bills:lookup", "{", 400, "MALFORMED_REQUEST"),
        (
            "/v1/bills:lookup",
            r#"{"unknown":1}"#,
            400,
            "MALFORMED_REQUEST",
        ),
        ("/v1/nothing", "{}", 404, "NO_ROUTE"),
        ("/v1/bills:lookup", long.as_str(), 413, "BODY_TOO_LARGE"),
        ("/nothing", "{}", 404, "NO_ROUTE"),
    ];
    for (path, body, status, reason) in table {
        let request = client
            .post(house.url(path))
            .bearer_auth(&token)
            .header("x-request-id", "asked-1");
        let request = request.header("content-type", "application/json");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(
            answer.headers()["content-type"],
            "application/problem+json",
            "{path}"
        );
        assert_eq!(answer.headers()["x-request-id"], "asked-1");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["reason"], reason, "{path}: {problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["requestId"], "asked-1");
        assert_eq!(problem["type"], format!("/docs#{reason}"));
    }
    let answer = client
        .post(house.url("/v1/bills:lookup"))
        .bearer_auth(&token);
    let answer = answer
        .json(&json!({"billType": "rvd-rates", "number": "12"}))
        .send()
        .await
        .unwrap();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["errors"][0]["field"], "number");
    assert_eq!(problem["errors"][0]["reason"], "NUMBER_LENGTH");
    house.stop().await;
}

#[tokio::test]
async fn names_in_paths_and_filters_in_queries_reach_the_service() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 100).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let payment = portal
        .create_payment(pay(&bill, "p"))
        .await
        .unwrap()
        .into_inner();
    let token = house.token(Role::Department);
    let get = async |path: String| {
        let answer = http_client()
            .get(house.url(&path))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let (status, found) = get(format!("/v1/{}", bill.name)).await;
    assert_eq!((status, &found["number"]), (200, &json!(number(1))));
    let (_, found) = get("/v1/billers/rvd/bills?state=BILL_STATE_PAID".to_owned()).await;
    assert_eq!(found, json!({}));
    let (_, found) = get(format!(
        "/v1/billers/rvd/payments?reference={}",
        payment.reference
    ))
    .await;
    assert_eq!(found["payments"][0]["name"], payment.name);
    let (_, found) = get(format!("/v1/{}/events", payment.name)).await;
    assert_eq!(found["events"][0]["version"], "1");
    let (status, problem) = get("/v1/billers/rvd/bills/7".to_owned()).await;
    assert_eq!(
        (status, &problem["errors"][0]["field"]),
        (400, &json!("name"))
    );
    house.stop().await;
}
