//! Opens an encrypted message: agree, derive, authenticate, and only then decrypt.
//!
//! ECDH over P-256; HKDF-SHA256 with a salt of 32 zero bytes and the info `Google` over the ephemeral point and the shared
//! secret; the first half of what comes out is the AES key, the second the MAC key, of 16 bytes each in version 1 and 32 in
//! version 2. HMAC-SHA256 over the ciphertext, compared in constant time; AES in counter mode from zero.

use aws_lc_rs::agreement::{ECDH_P256, UnparsedPublicKey, agree};
use aws_lc_rs::cipher::{
    AES_128, AES_256, Algorithm, DecryptingKey, DecryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use super::{GoogleKey, GoogleVersion};
use crate::Refusal;
use crate::encoding::{POINT_BYTES, base64};
use crate::json;

const SALT: [u8; 32] = [0; 32];
const INFO: [&[u8]; 1] = [b"Google"];
const MAC_BYTES: usize = 32;

/// The members of an encrypted message.
pub(super) struct Sealed {
    ephemeral: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// How many bytes to derive.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Sealed {
    pub(super) fn parse(message: &str) -> Result<Self, Refusal> {
        const WHAT: Refusal = Refusal::Malformed(
            "the signed message has an encrypted message, an ephemeral key and a tag",
        );
        let message = json::object(message.as_bytes()).ok_or(WHAT)?;
        let names = ["encryptedMessage", "ephemeralPublicKey", "tag"];
        if !message.has_only(&names) {
            return Err(WHAT);
        }
        let [ciphertext, ephemeral, tag] =
            names.map(|name| message.text(name).and_then(base64).ok_or(WHAT));
        let sealed = Self {
            ephemeral: ephemeral?,
            ciphertext: ciphertext?,
            tag: tag?,
        };
        if sealed.ephemeral.len() != POINT_BYTES || sealed.tag.len() != MAC_BYTES {
            return Err(WHAT);
        }
        Ok(sealed)
    }

    /// The message; nothing if the key is another, or a byte was altered.
    pub(super) fn open(
        &self,
        version: GoogleVersion,
        key: &GoogleKey,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (algorithm, half): (&'static Algorithm, usize) = match version {
            GoogleVersion::EcV1 => (&AES_128, 16),
            GoogleVersion::EcV2 => (&AES_256, 32),
            GoogleVersion::EcV2SigningOnly => return None,
        };
        let keys = self.derive(key, half.checked_mul(2)?)?;
        let (cipher_key, mac_key) = keys.split_at_checked(half)?;
        let mac_key = hmac::Key::new(hmac::HMAC_SHA256, mac_key);
        hmac::verify(&mac_key, &self.ciphertext, &self.tag).ok()?;
        let cipher_key = UnboundCipherKey::new(algorithm, cipher_key).ok()?;
        let mut text = Zeroizing::new(self.ciphertext.clone());
        DecryptingKey::ctr(cipher_key)
            .ok()?
            .decrypt(
                &mut text,
                DecryptionContext::Iv128(FixedLength::from([0; 16])),
            )
            .ok()?;
        Some(text)
    }

    fn derive(&self, key: &GoogleKey, length: usize) -> Option<Zeroizing<Vec<u8>>> {
        let theirs = UnparsedPublicKey::new(&ECDH_P256, &self.ephemeral);
        agree(key.private(), theirs, (), |shared| {
            let input = Zeroizing::new([self.ephemeral.as_slice(), shared].concat());
            let mut out = Zeroizing::new(vec![0; length]);
            let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, &SALT);
            let filled = salt
                .extract(&input)
                .expand(&INFO, Length(length))
                .and_then(|okm| okm.fill(&mut out));
            filled.map(|()| out).map_err(|_fault| ())
        })
        .ok()
    }
}
