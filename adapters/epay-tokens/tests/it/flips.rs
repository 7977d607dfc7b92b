//! Any changed byte is refused: in every field of every kind of token, and before anything that was decrypted is used.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::Value;

use crate::vector::{Apple, Google, apple, google, row};

/// Every text inside a token, as a JSON pointer.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                texts(value, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                texts(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The token with one byte of one text changed, as a text; nothing where that is no text any more.
fn flipped(token: &Value, pointer: &str, index: usize, mask: u8) -> Option<String> {
    let mut token = token.clone();
    let text = token.pointer_mut(pointer)?;
    let mut bytes = text.as_str()?.as_bytes().to_vec();
    let index = index % bytes.len().max(1);
    *bytes.get_mut(index)? ^= mask;
    *text = Value::String(String::from_utf8(bytes).ok()?);
    Some(token.to_string())
}

/// The token with one byte of what a base64 text stands for changed.
fn flipped_inside(token: &Value, pointer: &str, index: usize, mask: u8) -> Option<String> {
    let mut token = token.clone();
    let text = token.pointer_mut(pointer)?;
    let mut bytes = STANDARD.decode(text.as_str()?).ok()?;
    let index = index % bytes.len().max(1);
    *bytes.get_mut(index)? ^= mask;
    *text = Value::String(STANDARD.encode(bytes));
    Some(token.to_string())
}

const APPLE: [&str; 5] = [
    "EC_v1-ec-card",
    "EC_v1-ec-definite-lengths",
    "EC_v1-ec-application-data",
    "RSA_v1-rsa-card",
    "RSA_v1-rsa-short-key",
];
const GOOGLE: [&str; 3] = ["ECv1-card", "ECv2-card", "ECv2SigningOnly-device-card"];

/// Every byte of the signature, which has the most shells around what is signed, and one bit of each in turn.
#[test]
fn every_byte_of_an_apple_signature_counts() {
    for id in ["EC_v1-ec-card", "RSA_v1-rsa-card"] {
        let vector = Apple::of(&row(apple(), id));
        assert!(
            vector.open(vector.token.to_string().as_bytes()).is_ok(),
            "{id}"
        );
        let signature = vector.token["signature"].as_str().unwrap();
        for index in 0..STANDARD.decode(signature).unwrap().len() {
            for mask in [1 << (index % 8), 0xff] {
                let token = flipped_inside(&vector.token, "/signature", index, mask).unwrap();
                let judged = vector.verify(token.as_bytes());
                assert!(
                    judged.is_err(),
                    "{id}: byte {index} ^ {mask:#04x} is not missed"
                );
            }
        }
    }
}

/// Every byte of a token's whole text.
#[test]
fn every_byte_of_a_google_token_counts() {
    for id in GOOGLE {
        let vector = Google::of(&row(google(), id));
        assert!(vector.open(vector.token.as_bytes()).is_ok(), "{id}");
        for index in 0..vector.token.len() {
            let mut token = vector.token.clone().into_bytes();
            token[index] ^= 1 << (index % 7);
            let judged = vector.open(&token);
            assert!(judged.is_err(), "{id}: byte {index} is not missed");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_changed_byte_of_an_apple_token_is_refused(
        which in 0..APPLE.len(), field in any::<prop::sample::Index>(),
        index in any::<usize>(), mask in 1_u8..=255, inside in any::<bool>(),
    ) {
        let vector = Apple::of(&row(apple(), APPLE[which]));
        let mut fields = Vec::new();
        texts(&vector.token, "", &mut fields);
        let field = field.get(&fields);
        let change = if inside { flipped_inside } else { flipped };
        if let Some(token) = change(&vector.token, field, index, mask) {
            prop_assert!(vector.verify(token.as_bytes()).is_err(), "{field}");
            prop_assert!(vector.open(token.as_bytes()).is_err(), "{field}");
        }
    }

    #[test]
    fn any_changed_byte_of_a_google_token_is_refused(
        which in 0..GOOGLE.len(), field in any::<prop::sample::Index>(),
        index in any::<usize>(), mask in 1_u8..=255, inside in any::<bool>(),
    ) {
        let vector = Google::of(&row(google(), GOOGLE[which]));
        let token: Value = serde_json::from_str(&vector.token).unwrap();
        let mut fields = Vec::new();
        texts(&token, "", &mut fields);
        let field = field.get(&fields);
        let change = if inside { flipped_inside } else { flipped };
        if let Some(token) = change(&token, field, index, mask) {
            prop_assert!(vector.verify(token.as_bytes()).is_err(), "{field}");
            prop_assert!(vector.open(token.as_bytes()).is_err(), "{field}");
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let apple = Apple::of(&row(apple(), APPLE[0]));
        let google = Google::of(&row(google(), GOOGLE[0]));
        prop_assert!(apple.open(&bytes).is_err());
        prop_assert!(google.open(&bytes).is_err());
    }

    /// Bytes where a signature belongs, so that the shells of a signature are reached.
    #[test]
    fn an_arbitrary_signature_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 0..2_000_usize) {
        let vector = Apple::of(&row(apple(), APPLE[0]));
        let mut token = vector.token.clone();
        let good = STANDARD.decode(token["signature"].as_str().unwrap()).unwrap();
        let mut signature = good.clone();
        signature.truncate(cut);
        signature.extend(bytes);
        token["signature"] = Value::String(STANDARD.encode(&signature));
        let judged = vector.open(token.to_string().as_bytes());
        prop_assert_eq!(judged.is_ok(), signature == good);
    }
}
