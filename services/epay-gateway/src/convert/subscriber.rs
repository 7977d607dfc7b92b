//! People who are told of bills, as they are shown.

use epay_contact::{Account, ConsentRecord, OpenedPerson, PersonView, Read};
use epay_domain::notification::{Notice, QuietHours};
use epay_money::{Language, PersonId};
use epay_notice::{Channel, Tongue};
use epay_proto::v1;
use secrecy::ExposeSecret as _;

use super::timestamp;
use crate::names;

pub(crate) const fn channel(channel: Channel) -> v1::NoticeChannel {
    match channel {
        Channel::IamSmartPush => v1::NoticeChannel::IamSmart,
        Channel::Sms => v1::NoticeChannel::Sms,
        Channel::Email => v1::NoticeChannel::Email,
    }
}

/// A way that a request names.
pub(crate) const fn channel_of(named: v1::NoticeChannel) -> Option<Channel> {
    match named {
        v1::NoticeChannel::Unspecified => None,
        v1::NoticeChannel::IamSmart => Some(Channel::IamSmartPush),
        v1::NoticeChannel::Sms => Some(Channel::Sms),
        v1::NoticeChannel::Email => Some(Channel::Email),
    }
}

const fn language(tongue: Tongue) -> v1::NoticeLanguage {
    match tongue {
        Tongue::One(Language::English) => v1::NoticeLanguage::English,
        Tongue::One(Language::Traditional) => v1::NoticeLanguage::TraditionalChinese,
        Tongue::One(Language::Simplified) => v1::NoticeLanguage::SimplifiedChinese,
        Tongue::Both => v1::NoticeLanguage::Both,
    }
}

/// A language that a request names.
pub(crate) const fn tongue_of(named: v1::NoticeLanguage) -> Option<Tongue> {
    match named {
        v1::NoticeLanguage::Unspecified => None,
        v1::NoticeLanguage::English => Some(Tongue::One(Language::English)),
        v1::NoticeLanguage::TraditionalChinese => Some(Tongue::One(Language::Traditional)),
        v1::NoticeLanguage::SimplifiedChinese => Some(Tongue::One(Language::Simplified)),
        v1::NoticeLanguage::Both => Some(Tongue::Both),
    }
}

fn quiet(hours: QuietHours) -> v1::QuietHours {
    let write = |time: jiff::civil::Time| format!("{:02}:{:02}", time.hour(), time.minute());
    v1::QuietHours {
        start: write(hours.from),
        end: write(hours.until),
    }
}

/// A person, with masked addresses.
pub(crate) fn subscriber(view: &PersonView) -> v1::Subscriber {
    let wants = &view.preferences;
    let consent = view.consent.as_ref();
    let points = view.points.iter().map(|(on, masked)| v1::ContactPoint {
        channel: channel(*on).into(),
        address: masked.clone(),
    });
    v1::Subscriber {
        name: names::of_subscriber(view.id),
        language: language(wants.tongue).into(),
        channels: channels(&wants.channels),
        reminders: wants.reminders,
        quiet_hours: wants.quiet.map(quiet),
        contact_points: points.collect(),
        consent: consent.map(|(words, at)| v1::NoticeConsent {
            version: words.clone(),
            time: Some(timestamp(*at)),
        }),
        create_time: Some(timestamp(view.created_at)),
        update_time: Some(timestamp(view.changed_at)),
        etag: view.version.to_string(),
    }
}

fn channels(channels: &[Channel]) -> Vec<i32> {
    channels.iter().map(|on| channel(*on).into()).collect()
}

/// An account that a person is told of.
pub(crate) fn subscription(person: PersonId, account: &Account) -> v1::Subscription {
    v1::Subscription {
        name: names::of_subscription(person, account.id),
        biller: account.biller.to_string(),
        bill_type: account.kind.to_string(),
        account_tail: account.tail.clone(),
        create_time: Some(timestamp(account.since)),
        account: String::new(),
    }
}

/// A person with everything that was sealed.
pub(crate) fn opened_person(person: &OpenedPerson) -> (v1::Subscriber, Vec<v1::Subscription>) {
    let whole = |on: Channel| {
        person.addresses.on(on).map(|address| v1::ContactPoint {
            channel: channel(on).into(),
            address: address.expose_secret().to_owned(),
        })
    };
    let shown = v1::Subscriber {
        contact_points: Channel::ALL.into_iter().filter_map(whole).collect(),
        ..subscriber(&person.view)
    };
    let accounts = person
        .accounts
        .iter()
        .map(|(account, whole)| v1::Subscription {
            account: whole.expose_secret().to_owned(),
            ..subscription(person.view.id, account)
        });
    (shown, accounts.collect())
}

/// That a person agreed, or no longer does.
pub(crate) fn consent_record(record: &ConsentRecord) -> v1::ConsentRecord {
    v1::ConsentRecord {
        given: record.given,
        version: record.words.clone(),
        time: Some(timestamp(record.at)),
        client: record.client.clone(),
    }
}

/// What a person was told, or will be.
pub(crate) fn subscriber_notice(notice: &Notice) -> v1::SubscriberNotice {
    let way = notice
        .channel
        .map_or(v1::NoticeChannel::Unspecified, channel);
    v1::SubscriberNotice {
        notice: names::of_notice(&notice.biller, notice.id),
        bill: names::of_bill(&notice.biller, notice.bill),
        kind: notice.kind.as_str().to_owned(),
        state: notice.state.as_str().to_owned(),
        channel: way.into(),
        // Facts are strings and numbers: there is nothing that JSON could not say.
        details: serde_json::to_string(&notice.details).unwrap_or_default(),
        create_time: Some(timestamp(notice.created_at)),
        update_time: Some(timestamp(notice.changed_at)),
    }
}

/// That somebody looked.
pub(crate) fn contact_read(read: &Read) -> v1::ContactRead {
    v1::ContactRead {
        subscriber: names::of_subscriber(read.person),
        reader: read.reader.clone(),
        purpose: read.purpose.clone(),
        channels: channels(&read.channels),
        read_time: Some(timestamp(read.at)),
        case_reference: read.case.clone().unwrap_or_default(),
    }
}
