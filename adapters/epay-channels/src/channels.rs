//! The channels of this installation.

use epay_domain::notification::Failure;
use epay_iamsmart_client::{IamSmartOptions, OpenFault};
use epay_notice::Channel;
use jiff::Timestamp;

use crate::iam_smart::PushService;
use crate::mail::MailServer;
use crate::sms::SmsGateway;
use crate::{Address, MailOptions, Message, Sent, SmsOptions, http};

/// Which channels there are. One that is left out fails every message at once, so that the person's next channel has its turn.
#[derive(Debug, Default)]
pub struct ChannelsOptions {
    /// iAM Smart, for push.
    pub iam_smart: Option<IamSmartOptions>,
    /// The SMS gateway.
    pub sms: Option<SmsOptions>,
    /// The mail server.
    pub email: Option<MailOptions>,
}

/// Why channels cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ChannelsError {
    /// The TLS library cannot be set up.
    #[error("the HTTP client of the channels cannot be made")]
    Client(#[from] reqwest::Error),
    /// The address of a provider cannot carry a path.
    #[error("the address of the channel {} cannot carry a path", .0.as_str())]
    Endpoint(Channel),
    /// iAM Smart cannot be spoken with.
    #[error("iAM Smart cannot be used for push")]
    IamSmart(#[from] OpenFault),
    /// The mail server's options will not do: without TLS it must be on this machine, and addresses must be addresses.
    #[error("the mail server cannot be used: its {0} will not do")]
    Mail(&'static str),
}

/// The channels. A cheap handle: clones share connections.
#[derive(Debug, Clone)]
pub struct Channels {
    iam_smart: Option<PushService>,
    sms: Option<SmsGateway>,
    email: Option<MailServer>,
}

impl Channels {
    /// Opens the channels. Nobody is connected to before the first message.
    ///
    /// # Errors
    /// [`ChannelsError`].
    pub fn open(options: ChannelsOptions) -> Result<Self, ChannelsError> {
        let client = http::client()?;
        let sms = options.sms.map(|options| SmsGateway::open(options, client));
        let iam_smart = options.iam_smart.as_ref().map(PushService::open);
        Ok(Self {
            iam_smart: iam_smart.transpose()?,
            sms: sms.transpose()?,
            email: options.email.map(MailServer::open).transpose()?,
        })
    }

    /// Whether there is such a channel.
    #[must_use]
    pub const fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Sms => self.sms.is_some(),
            Channel::Email => self.email.is_some(),
            Channel::IamSmartPush => self.iam_smart.is_some(),
        }
    }

    /// Hands a message to its provider, once.
    pub async fn send(&self, message: &Message) -> Sent {
        let now = Timestamp::now();
        match &message.to {
            Address::IamSmart(person) => match &self.iam_smart {
                Some(push) => push.send(message, person).await,
                None => missing(message),
            },
            Address::Sms(number) => match &self.sms {
                Some(gateway) => gateway.send(message, number, now).await,
                None => missing(message),
            },
            Address::Email(address) => match &self.email {
                Some(server) => server.send(message, address, now).await,
                None => missing(message),
            },
        }
    }
}

/// The person cannot be reached by a channel that is not there, however often it is tried.
fn missing(message: &Message) -> Sent {
    let channel = message.to.channel();
    let detail = format!("there is no channel {}", channel.as_str());
    Sent::failed(Failure::Permanent, detail)
}
