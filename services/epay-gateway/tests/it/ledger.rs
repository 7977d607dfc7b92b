//! `LedgerService`: what a receipt did to the books, and that they balance.

use epay_gateway::Role;
use epay_proto::v1;
use tonic::Code;

use crate::payments::paid;
use crate::support::{House, hkd, http_client};

fn balance<'a>(accounts: &'a [v1::Account], code: &str) -> &'a v1::Account {
    accounts
        .iter()
        .find(|account| account.code.starts_with(code))
        .unwrap()
}

#[tokio::test]
async fn a_receipt_is_a_balanced_journal_that_the_accounts_show() {
    let house = House::start().await;
    let (bill, payment) = paid(&house).await;
    let department = house.caller(Role::Department).await;
    let receipts = v1::ListReceiptsRequest {
        parent: "billers/rvd".to_owned(),
        bill: bill.name,
        ..Default::default()
    };
    let receipt = department
        .bills()
        .list_receipts(receipts)
        .await
        .unwrap()
        .into_inner()
        .receipts
        .remove(0);
    assert_eq!(receipt.payment, payment.name);

    let mut ledger = department.ledger();
    let name = v1::GetJournalRequest {
        name: receipt.journal.clone(),
    };
    let journal = ledger.get_journal(name).await.unwrap().into_inner();
    assert_eq!(journal.kind, "receipt");
    let debit: i64 = journal
        .entries
        .iter()
        .filter_map(|entry| entry.debit.as_ref())
        .map(|a| a.minor_units)
        .sum();
    let credit: i64 = journal
        .entries
        .iter()
        .filter_map(|entry| entry.credit.as_ref())
        .map(|a| a.minor_units)
        .sum();
    assert_eq!((debit, credit), (372_000, 372_000));
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| entry.debit.is_some() != entry.credit.is_some())
    );

    let parent = "billers/rvd".to_owned();
    let accounts = ledger
        .list_accounts(v1::ListAccountsRequest { parent })
        .await
        .unwrap()
        .into_inner()
        .accounts;
    let payable = balance(&accounts, "2010");
    assert_eq!(
        (payable.natural_side.as_str(), payable.balance.clone()),
        ("credit", Some(hkd(372_000)))
    );
    let clearing = balance(&accounts, "1110");
    assert_eq!(
        (clearing.natural_side.as_str(), clearing.balance.clone()),
        ("debit", Some(hkd(372_000)))
    );
    house.stop().await;
}

