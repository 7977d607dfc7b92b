//! Content that only the two sides can read: AES-GCM with a key that iAM Smart hands out and takes back.
//!
//! The bytes are the length of the nonce as four bytes, big end first, the nonce, the ciphertext and its tag; Base64 in the field `content`.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::BODY_BYTES_MAX;

/// Bytes of a key.
pub const CONTENT_KEY_BYTES: usize = 32;
/// Bytes of a nonce. Each is used once with a key.
pub const NONCE_BYTES: usize = 12;
const LENGTH_BYTES: usize = 4;

/// The key of the content.
#[derive(Clone)]
pub struct ContentKey(Zeroizing<[u8; CONTENT_KEY_BYTES]>);

/// A body whose content is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Base64.
    pub content: String,
}

/// Why content cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentFault {
    /// A key has 32 bytes.
    #[error("a content key has {CONTENT_KEY_BYTES} bytes")]
    KeyLength,
    /// It is too long.
    #[error("sealed content has {BODY_BYTES_MAX} bytes at most")]
    Long,
    /// It is not Base64, too short, or has a nonce of another length.
    #[error("this is not sealed content")]
    Form,
    /// It was sealed with another key, or altered.
    #[error("the content was sealed with another key, or altered on its way")]
    Seal,
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(…)")
    }
}

impl ContentKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// [`ContentFault::KeyLength`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ContentFault> {
        let bytes: [u8; CONTENT_KEY_BYTES] =
            bytes.try_into().map_err(|_fault| ContentFault::KeyLength)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Seals a text. The nonce must be one that this key has not seen.
    ///
    /// # Errors
    /// [`ContentFault::Long`].
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], text: &str) -> Result<Sealed, ContentFault> {
        if text.len() > BODY_BYTES_MAX {
            return Err(ContentFault::Long);
        }
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), text.as_bytes())
            .map_err(|_fault| ContentFault::Seal)?;
        let mut bytes = vec![0, 0, 0, 12];
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(Sealed {
            content: STANDARD.encode(bytes),
        })
    }

    /// Opens content.
    ///
    /// # Errors
    /// [`ContentFault`].
    pub fn open(&self, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, ContentFault> {
        // Base64 makes four characters of three bytes.
        if sealed.content.len() / 4 > BODY_BYTES_MAX / 3 {
            return Err(ContentFault::Long);
        }
        let bytes = STANDARD
            .decode(&sealed.content)
            .map_err(|_fault| ContentFault::Form)?;
        let (length, rest) = bytes
            .split_first_chunk::<LENGTH_BYTES>()
            .ok_or(ContentFault::Form)?;
        if usize::try_from(u32::from_be_bytes(*length)) != Ok(NONCE_BYTES) {
            return Err(ContentFault::Form);
        }
        let (nonce, text) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(ContentFault::Form)?;
        self.cipher()
            .decrypt(&Nonce::from(*nonce), text)
            .map(Zeroizing::new)
            .map_err(|_fault| ContentFault::Seal)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.0).into())
    }
}
