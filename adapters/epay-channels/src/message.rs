//! A message, where it goes, and what is known after it was sent.

use core::fmt;

use epay_domain::notification::Failure;
use epay_money::Language;
use epay_notice::{Channel, Tongue};
use secrecy::SecretString;
use uuid::Uuid;

/// Where a person is reached. It holds contact data, and so shows nothing of it.
#[derive(Debug, Clone)]
pub enum Address {
    /// The tokenised ID by which iAM Smart knows the person at this service.
    IamSmart(SecretString),
    /// A telephone number in the form of E.164.
    Sms(SecretString),
    /// An e-mail address.
    Email(SecretString),
}

/// A message to one person by one channel.
#[derive(Clone)]
pub struct Message {
    /// Its name: the same for every try of one notice on one channel, and another for any other.
    pub id: Uuid,
    /// Where it goes.
    pub to: Address,
    /// Its head, where the channel has one.
    pub title: Option<String>,
    /// What it says.
    pub body: String,
    /// The language of head and body.
    pub tongue: Tongue,
}

/// What is known of a message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The provider has it. Whether the person does, a receipt says.
    Taken {
        /// The provider's name for it.
        provider_reference: String,
    },
    /// It was certainly not taken.
    Failed {
        /// How.
        failure: Failure,
        /// For the log: it holds neither address nor text.
        detail: String,
    },
    /// Nobody knows. Sent again under its name it is the same message.
    Unknown {
        /// For the log: it holds neither address nor text.
        detail: String,
    },
}

impl Sent {
    pub(crate) fn failed(failure: Failure, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Failed { failure, detail }
    }

    pub(crate) fn unknown(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Unknown { detail }
    }
}

impl Address {
    /// The channel that it belongs to.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::IamSmart(_) => Channel::IamSmartPush,
            Self::Sms(_) => Channel::Sms,
            Self::Email(_) => Channel::Email,
        }
    }
}

impl Message {
    /// The languages as providers and mail programs are told of them, in the order in which they are said.
    pub(crate) const fn language_tags(&self) -> &'static str {
        match self.tongue {
            Tongue::One(Language::English) => "en-HK",
            Tongue::One(Language::Traditional) => "zh-HK",
            Tongue::One(Language::Simplified) => "zh-CN",
            Tongue::Both => "zh-HK, en-HK",
        }
    }
}

/// The name and the channel: the rest is a person's.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("channel", &self.to.channel())
            .finish_non_exhaustive()
    }
}
