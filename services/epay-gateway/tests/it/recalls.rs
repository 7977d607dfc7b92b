//! Recalls: a payer's bank wants a payment back, and people decide.

use epay_gateway::Role;
use epay_proto::v1;
use tonic_types::StatusExt as _;

use crate::support::{ACCOUNT, House, signed};

/// A bank's request for a credit that nobody knows.
fn request(case: &str) -> String {
    let party = "<Pty><Nm>TEST bank</Nm></Pty>";
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.056.001.08\"><FIToFIPmtCxlReq><Assgnmt><Id>{case}</Id>\
         <Assgnr>{party}</Assgnr><Assgne>{party}</Assgne><CreDtTm>2026-01-21T09:00:00+08:00</CreDtTm></Assgnmt>\
         <Undrlyg><TxInf><CxlId>{case}</CxlId><OrgnlIntrBkSttlmAmt Ccy=\"HKD\">12.34</OrgnlIntrBkSttlmAmt>\
         <CxlRsnInf><Rsn><Cd>FRAD</Cd></Rsn></CxlRsnInf><OrgnlTxRef><CdtrAcct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id>\
         </CdtrAcct></OrgnlTxRef></TxInf></Undrlyg></FIToFIPmtCxlReq></Document>"
    )
}

/// The recalls of the department, once there are some.
async fn listed(house: &House, role: Role) -> Vec<v1::Recall> {
    let mut caller = house.caller(role).await.operations();
    let request = v1::ListRecallsRequest {
        parent: "billers/rvd".to_owned(),
        ..Default::default()
    };
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let page = caller.list_recalls(request.clone()).await.unwrap();
        let found = page.into_inner().recalls;
        if !found.is_empty() {
            return found;
        }
        let now = tokio::time::Instant::now();
        assert!(now < until, "the recall was never written down");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_recall_is_shown_to_the_department_and_declined_by_a_clerk_in_words_that_a_bank_can_carry()
 {
    let house = House::start().await;
    let answer = signed(&house, "c-1", &request("C-1")).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let recall = listed(&house, Role::Department).await.remove(0);
    assert_eq!(recall.direction(), v1::RecallDirection::Wanted);
    assert_eq!(recall.state(), v1::RecallState::Waiting);
    assert_eq!(recall.reason, "FRAD");
    assert_eq!(recall.amount.clone().unwrap().minor_units, 1_234);

    let mut clerk = house.caller(Role::Clerk).await.operations();
    let give_back = v1::ReturnRecallRequest {
        name: recall.name.clone(),
        idempotency_key: "k-1".to_owned(),
        ..Default::default()
    };
    let status = clerk.return_recall(give_back).await.unwrap_err();
    let violation = status.get_details_bad_request().unwrap();
    assert_eq!(violation.field_violations[0].field, "receipt");

    for (reason, expected) in [
        ("x".repeat(106), "FIELD_TOO_LONG"),
        ("two\nlines".to_owned(), "FIELD_MALFORMED"),
    ] {
        let decline = v1::DeclineRecallRequest {
            name: recall.name.clone(),
            reason,
        };
        let status = clerk.decline_recall(decline).await.unwrap_err();
        let violation = status.get_details_bad_request().unwrap();
        assert_eq!(violation.field_violations[0].reason, expected);
    }
    let decline = v1::DeclineRecallRequest {
        name: recall.name.clone(),
        reason: "the payment was owed".to_owned(),
    };
    let declined = clerk.decline_recall(decline.clone()).await.unwrap();
    assert_eq!(declined.into_inner().state(), v1::RecallState::Declined);
    let mut other = decline;
    other.reason = "another reason".to_owned();
    let status = clerk.decline_recall(other).await.unwrap_err();
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "RECALL_NOT_WAITING"
    );
    house.stop().await;
}
