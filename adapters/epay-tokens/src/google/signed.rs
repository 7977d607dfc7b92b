//! Who signed what: a root the intermediate key, the intermediate key (or, in version 1, a root) the message.
//!
//! The signed bytes are a row of texts, each with its length in bytes before it as a little-endian number of four bytes: the
//! sender `Google`, then the recipient (for messages), the version, and the text itself. ECDSA on P-256 with SHA-256.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use jiff::Timestamp;

use super::roots::millis;
use super::{GoogleRoots, GoogleToken};
use crate::Refusal;
use crate::encoding::{base64, p256_point};
use crate::json;

const SENDER: &str = "Google";

/// The points of the keys that may have signed the token's message: roots, or its intermediate key once that was found
/// signed and alive.
pub(super) fn signers(
    token: &GoogleToken,
    roots: &GoogleRoots,
    at: Timestamp,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let live = roots.live(token.version(), at)?;
    let Some(intermediate) = token.intermediate() else {
        return Ok(live.into_iter().map(<[u8]>::to_vec).collect());
    };
    let signed = rows(&[SENDER, token.version().as_str(), &intermediate.signed_key]);
    let is_signed = intermediate
        .signatures
        .iter()
        .filter_map(|signature| base64(signature))
        .any(|signature| live.iter().any(|root| fits(root, &signed, &signature)));
    if !is_signed {
        return Err(Refusal::BadIntermediateSignature);
    }
    const WHAT: Refusal = Refusal::Malformed("the signed key is a P-256 key and its expiration");
    let key = json::object(intermediate.signed_key.as_bytes()).ok_or(WHAT)?;
    let spki = key.text("keyValue").and_then(base64).ok_or(WHAT)?;
    let point = p256_point(&spki).ok_or(WHAT)?.to_vec();
    if at >= millis(&key, "keyExpiration").ok_or(WHAT)? {
        return Err(Refusal::IntermediateKeyExpired);
    }
    Ok(vec![point])
}

/// Whether one of these keys signed the token's message for this recipient.
pub(super) fn message_fits(token: &GoogleToken, recipient: &str, signers: &[Vec<u8>]) -> bool {
    let version = token.version().as_str();
    let signed = rows(&[SENDER, recipient, version, token.signed_message()]);
    base64(token.signature())
        .is_some_and(|signature| signers.iter().any(|key| fits(key, &signed, &signature)))
}

fn fits(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
        .verify(message, signature)
        .is_ok()
}

fn rows(texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for text in texts {
        // Tokens and configured names are far smaller than what four bytes can count.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    out
}
