//! RSA, HMAC and AES-GCM with the libraries of `RustCrypto`: the gateway uses another one.

use aes_gcm::aead::{Aead, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{PrivateKey, PublicKey};
use sha2::{Digest as _, Sha256};

/// RSASSA-PKCS1-v1_5 with SHA-256, in base 64.
pub(super) fn rsa_sign(pem: &str, text: &[u8]) -> Option<String> {
    let key = SigningKey::<Sha256>::new(PrivateKey::from_pkcs8_pem(pem).ok()?);
    Some(STANDARD.encode(key.try_sign(text).ok()?.to_vec()))
}

pub(super) fn rsa_verify(pem: &str, text: &[u8], signature: &str) -> bool {
    let verified = || {
        let key = VerifyingKey::<Sha256>::new(PublicKey::from_public_key_pem(pem).ok()?);
        let bytes = STANDARD.decode(signature).ok()?;
        key.verify(text, &Signature::try_from(bytes.as_slice()).ok()?)
            .ok()
    };
    verified().is_some()
}

fn keyed(secret: &str, text: &[u8]) -> Option<Hmac<Sha256>> {
    let secret = STANDARD.decode(secret).ok()?;
    let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&secret).ok()?;
    Some(mac.chain_update(text))
}

/// HMAC-SHA256 by a secret in base 64, in base 64.
pub(super) fn hmac_sign(secret: &str, text: &[u8]) -> Option<String> {
    Some(STANDARD.encode(keyed(secret, text)?.finalize().into_bytes()))
}

pub(super) fn hmac_verify(secret: &str, text: &[u8], given: &str) -> bool {
    let given = STANDARD.decode(given).ok();
    let mac = keyed(secret, text);
    mac.zip(given)
        .is_some_and(|(mac, given)| mac.verify_slice(&given).is_ok())
}

/// `SHA-256=` and the digest in base 64.
pub(super) fn digest(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(Sha256::digest(body)))
}

/// AES-256-GCM in base 64, the tag at its end.
pub(super) fn sealed(key: &str, nonce: &str, aad: &str, plain: &[u8]) -> Option<String> {
    let key = Key::<Aes256Gcm>::try_from(key.as_bytes()).ok()?;
    let nonce = Nonce::try_from(nonce.as_bytes()).ok()?;
    let payload = Payload {
        msg: plain,
        aad: aad.as_bytes(),
    };
    Some(STANDARD.encode(Aes256Gcm::new(&key).encrypt(&nonce, payload).ok()?))
}
