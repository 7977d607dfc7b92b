//! Restores a token's key and decrypts its data (Apple, *Restoring the symmetric key*).
//!
//! `EC_v1`: ECDH over P-256, then one round of the NIST SP 800-56A concatenation KDF with SHA-256 over the counter 1, the
//! shared secret, the algorithm's name with its length, the word `Apple`, and the merchant id's hash. `RSA_v1`: RSA-OAEP
//! with SHA-256 gives the key itself. The data is AES-GCM with 16 zero bytes as IV (never repeated, since each key is used
//! once), no associated data, and its tag behind it; 256 bits for `EC_v1`, the length of the wrapped key for `RSA_v1`.

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::aes::{Aes128, Aes256};
use aes_gcm::{AesGcm, Tag};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey};
use zeroize::Zeroizing;

use super::key::Secret;
use super::{AppleToken, AppleVersion};
use crate::encoding::{p256_point, sha256};

const COUNTER: [u8; 4] = [0, 0, 0, 1];
/// The name, after its length in one byte.
const ALGORITHM: &[u8] = b"\x0did-aes256-GCM";
const PARTY: &[u8] = b"Apple";
const IV: [u8; 16] = [0; 16];
const TAG_BYTES: usize = 16;

/// The data of a token; nothing if the key is of the wrong kind, does not fit, or the data was altered.
pub(super) fn open(
    secret: &Secret,
    merchant_id_hash: Option<&[u8; 32]>,
    token: &AppleToken,
) -> Option<Zeroizing<Vec<u8>>> {
    let key = match (token.version(), secret) {
        (AppleVersion::EcV1, Secret::Ec(secret)) => {
            agreed(secret, merchant_id_hash?, token.key_material())?
        }
        (AppleVersion::RsaV1, Secret::Rsa(secret)) => unwrapped(secret, token.key_material())?,
        (AppleVersion::EcV1, Secret::Rsa(_)) | (AppleVersion::RsaV1, Secret::Ec(_)) => return None,
    };
    decrypt(&key, token.data())
}

fn agreed(
    secret: &PrivateKey,
    merchant_id_hash: &[u8; 32],
    ephemeral: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let theirs = UnparsedPublicKey::new(&ECDH_P256, p256_point(ephemeral)?);
    agree(secret, theirs, (), |shared| {
        let parts = [&COUNTER, shared, ALGORITHM, PARTY, merchant_id_hash].concat();
        Ok(Zeroizing::new(sha256(&Zeroizing::new(parts)).to_vec()))
    })
    .ok()
}

fn unwrapped(secret: &OaepPrivateDecryptingKey, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut room = Zeroizing::new(vec![0; secret.min_output_size()]);
    let key = secret
        .decrypt(&OAEP_SHA256_MGF1SHA256, wrapped, &mut room, None)
        .ok()?;
    Some(Zeroizing::new(key.to_vec()))
}

fn decrypt(key: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cut = data.len().checked_sub(TAG_BYTES)?;
    let (text, tag) = data.split_at_checked(cut)?;
    let tag = Tag::try_from(tag).ok()?;
    let mut text = Zeroizing::new(text.to_vec());
    let buffer = text.as_mut_slice().into();
    let opened = match key.len() {
        16 => AesGcm::<Aes128, U16>::new_from_slice(key)
            .ok()?
            .decrypt_inout_detached(&IV.into(), b"", buffer, &tag),
        32 => AesGcm::<Aes256, U16>::new_from_slice(key)
            .ok()?
            .decrypt_inout_detached(&IV.into(), b"", buffer, &tag),
        _ => return None,
    };
    opened.ok().map(|()| text)
}
