//! Keys of the wallets: RSA to sign and to verify, shared secrets for HMAC. Opened once, when the rail is; shown never.
//!
//! Rings hold several keys by name, so that a counterparty may change its key while both the old and the new are good.

use core::fmt;
use std::collections::BTreeMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_rail::{NotGenuine, OpenError, Refusal};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};

/// A shorter secret weakens HMAC-SHA256 (RFC 2104 section 3).
const SECRET_BYTES_MIN: usize = 32;

/// Our own RSA key.
pub(crate) struct Signer(KeyPair);

impl Signer {
    /// The key of a PEM text: PKCS#8, at least 2048 bits.
    pub(crate) fn open(name: &'static str, pem: &SecretString) -> Result<Self, OpenError> {
        let der = der(pem.expose_secret());
        der.and_then(|der| KeyPair::from_pkcs8(&der).ok())
            .filter(|key| key.public_modulus_len() >= 256)
            .map(Self)
            .ok_or_else(|| {
                OpenError::bad_setting(
                    name,
                    "it must be an RSA key of 2048 bits or more, as PKCS#8 in PEM",
                )
            })
    }

    /// The RSASSA-PKCS1-v1_5 signature with SHA-256 of a text, in base 64. The same text has always the same: the
    /// padding takes no randomness, though the library's function asks for a source of it.
    pub(crate) fn sign(&self, text: &[u8]) -> Result<String, Refusal> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text,
                &mut signature,
            )
            .map_err(|_unspecified| Refusal::BadField {
                field: "signature",
                problem: "the key does not sign it".to_owned(),
            })?;
        Ok(STANDARD.encode(signature))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(hidden)")
    }
}

/// A counterparty's public RSA keys, by the name that its messages give.
pub(crate) struct Verifiers(BTreeMap<String, ParsedPublicKey>);

impl Verifiers {
    /// The keys of PEM texts; at least one.
    pub(crate) fn open(
        name: &'static str,
        pems: &BTreeMap<String, String>,
    ) -> Result<Self, OpenError> {
        if pems.is_empty() {
            return Err(OpenError::bad_setting(name, "at least one key is needed"));
        }
        let mut keys = BTreeMap::new();
        for (id, pem) in pems {
            let key = der(pem)
                .and_then(|der| ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).ok())
                .ok_or_else(|| {
                    let problem = format!("{id} is not an RSA public key in PEM");
                    OpenError::bad_setting(name, problem)
                })?;
            keys.insert(id.clone(), key);
        }
        Ok(Self(keys))
    }

    /// Whether the named key signed the text; `signature` is base 64.
    pub(crate) fn verify(&self, id: &str, text: &[u8], signature: &str) -> Result<(), NotGenuine> {
        let key = self.0.get(id).ok_or(NotGenuine::UnknownKey)?;
        let signature = STANDARD
            .decode(signature)
            .map_err(|_undecodable| NotGenuine::Malformed { name: "signature" })?;
        key.verify_sig(text, &signature)
            .map_err(|_unspecified| NotGenuine::BadSignature)
    }
}

impl fmt::Debug for Verifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Shared secrets, by the name that messages give.
pub(crate) struct Secrets(BTreeMap<String, SecretSlice<u8>>);

impl Secrets {
    /// Secrets in base 64, each at least 32 bytes; at least one.
    pub(crate) fn open(
        name: &'static str,
        texts: &BTreeMap<String, SecretString>,
    ) -> Result<Self, OpenError> {
        if texts.is_empty() {
            return Err(OpenError::bad_setting(
                name,
                "at least one secret is needed",
            ));
        }
        let mut secrets = BTreeMap::new();
        for (id, text) in texts {
            let bytes = STANDARD
                .decode(text.expose_secret())
                .ok()
                .filter(|bytes| bytes.len() >= SECRET_BYTES_MIN)
                .ok_or_else(|| {
                    let problem = format!("{id} is not base 64 of 32 bytes or more");
                    OpenError::bad_setting(name, problem)
                })?;
            secrets.insert(id.clone(), bytes.into());
        }
        Ok(Self(secrets))
    }

    /// Whether there is a secret of this name.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// HMAC-SHA256 of a text, in base 64; nothing when there is no such secret.
    pub(crate) fn sign(&self, id: &str, text: &[u8]) -> Option<String> {
        let mac = self.keyed(id)?.chain_update(text);
        Some(STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Whether the named secret made this HMAC, in base 64; compared in constant time.
    pub(crate) fn verify(&self, id: &str, text: &[u8], given: &str) -> Result<(), NotGenuine> {
        let mac = self.keyed(id).ok_or(NotGenuine::UnknownKey)?;
        let given = STANDARD
            .decode(given)
            .map_err(|_undecodable| NotGenuine::Malformed { name: "signature" })?;
        mac.chain_update(text)
            .verify_slice(&given)
            .map_err(|_mismatch| NotGenuine::BadSignature)
    }

    fn keyed(&self, id: &str) -> Option<Hmac<Sha256>> {
        let secret = self.0.get(id)?.expose_secret();
        Hmac::<Sha256>::new_from_slice(secret).ok()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// SHA-256 of bytes.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The bytes inside a PEM text; the lines between the dashes, or a bare base 64.
fn der(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(body).ok().filter(|der| !der.is_empty())
}
