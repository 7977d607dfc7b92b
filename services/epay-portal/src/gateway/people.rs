//! People who agreed to be told of bills, as the gateway keeps them.

use epay_proto::pbjson_types::Timestamp;
use epay_proto::v1;
use epay_proto::v1::notification_service_client::NotificationServiceClient;
use tonic::transport::Channel;

use super::{ANSWER_BYTES_MAX, Failure, Gateway};
use crate::seal::BillLink;
use crate::view::{Account, Change, GivenForm, Person, Way};

/// Most pages of everything that is held of a person.
const EXPORT_PAGES_MAX: usize = 64;
/// Rows on each: an answer stays well below [`ANSWER_BYTES_MAX`].
const EXPORT_PAGE_SIZE: i32 = 500;

impl Gateway {
    /// The person whom iAM Smart knows by this id; nobody, where they never agreed to anything.
    pub(crate) async fn person(&self, iam_smart_id: &str) -> Result<Option<Person>, Failure> {
        let iam_smart_id = iam_smart_id.to_owned();
        let request = self
            .request(v1::FindSubscriberRequest { iam_smart_id })
            .await?;
        match self.people().find_subscriber(request).await {
            Ok(found) => Ok(Some(Person::read(found.into_inner()))),
            Err(status) => match Failure::from(status) {
                Failure::NotFound => Ok(None),
                failure => Err(failure),
            },
        }
    }

    /// Has a person agree for the first time.
    pub(crate) async fn join(
        &self,
        iam_smart_id: &str,
        change: &Change,
    ) -> Result<Person, Failure> {
        let own = v1::ContactPoint {
            channel: v1::NoticeChannel::IamSmart.into(),
            address: iam_smart_id.to_owned(),
        };
        let subscriber = v1::Subscriber {
            language: change.language.into(),
            channels: change
                .channels
                .iter()
                .map(|way| i32::from(way.named()))
                .collect(),
            reminders: change.reminders,
            quiet_hours: change.quiet_hours(),
            contact_points: core::iter::once(own).chain(change.points()).collect(),
            consent: Some(change.consent()),
            ..v1::Subscriber::default()
        };
        let request = self
            .request(v1::CreateSubscriberRequest {
                subscriber: Some(subscriber),
                subscriber_id: String::new(),
            })
            .await?;
        let joined = self.people().create_subscriber(request).await?.into_inner();
        Ok(Person::read(joined))
    }

    /// Changes what a person wants.
    pub(crate) async fn change(&self, person: &Person, change: &Change) -> Result<Person, Failure> {
        let channels = change.channels.iter().map(|way| i32::from(way.named()));
        let removed = change.removed.iter().map(|way| i32::from(way.named()));
        let request = self
            .request(v1::UpdateSubscriberRequest {
                name: person.name.clone(),
                etag: change.etag.clone(),
                language: change.language.into(),
                channels: Some(v1::NoticeChannels {
                    channels: channels.collect(),
                }),
                reminders: Some(change.reminders),
                quiet_hours: Some(change.quiet_hours().unwrap_or_default()),
                contact_points: change.points().collect(),
                removed_channels: removed.collect(),
                consent: Some(change.consent()),
            })
            .await?;
        let changed = self.people().update_subscriber(request).await?.into_inner();
        Ok(Person::read(changed))
    }

    /// Forgets a person.
    pub(crate) async fn forget(&self, person: &Person) -> Result<(), Failure> {
        let name = person.name.clone();
        let request = self.request(v1::EraseSubscriberRequest { name }).await?;
        self.people().erase_subscriber(request).await?;
        Ok(())
    }

    /// Everything that is held of a person, as JSON. Where it is longer than [`EXPORT_PAGES_MAX`] pages, its `nextPageToken` says that it is not whole.
    pub(crate) async fn held_of(&self, person: &Person) -> Result<Vec<u8>, Failure> {
        let mut whole = v1::ExportSubscriberResponse::default();
        for _page in 0..EXPORT_PAGES_MAX {
            let request = self
                .request(v1::ExportSubscriberRequest {
                    name: person.name.clone(),
                    // The person is before us, and asks for their own.
                    case_reference: String::new(),
                    page_size: EXPORT_PAGE_SIZE,
                    page_token: whole.next_page_token,
                })
                .await?;
            let page = self.people().export_subscriber(request).await?.into_inner();
            whole.subscriber = whole.subscriber.or(page.subscriber);
            whole.subscriptions.extend(page.subscriptions);
            whole.consents.extend(page.consents);
            whole.contact_reads.extend(page.contact_reads);
            whole.notices.extend(page.notices);
            whole.next_page_token = page.next_page_token;
            if whole.next_page_token.is_empty() {
                break;
            }
        }
        serde_json::to_vec_pretty(&whole).map_err(|error| Failure::Broken(error.to_string()))
    }

