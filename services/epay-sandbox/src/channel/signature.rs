//! The signature of the bank channel, version 1.
//!
//! HMAC-SHA256 over six lines joined by a single line feed, without one at the end: `EPAY-CHANNEL-V1`, key id, Unix
//! seconds, message id, `POST` with the path, SHA-256 of the body in lower-case hexadecimal. The README holds a
//! worked example, which a test here checks.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The path of credit notices on the gateway.
pub const NOTICES_PATH: &str = "/rails/fps/notices";

/// Who signs, and with what.
#[derive(Debug, Clone)]
pub struct ChannelKey {
    /// Sent as `epay-channel-key`.
    pub id: String,
    /// Known to both sides.
    pub secret: SecretString,
}

/// The four headers of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `epay-channel-key`.
    pub key: String,
    /// `epay-channel-timestamp`.
    pub timestamp: String,
    /// `epay-channel-message-id`.
    pub message_id: String,
    /// `epay-channel-signature`.
    pub signature: String,
}

impl SignedHeaders {
    /// Names and values, as they are sent.
    pub(crate) fn pairs(self) -> Vec<(String, String)> {
        [
            ("epay-channel-key", self.key),
            ("epay-channel-timestamp", self.timestamp),
            ("epay-channel-message-id", self.message_id),
            ("epay-channel-signature", self.signature),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

impl ChannelKey {
    /// Signs a body at a time in Unix seconds. A redelivery is signed anew, with the same message id and body.
    #[must_use]
    pub fn sign(
        &self,
        unix_seconds: i64,
        message_id: &str,
        path: &str,
        body: &[u8],
    ) -> SignedHeaders {
        let digest = hex::encode(Sha256::digest(body));
        let timestamp = unix_seconds.to_string();
        let text = format!(
            "EPAY-CHANNEL-V1\n{}\n{timestamp}\n{message_id}\nPOST {path}\n{digest}",
            self.id
        );
        let secret = self.secret.expose_secret().as_bytes();
        // HMAC takes a key of any length, so this default is never used.
        let code = Hmac::<Sha256>::new_from_slice(secret)
            .map(|mut mac| {
                mac.update(text.as_bytes());
                hex::encode(mac.finalize().into_bytes())
            })
            .unwrap_or_default();
        SignedHeaders {
            key: self.id.clone(),
            timestamp,
            message_id: message_id.to_owned(),
            signature: format!("v1={code}"),
        }
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_readme_holds() {
        let key = ChannelKey {
            id: "sandbox-bank-1".into(),
            secret: SecretString::from("example-secret-example-secret-32"),
        };
        let headers = key.sign(
            1_769_000_000,
            "M999EXAMPLE0000000000001",
            NOTICES_PATH,
            b"<Document/>",
        );
        let readme = include_str!("../../README.md");
        assert!(
            readme.contains(&headers.signature),
            "README.md must show {}",
            headers.signature
        );
        assert!(readme.contains(&sha256_hex(b"<Document/>")));
    }

    #[test]
    fn every_part_is_signed() {
        let key = |id: &str, secret: &str| ChannelKey {
            id: id.into(),
            secret: SecretString::from(secret),
        };
        let base = key("a", "s").sign(1, "m", "/p", b"x").signature;
        let others = [
            key("b", "s").sign(1, "m", "/p", b"x"),
            key("a", "t").sign(1, "m", "/p", b"x"),
            key("a", "s").sign(1, "m", "/q", b"x"),
            key("a", "s").sign(2, "m", "/p", b"x"),
            key("a", "s").sign(1, "n", "/p", b"x"),
            key("a", "s").sign(1, "m", "/p", b"y"),
        ];
        assert!(others.iter().all(|headers| headers.signature != base));
        assert_eq!(base.len(), "v1=".len() + 64);
    }
}
