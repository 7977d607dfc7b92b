//! Refunds by two people.

use epay_gateway::Role;
use epay_proto::v1;
use tonic_types::StatusExt as _;

use crate::support::{House, notice, signed};

/// Money that fits no bill, booked in suspense.
async fn unidentified(house: &House) -> v1::Receipt {
    let body = notice("B1", "12.34", "EP0123456789ABCDEFGH");
    let answer = signed(house, "m-1", &body).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let mut finance = house.caller(Role::Finance).await.bills();
    let request = v1::ListReceiptsRequest {
        parent: "billers/rvd".to_owned(),
        ..Default::default()
    };
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let page = finance.list_receipts(request.clone()).await.unwrap();
        if let Some(receipt) = page.into_inner().receipts.into_iter().next() {
            return receipt;
        }
        let now = tokio::time::Instant::now();
        assert!(now < until, "the credit was never booked");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_refund_is_asked_for_by_one_person_and_decided_once_by_another() {
    let house = House::start().await;
    let receipt = unidentified(&house).await.name;
    let mut clerk = house.caller(Role::Clerk).await.refunds();
    let request = v1::CreateRefundRequest {
        receipt: receipt.clone(),
        reason: "paid by mistake".to_owned(),
        idempotency_key: "r-1".to_owned(),
        ..Default::default()
    };
    let asked = clerk
        .create_refund(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(asked.state(), v1::RefundState::Proposed);
    assert_eq!(asked.source(), v1::RefundSource::Unapplied);
    assert_eq!(asked.amount.clone().unwrap().minor_units, 1_234);
    let again = clerk.create_refund(request.clone()).await.unwrap();
    assert_eq!(again.into_inner().name, asked.name, "one key, one refund");
    let mut second = request;
    second.idempotency_key = "r-2".to_owned();
    let status = clerk.create_refund(second).await.unwrap_err();
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "NOT_REFUNDABLE"
    );
    let mut supervisor = house.caller(Role::Supervisor).await.proposals();
    let request = v1::ListProposalsRequest {
        parent: "billers/-".to_owned(),
        state: v1::ProposalState::Waiting.into(),
        ..Default::default()
    };
    let waiting = supervisor.list_proposals(request).await.unwrap();
    let proposal = waiting.into_inner().proposals.into_iter().next().unwrap();
    assert_eq!(
        (&proposal.name, &proposal.subject),
        (&asked.proposal, &asked.name)
    );
    let request = v1::RejectProposalRequest {
        name: proposal.name.clone(),
        reason: "the payer must prove it".to_owned(),
    };
    let decided = supervisor.reject_proposal(request).await.unwrap();
    assert_eq!(decided.into_inner().state(), v1::ProposalState::Declined);
    let request = v1::ApproveProposalRequest {
        name: proposal.name,
        reason: String::new(),
    };
    let status = supervisor.approve_proposal(request).await.unwrap_err();
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "ALREADY_DECIDED"
    );
    let request = v1::GetRefundRequest { name: asked.name };
    let refused = clerk.get_refund(request).await.unwrap().into_inner();
    assert_eq!(refused.state(), v1::RefundState::Refused);
    house.stop().await;
}
