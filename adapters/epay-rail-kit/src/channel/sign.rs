//! The sender's half: the four headers of a request.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};

use super::{
    BODY_BYTES_MAX, ChannelError, Covered, KEY_HEADER, MESSAGE_ID_HEADER, Request,
    SIGNATURE_HEADER, SIGNATURE_PREFIX, SIGNATURES_MAX, TIMESTAMP_HEADER, Target, body_digest,
    is_key_id, is_message_id, is_target,
};

/// The headers that a signed request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Names and values, in the order of the documentation.
    pub headers: [(&'static str, String); 4],
}

/// Signs a request at `now`, once with each secret: one, or two while a key changes.
///
/// # Errors
/// [`ChannelError::MalformedHeader`] for a key id or message id of the wrong shape, or without a secret;
/// [`ChannelError::BadTarget`]; [`ChannelError::BodyTooLarge`].
pub fn sign(
    key_id: &str,
    secrets: &[SecretSlice<u8>],
    message_id: &str,
    request: &Request<'_>,
    now: Timestamp,
) -> Result<Signed, ChannelError> {
    if request.body.len() > BODY_BYTES_MAX {
        return Err(ChannelError::BodyTooLarge);
    }
    let target = Target {
        method: request.method,
        path: request.path,
    };
    let digest = || body_digest(request.body);
    headers(key_id, secrets, message_id, target, digest, now)
}

/// The headers over a digest, which is asked for last, because it may be work.
pub(super) fn headers(
    key_id: &str,
    secrets: &[SecretSlice<u8>],
    message_id: &str,
    target: Target<'_>,
    digest: impl FnOnce() -> [u8; 32],
    now: Timestamp,
) -> Result<Signed, ChannelError> {
    let malformed = |name| ChannelError::MalformedHeader { name };
    if !is_target(target) {
        return Err(ChannelError::BadTarget);
    }
    if !is_key_id(key_id) {
        return Err(malformed(KEY_HEADER));
    }
    if !is_message_id(message_id) {
        return Err(malformed(MESSAGE_ID_HEADER));
    }
    if now.as_second() < 0 {
        return Err(malformed(TIMESTAMP_HEADER));
    }
    if !(1..=SIGNATURES_MAX).contains(&secrets.len()) {
        return Err(malformed(SIGNATURE_HEADER));
    }
    let timestamp = now.as_second().to_string();
    let covered = Covered {
        key_id,
        timestamp: &timestamp,
        message_id,
        target,
        body_digest: &digest(),
    };
    let signatures: Vec<String> = secrets
        .iter()
        .filter_map(|secret| covered.mac(secret.expose_secret()))
        .map(|mac| format!("{SIGNATURE_PREFIX}{}", hex::encode(mac)))
        .collect();
    Ok(Signed {
        headers: [
            (KEY_HEADER, key_id.to_owned()),
            (TIMESTAMP_HEADER, timestamp),
            (MESSAGE_ID_HEADER, message_id.to_owned()),
            (SIGNATURE_HEADER, signatures.join(" ")),
        ],
    })
}
