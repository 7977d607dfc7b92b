//! Standard Webhooks signatures, both kinds over the same text: `id.timestamp.body`.
//!
//! Sixty-four secret bytes are one key: thirty-two for `v1`, which the receiver holds too, and thirty-two from which the
//! Ed25519 pair of `v1a` grows, whose public half the receiver holds. The specification's own crate knows `v1` only.

use core::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// Bytes of a key: the shared secret, then the seed.
pub const KEY_BYTES: usize = 64;
/// Bytes of each half.
const HALF_BYTES: usize = 32;

/// Something that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Too few or too many bytes.
    #[error("a signing key has {KEY_BYTES} bytes")]
    Length,
    /// No Ed25519 pair grows from it.
    #[error("the seed is refused by the library")]
    Seed,
}

/// What signs deliveries. Nothing of it is shown, unless asked for by name.
pub struct SigningKey {
    secret: Zeroizing<[u8; HALF_BYTES]>,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyFault> {
        let (secret, seed) = bytes.split_at_checked(HALF_BYTES).ok_or(KeyFault::Length)?;
        let secret = secret
            .try_into()
            .map_err(|_wrong_length| KeyFault::Length)?;
        if seed.len() != HALF_BYTES {
            return Err(KeyFault::Length);
        }
        Ok(Self {
            secret: Zeroizing::new(secret),
            pair: Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_rejected| KeyFault::Seed)?,
        })
    }

    /// The shared secret in the form that receivers' libraries take: `whsec_…`.
    #[must_use]
    pub fn shared_secret(&self) -> SecretString {
        format!("whsec_{}", STANDARD.encode(self.secret.as_slice())).into()
    }

    /// The public key in the form that receivers' libraries take: `whpk_…`.
    #[must_use]
    pub fn public_key(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.pair.public_key()))
    }

    /// Both signatures over a text.
    fn sign(&self, text: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_slice());
        let shared = STANDARD.encode(hmac::sign(&key, text));
        let public = STANDARD.encode(self.pair.sign(text));
        format!("v1,{shared} v1a,{public}")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey {}", self.public_key())
    }
}

/// The header `webhook-signature`: two signatures of each key, the newest key first. A receiver believes any of them.
#[must_use]
pub fn signature_header<'a>(
    keys: impl IntoIterator<Item = &'a SigningKey>,
    id: &str,
    unix_seconds: i64,
    body: &str,
) -> String {
    let text = format!("{id}.{unix_seconds}.{body}");
    let signatures: Vec<String> = keys
        .into_iter()
        .map(|key| key.sign(text.as_bytes()))
        .collect();
    signatures.join(" ")
}

/// Equal when they sign alike.
impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.public_key() == other.public_key()
            && self.shared_secret().expose_secret() == other.shared_secret().expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    /// The example of the specification: its secret, message and signature.
    const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_shared_signature_is_the_one_of_the_reference_libraries() {
        let text = br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let secret = STANDARD.decode(SECRET).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        assert_eq!(
            STANDARD.encode(hmac::sign(&key, text)),
            "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn the_header_holds_both_signatures_of_every_key() {
        let (new, old) = (key(1), key(2));
        let header = signature_header([&new, &old], "evt_1", 1_614_265_330, "{}");
        let text = "evt_1.1614265330.{}";
        let signatures: Vec<(&str, Vec<u8>)> = header
            .split(' ')
            .map(|one| one.split_once(',').unwrap())
            .map(|(version, signature)| (version, STANDARD.decode(signature).unwrap()))
            .collect();
        let versions: Vec<&str> = signatures.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, ["v1", "v1a", "v1", "v1a"]);
        for (key, pair) in [&new, &old].into_iter().zip(signatures.chunks(2)) {
            let shared = hmac::Key::new(hmac::HMAC_SHA256, key.secret.as_slice());
            hmac::verify(&shared, text.as_bytes(), &pair[0].1).unwrap();
            UnparsedPublicKey::new(&ED25519, key.pair.public_key())
                .verify(text.as_bytes(), &pair[1].1)
                .unwrap();
        }
    }

    #[test]
    fn a_key_shows_its_public_half_only() {
        let shown = format!("{:?}", key(3));
        let secret = key(3).shared_secret();
        assert!(shown.contains("whpk_") && !shown.contains(secret.expose_secret()));
    }

    #[test]
    fn other_lengths_are_no_key() {
        for length in [0, 31, 32, 63, 65] {
            let bytes = vec![1; length];
            assert_eq!(
                SigningKey::from_bytes(&bytes).unwrap_err(),
                KeyFault::Length,
                "{length}"
            );
        }
    }

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; KEY_BYTES]).unwrap()
    }
}
