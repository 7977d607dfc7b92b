//! People come, are shown masked, subscribe to accounts that they can show a bill of, and are forgotten.

use epay_contact::{CONTACT_ROLE, ContactKeys, Contacts};
use epay_gateway::{LookupLimits, Role};
use epay_pg::PoolOptions;
use epay_pg::testing::TestDatabase;
use epay_proto::pbjson_types::Timestamp;
use epay_proto::v1;
use epay_proto::v1::notification_service_client::NotificationServiceClient;
use serde_json::{Value, json};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{BILL_TYPE, Bearer, Caller, House, PENALTY, http_client, new_bill, number};

pub(crate) const TELEPHONE: &str = "6123 0001";
pub(crate) const EMAIL: &str = "canary@example.org";
pub(crate) const IDENTITY: &str = "tokenised-id-of-nobody";

pub(crate) type People = NotificationServiceClient<InterceptedService<Channel, Bearer>>;

/// Contacts in the test's own database.
pub(crate) fn contacts(database: &TestDatabase) -> Contacts {
    let pool = database.pool_with(PoolOptions {
        size: 2,
        role: Some(CONTACT_ROLE.to_owned()),
        ..PoolOptions::named("epay test")
    });
    Contacts::new(pool, ContactKeys::new(&[vec![7; 32].into()]).unwrap())
}

pub(crate) fn people(caller: &Caller) -> People {
    NotificationServiceClient::with_interceptor(caller.channel.clone(), caller.bearer.clone())
}

fn point(channel: v1::NoticeChannel, address: &str) -> v1::ContactPoint {
    v1::ContactPoint {
        channel: channel.into(),
        address: address.to_owned(),
    }
}

pub(crate) fn somebody() -> v1::CreateSubscriberRequest {
    v1::CreateSubscriberRequest {
        subscriber: Some(v1::Subscriber {
            language: v1::NoticeLanguage::TraditionalChinese.into(),
            channels: vec![
                v1::NoticeChannel::IamSmart.into(),
                v1::NoticeChannel::Sms.into(),
            ],
            reminders: true,
            quiet_hours: Some(v1::QuietHours {
                start: "22:00".to_owned(),
                end: "08:00".to_owned(),
            }),
            contact_points: vec![
                point(v1::NoticeChannel::IamSmart, IDENTITY),
                point(v1::NoticeChannel::Sms, TELEPHONE),
                point(v1::NoticeChannel::Email, EMAIL),
            ],
            consent: Some(v1::NoticeConsent {
                version: "2026-11".to_owned(),
                time: Some(Timestamp {
                    seconds: 1_795_400_000,
                    nanos: 0,
                }),
            }),
            ..v1::Subscriber::default()
        }),
        subscriber_id: String::new(),
    }
}

/// Code and reason, and that no address is quoted.
pub(crate) fn told(status: &Status) -> (Code, String) {
    let quoted = format!("{status:?}");
    for secret in [TELEPHONE, EMAIL, IDENTITY, "canary", "61230001"] {
        assert!(!quoted.contains(secret), "{quoted}");
    }
    let reason = status.get_details_error_info().map(|info| info.reason);
    (status.code(), reason.unwrap_or_default())
}

