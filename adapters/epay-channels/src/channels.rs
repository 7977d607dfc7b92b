//! The channels of this installation.

use epay_domain::notification::Failure;
use epay_notice::Channel;
use jiff::Timestamp;

use crate::sms::SmsGateway;
use crate::{Address, Message, Sent, SmsOptions, http};

/// Which channels there are. One that is left out fails every message at once, so that the person's next channel has its turn.
#[derive(Debug, Default)]
pub struct ChannelsOptions {
    /// The SMS gateway.
    pub sms: Option<SmsOptions>,
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
}

/// The channels. A cheap handle: clones share connections.
#[derive(Debug, Clone)]
pub struct Channels {
    sms: Option<SmsGateway>,
}

impl Channels {
    /// Opens the channels. Nobody is connected to before the first message.
    ///
    /// # Errors
    /// [`ChannelsError`].
    pub fn open(options: ChannelsOptions) -> Result<Self, ChannelsError> {
        let client = http::client()?;
        let sms = options.sms.map(|options| SmsGateway::open(options, client));
        Ok(Self {
            sms: sms.transpose()?,
        })
    }

    /// Whether there is such a channel.
    #[must_use]
    pub const fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Sms => self.sms.is_some(),
            Channel::IamSmartPush | Channel::Email => false,
        }
    }

    /// Hands a message to its provider, once.
    pub async fn send(&self, message: &Message) -> Sent {
        match (&message.to, &self.sms) {
            (Address::Sms(number), Some(gateway)) => {
                gateway.send(message, number, Timestamp::now()).await
            }
            (Address::Sms(_) | Address::IamSmart(_) | Address::Email(_), _) => Sent::failed(
                Failure::Technical,
                format!("there is no channel {}", message.to.channel().as_str()),
            ),
        }
    }
}
