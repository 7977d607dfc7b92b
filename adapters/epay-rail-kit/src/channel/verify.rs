//! The receiver's half: who sent a request, when, and that nobody changed it.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use subtle::{Choice, ConstantTimeEq};

use super::{
    BODY_BYTES_MAX, Covered, KEY_HEADER, KeyRing, MESSAGE_ID_HEADER, SIGNATURE_HEADER,
    SIGNATURE_PREFIX, SIGNATURES_MAX, TIMESTAMP_HEADER, Target, body_digest, is_key_id,
    is_message_id, is_target,
};

/// Digits of a timestamp: enough for the year 33658, few enough for any integer type.
const TIMESTAMP_DIGITS_MAX: usize = 12;
/// Bytes of an HMAC-SHA256.
const MAC_BYTES: usize = 32;

/// The parts of a request that are covered by the signature.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The request target as sent: path and query.
    pub path: &'a str,
    /// The body, untouched.
    pub body: &'a [u8],
}

/// The target and the body's length; a body holds the names of payers.
impl core::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// A request that was signed by a key of the ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The key, and with it the sender.
    pub key_id: String,
    /// The sender's identification of the message.
    pub message_id: String,
    /// When it was signed, to the second.
    pub sent_at: Timestamp,
    /// SHA-256 of the body.
    pub body_digest: [u8; 32],
}

/// Why a request is not let in. Never quotes what the request said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The body is larger than [`BODY_BYTES_MAX`].
    #[error("the body is larger than {BODY_BYTES_MAX} bytes")]
    BodyTooLarge,
    /// The method is not in capitals, or the path is not a request target.
    #[error("the request's method or path cannot be signed")]
    BadTarget,
    /// A header is missing.
    #[error("the header {name} is missing")]
    MissingHeader {
        /// The header's name.
        name: &'static str,
    },
    /// A header does not have the documented shape.
    #[error("the header {name} is malformed")]
    MalformedHeader {
        /// The header's name.
        name: &'static str,
    },
    /// No such key in the ring.
    #[error("the channel key is not known")]
    UnknownKey,
    /// Signed too long ago.
    #[error("the request is {seconds} s old, more than is tolerated")]
    Stale {
        /// Its age.
        seconds: u64,
    },
    /// Signed in the future: the sender's clock is wrong, or ours.
    #[error("the request is {seconds} s ahead of our clock, more than is tolerated")]
    Future {
        /// How far ahead.
        seconds: u64,
    },
    /// No signature by a secret of the key.
    #[error("the signature does not match")]
    BadSignature,
}

impl ChannelError {
    /// A stable word for answers, logs and counters.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BodyTooLarge => "body_too_large",
            Self::BadTarget => "bad_target",
            Self::MissingHeader { .. } => "missing_header",
            Self::MalformedHeader { .. } => "malformed_header",
            Self::UnknownKey => "unknown_key",
            Self::Stale { .. } => "stale",
            Self::Future { .. } => "future",
            Self::BadSignature => "bad_signature",
        }
    }
}

/// Verifies a request at `now`. `header` gives the value of a header by its lower-case name.
///
/// # Errors
/// A [`ChannelError`]; the request must then be refused unread.
pub fn verify<'h>(
    ring: &KeyRing,
    header: impl Fn(&str) -> Option<&'h str>,
    request: &Request<'_>,
    now: Timestamp,
    tolerance_seconds: u32,
) -> Result<Verified, ChannelError> {
    if request.body.len() > BODY_BYTES_MAX {
        return Err(ChannelError::BodyTooLarge);
    }
    let target = Target {
        method: request.method,
        path: request.path,
    };
    let window = Window {
        past_seconds: tolerance_seconds,
        future_seconds: tolerance_seconds,
    };
    check(
        ring,
        header,
        target,
        || body_digest(request.body),
        (now, window),
    )
}

/// How far a signature's time may lie from ours.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) past_seconds: u32,
    pub(super) future_seconds: u32,
}

/// Checks all but the size. The digest is asked for last, because it may be work.
pub(super) fn check<'h>(
    ring: &KeyRing,
    header: impl Fn(&str) -> Option<&'h str>,
    target: Target<'_>,
    digest: impl FnOnce() -> [u8; 32],
    (now, window): (Timestamp, Window),
) -> Result<Verified, ChannelError> {
    if !is_target(target) {
        return Err(ChannelError::BadTarget);
    }
    let value = |name| header(name).ok_or(ChannelError::MissingHeader { name });
    let malformed = |name| ChannelError::MalformedHeader { name };
    let (key_id, timestamp) = (value(KEY_HEADER)?, value(TIMESTAMP_HEADER)?);
    let (message_id, signatures) = (value(MESSAGE_ID_HEADER)?, value(SIGNATURE_HEADER)?);
    if !is_key_id(key_id) {
        return Err(malformed(KEY_HEADER));
    }
    let sent_at = moment(timestamp).ok_or_else(|| malformed(TIMESTAMP_HEADER))?;
    if !is_message_id(message_id) {
        return Err(malformed(MESSAGE_ID_HEADER));
    }
    let signatures = macs(signatures).ok_or_else(|| malformed(SIGNATURE_HEADER))?;
    let secrets = ring.secrets(key_id).ok_or(ChannelError::UnknownKey)?;
    check_time(sent_at, now, window)?;

    let body_digest = digest();
    let covered = Covered {
        key_id,
        timestamp,
        message_id,
        target,
        body_digest: &body_digest,
    };
    // Every signature is held against every secret, so that the time taken says nothing about which fits.
    let mut fits = Choice::from(0);
    for secret in secrets {
        let expected = covered
            .mac(secret.expose_secret())
            .ok_or(ChannelError::BadSignature)?;
        for given in &signatures {
            fits |= expected.ct_eq(given);
        }
    }
    if !bool::from(fits) {
        return Err(ChannelError::BadSignature);
    }
    Ok(Verified {
        key_id: key_id.to_owned(),
        message_id: message_id.to_owned(),
        sent_at,
        body_digest,
    })
}

fn check_time(sent_at: Timestamp, now: Timestamp, window: Window) -> Result<(), ChannelError> {
    let age = i128::from(now.as_second()).saturating_sub(i128::from(sent_at.as_second()));
    let seconds = u64::try_from(age.unsigned_abs()).unwrap_or(u64::MAX);
    let tolerated = if age > 0 {
        window.past_seconds
    } else {
        window.future_seconds
    };
    if seconds <= u64::from(tolerated) {
        Ok(())
    } else if age > 0 {
        Err(ChannelError::Stale { seconds })
    } else {
        Err(ChannelError::Future { seconds })
    }
}

/// Seconds since 1970, in digits alone.
fn moment(text: &str) -> Option<Timestamp> {
    let digits = (1..=TIMESTAMP_DIGITS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return None;
    }
    Timestamp::from_second(text.parse().ok()?).ok()
}

/// One to four signatures, each `v1=` and 64 lower-case hexadecimal digits, one space between them.
fn macs(text: &str) -> Option<Vec<[u8; MAC_BYTES]>> {
    let mut found = Vec::with_capacity(1);
    for part in text.split(' ') {
        let digits = part.strip_prefix(SIGNATURE_PREFIX)?;
        if found.len() == SIGNATURES_MAX || digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let mut mac = [0; MAC_BYTES];
        hex::decode_to_slice(digits, &mut mac).ok()?;
        found.push(mac);
    }
    Some(found)
}
