//! The keys of those whom the device plays, worked out from fixed words; and what is done with a key.

use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};

/// A P-256 key.
pub(super) struct Key(SecretKey);

impl Key {
    /// The key of somebody who is always the same.
    pub(super) fn of(who: &str) -> Self {
        Self::found(|attempt| {
            let words = format!("epay sandbox, device wallet, {who}, {attempt}");
            Sha256::digest(words).into()
        })
    }

    /// A key that is used once.
    pub(super) fn ephemeral() -> Self {
        Self::found(|_attempt| rand::random())
    }

    /// Nearly every 32 bytes are a key; the first attempt that is one.
    fn found(bytes: impl Fn(u32) -> [u8; 32]) -> Self {
        let mut attempt = 0_u32;
        loop {
            if let Ok(key) = SecretKey::from_slice(&bytes(attempt)) {
                return Self(key);
            }
            attempt = attempt.wrapping_add(1);
        }
    }

    /// ECDSA with SHA-256, in DER. The same message has the same signature.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = SigningKey::from(&self.0).sign(message);
        signature.to_der().as_bytes().to_vec()
    }

    /// The public half: the point, not compressed.
    pub(super) fn point(&self) -> Vec<u8> {
        self.0.public_key().to_sec1_bytes().into_vec()
    }

    /// The secret that this key shares with the holder of another.
    pub(super) fn agree(&self, other: &Self) -> Vec<u8> {
        let shared = self.0.diffie_hellman(&other.0.public_key());
        shared.raw_secret_bytes().to_vec()
    }
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
