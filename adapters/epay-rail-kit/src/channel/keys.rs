//! The secrets that the channel's senders and we share.

use core::fmt;
use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretSlice};

use super::{SIGNATURES_MAX, is_key_id};

/// A secret shorter than the hash's output weakens HMAC-SHA256 (RFC 2104 section 3).
const SECRET_BYTES_MIN: usize = 32;

/// The keys of a channel: each key id with the secrets that are good for it now.
///
/// A ring never changes. To rotate, make a new ring and swap it in for the old one: first the ring with
/// the old and the new secret, then, once the sender signs with the new one, the ring without the old.
pub struct KeyRing {
    keys: BTreeMap<String, Vec<SecretSlice<u8>>>,
}

/// Why a ring cannot be made. Never quotes a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A key id of the wrong shape.
    #[error("a channel key id is 1 to 64 letters, digits, dots, underscores or hyphens")]
    BadKeyId,
    /// The same key id twice.
    #[error("the channel key {0} is listed twice")]
    Repeated(String),
    /// No secret, or too many.
    #[error("the channel key {0} needs 1 to {SIGNATURES_MAX} secrets")]
    SecretCount(String),
    /// A secret that is too short.
    #[error("a secret of the channel key {0} is shorter than {SECRET_BYTES_MIN} bytes")]
    SecretTooShort(String),
}

impl KeyRing {
    /// A ring of these keys, each with its secrets.
    ///
    /// # Errors
    /// [`KeyError`] for a key id of the wrong shape or listed twice, and for missing or short secrets.
    pub fn new(
        keys: impl IntoIterator<Item = (String, Vec<SecretSlice<u8>>)>,
    ) -> Result<Self, KeyError> {
        let mut ring = BTreeMap::new();
        for (id, secrets) in keys {
            if !is_key_id(&id) {
                return Err(KeyError::BadKeyId);
            }
            if !(1..=SIGNATURES_MAX).contains(&secrets.len()) {
                return Err(KeyError::SecretCount(id));
            }
            if secrets
                .iter()
                .any(|secret| secret.expose_secret().len() < SECRET_BYTES_MIN)
            {
                return Err(KeyError::SecretTooShort(id));
            }
            if ring.contains_key(&id) {
                return Err(KeyError::Repeated(id));
            }
            ring.insert(id, secrets);
        }
        Ok(Self { keys: ring })
    }

    /// The secrets of a key.
    pub(super) fn secrets(&self, key_id: &str) -> Option<&[SecretSlice<u8>]> {
        self.keys.get(key_id).map(Vec::as_slice)
    }
}

/// Key ids only.
impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("key_ids", &self.keys.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
