//! SMS over HTTP, as `docs/sms-gateway.md` has it: a signed request a message, and a signed receipt when its fate is known.

use core::fmt;
use core::str::FromStr;

use epay_domain::notification::Failure;
use epay_notice::Channel;
use epay_rail_kit::channel::{self, Request};
use epay_rail_kit::transport::ChannelKey;
use jiff::Timestamp;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::http::{Answer, code, exchange};
use crate::{ChannelsError, Message, Sent};

/// Where the gateway's receipts come in, on our side.
pub const SMS_RECEIPTS_PATH: &str = "/channels/sms/receipts";
/// Most characters of a sender's name, the `#` among them.
pub const SENDER_CHARACTERS_MAX: usize = 11;
/// Where messages are posted, below the address of the gateway.
const MESSAGES_PATH: &str = "v1/messages";
/// Most characters of the gateway's name for a message.
const REFERENCE_CHARACTERS_MAX: usize = 64;

/// How many of a number's last digits are as good as the number: those of Hong Kong have as many.
const QUOTED_DIGITS: usize = 8;

/// The name that an SMS comes from, registered for the sender: networks block one with `#` that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderId(String);

/// A sender's name of the wrong shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a registered sender is # and 1 to 10 letters, digits, hyphens or underscores, a letter among them"
)]
pub struct BadSender;

impl FromStr for SenderId {
    type Err = BadSender;

    fn from_str(text: &str) -> Result<Self, BadSender> {
        let name = text.strip_prefix('#').ok_or(BadSender)?;
        let fits = !name.is_empty()
            && text.len() <= SENDER_CHARACTERS_MAX
            && name.bytes().any(|byte| byte.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        fits.then(|| Self(text.to_owned())).ok_or(BadSender)
    }
}

impl fmt::Display for SenderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the SMS gateway is reached.
#[derive(Debug, Clone)]
pub struct SmsOptions {
    /// Its address; messages are posted below it.
    pub endpoint: Url,
    /// What requests are signed with.
    pub key: ChannelKey,
    /// From whom the messages come.
    pub sender: SenderId,
}

/// The SMS gateway.
#[derive(Debug, Clone)]
pub(crate) struct SmsGateway {
    client: Client,
    messages: Url,
    key: ChannelKey,
    sender: SenderId,
}

/// What is asked of the gateway.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    client_reference: String,
    sender: &'a str,
    to: &'a str,
    language: &'a str,
    text: &'a str,
}

/// What the gateway answers.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Reply {
    provider_reference: String,
    code: String,
}

impl SmsGateway {
    pub(crate) fn open(options: SmsOptions, client: Client) -> Result<Self, ChannelsError> {
        Ok(Self {
            client,
            messages: below(options.endpoint, MESSAGES_PATH)
                .ok_or(ChannelsError::Endpoint(Channel::Sms))?,
            key: options.key,
            sender: options.sender,
        })
    }

    pub(crate) async fn send(
        &self,
        message: &Message,
        number: &SecretString,
        now: Timestamp,
    ) -> Sent {
        let name = message.id.to_string();
        let order = Order {
            client_reference: name.clone(),
            sender: &self.sender.0,
            to: number.expose_secret(),
            language: message.language_tags(),
            text: &message.body,
        };
        let Ok(body) = serde_json::to_vec(&order) else {
            return Sent::failed(Failure::Technical, "the order could not be written");
        };
        let request = Request {
            method: "POST",
            path: self.messages.path(),
            body: &body,
        };
        let signed = match channel::sign(&self.key.id, &self.key.secrets, &name, &request, now) {
            Ok(signed) => signed,
            Err(error) => return Sent::failed(Failure::Technical, error.to_string()),
        };
        let mut call = self.client.post(self.messages.clone());
        for (header, value) in signed.headers {
            call = call.header(header, value);
        }
        let call = call.header(CONTENT_TYPE, "application/json").body(body);
        match exchange(call).await {
            Ok(answer) => judge(&answer, number.expose_secret()),
            Err(sent) => sent,
        }
    }
}

/// What an answer says of the message. A status that the gateway's documentation does not have leaves it open.
fn judge(answer: &Answer, number: &str) -> Sent {
    let reply: Reply = serde_json::from_slice(&answer.body).unwrap_or_default();
    let word = unless_it_quotes(number, code(&reply.code));
    let failed = |failure| {
        let detail = format!("{} {word}", answer.status);
        Sent::failed(failure, detail)
    };
    match answer.status {
        200 | 202 if is_reference(&reply.provider_reference) => Sent::Taken {
            provider_reference: unless_it_quotes(number, &reply.provider_reference).to_owned(),
        },
        422 => failed(Failure::Permanent),
        400..=499 => failed(Failure::Technical),
        // The gateway says itself that it took nothing.
        503 if reply.code == "busy" => failed(Failure::Technical),
        status => Sent::unknown(format!("{status} {word}")),
    }
}

/// A provider's word, unless it has the number of the person in it: it goes into logs and tables, which hold no contact.
fn unless_it_quotes<'w>(number: &str, word: &'w str) -> &'w str {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let tail = number.len().saturating_sub(QUOTED_DIGITS);
    let quoted = number
        .get(tail..)
        .is_none_or(|local| digits.contains(local));
    if quoted { "?" } else { word }
}

/// A provider's name for a message: short and visible.
pub(crate) fn is_reference(text: &str) -> bool {
    (1..=REFERENCE_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An address below another; nothing where it cannot carry a path.
pub(crate) fn below(mut base: Url, path: &str) -> Option<Url> {
    base.set_query(None);
    base.set_fragment(None);
    base.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(path.split('/'));
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_quotes_the_number_is_not_passed_on() {
        let number = "+85261230001";
        let rows = [
            ("no-such-number", "no-such-number"),
            ("unknown-85261230001", "?"),
            ("m-6123-0001", "?"),
            (
                "01940000-0000-7000-8000-000000000001",
                "01940000-0000-7000-8000-000000000001",
            ),
            ("", ""),
        ];
        for (word, expected) in rows {
            assert_eq!(unless_it_quotes(number, word), expected, "{word}");
        }
    }
}
