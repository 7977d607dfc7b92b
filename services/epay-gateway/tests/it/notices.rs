//! The door for rails.

use std::sync::Arc;

use epay_gateway::RailDoor;
use epay_money::RailId;
use epay_proto::v1;
use epay_rail::{
    Acknowledgement, Decoded, Door, Genuine, Inbound, NotGenuine, Order, Outbound, Profile, Rail,
    RailAccountCodes, Refusal, Unreadable, Unverified,
};
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

/// A rail with a proof of its own: the header `x-proof` must repeat the request's target, and the body is a form.
#[derive(Debug)]
struct OwnProof(Profile);

impl OwnProof {
    fn new() -> Self {
        let accounts = RailAccountCodes {
            clearing: "1140.own".to_owned(),
            fee_expense: "5010.own".to_owned(),
            fee_accrued: "2310.own".to_owned(),
        };
        let mut profile = Profile::new(RailId::new("own").unwrap(), "Own", accounts);
        profile.notice_types = &["application/x-www-form-urlencoded"];
        Self(profile)
    }
}

impl Rail for OwnProof {
    fn profile(&self) -> &Profile {
        &self.0
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        Err(Refusal::OrderNotTaken { kind: order.kind() })
    }

    fn decode(&self, _inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        Ok(Decoded::default())
    }

    fn authenticate(&self, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
        let Door::Notice { target } = message.door else {
            return Err(NotGenuine::NoDoor);
        };
        match message.header("x-proof") {
            Some(proof) if proof == target => Ok(Genuine {
                message_id: "own-1".to_owned(),
                key_id: "own-key".to_owned(),
                acknowledgement: Acknowledgement {
                    status: 200,
                    content_type: "text/plain",
                    body: "OK",
                },
            }),
            Some(_) => Err(NotGenuine::BadSignature),
            None => Err(NotGenuine::Missing { name: "x-proof" }),
        }
    }
}

#[tokio::test]
async fn a_rail_with_its_own_proof_is_answered_in_its_own_words() {
    let house = House::start_with(|config| {
        let door = RailDoor {
            rail: Arc::new(OwnProof::new()),
            keys: None,
        };
        config.rail_doors.insert(RailId::new("own").unwrap(), door);
    })
    .await;
    let target = "/rails/own/notices?shop=1";
    let post = |proof: Option<&str>| {
        let request = http_client()
            .post(house.url(target))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("ref=EP1&amount=1.00");
        match proof {
            Some(proof) => request.header("x-proof", proof),
            None => request,
        }
    };
    for _repeat in 0..2 {
        let answer = post(Some(target)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain");
        assert_eq!(answer.text().await.unwrap(), "OK");
    }
    let table = [
        (post(Some("/elsewhere")), "bad_signature"),
        (post(None), "missing"),
        (post(Some(target)).header("x-proof", target), "missing"),
        // Headers of a channel that this rail has no keys for prove nothing.
        (post(None).header("epay-channel-key", "bank-1"), "missing"),
    ];
    for (request, cause) in table {
        let (status, problem) = outcome(request).await;
        assert_eq!(
            (status, &problem["metadata"]["cause"]),
            (401, &json!(cause))
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn a_rail_without_a_proof_of_its_own_takes_nothing_but_the_channel() {
    let house = House::start().await;
    let request = http_client()
        .post(house.url(&format!("/rails/{RAIL}/notices")))
        .header("content-type", "application/xml")
        .body("<Document/>");
    let (status, problem) = outcome(request).await;
    assert_eq!(
        (status, &problem["metadata"]["cause"]),
        (401, &json!("no_door"))
    );
    house.stop().await;
}
