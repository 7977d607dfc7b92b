//! The secure hash: a plain digest over fields and a secret, parted by vertical bars, in lower-case hexadecimal.
//!
//! It is what the gateway's public guides describe, no more: a digest with the secret at the end, over some of the fields.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Digest as _;
use subtle::{Choice, ConstantTimeEq};

/// Most hashes in one data feed: the gateway sends one for each secret while a secret is changed.
const HASHES_MAX: usize = 8;

/// The digest of the secure hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Digest {
    /// SHA-1, the older contracts.
    Sha1,
    /// SHA-256, the newer ones.
    Sha256,
}

impl Digest {
    /// The hash of fields, which must hold no vertical bar, with a secret.
    pub(crate) fn hash(self, fields: &[&str], secret: &SecretString) -> String {
        let mut text = fields.join("|");
        text.push('|');
        text.push_str(secret.expose_secret());
        match self {
            Self::Sha1 => hex::encode(sha1::Sha1::digest(text.as_bytes())),
            Self::Sha256 => hex::encode(sha2::Sha256::digest(text.as_bytes())),
        }
    }

    /// Whether any of the comma-separated hashes is one of the secrets'. Every pair is compared, in constant time.
    pub(crate) fn verify<'a>(
        self,
        given: &str,
        fields: &[&str],
        secrets: impl Iterator<Item = &'a SecretString>,
    ) -> bool {
        let given: Vec<String> = given
            .split(',')
            .take(HASHES_MAX)
            .map(|hash| hash.trim().to_ascii_lowercase())
            .collect();
        let mut fits = Choice::from(0);
        for secret in secrets {
            let expected = self.hash(fields, secret);
            for hash in &given {
                fits |= expected.as_bytes().ct_eq(hash.as_bytes());
            }
        }
        bool::from(fits)
    }
}
