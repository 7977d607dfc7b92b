//! The bank channel, version 1: a signed, time-stamped HTTP request that can be told from its repeat.
//!
//! The sender adds four headers ([`KEY_HEADER`], [`TIMESTAMP_HEADER`], [`MESSAGE_ID_HEADER`],
//! [`SIGNATURE_HEADER`]). The signature is HMAC-SHA256 over the text
//!
//! ```text
//! EPAY-CHANNEL-V1\n{key id}\n{timestamp}\n{message id}\n{METHOD} {path}\n{lowercase hex SHA-256 of the body}
//! ```
//!
//! [`verify`] checks, in this order: the body's size, that every header is there and well-formed, that the
//! key is known, that the time lies within the tolerance, and the signature, in constant time. It decodes
//! nothing. Several secrets a key and several signatures a request exist for the days of a key change.
//!
//! **Replay is the store's job.** Inside the tolerance a copied request verifies again. The caller stores
//! [`Verified::message_id`] with [`Verified::body_digest`], unique for a key: the same pair again is an
//! honest repeat and gets the first answer; the same message id with another digest is refused.
//!
//! A file that is carried by hand, because the line is down, is signed in the same way ([`sign_file`],
//! [`verify_file`]): with the target `POST /rails/{rail}/files`, so that no signature of a notice opens that
//! door, over the digest of the whole file, and good for [`FILE_AGE_SECONDS_MAX`].
//!
//! The transport must hand over header values as sent and refuse a request that carries one of the four
//! headers twice; the path is the request target as sent, with its query.

mod file;
mod keys;
mod sign;
mod verify;

pub use file::{FILE_AGE_SECONDS_MAX, sign_file, verify_file};
pub use keys::{KeyError, KeyRing};
pub use sign::{Signed, sign};
pub use verify::{ChannelError, Request, Verified, verify};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Names the key, and with it the sender.
pub const KEY_HEADER: &str = "epay-channel-key";
/// When the request was signed: seconds since 1970 in decimal digits.
pub const TIMESTAMP_HEADER: &str = "epay-channel-timestamp";
/// The sender's own identification of the message; the same on every repeat of it.
pub const MESSAGE_ID_HEADER: &str = "epay-channel-message-id";
/// One or more signatures `v1=<hex>`, separated by one space.
pub const SIGNATURE_HEADER: &str = "epay-channel-signature";

/// The largest body that is signed or verified, in bytes. Every rail's own bound is at most this.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How far a request's time may lie from ours, in seconds, unless the caller has a reason for another.
pub const TOLERANCE_SECONDS: u32 = 300;
/// Signatures of one request that are looked at, and secrets of one key: two of each during a key
/// change, and room for a mistake. More would only be work for whoever must verify them.
pub const SIGNATURES_MAX: usize = 4;
/// Characters of a key id and of a message id.
pub const ID_CHARS_MAX: usize = 64;

const SCHEME: &str = "EPAY-CHANNEL-V1";
const SIGNATURE_PREFIX: &str = "v1=";

/// What a request is for.
#[derive(Clone, Copy)]
struct Target<'a> {
    method: &'a str,
    path: &'a str,
}

/// The fields that are signed, already checked for shape: none can hold a line break.
struct Covered<'a> {
    key_id: &'a str,
    timestamp: &'a str,
    message_id: &'a str,
    target: Target<'a>,
    body_digest: &'a [u8; 32],
}

impl Covered<'_> {
    /// The signature by one secret. HMAC takes keys of any length, so `None` cannot occur; the type says so.
    fn mac(&self, secret: &[u8]) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        let text = format!(
            "{SCHEME}\n{}\n{}\n{}\n{} {}\n{}",
            self.key_id,
            self.timestamp,
            self.message_id,
            self.target.method,
            self.target.path,
            hex::encode(self.body_digest),
        );
        mac.update(text.as_bytes());
        Some(mac.finalize().into_bytes().into())
    }
}

/// The SHA-256 of a body.
#[must_use]
pub fn body_digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// A message id: 1 to 64 letters, digits or hyphens.
fn is_message_id(text: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A key id: as a message id, and dots and underscores, because banks number their keys.
fn is_key_id(text: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

/// A method in capitals, and a target that begins with `/`: visible ASCII only, so that the signed text
/// has one reading.
fn is_target(target: Target<'_>) -> bool {
    let Target { method, path } = target;
    !method.is_empty()
        && method.bytes().all(|byte| byte.is_ascii_uppercase())
        && path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}
