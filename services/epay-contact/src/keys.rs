//! The keys that wrap people's data keys and make the digests by which people and accounts are found.
//!
//! From each configured secret two keys and a name are derived (HKDF-SHA-256), so that no key does two things, and a key is recognised by its
//! name wherever its file lies. The first seals, every one opens: a new key is put in front, `rotate` takes people over to it, and
//! then the old one may go.
//!
//! An account has few digits, so a plain digest of it would hide nothing. The digest is keyed: whoever has only the database, or only the
//! keys, can try nothing out.
//!
//! Bounds: [`KEYS_MAX`] keys, each of [`KEY_BYTES_MIN`] bytes or more.

use core::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretSlice};
use zeroize::Zeroizing;

/// Most keys at a time.
pub const KEYS_MAX: usize = 4;
/// Shortest secret, in bytes.
pub const KEY_BYTES_MIN: usize = 32;
/// Bytes of a derived key, and of a digest.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a derived key that make its name.
const NAME_BYTES: usize = 8;

/// Why keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// There is none.
    #[error("there must be a key of contacts")]
    Missing,
    /// Too many.
    #[error("at most {KEYS_MAX} keys of contacts can be used at a time")]
    TooMany,
    /// One is too short to be a secret.
    #[error("a key of contacts must have {KEY_BYTES_MIN} bytes or more")]
    TooShort,
    /// One is there twice.
    #[error("a key of contacts is there twice")]
    Twice,
    /// The cryptographic library refused.
    #[error("a key of contacts cannot be derived")]
    Library,
}

/// A digest by which something is found.
pub(crate) type Tag = [u8; KEY_BYTES];

struct Key {
    name: String,
    wrapping: RandomizedNonceKey,
    index: hmac::Key,
}

/// The keys, in their order.
#[derive(Clone)]
pub struct ContactKeys {
    keys: Arc<[Key]>,
}

impl fmt::Debug for ContactKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.keys.iter().map(|key| &key.name);
        f.debug_set().entries(names).finish()
    }
}

impl Key {
    fn derive(secret: &[u8]) -> Result<Self, KeyFault> {
        if secret.len() < KEY_BYTES_MIN {
            return Err(KeyFault::TooShort);
        }
        let prk = Salt::new(HKDF_SHA256, b"epay contact v1").extract(secret);
        let wrapping = expand(&prk, b"wrap")?;
        let index = expand(&prk, b"index")?;
        let name = expand(&prk, b"name")?;
        Ok(Self {
            name: hex::encode(name.get(..NAME_BYTES).unwrap_or_default()),
            wrapping: RandomizedNonceKey::new(&AES_256_GCM, wrapping.as_slice())
                .map_err(|_length| KeyFault::Library)?,
            index: hmac::Key::new(hmac::HMAC_SHA256, index.as_slice()),
        })
    }
}

fn expand(prk: &Prk, label: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyFault> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    let info = [label];
    let derived = prk.expand(&info, HKDF_SHA256);
    derived
        .and_then(|derived| derived.fill(bytes.as_mut_slice()))
        .map_err(|_length| KeyFault::Library)?;
    Ok(bytes)
}

impl ContactKeys {
    /// Keys in their order: the first seals.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn new(secrets: &[SecretSlice<u8>]) -> Result<Self, KeyFault> {
        if secrets.is_empty() {
            return Err(KeyFault::Missing);
        }
        if secrets.len() > KEYS_MAX {
            return Err(KeyFault::TooMany);
        }
        let mut keys: Vec<Key> = vec![];
        for secret in secrets {
            let key = Key::derive(secret.expose_secret())?;
            if keys.iter().any(|other| other.name == key.name) {
                return Err(KeyFault::Twice);
            }
            keys.push(key);
        }
        Ok(Self { keys: keys.into() })
    }

    /// The name of the key that seals.
    pub(crate) fn current(&self) -> &str {
        self.keys.first().map_or("", |key| key.name.as_str())
    }

    /// Digests of a message under every key, in their order.
    pub(crate) fn tags(&self, message: &[u8]) -> Vec<Tag> {
        let keys = self.keys.iter();
        keys.map(|key| tag(&key.index, message)).collect()
    }

    /// The digest of a message under the key of this name.
    pub(crate) fn tag(&self, name: &str, message: &[u8]) -> Option<Tag> {
        let key = self.keys.iter().find(|key| key.name == name)?;
        Some(tag(&key.index, message))
    }

    /// Wraps a data key with the key that seals.
    pub(crate) fn wrap(&self, data: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
        seal_with(&self.keys.first()?.wrapping, data, aad)
    }

    /// Opens a data key that the key of this name wrapped.
    pub(crate) fn unwrap(
        &self,
        name: &str,
        wrapped: &[u8],
        aad: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let key = self.keys.iter().find(|key| key.name == name)?;
        open_with(&key.wrapping, wrapped, aad)
    }
}

fn tag(key: &hmac::Key, message: &[u8]) -> Tag {
    let signed = hmac::sign(key, message);
    // An HMAC-SHA-256 has as many bytes as a tag.
    let mut tag = [0; KEY_BYTES];
    for (to, from) in tag.iter_mut().zip(signed.as_ref()) {
        *to = *from;
    }
    tag
}

/// Nonce, ciphertext and tag.
pub(crate) fn seal_with(key: &RandomizedNonceKey, plain: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let mut sealed = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(aad), &mut sealed)
        .ok()?;
    Some([nonce.as_ref().as_slice(), &sealed].concat())
}

/// What [`seal_with`] sealed.
pub(crate) fn open_with(
    key: &RandomizedNonceKey,
    sealed: &[u8],
    aad: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut opened = Zeroizing::new(rest.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut opened)
        .ok()?
        .len();
    opened.truncate(length);
    Some(opened)
}
