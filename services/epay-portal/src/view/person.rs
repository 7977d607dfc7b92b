//! A person who agreed to be told, and what they may change.

use epay_proto::v1;
use jiff::Timestamp;

/// A way to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    IamSmart,
    Sms,
    Email,
}

impl Way {
    /// Every way, in the order in which they are tried.
    pub(crate) const ALL: [Self; 3] = [Self::IamSmart, Self::Sms, Self::Email];

    pub(crate) const fn named(self) -> v1::NoticeChannel {
        match self {
            Self::IamSmart => v1::NoticeChannel::IamSmart,
            Self::Sms => v1::NoticeChannel::Sms,
            Self::Email => v1::NoticeChannel::Email,
        }
    }

    /// The word of it in forms and texts.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::IamSmart => "iam-smart",
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    fn of(channel: i32) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|way| i32::from(way.named()) == channel)
    }
}

/// A person, as the gateway shows them to themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// Resource name.
    pub(crate) name: String,
    pub(crate) etag: String,
    pub(crate) language: v1::NoticeLanguage,
    pub(crate) channels: Vec<Way>,
    pub(crate) reminders: bool,
    /// Start and end.
    pub(crate) quiet: Option<(String, String)>,
    /// Masked.
    pub(crate) points: Vec<(Way, String)>,
}

impl Person {
    pub(crate) fn read(subscriber: v1::Subscriber) -> Self {
        let quiet = subscriber.quiet_hours.as_ref();
        let quiet = quiet.filter(|quiet| !quiet.start.is_empty());
        let points = subscriber.contact_points.iter();
        Self {
            language: subscriber.language(),
            channels: subscriber
                .channels
                .iter()
                .filter_map(|channel| Way::of(*channel))
                .collect(),
            reminders: subscriber.reminders,
            quiet: quiet.map(|quiet| (quiet.start.clone(), quiet.end.clone())),
            points: points
                .filter_map(|point| Some((Way::of(point.channel)?, point.address.clone())))
                .collect(),
            name: subscriber.name,
            etag: subscriber.etag,
        }
    }

    /// Where the person is reached by a way, masked.
    pub(crate) fn point(&self, way: Way) -> Option<&str> {
        let mut points = self.points.iter();
        let point = points.find(|(known, _)| *known == way)?;
        Some(&point.1)
    }
}

/// An account that a person is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The last part of its name.
    pub(crate) id: String,
    pub(crate) bill_type: String,
    pub(crate) tail: String,
}

impl Account {
    pub(crate) fn read(subscription: v1::Subscription) -> Self {
        let id = subscription.name.rsplit('/').next().unwrap_or_default();
        Self {
            id: id.to_owned(),
            bill_type: subscription.bill_type,
            tail: subscription.account_tail,
        }
    }
}

/// A form that iAM Smart is to fill in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum GivenForm {
    Asked,
    Refused,
    /// What the person gave, whole.
    Filled {
        sms: Option<String>,
        email: Option<String>,
    },
}

/// It holds addresses.
impl std::fmt::Debug for GivenForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Asked => "Asked",
            Self::Refused => "Refused",
            Self::Filled { .. } => "Filled(…)",
        })
    }
}

impl GivenForm {
    pub(crate) fn read(form: &v1::ContactForm) -> Self {
        let on = |way: Way| {
            let mut points = form.contact_points.iter();
            let point = points.find(|point| Way::of(point.channel) == Some(way))?;
            Some(point.address.clone())
        };
        match form.state() {
            v1::ContactFormState::Filled => Self::Filled {
                sms: on(Way::Sms),
                email: on(Way::Email),
            },
            v1::ContactFormState::Refused => Self::Refused,
            v1::ContactFormState::Asked | v1::ContactFormState::Unspecified => Self::Asked,
        }
    }
}

/// What a person said on the form.
#[derive(Clone)]
pub(crate) struct Change {
    /// As the person was when the form was shown.
    pub(crate) etag: String,
    pub(crate) language: v1::NoticeLanguage,
    pub(crate) channels: Vec<Way>,
    pub(crate) reminders: bool,
    pub(crate) quiet: Option<(String, String)>,
    /// A new telephone number.
    pub(crate) sms: Option<String>,
    /// A new address.
    pub(crate) email: Option<String>,
    /// Ways whose addresses are to be forgotten.
    pub(crate) removed: Vec<Way>,
    /// Which words the person agreed to, and when.
    pub(crate) words: &'static str,
    pub(crate) agreed_at: Timestamp,
}

/// It holds addresses as they were typed.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Change(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_read_with_the_ways_that_the_pages_know() {
        let person = Person::read(v1::Subscriber {
            name: "subscribers/1".to_owned(),
            language: v1::NoticeLanguage::Both.into(),
            channels: vec![3, 99, 1],
            quiet_hours: Some(v1::QuietHours::default()),
            contact_points: vec![
                v1::ContactPoint {
                    channel: 2,
                    address: "•••• 5678".to_owned(),
                },
                v1::ContactPoint {
                    channel: 99,
                    address: "x".to_owned(),
                },
            ],
            ..v1::Subscriber::default()
        });
        assert_eq!(person.channels, [Way::Email, Way::IamSmart]);
        assert_eq!(person.quiet, None);
        assert_eq!(person.point(Way::Sms), Some("•••• 5678"));
        assert_eq!(person.point(Way::Email), None);
    }

    #[test]
    fn an_account_is_known_by_the_last_part_of_its_name() {
        let account = Account::read(v1::Subscription {
            name: "subscribers/1/subscriptions/7".to_owned(),
            ..v1::Subscription::default()
        });
        assert_eq!(account.id, "7");
    }
}