#[tokio::test]
async fn a_person_comes_is_found_changes_and_is_forgotten() {
    let house = House::start().await;
    let mut portal = people(&house.caller(Role::CitizenPortal).await);
    let made = portal
        .create_subscriber(somebody())
        .await
        .unwrap()
        .into_inner();
    let masked: Vec<&str> = made
        .contact_points
        .iter()
        .map(|one| one.address.as_str())
        .collect();
    assert_eq!(masked, ["", "•••• 001", "c•••@example.org"]);
    assert_eq!(made.quiet_hours, somebody().subscriber.unwrap().quiet_hours);
    assert_eq!(made.consent, somebody().subscriber.unwrap().consent);

    let again = portal.create_subscriber(somebody()).await.unwrap_err();
    assert_eq!(
        told(&again),
        (Code::AlreadyExists, "SUBSCRIBER_EXISTS".to_owned())
    );
    let mut find = async |id: &str| {
        let iam_smart_id = id.to_owned();
        portal
            .find_subscriber(v1::FindSubscriberRequest { iam_smart_id })
            .await
    };
    assert_eq!(find(IDENTITY).await.unwrap().into_inner().name, made.name);
    let nobody = find("canary-of-nobody").await.unwrap_err();
    assert_eq!(told(&nobody), (Code::NotFound, "NOT_FOUND".to_owned()));

    let change = v1::UpdateSubscriberRequest {
        name: made.name.clone(),
        etag: made.etag.clone(),
        reminders: Some(false),
        quiet_hours: Some(v1::QuietHours::default()),
        removed_channels: vec![v1::NoticeChannel::Sms.into()],
        ..v1::UpdateSubscriberRequest::default()
    };
    let changed = portal
        .update_subscriber(change.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(changed.channels, [i32::from(v1::NoticeChannel::IamSmart)]);
    assert!(!changed.reminders && changed.quiet_hours.is_none());
    let late = portal.update_subscriber(change).await.unwrap_err();
    assert_eq!(told(&late), (Code::Aborted, "ETAG_DIFFERS".to_owned()));

    forgotten_and_written_down(&house, &mut portal, &made).await;
    house.stop().await;
}

/// The person is forgotten, and every answer that opened an address is on the auditor's list.
async fn forgotten_and_written_down(house: &House, portal: &mut People, made: &v1::Subscriber) {
    let name = made.name.clone();
    portal
        .erase_subscriber(v1::EraseSubscriberRequest { name })
        .await
        .unwrap();
    let name = made.name.clone();
    let gone = portal
        .get_subscriber(v1::GetSubscriberRequest { name })
        .await
        .unwrap_err();
    assert_eq!(told(&gone), (Code::NotFound, "NOT_FOUND".to_owned()));

    let mut auditor = people(&house.caller(Role::Auditor).await);
    let list = |page_token: &str| v1::ListContactReadsRequest {
        parent: made.name.clone(),
        page_size: 2,
        page_token: page_token.to_owned(),
    };
    let first = auditor
        .list_contact_reads(list(""))
        .await
        .unwrap()
        .into_inner();
    let second = auditor
        .list_contact_reads(list(&first.next_page_token))
        .await
        .unwrap();
    let reads = [first.contact_reads, second.into_inner().contact_reads].concat();
    // Made, found and changed: each answer opened what it masks.
    assert_eq!(reads.len(), 3);
    assert!(
        reads.iter().all(|read| read.purpose == "show_to_owner"),
        "{reads:?}"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_person_is_said_by_field_and_never_quoted() {
    let house = House::start().await;
    let mut portal = people(&house.caller(Role::CitizenPortal).await);
    type Spoil = fn(&mut v1::Subscriber);
    let rows: [(Spoil, &str, &str); 8] = [
        (
            |one| one.contact_points[2].address = "canary@@example.org".to_owned(),
            "subscriber.contact_points.address",
            "EMAIL_ADDRESS",
        ),
        (
            |one| one.contact_points[1].address = "canary 61230001".to_owned(),
            "subscriber.contact_points.address",
            "TELEPHONE_NUMBER",
        ),
        (
            |one| one.contact_points[0].address = "canary and a space".to_owned(),
            "subscriber.contact_points.address",
            "IDENTITY",
        ),
        (
            |one| one.contact_points[0].channel = 99,
            "subscriber.contact_points.channel",
            "CHANNEL_UNKNOWN",
        ),
        (
            |one| one.contact_points.truncate(1),
            "channels",
            "CHANNEL_WITHOUT_CONTACT_POINT",
        ),
        (
            |one| one.language = 99,
            "subscriber.language",
            "LANGUAGE_UNKNOWN",
        ),
        (
            |one| one.quiet_hours.as_mut().unwrap().end = "8:00".to_owned(),
            "subscriber.quiet_hours.end",
            "FIELD_MALFORMED",
        ),
        (
            |one| one.consent = None,
            "subscriber.consent",
            "FIELD_REQUIRED",
        ),
    ];
    for (spoil, field, reason) in rows {
        let mut asked = somebody();
        spoil(asked.subscriber.as_mut().unwrap());
        let refused = portal.create_subscriber(asked).await.unwrap_err();
        assert_eq!(told(&refused).0, Code::InvalidArgument, "{reason}");
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        let found: Vec<_> = fields
            .iter()
            .map(|one| (one.field.as_str(), one.reason.as_str()))
            .collect();
        assert_eq!(found, [(field, reason)]);
    }
    house.stop().await;
}

#[tokio::test]
async fn whoever_subscribes_shows_a_bill_and_its_second_factor() {
    let house = House::start_with(|config| {
        config.limits.lookups = LookupLimits {
            burst: 27,
            per_second: 1,
            miss_cost: 12,
            ..LookupLimits::default()
        };
    })
    .await;
    let mut department = house.caller(Role::Department).await.bills();
    let mut penalty = new_bill(&number(1), 40_000);
    penalty.second_factor = "AB 1234".to_owned();
    penalty.bill.as_mut().unwrap().bill_type = PENALTY.to_owned();
    department.create_bill(penalty).await.unwrap();
    house.bill(&number(2), 100).await;

    let mut portal = people(&house.caller(Role::CitizenPortal).await);
    let made = portal
        .create_subscriber(somebody())
        .await
        .unwrap()
        .into_inner();
    let parent = made.name;
    let wish = |kind: &str, body: u64, factor: &str| v1::CreateSubscriptionRequest {
        parent: parent.clone(),
        bill_type: kind.to_owned(),
        number: number(body),
        second_factor: factor.to_owned(),
        visitor: "somebody".to_owned(),
    };
    let mut names = vec![];
    for (kind, body, factor) in [
        (BILL_TYPE, 2, ""),
        (PENALTY, 1, "ab-1234"),
        (PENALTY, 1, "AB1234"),
    ] {
        let subscription = portal
            .create_subscription(wish(kind, body, factor))
            .await
            .unwrap();
        let subscription = subscription.into_inner();
        assert!(number(body).ends_with(&subscription.account_tail));
        assert_eq!(
            (
                subscription.bill_type.as_str(),
                subscription.account_tail.len()
            ),
            (kind, 4)
        );
        names.push(subscription.name);
    }
    // Again is the same subscription.
    assert_eq!(names[1], names[2]);
    wrong_and_absent_are_one_answer(&mut portal, wish).await;

    let list = v1::ListSubscriptionsRequest {
        parent: parent.clone(),
    };
    let name = names[0].clone();
    portal
        .delete_subscription(v1::DeleteSubscriptionRequest { name })
        .await
        .unwrap();
    let left = portal.list_subscriptions(list).await.unwrap().into_inner();
    let left: Vec<&str> = left
        .subscriptions
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(left, [&names[1]]);
    house.stop().await;
}

#[tokio::test]
async fn a_new_subscription_is_news_where_somebody_plans_notices_and_nowhere_else() {
    for (tells_people, expected) in [(true, 2), (false, 0)] {
        let house = House::start_with(|config| config.tells_people = tells_people).await;
        let mut department = house.caller(Role::Department).await.bills();
        // Two quarters of one account, and a bill of another.
        for (body, key) in [(1, "one"), (1, "two"), (2, "other")] {
            let mut bill = new_bill(&number(body), 40_000);
            bill.idempotency_key = key.to_owned();
            department.create_bill(bill).await.unwrap();
        }
        let mut portal = people(&house.caller(Role::CitizenPortal).await);
        let made = portal.create_subscriber(somebody()).await.unwrap();
        let wish = v1::CreateSubscriptionRequest {
            parent: made.into_inner().name,
            bill_type: BILL_TYPE.to_owned(),
            number: number(1),
            visitor: "somebody".to_owned(),
            ..v1::CreateSubscriptionRequest::default()
        };
        portal.create_subscription(wish).await.unwrap();
        let client = house.engine.reader().pool().get().await.unwrap();
        let query = "SELECT count(*) FROM epay.notice_news WHERE person_id IS NOT NULL";
        let found: i64 = client.query_one(query, &[]).await.unwrap().get(0);
        assert_eq!(found, expected, "{tells_people}");
        house.stop().await;
    }
}

/// A wrong factor and no such bill are one answer; who tries too often waits.
async fn wrong_and_absent_are_one_answer(
    portal: &mut People,
    wish: impl Fn(&str, u64, &str) -> v1::CreateSubscriptionRequest,
) {
    let wrong = portal
        .create_subscription(wish(PENALTY, 1, "AB1235"))
        .await
        .unwrap_err();
    let absent = portal
        .create_subscription(wish(PENALTY, 3, "AB1234"))
        .await
        .unwrap_err();
    assert_eq!(told(&wrong), (Code::NotFound, "NOT_FOUND".to_owned()));
    assert_eq!(
        (wrong.message(), wrong.details()),
        (absent.message(), absent.details())
    );
    let third = portal
        .create_subscription(wish(PENALTY, 3, "AB1234"))
        .await
        .unwrap_err();
    let waits = portal
        .create_subscription(wish(PENALTY, 1, "AB1234"))
        .await
        .unwrap_err();
    assert_eq!(told(&third).0, Code::NotFound);
    assert_eq!(
        told(&waits),
        (Code::ResourceExhausted, "LOOKUPS_TOO_MANY".to_owned())
    );
}

#[tokio::test]
async fn the_pages_may_speak_json_and_a_gateway_without_keys_says_so() {
    let house = House::start().await;
    let token = house.token(Role::CitizenPortal);
    let post = async |house: &House, path: &str, body: Value, token: &str| {
        let request = http_client().post(house.url(path)).bearer_auth(token);
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap())
    };
    let asked = json!({
        "subscriber": {
            "channels": ["NOTICE_CHANNEL_EMAIL"],
            "contactPoints": [
                {"channel": "NOTICE_CHANNEL_EMAIL", "address": EMAIL},
                {"channel": "NOTICE_CHANNEL_IAM_SMART", "address": IDENTITY},
            ],
            "consent": {"version": "2026-11", "time": "2026-11-23T02:00:00Z"},
        },
    });
    let (status, made) = post(&house, "/v1/subscribers", asked.clone(), &token).await;
    assert_eq!(
        (status, &made["channels"]),
        (200, &json!(["NOTICE_CHANNEL_EMAIL"])),
        "{made}"
    );
    let find = json!({"iamSmartId": IDENTITY});
    let (status, found) = post(&house, "/v1/subscribers:find", find, &token).await;
    assert_eq!((status, &found["name"]), (200, &made["name"]));
    house.stop().await;

    let house = House::start_with(|config| config.contacts = None).await;
    let token = house.token(Role::CitizenPortal);
    let (status, refused) = post(&house, "/v1/subscribers", asked, &token).await;
    assert_eq!(
        (status, &refused["reason"]),
        (400, &json!("CONTACTS_NOT_CONFIGURED")),
        "{refused}"
    );
    house.stop().await;
}
