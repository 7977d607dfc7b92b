//! The other direction: whether a request to the bank came over the channel.

use axum::http::{HeaderMap, Method};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use sha2::Sha256;

use super::signature::{ChannelKey, sha256_hex};

/// How far the sender's clock may be from the machine's, in seconds.
const SKEW_SECONDS_MAX: i64 = 300;

impl ChannelKey {
    /// Whether the four headers fit this key, request and body at a machine's time.
    #[must_use]
    pub fn verifies(
        &self,
        headers: &HeaderMap,
        method: &Method,
        target: &str,
        body: &[u8],
        machine_now: Timestamp,
    ) -> bool {
        let one = |name: &str| {
            let mut values = headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().ok(),
                _ => None,
            }
        };
        let (Some(key), Some(timestamp), Some(message_id), Some(signatures)) = (
            one("epay-channel-key"),
            one("epay-channel-timestamp"),
            one("epay-channel-message-id"),
            one("epay-channel-signature"),
        ) else {
            return false;
        };
        let fresh = timestamp.parse::<i64>().is_ok_and(|seconds| {
            seconds.abs_diff(machine_now.as_second()) <= SKEW_SECONDS_MAX.unsigned_abs()
        });
        if key != self.id || !fresh {
            return false;
        }
        let digest = sha256_hex(body);
        let text = format!(
            "EPAY-CHANNEL-V1\n{key}\n{timestamp}\n{message_id}\n{method} {target}\n{digest}"
        );
        let secret = self.secret.expose_secret().as_bytes();
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret) else {
            return false;
        };
        let mac = mac.chain_update(text.as_bytes());
        signatures.split(' ').any(|signature| {
            let code = signature.strip_prefix("v1=").map(hex::decode);
            matches!(code, Some(Ok(code)) if mac.clone().verify_slice(&code).is_ok())
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn what_the_key_signed_just_now_is_believed_and_nothing_else() {
        let key = |secret: &str| ChannelKey {
            id: "k".to_owned(),
            secret: SecretString::from(secret),
        };
        let (ours, other) = (key("one"), key("two"));
        let signed = ours.sign(1_769_000_000, "m-1", "/a?b=c", b"body");
        let mut headers = HeaderMap::new();
        for (name, value) in signed.pairs() {
            let name: axum::http::HeaderName = name.parse().unwrap();
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
        }
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let now = at(1_769_000_100);
        assert!(ours.verifies(&headers, &Method::POST, "/a?b=c", b"body", now));
        assert!(!ours.verifies(&headers, &Method::PUT, "/a?b=c", b"body", now));
        assert!(!ours.verifies(&headers, &Method::POST, "/a?b=d", b"body", now));
        assert!(!ours.verifies(&headers, &Method::POST, "/a?b=c", b"bodY", now));
        assert!(!ours.verifies(
            &headers,
            &Method::POST,
            "/a?b=c",
            b"body",
            at(1_769_000_301)
        ));
        assert!(!other.verifies(&headers, &Method::POST, "/a?b=c", b"body", now));
        headers.append("epay-channel-key", HeaderValue::from_static("k"));
        assert!(!ours.verifies(&headers, &Method::POST, "/a?b=c", b"body", now));
    }
}
