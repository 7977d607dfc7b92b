//! `WebhookService` at the door.

use epay_gateway::Role;
use epay_proto::v1;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{House, http_client};

fn create(url: &str, key: &str) -> v1::CreateWebhookEndpointRequest {
    v1::CreateWebhookEndpointRequest {
        parent: "billers/rvd".to_owned(),
        url: url.to_owned(),
        event_types: vec!["bill.paid".to_owned(), "bill.paid".to_owned()],
        idempotency_key: key.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn secrets_are_shown_to_whoever_had_them_made_and_to_nobody_else() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.webhooks();
    let request = create("https://hooks.example/epay", "k1");
    let made = department
        .create_webhook_endpoint(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(made.event_types, ["bill.paid"]);
    assert_eq!(made.state(), v1::WebhookEndpointState::Enabled);
    let key = &made.keys[0];
    assert!(key.secret.starts_with("whsec_") && key.public_key.starts_with("whpk_"));
    let again = department.create_webhook_endpoint(request).await.unwrap();
    assert_eq!(again.into_inner(), made, "a repeat is the first answer");
    let other = create("https://hooks.example/other", "k1");
    let reused = department.create_webhook_endpoint(other).await.unwrap_err();
    assert_eq!(reused.code(), Code::AlreadyExists);

    let name = made.name.clone();
    let read = v1::GetWebhookEndpointRequest { name: name.clone() };
    for role in [Role::Department, Role::Auditor] {
        let mut reader = house.caller(role).await.webhooks();
        let found = reader.get_webhook_endpoint(read.clone()).await.unwrap();
        let found = found.into_inner();
        assert_eq!(found.keys[0].public_key, key.public_key);
        assert_eq!(found.keys[0].secret, "", "{role:?}");
    }
    let rotate = v1::RotateWebhookKeyRequest {
        name,
        overlap: None,
        idempotency_key: "r1".to_owned(),
    };
    let rotated = department.rotate_webhook_key(rotate.clone()).await.unwrap();
    let rotated = rotated.into_inner();
    let shown: Vec<bool> = rotated
        .keys
        .iter()
        .map(|key| !key.secret.is_empty())
        .collect();
    assert_eq!(shown, [true, false]);
    assert!(rotated.keys[0].expire_time.is_none() && rotated.keys[1].expire_time.is_some());
    let again = department.rotate_webhook_key(rotate).await.unwrap();
    assert_eq!(again.into_inner(), rotated);
    house.stop().await;
}

#[tokio::test]
async fn receivers_that_may_not_be_called_are_refused_with_the_field_and_the_reason() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.webhooks();
    let with_type = |word: &str| v1::CreateWebhookEndpointRequest {
        event_types: vec![word.to_owned()],
        ..create("https://hooks.example/", "k")
    };
    let table = [
        (create("", "k"), "url", "FIELD_REQUIRED"),
        (create("https://10.0.0.1/", "k"), "url", "URL_REFUSED"),
        (create("https://2852039166/", "k"), "url", "URL_REFUSED"),
        (create("http://hooks.example/", "k"), "url", "URL_REFUSED"),
        (with_type("bill.eaten"), "event_types", "EVENT_TYPE_UNKNOWN"),
        (
            with_type("webhook.test"),
            "event_types",
            "EVENT_TYPE_UNKNOWN",
        ),
    ];
    for (request, field, reason) in table {
        let status = department
            .create_webhook_endpoint(request.clone())
            .await
            .unwrap_err();
        let details = status.get_details_bad_request().unwrap();
        let found = &details.field_violations[0];
        assert_eq!(
            (found.field.as_str(), found.reason.as_str()),
            (field, reason),
            "{request:?}"
        );
    }
    for number in 0..20 {
        let request = create(
            &format!("https://hooks.example/{number}"),
            &number.to_string(),
        );
        department.create_webhook_endpoint(request).await.unwrap();
    }
    let full = create("https://hooks.example/20", "20");
    let status = department.create_webhook_endpoint(full).await.unwrap_err();
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "TOO_MANY_WEBHOOK_ENDPOINTS"
    );
    house.stop().await;
}

#[tokio::test]
async fn without_a_vault_nothing_is_registered() {
    let house = House::start_with(|config| config.webhooks = None).await;
    let mut department = house.caller(Role::Department).await.webhooks();
    let request = create("https://hooks.example/", "k");
    let status = department
        .create_webhook_endpoint(request)
        .await
        .unwrap_err();
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "WEBHOOKS_NOT_CONFIGURED"
    );
    house.stop().await;
}

#[tokio::test]
async fn json_over_http_registers_changes_lists_and_deletes() {
    let house = House::start().await;
    let (client, token) = (http_client(), house.token(Role::Department));
    let call = async |verb: reqwest::Method, path: &str, body: serde_json::Value| {
        let request = client.request(verb, house.url(path)).bearer_auth(&token);
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json::<serde_json::Value>().await.unwrap()
    };
    let body = serde_json::json!({"url": "https://hooks.example/", "idempotencyKey": "k"});
    let path = "/v1/billers/rvd/webhookEndpoints";
    let made = call(reqwest::Method::POST, path, body).await;
    let own = format!("/v1/{}", made["name"].as_str().unwrap());
    let body = serde_json::json!({"disabled": true, "eventTypes": {"types": ["bill.paid"]}});
    let changed = call(reqwest::Method::PATCH, &own, body).await;
    assert_eq!(changed["state"], "WEBHOOK_ENDPOINT_STATE_DISABLED");
    assert_eq!(changed["eventTypes"], serde_json::json!(["bill.paid"]));
    assert_eq!(
        changed["url"], "https://hooks.example/",
        "what is unset stays"
    );
    let none = serde_json::json!({});
    let listed = call(reqwest::Method::GET, path, none.clone()).await;
    assert_eq!(listed["webhookEndpoints"].as_array().unwrap().len(), 1);
    let gone = call(reqwest::Method::DELETE, &own, none.clone()).await;
    assert_eq!(gone["state"], "WEBHOOK_ENDPOINT_STATE_DELETED");
    let listed = call(reqwest::Method::GET, path, none).await;
    assert_eq!(listed, serde_json::json!({}));
    house.stop().await;
}

#[tokio::test]
async fn deliveries_are_listed_page_by_page() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.webhooks();
    let request = create("https://hooks.example/", "k");
    let made = department.create_webhook_endpoint(request).await.unwrap();
    let name = made.into_inner().name;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let request = v1::TestWebhookEndpointRequest { name: name.clone() };
        let answer = department.test_webhook_endpoint(request).await.unwrap();
        sent.push(answer.into_inner().event);
    }
    let (mut listed, mut token) = (Vec::new(), String::new());
    loop {
        let request = v1::ListWebhookDeliveriesRequest {
            parent: name.clone(),
            page_size: 2,
            page_token: token,
            ..Default::default()
        };
        let page = department.list_webhook_deliveries(request).await.unwrap();
        let page = page.into_inner();
        assert!(
            page.deliveries
                .iter()
                .all(|one| one.state() == v1::WebhookDeliveryState::Waiting
                    && one.event_type == "webhook.test")
        );
        listed.extend(page.deliveries.into_iter().map(|one| one.event));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    listed.reverse();
    assert_eq!(listed, sent);
    let request = v1::ListWebhookDeliveriesRequest {
        parent: name,
        page_token: "AAAA".to_owned(),
        ..Default::default()
    };
    let status = department
        .list_webhook_deliveries(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    house.stop().await;
}
