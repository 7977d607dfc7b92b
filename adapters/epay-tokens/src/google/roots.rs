//! Google's root keys: which there are for a version of token, and until when.

use jiff::Timestamp;

use super::GoogleVersion;
use crate::encoding::{base64, p256_point};
use crate::json::{self, Object, Value};
use crate::{Refusal, SetupError};

/// A root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootKey {
    version: GoogleVersion,
    point: Vec<u8>,
    expires_at: Option<Timestamp>,
}

impl RootKey {
    /// A key of this version: a P-256 `SubjectPublicKeyInfo` in base64, and when it ends.
    ///
    /// # Errors
    /// [`SetupError::BadRootKey`] for another kind of key, or a version 2 key without an end.
    pub fn new(
        version: GoogleVersion,
        key_value: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<Self, SetupError> {
        let spki = base64(key_value).ok_or(SetupError::BadRootKey("a key is no base64"))?;
        let point = p256_point(&spki).ok_or(SetupError::BadRootKey("a key is not of P-256"))?;
        if version.has_intermediate() && expires_at.is_none() {
            return Err(SetupError::BadRootKey("a version 2 key has no expiration"));
        }
        Ok(Self {
            version,
            point: point.to_vec(),
            expires_at,
        })
    }
}

/// The root keys that are believed: Google's published list in production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleRoots(Vec<RootKey>);

impl GoogleRoots {
    /// These keys.
    ///
    /// # Errors
    /// [`SetupError::Missing`] for an empty list.
    pub fn new(keys: Vec<RootKey>) -> Result<Self, SetupError> {
        if keys.is_empty() {
            return Err(SetupError::Missing("no Google root key is configured"));
        }
        Ok(Self(keys))
    }

    /// Reads the list in the form in which Google publishes it: `{"keys":[{"keyValue":…,"protocolVersion":…,
    /// "keyExpiration":…}]}`. Keys of versions that are not known are passed over.
    ///
    /// # Errors
    /// [`SetupError`] for a list that cannot be read, or has no key of a known version.
    pub fn from_json(list: &str) -> Result<Self, SetupError> {
        const SHAPE: SetupError = SetupError::BadRootKey("it is a JSON object with a list of keys");
        let list = json::object(list.as_bytes()).ok_or(SHAPE)?;
        let mut keys = Vec::new();
        for key in list.get("keys").and_then(Value::list).ok_or(SHAPE)? {
            let key = key.object().ok_or(SHAPE)?;
            let version = key.text("protocolVersion").ok_or(SHAPE)?;
            let Some(version) = GoogleVersion::from_word(version) else {
                continue;
            };
            let value = key.text("keyValue").ok_or(SHAPE)?;
            let expires_at = match key.get("keyExpiration") {
                None => None,
                Some(_given) => Some(millis(key, "keyExpiration").ok_or(
                    SetupError::BadRootKey("an expiration is milliseconds as a text"),
                )?),
            };
            keys.push(RootKey::new(version, value, expires_at)?);
        }
        Self::new(keys)
    }

    /// The points of the keys of a version that are valid now.
    pub(super) fn live(
        &self,
        version: GoogleVersion,
        at: Timestamp,
    ) -> Result<Vec<&[u8]>, Refusal> {
        let mut own = self
            .0
            .iter()
            .filter(|key| key.version == version)
            .peekable();
        if own.peek().is_none() {
            return Err(Refusal::NoRootKey);
        }
        let live: Vec<&[u8]> = own
            .filter(|key| key.expires_at.is_none_or(|end| at < end))
            .map(|key| key.point.as_slice())
            .collect();
        if live.is_empty() {
            return Err(Refusal::RootKeyExpired);
        }
        Ok(live)
    }
}

/// A moment as Google writes it: milliseconds since 1970, digits in a text.
pub(super) fn millis(object: &Object, name: &str) -> Option<Timestamp> {
    let text = object.text(name)?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Timestamp::from_millisecond(text.parse().ok()?).ok()
}
