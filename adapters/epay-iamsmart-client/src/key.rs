//! Content keys: opened with the service's private key, and kept while they are good.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_iamsmart::ContentKey;
use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{CallFault, OpenFault};

/// A key is not used any more so shortly before its end: a request is on its way for some seconds.
const LEFT_MIN: SignedDuration = SignedDuration::from_secs(30);

/// The service's own key.
pub(crate) struct PrivateKey(OaepPrivateDecryptingKey, AtomicU64);

/// A content key, and until when it is used.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) key: ContentKey,
    until: Timestamp,
    /// Counts what was opened, so that one key is told from another without looking at it.
    number: u64,
}

/// What `getKey` answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyAnswer {
    secret_key: SecretString,
    issue_at: i64,
    expires_in: i64,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

impl PrivateKey {
    pub(crate) fn from_pem(pem: &SecretString) -> Result<Self, OpenFault> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose_secret().as_bytes())
            .map_err(|_fault| OpenFault::PrivateKey)?;
        let key = PrivateDecryptingKey::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_fault| OpenFault::PrivateKey)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_fault| OpenFault::PrivateKey)?;
        Ok(Self(key, AtomicU64::new(0)))
    }

    /// Opens a content key; nothing where it was not sealed for us.
    pub(crate) fn content_key(&self, sealed: &SecretString) -> Option<ContentKey> {
        let sealed = STANDARD.decode(sealed.expose_secret()).ok()?;
        let mut room = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let bytes = self
            .0
            .decrypt(&OAEP_SHA256_MGF1SHA256, &sealed, &mut room, None)
            .ok()?;
        ContentKey::from_bytes(bytes).ok()
    }

    /// Opens the content key of an answer.
    pub(crate) fn open(&self, answer: &KeyAnswer) -> Result<Held, CallFault> {
        let unreadable =
            || CallFault::Unreadable("the content key cannot be opened with our private key");
        let key = self
            .content_key(&answer.secret_key)
            .ok_or_else(unreadable)?;
        let ends = answer.issue_at.saturating_add(answer.expires_in);
        let ends = Timestamp::from_millisecond(ends).map_err(|_fault| unreadable())?;
        let until = ends.checked_sub(LEFT_MIN).unwrap_or(Timestamp::MIN);
        let number = self.1.fetch_add(1, Ordering::Relaxed);
        Ok(Held { key, until, number })
    }
}

impl Held {
    pub(crate) fn is_good(&self, now: Timestamp) -> bool {
        now < self.until
    }

    pub(crate) const fn is_same(&self, other: &Self) -> bool {
        self.number == other.number
    }
}
