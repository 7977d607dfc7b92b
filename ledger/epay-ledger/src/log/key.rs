//! Keys: Ed25519, by `aws-lc-rs`, which speaks TLS for us too. A key has a name, and a set holds as many as there
//! ever were, so that a new key signs and old heads are still checked with the key of their time.

use core::fmt;
use std::collections::BTreeMap;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::head::{Head, SIGNATURE_BYTES, SignedHead};

/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 32;
/// Longest name of a key, in bytes.
pub const KEY_ID_LENGTH_MAX: usize = 64;

/// The key that signs heads. Its secret is never shown.
pub struct SigningKey {
    id: String,
    pair: Ed25519KeyPair,
}

/// Every key whose heads are believed, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys(BTreeMap<String, [u8; PUBLIC_KEY_BYTES]>);

/// Something that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Its name.
    #[error(
        "the name of a key is 1 to {KEY_ID_LENGTH_MAX} characters a-z, A-Z, 0-9, '.', '_' and '-'"
    )]
    Id,
    /// Its content.
    #[error("the file does not hold an Ed25519 private key in PKCS#8")]
    NotPrivateKey,
    /// It made a signature of another length than Ed25519 has.
    #[error("the key did not sign")]
    NotSigned,
}

/// Why a head is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// The set has no key of that name.
    #[error("it is signed with a key that is not in the set")]
    UnknownKey,
    /// The signature is not of that key over that head.
    #[error("its signature is false")]
    Signature,
}

impl SigningKey {
    /// Reads a private key: PKCS#8, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pkcs8(id: &str, der: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            id: checked_id(id)?,
            pair: Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
                .map_err(|_rejected| KeyError::NotPrivateKey)?,
        })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its public half.
    #[must_use]
    pub fn public_key(&self) -> [u8; PUBLIC_KEY_BYTES] {
        let mut bytes = [0; PUBLIC_KEY_BYTES];
        for (byte, known) in bytes.iter_mut().zip(self.pair.public_key().as_ref()) {
            *byte = *known;
        }
        bytes
    }

    /// Signs a head. Ed25519 draws no randomness: the same head has the same signature.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`].
    pub fn sign(&self, head: Head) -> Result<SignedHead, KeyError> {
        let signature = self.pair.sign(head.signed_text().as_bytes());
        let signature: [u8; SIGNATURE_BYTES] = signature
            .as_ref()
            .try_into()
            .map_err(|_wrong_length| KeyError::NotSigned)?;
        Ok(SignedHead {
            head,
            key_id: self.id.clone(),
            signature,
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey {}", self.id)
    }
}

impl PublicKeys {
    /// Adds a key.
    ///
    /// # Errors
    /// [`KeyError::Id`].
    pub fn insert(&mut self, id: &str, key: [u8; PUBLIC_KEY_BYTES]) -> Result<(), KeyError> {
        self.0.insert(checked_id(id)?, key);
        Ok(())
    }

    /// Checks who signed a head.
    ///
    /// # Errors
    /// [`HeadFault`].
    pub fn verify(&self, signed: &SignedHead) -> Result<(), HeadFault> {
        let key = self.0.get(&signed.key_id).ok_or(HeadFault::UnknownKey)?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(signed.head.signed_text().as_bytes(), &signed.signature)
            .map_err(|_rejected| HeadFault::Signature)
    }
}

fn checked_id(id: &str) -> Result<String, KeyError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if id.is_empty() || id.len() > KEY_ID_LENGTH_MAX || !id.bytes().all(plain) {
        return Err(KeyError::Id);
    }
    Ok(id.to_owned())
}