#[tokio::test]
async fn the_trial_balance_adds_up_now_and_before_and_over_all_books() {
    let house = House::start().await;
    let before = house.engine.now();
    paid(&house).await;
    let mut finance = house.caller(Role::Finance).await.ledger();
    for parent in ["billers/rvd", "billers/-"] {
        let request = v1::GetTrialBalanceRequest {
            parent: parent.to_owned(),
            ..Default::default()
        };
        let trial = finance
            .get_trial_balance(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(trial.total_debit, trial.total_credit, "{parent}");
        assert!(trial.total_debit.unwrap().minor_units >= 372_000);
        assert!(
            trial
                .accounts
                .iter()
                .all(|account| account.name.starts_with(&format!("{parent}/accounts/")))
        );

        let as_of = Some(epay_proto::pbjson_types::Timestamp {
            seconds: before.as_second(),
            nanos: before.subsec_nanosecond(),
        });
        let empty = finance
            .get_trial_balance(v1::GetTrialBalanceRequest {
                as_of,
                ..request.clone()
            })
            .await
            .unwrap()
            .into_inner();
        assert_eq!((empty.accounts.len(), empty.total_debit), (0, Some(hkd(0))));
        let yuan = v1::GetTrialBalanceRequest {
            currency_code: "CNY".to_owned(),
            ..request
        };
        assert!(
            finance
                .get_trial_balance(yuan)
                .await
                .unwrap()
                .into_inner()
                .accounts
                .is_empty()
        );
    }
    let mut department = house.caller(Role::Department).await.ledger();
    let all = v1::GetTrialBalanceRequest {
        parent: "billers/-".to_owned(),
        ..Default::default()
    };
    assert_eq!(
        department.get_trial_balance(all).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    house.stop().await;
}

#[tokio::test]
async fn journals_are_listed_by_account_and_source_a_page_at_a_time() {
    let house = House::start().await;
    paid(&house).await;
    let mut auditor = house.caller(Role::Auditor).await.ledger();
    let mut request = v1::ListJournalsRequest {
        parent: "billers/rvd".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let mut journals = Vec::new();
    loop {
        let page = auditor
            .list_journals(request.clone())
            .await
            .unwrap()
            .into_inner();
        journals.extend(page.journals);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let receipt = journals
        .iter()
        .find(|journal| journal.kind == "receipt")
        .unwrap();
    let by = |account: &str, source: &str| v1::ListJournalsRequest {
        parent: "billers/rvd".to_owned(),
        account: account.to_owned(),
        source: source.to_owned(),
        ..Default::default()
    };
    let account = &receipt.entries[0].account;
    for (request, expected) in [
        (by(account, ""), true),
        (by("", &receipt.source), true),
        (by("9010", ""), false),
    ] {
        let found = auditor
            .list_journals(request)
            .await
            .unwrap()
            .into_inner()
            .journals;
        assert_eq!(
            found.iter().any(|journal| journal.name == receipt.name),
            expected
        );
    }
    let status = auditor.list_journals(by("no code", "")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);

    let elsewhere = receipt.name.replace("billers/rvd", "billers/wsd");
    let status = auditor
        .get_journal(v1::GetJournalRequest { name: elsewhere })
        .await
        .unwrap_err();
    assert_eq!(
        status.code(),
        Code::NotFound,
        "a journal is found in its own book only"
    );
    house.stop().await;
}

#[tokio::test]
async fn the_trial_balance_is_readable_as_json() {
    let house = House::start().await;
    paid(&house).await;
    let url = house.url("/v1/billers/rvd/trialBalance");
    let answer = http_client()
        .get(url)
        .bearer_auth(house.token(Role::Department))
        .send()
        .await
        .unwrap();
    let trial: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(trial["totalDebit"], trial["totalCredit"]);
    assert!(
        trial["accounts"]
            .as_array()
            .is_some_and(|accounts| accounts.len() >= 2)
    );
    house.stop().await;
}

#[tokio::test]
async fn a_period_is_closed_by_two_people_and_listed() {
    let house = House::start().await;
    let clerk = house.caller(Role::Clerk).await;
    let controller = house.caller(Role::Controller).await;
    let name = "billers/rvd/periods/fy2024-25".to_owned();
    let propose = async |name: &str| {
        let request = v1::ProposePeriodCloseRequest {
            name: name.to_owned(),
            reason: "the books agree".to_owned(),
            idempotency_key: "close-1".to_owned(),
        };
        clerk.ledger().propose_period_close(request).await
    };
    let malformed = propose("billers/rvd/periods/2025-13").await.unwrap_err();
    assert_eq!(malformed.code(), Code::InvalidArgument);
    let proposal = propose(&name).await.unwrap().into_inner();
    assert_eq!(
        (proposal.kind.as_str(), proposal.subject.as_str()),
        ("period_close", name.as_str())
    );
    let periods = async || {
        let request = v1::ListPeriodsRequest {
            parent: "billers/rvd".to_owned(),
        };
        let found = controller.ledger().list_periods(request).await;
        found.unwrap().into_inner().periods
    };
    assert_eq!(periods().await, [], "one person is not enough");
    let approve = v1::ApproveProposalRequest {
        name: proposal.name.clone(),
        reason: "seen".to_owned(),
    };
    let approved = controller.proposals().approve_proposal(approve).await;
    let approved = approved.unwrap().into_inner();
    assert_eq!(approved.state(), v1::ProposalState::Approved);
    house.engine.carry_out_proposals().await.unwrap();
    let [period] = &periods().await[..] else {
        unreachable!("one period was closed");
    };
    assert_eq!((&period.name, period.closed), (&name, true));
    assert_eq!(period.proposal, proposal.name);
    let last_day = period.last_day.as_ref().unwrap();
    assert_eq!(last_day.iso, "2025-03-31");
    house.stop().await;
}
