//! Everything that is held of a person is given to the person, and to who answers a request of access, whole and page by page; who asked is
//! written down.

use epay_gateway::Role;
use epay_proto::v1;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::people::{EMAIL, IDENTITY, People, people, somebody, told};
use crate::support::{BILL_TYPE, House, number};

/// A person who follows two accounts and has changed something since; the name.
async fn person(house: &House, portal: &mut People) -> String {
    let made = portal.create_subscriber(somebody()).await.unwrap();
    let made = made.into_inner();
    for body in [1, 2] {
        house.bill(&number(body), 100).await;
        let wish = v1::CreateSubscriptionRequest {
            parent: made.name.clone(),
            bill_type: BILL_TYPE.to_owned(),
            number: number(body),
            ..v1::CreateSubscriptionRequest::default()
        };
        portal.create_subscription(wish).await.unwrap();
    }
    let change = v1::UpdateSubscriberRequest {
        name: made.name.clone(),
        reminders: Some(false),
        consent: made.consent.clone(),
        ..v1::UpdateSubscriberRequest::default()
    };
    portal.update_subscriber(change).await.unwrap();
    made.name
}

/// Two notices of the person, as the planner would have written them.
async fn notices(house: &House, name: &str) {
    let client = house.database.pool().get().await.unwrap();
    let insert = "INSERT INTO epay.notice (notice_id, person_id, biller_id, bill_id, kind, name, expires_at, state, details, created_at, \
                  changed_at) SELECT gen_random_uuid(), $1, biller_id, bill_id, 'bill_ready', 'bill_ready/issued', now(), 'created', \
                  '[{\"field\": \"account_tail\", \"value\": \"9011\"}]', now(), now() FROM epay.bill";
    let id: uuid::Uuid = name.strip_prefix("subscribers/").unwrap().parse().unwrap();
    assert_eq!(client.execute(insert, &[&id]).await.unwrap(), 2);
}

fn asked(name: &str, case: &str, page_token: &str) -> v1::ExportSubscriberRequest {
    v1::ExportSubscriberRequest {
        name: name.to_owned(),
        case_reference: case.to_owned(),
        page_size: 1,
        page_token: page_token.to_owned(),
    }
}

/// Every page of one row each, joined.
async fn whole(caller: &mut People, name: &str, case: &str) -> v1::ExportSubscriberResponse {
    let mut whole = v1::ExportSubscriberResponse::default();
    loop {
        let request = asked(name, case, &whole.next_page_token);
        let page = caller
            .export_subscriber(request)
            .await
            .unwrap()
            .into_inner();
        let rows = page.consents.len() + page.contact_reads.len() + page.notices.len();
        assert!(rows <= 1, "a page has no more than was asked for");
        whole.subscriber = whole.subscriber.or(page.subscriber);
        whole.subscriptions.extend(page.subscriptions);
        whole.consents.extend(page.consents);
        whole.contact_reads.extend(page.contact_reads);
        whole.notices.extend(page.notices);
        whole.next_page_token = page.next_page_token;
        if whole.next_page_token.is_empty() {
            return whole;
        }
    }
}

#[tokio::test]
async fn a_person_is_given_everything_that_is_held_of_them() {
    let house = House::start().await;
    let mut portal = people(&house.caller(Role::CitizenPortal).await);
    let name = person(&house, &mut portal).await;
    notices(&house, &name).await;
    let file = whole(&mut portal, &name, "").await;

    let shown = file.subscriber.unwrap();
    let addresses = shown.contact_points.iter().map(|one| one.address.as_str());
    assert_eq!(
        addresses.collect::<Vec<_>>(),
        [IDENTITY, "+85261230001", EMAIL]
    );
    assert!(!shown.reminders, "as it is now");
    let accounts = file.subscriptions.iter().map(|one| one.account.as_str());
    for (account, body) in accounts.zip([1, 2]) {
        assert!(number(body).starts_with(account) && account.len() > 4);
    }
    assert_eq!(file.subscriptions.len(), 2);
    let given = file
        .consents
        .iter()
        .map(|one| (one.given, one.version.as_str()));
    assert_eq!(given.collect::<Vec<_>>(), [(true, "2026-11"); 2]);
    let purposes = file.contact_reads.iter().map(|one| one.purpose.as_str());
    let expected = ["answer_request", "show_to_owner", "show_to_owner"];
    assert_eq!(
        purposes.collect::<Vec<_>>(),
        expected,
        "this look among them"
    );
    assert_eq!(file.notices.len(), 2);
    for notice in &file.notices {
        assert_eq!(
            (notice.kind.as_str(), notice.state.as_str()),
            ("bill_ready", "created")
        );
        assert!(notice.details.contains("9011"), "{notice:?}");
    }
    house.stop().await;
}

#[tokio::test]
async fn staff_say_which_request_they_answer_and_it_is_written_down() {
    let house = House::start().await;
    let mut portal = people(&house.caller(Role::CitizenPortal).await);
    let name = person(&house, &mut portal).await;
    let mut auditor = people(&house.caller(Role::Auditor).await);
    for case in ["", "  "] {
        let refused = auditor.export_subscriber(asked(&name, case, "")).await;
        let refused = refused.unwrap_err();
        assert_eq!(told(&refused).0, Code::InvalidArgument, "{case:?}");
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(fields[0].field, "case_reference");
    }
    let page = auditor
        .export_subscriber(asked(&name, "DAR 2026/17", ""))
        .await;
    let page = page.unwrap().into_inner();
    // A token is good for its own case and person alone, and says nothing that is not a place.
    for (case, token) in [
        ("DAR 2026/18", page.next_page_token.as_str()),
        ("DAR 2026/17", "AAAA"),
    ] {
        let refused = auditor.export_subscriber(asked(&name, case, token)).await;
        assert_eq!(
            told(&refused.unwrap_err()).0,
            Code::InvalidArgument,
            "{case}"
        );
    }
    let list = v1::ListContactReadsRequest {
        parent: name.clone(),
        page_size: 1,
        ..v1::ListContactReadsRequest::default()
    };
    let reads = auditor.list_contact_reads(list).await.unwrap().into_inner();
    let read = &reads.contact_reads[0];
    let looked = (
        read.purpose.as_str(),
        read.case_reference.as_str(),
        read.channels.len(),
    );
    assert_eq!(looked, ("answer_request", "DAR 2026/17", 3));

    let erase = v1::EraseSubscriberRequest { name: name.clone() };
    portal.erase_subscriber(erase).await.unwrap();
    let gone = auditor
        .export_subscriber(asked(&name, "DAR 2026/17", ""))
        .await;
    assert_eq!(
        told(&gone.unwrap_err()).0,
        Code::NotFound,
        "nothing is left to give"
    );
    house.stop().await;
}
