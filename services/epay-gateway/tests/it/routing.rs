//! Why a payment goes by its rail, by gRPC and in JSON.

use epay_gateway::Role;
use epay_proto::v1;
use serde_json::{Value, json};
use tonic::Code;

use crate::support::{House, RAIL, http_client, number};

#[tokio::test]
async fn why_a_payment_goes_by_its_rail_is_told_to_those_who_look_after_it() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 372_000).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let request = v1::CreatePaymentRequest {
        bill: bill.name.clone(),
        method: "fps_qr".to_owned(),
        idempotency_key: "k".to_owned(),
        ..Default::default()
    };
    let payment = portal.create_payment(request).await.unwrap().into_inner();
    let request = v1::GetPaymentRoutingRequest {
        payment: payment.name.clone(),
    };
    for role in [Role::Finance, Role::Department, Role::Auditor] {
        let mut payments = house.caller(role).await.payments();
        let told = payments.get_payment_routing(request.clone()).await;
        let told = told.unwrap().into_inner();
        assert_eq!(told.name, format!("{}/routing", payment.name));
        assert_eq!((told.rail.as_str(), told.method.as_str()), (RAIL, "fps_qr"));
        let [first] = told.decisions.as_slice() else {
            panic!("one decision: {told:?}");
        };
        assert_eq!((first.rail.as_str(), first.left_rail.as_str()), (RAIL, ""));
        assert_eq!(first.time, payment.create_time);
        let chosen = first.candidates.iter().find(|one| one.chosen).unwrap();
        assert_eq!(chosen.rail, RAIL);
        assert_eq!(chosen.reasons, Vec::<String>::new());
        assert_eq!(chosen.fee.as_ref().unwrap().currency_code, "HKD");
        assert_eq!(chosen.health, Some(v1::RailHealth::default()));
    }
    let refused = portal.get_payment_routing(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let answer = http_client()
        .get(house.url(&format!("/v1/{}/routing", payment.name)))
        .bearer_auth(house.token(Role::Auditor))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let told: Value = answer.json().await.unwrap();
    assert_eq!(told["rail"], json!(RAIL));
    assert_eq!(told["decisions"][0]["rail"], json!(RAIL));
    let other = &told["decisions"][0]["candidates"][0];
    assert_eq!(other["reasons"], json!(["method_not_carried"]), "{other}");
    house.stop().await;
}
