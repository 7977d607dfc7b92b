//! The secure hash of checkout: SHA-1 over fields and the secret, parted by vertical bars.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use secrecy::{ExposeSecret, SecretString};

/// The hash in lower-case hexadecimal.
pub(super) fn secure_hash(fields: &[&str], secret: &SecretString) -> String {
    let text = format!("{}|{}", fields.join("|"), secret.expose_secret());
    hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}
