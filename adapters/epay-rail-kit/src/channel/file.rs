//! Files that are carried by hand: signed by their sender as a request is, and good for longer.
//!
//! The signature covers the digest of the file, so that it is verified before a byte is taken, and whoever stores the
//! bytes must hold them against that digest before they are read. A copy of a signed file is harmless: the same
//! bytes are the same file, whoever brings them and how often.

use jiff::Timestamp;
use secrecy::SecretSlice;

use super::sign::headers;
use super::verify::{Window, check};
use super::{ChannelError, KeyRing, Signed, TOLERANCE_SECONDS, Target, Verified};

/// How long the signature of a file is good, in seconds: 31 days. Who carries files by hand has holidays; a signature
/// of an earlier month is asked for again.
pub const FILE_AGE_SECONDS_MAX: u32 = 31 * 24 * 60 * 60;

/// How a file is signed.
const METHOD: &str = "POST";

/// The request target that the signature of a rail's file covers. No request goes there.
fn target(rail: &str) -> String {
    format!("/rails/{rail}/files")
}

/// Signs a file of `rail` with this digest at `now`, once with each secret.
///
/// # Errors
/// As [`sign`](super::sign()).
pub fn sign_file(
    key_id: &str,
    secrets: &[SecretSlice<u8>],
    message_id: &str,
    (rail, digest): (&str, &[u8; 32]),
    now: Timestamp,
) -> Result<Signed, ChannelError> {
    let path = target(rail);
    let target = Target {
        method: METHOD,
        path: &path,
    };
    headers(key_id, secrets, message_id, target, || *digest, now)
}

/// Verifies the signature of a file of `rail` with this digest at `now`. `header` gives the value of a header by its
/// lower-case name.
///
/// # Errors
/// A [`ChannelError`]; nothing of the file may then be taken.
pub fn verify_file<'h>(
    ring: &KeyRing,
    header: impl Fn(&str) -> Option<&'h str>,
    (rail, digest): (&str, &[u8; 32]),
    now: Timestamp,
) -> Result<Verified, ChannelError> {
    let path = target(rail);
    let target = Target {
        method: METHOD,
        path: &path,
    };
    let window = Window {
        past_seconds: FILE_AGE_SECONDS_MAX,
        future_seconds: TOLERANCE_SECONDS,
    };
    check(ring, header, target, || *digest, (now, window))
}
