//! Requests about people who are told of bills.

use epay_gateway::Method;
use epay_proto::v1;
use prost::Message as _;

use super::ID;

/// A well-formed request about a person.
pub(super) fn request(method: Method) -> Vec<u8> {
    let name = format!("subscribers/{ID}");
    match method {
        Method::CreateSubscriber => v1::CreateSubscriberRequest {
            subscriber: Some(v1::Subscriber {
                consent: Some(v1::NoticeConsent {
                    version: "walk".to_owned(),
                    time: Some(epay_proto::pbjson_types::Timestamp::default()),
                }),
                ..Default::default()
            }),
            subscriber_id: String::new(),
        }
        .encode_to_vec(),
        Method::FindSubscriber => v1::FindSubscriberRequest {
            iam_smart_id: "walk".to_owned(),
        }
        .encode_to_vec(),
        Method::GetSubscriber => v1::GetSubscriberRequest { name }.encode_to_vec(),
        Method::UpdateSubscriber => v1::UpdateSubscriberRequest {
            name,
            ..Default::default()
        }
        .encode_to_vec(),
        Method::EraseSubscriber => v1::EraseSubscriberRequest { name }.encode_to_vec(),
        Method::ExportSubscriber => v1::ExportSubscriberRequest {
            name,
            case_reference: "walk".to_owned(),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::CreateSubscription => v1::CreateSubscriptionRequest {
            parent: name,
            bill_type: "rvd-rates".to_owned(),
            number: "00000000000".to_owned(),
            ..Default::default()
        }
        .encode_to_vec(),
        Method::ListSubscriptions => v1::ListSubscriptionsRequest { parent: name }.encode_to_vec(),
        Method::DeleteSubscription => v1::DeleteSubscriptionRequest {
            name: format!("{name}/subscriptions/{ID}"),
        }
        .encode_to_vec(),
        Method::CreateContactForm => v1::CreateContactFormRequest {
            iam_smart_id: "walk".to_owned(),
            state: "walk".to_owned(),
        }
        .encode_to_vec(),
        Method::FetchContactForm => v1::FetchContactFormRequest {
            name: format!("contactForms/{ID}"),
            iam_smart_id: "walk".to_owned(),
        }
        .encode_to_vec(),
        Method::DiscardContactForm => v1::DiscardContactFormRequest {
            name: format!("contactForms/{ID}"),
            iam_smart_id: "walk".to_owned(),
        }
        .encode_to_vec(),
        Method::ListContactReads => v1::ListContactReadsRequest {
            parent: "subscribers/-".to_owned(),
            ..Default::default()
        }
        .encode_to_vec(),
        other => unreachable!("{other:?} is about no person"),
    }
}
