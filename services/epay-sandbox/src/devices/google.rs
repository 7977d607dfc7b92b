//! A Google Pay token, `ECv2`, as Google's documentation describes it.

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::authority::{Party, RECIPIENT, spki};
use super::keys::Key;
use super::request::{Asked, CARD, Wrong};

const VERSION: &str = "ECv2";
/// A message lives a week, an intermediate key a day longer.
const MESSAGE_HOURS: i64 = 7 * 24;
const KEY_HOURS: i64 = 8 * 24;

/// The token; nothing for a currency that the device does not know.
pub(super) fn token(asked: &Asked, wrong: Wrong, now: Timestamp) -> Option<Value> {
    asked.numeric()?;
    let hours = |hours| now.checked_add(SignedDuration::from_hours(hours)).ok();
    let message_ends = if wrong.old {
        now
    } else {
        hours(MESSAGE_HOURS)?
    };
    let plain = json!({
        "messageExpiration": message_ends.as_millisecond().to_string(),
        "messageId": Uuid::new_v4().simple().to_string(),
        "paymentMethod": "CARD",
        "paymentMethodDetails": {
            "authMethod": "CRYPTOGRAM_3DS",
            "pan": CARD,
            "expirationYear": 2030,
            "expirationMonth": 12,
            "cryptogram": STANDARD.encode(rand::random::<[u8; 20]>()),
            "eciIndicator": "05",
        },
    });
    let signed_message = escaped(&sealed(&plain.to_string())?);
    let intermediate = Key::ephemeral();
    let signed_key = escaped(&json!({
        "keyValue": STANDARD.encode(spki(&intermediate)),
        "keyExpiration": hours(KEY_HOURS)?.as_millisecond().to_string(),
    }));
    let root = Party::google_root().key;
    let key_signature = root.sign(&rows(&["Google", VERSION, &signed_key]));
    let recipient = if wrong.for_another {
        "gateway:somebody-else"
    } else {
        RECIPIENT
    };
    let signed = rows(&["Google", recipient, VERSION, &signed_message]);
    let mut signature = intermediate.sign(&signed);
    if let (true, Some(byte)) = (wrong.altered, signature.last_mut()) {
        *byte ^= 1;
    }
    Some(json!({
        "protocolVersion": VERSION,
        "signature": STANDARD.encode(signature),
        "intermediateSigningKey": {
            "signedKey": signed_key,
            "signatures": [STANDARD.encode(key_signature)],
        },
        "signedMessage": signed_message,
    }))
}

/// JSON as Google writes it, `=` as an escape: what is signed is the text.
fn escaped(value: &Value) -> String {
    value.to_string().replace('=', "\\u003d")
}

/// Texts, each with its length before it.
fn rows(texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for text in texts {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    out
}

fn sealed(plain: &str) -> Option<Value> {
    let ephemeral = Key::ephemeral();
    let point = ephemeral.point();
    let shared = ephemeral.agree(&Party::acquirer().key);
    // HKDF with an empty salt, two blocks: one is the key of the cipher, one that of the MAC.
    let prk = mac(&[0; 32], &[&point, &shared])?;
    let cipher_key = mac(&prk, &[b"Google", &[1]])?;
    let mac_key = mac(&prk, &[&cipher_key, b"Google", &[2]])?;
    let mut text = plain.as_bytes().to_vec();
    Ctr128BE::<Aes256>::new_from_slices(&cipher_key, &[0; 16])
        .ok()?
        .apply_keystream(&mut text);
    let tag = mac(&mac_key, &[&text])?;
    Some(json!({
        "encryptedMessage": STANDARD.encode(text),
        "ephemeralPublicKey": STANDARD.encode(point),
        "tag": STANDARD.encode(tag),
    }))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().to_vec())
}
