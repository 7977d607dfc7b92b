//! Sealing a call with the bank channel's signature.

use epay_rail::Call;
use jiff::Timestamp;
use secrecy::SecretSlice;

use crate::channel::{self, ChannelError, Request};

/// The key that signs what a rail sends over our bank channel.
#[derive(Debug, Clone)]
pub struct ChannelKey {
    /// Names the key to the bank.
    pub id: String,
    /// Its secrets: one, or two while it changes.
    pub secrets: Vec<SecretSlice<u8>>,
}

/// Why a call cannot be sealed. It is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The rail asks for the channel's seal, and no key is configured for it.
    #[error("no channel key is configured for this rail")]
    NoKey,
    /// The address has no path that could be signed.
    #[error("the address cannot be signed")]
    BadAddress,
    /// The channel refuses to sign it.
    #[error("the call cannot be sealed")]
    Channel(#[from] ChannelError),
}

/// The headers that seal a call sent at `now`.
pub(super) fn headers(
    key: Option<&ChannelKey>,
    call: &Call,
    message_id: &str,
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>, SealError> {
    let key = key.ok_or(SealError::NoKey)?;
    let target = target(&call.url).ok_or(SealError::BadAddress)?;
    let request = Request {
        method: call.method.as_str(),
        path: target,
        body: &call.body,
    };
    let signed = channel::sign(&key.id, &key.secrets, message_id, &request, now)?;
    Ok(signed.headers.into())
}

/// Path and query of an address, as they travel in the request line.
fn target(url: &str) -> Option<&str> {
    let (_scheme, rest) = url.split_once("://")?;
    let at = rest.find('/')?;
    rest.get(at..)
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn the_target_is_everything_after_the_host() {
        let table = [
            ("https://bank.example/a/b?c=d", Some("/a/b?c=d")),
            ("http://127.0.0.1:8080/", Some("/")),
            ("http://127.0.0.1:8080", None),
            ("/a", None),
        ];
        for (url, expected) in table {
            assert_eq!(target(url), expected, "{url}");
        }
    }
}