    /// The accounts that a person is told of.
    pub(crate) async fn accounts(&self, person: &Person) -> Result<Vec<Account>, Failure> {
        let parent = person.name.clone();
        let request = self
            .request(v1::ListSubscriptionsRequest { parent })
            .await?;
        let listed = self
            .people()
            .list_subscriptions(request)
            .await?
            .into_inner();
        Ok(listed
            .subscriptions
            .into_iter()
            .map(Account::read)
            .collect())
    }

    /// Has a person told of the account of a bill.
    pub(crate) async fn follow(
        &self,
        person: &Person,
        bill: &BillLink,
        visitor: &str,
    ) -> Result<(), Failure> {
        let request = self
            .request(v1::CreateSubscriptionRequest {
                parent: person.name.clone(),
                bill_type: bill.bill_type.clone(),
                number: bill.number.clone(),
                second_factor: bill.second_factor.clone(),
                visitor: visitor.to_owned(),
            })
            .await?;
        self.people().create_subscription(request).await?;
        Ok(())
    }

    /// Has a person told of an account no more. One that is not theirs is not found.
    pub(crate) async fn unfollow(&self, person: &Person, id: &str) -> Result<(), Failure> {
        let name = format!("{}/subscriptions/{id}", person.name);
        let request = self.request(v1::DeleteSubscriptionRequest { name }).await?;
        match self.people().delete_subscription(request).await {
            Ok(_gone) => Ok(()),
            Err(status) => match Failure::from(status) {
                // It was stopped before: a page that was open for long.
                Failure::NotFound => Ok(()),
                failure => Err(failure),
            },
        }
    }

    /// Notes that a person is asked to have a form filled in; answers the form's name.
    pub(crate) async fn ask_form(&self, person: &str, state: &str) -> Result<String, Failure> {
        let request = self
            .request(v1::CreateContactFormRequest {
                iam_smart_id: person.to_owned(),
                state: state.to_owned(),
            })
            .await?;
        let form = self.people().create_contact_form(request).await?;
        Ok(form.into_inner().name)
    }

    /// A form that a person was asked for; nothing where it is over.
    pub(crate) async fn form(
        &self,
        name: &str,
        person: &str,
    ) -> Result<Option<GivenForm>, Failure> {
        let request = self
            .request(v1::FetchContactFormRequest {
                name: name.to_owned(),
                iam_smart_id: person.to_owned(),
            })
            .await?;
        match self.people().fetch_contact_form(request).await {
            Ok(form) => Ok(Some(GivenForm::read(&form.into_inner()))),
            Err(status) => match Failure::from(status) {
                Failure::NotFound => Ok(None),
                failure => Err(failure),
            },
        }
    }

    /// Removes a form.
    pub(crate) async fn discard_form(&self, name: &str, person: &str) -> Result<(), Failure> {
        let request = self
            .request(v1::DiscardContactFormRequest {
                name: name.to_owned(),
                iam_smart_id: person.to_owned(),
            })
            .await?;
        self.people().discard_contact_form(request).await?;
        Ok(())
    }

    fn people(&self) -> NotificationServiceClient<Channel> {
        NotificationServiceClient::new(self.calls.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}

impl Change {
    fn points(&self) -> impl Iterator<Item = v1::ContactPoint> {
        let point = |way: Way, address: &Option<String>| {
            address.clone().map(|address| v1::ContactPoint {
                channel: way.named().into(),
                address,
            })
        };
        [point(Way::Sms, &self.sms), point(Way::Email, &self.email)]
            .into_iter()
            .flatten()
    }

    fn quiet_hours(&self) -> Option<v1::QuietHours> {
        let (start, end) = self.quiet.clone()?;
        Some(v1::QuietHours { start, end })
    }

    fn consent(&self) -> v1::NoticeConsent {
        v1::NoticeConsent {
            version: self.words.to_owned(),
            time: Some(Timestamp {
                seconds: self.agreed_at.as_second(),
                nanos: self.agreed_at.subsec_nanosecond(),
            }),
        }
    }
}
