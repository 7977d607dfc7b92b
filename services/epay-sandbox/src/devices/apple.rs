//! An Apple Pay token, `EC_v1`, as Apple's documentation describes it.

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::authority::{
    Party, algorithm, intermediate_certificate, leaf_certificate, merchant_hash, spki,
};
use super::der::{OCTETS, SET, oid, sequence, small, tagged, tlv, utc};
use super::keys::{Key, sha256};
use super::request::{Asked, CARD, Wrong};

const DATA: &str = "2a864886f70d010701";
const SIGNED_DATA: &str = "2a864886f70d010702";
const CONTENT_TYPE: &str = "2a864886f70d010903";
const MESSAGE_DIGEST: &str = "2a864886f70d010904";
const SIGNING_TIME: &str = "2a864886f70d010905";
const SHA_256: &str = "608648016503040201";

/// The token's `paymentData`; nothing for a currency that the device does not know.
pub(super) fn token(asked: &Asked, wrong: Wrong, now: Timestamp) -> Option<Value> {
    let ephemeral = Key::ephemeral();
    let acquirer = Party::acquirer();
    let plain = json!({
        "applicationPrimaryAccountNumber": CARD,
        "applicationExpirationDate": "301231",
        "currencyCode": asked.numeric()?,
        "transactionAmount": asked.cents,
        "deviceManufacturerIdentifier": "040010030273",
        "paymentDataType": "3DSecure",
        "paymentData": {
            "onlinePaymentCryptogram": STANDARD.encode(rand::random::<[u8; 20]>()),
            "eciIndicator": "5",
        },
    });
    let mut data = sealed(&ephemeral.agree(&acquirer.key), &plain.to_string())?;
    let transaction: [u8; 32] = rand::random();
    let about = asked.application_data.as_deref().map(sha256);
    let about_bytes = about.as_ref().map_or(&[][..], |hash| hash);
    let key = spki(&ephemeral);
    let age = SignedDuration::from_hours(if wrong.old { 1 } else { 0 });
    let at = now.checked_sub(age).ok()?;
    let signature = signature(
        &[key.as_slice(), &data, &transaction, about_bytes].concat(),
        at,
    );
    if let (true, Some(byte)) = (wrong.altered, data.first_mut()) {
        *byte ^= 1;
    }
    let named = if wrong.for_another {
        [0; 32]
    } else {
        sha256(&acquirer.spki())
    };
    let mut header = json!({
        "ephemeralPublicKey": STANDARD.encode(key),
        "publicKeyHash": STANDARD.encode(named),
        "transactionId": hex::encode(transaction),
    });
    if let (Some(hash), Some(header)) = (about, header.as_object_mut()) {
        header.insert("applicationData".to_owned(), json!(hex::encode(hash)));
    }
    Some(json!({
        "version": "EC_v1",
        "data": STANDARD.encode(data),
        "signature": STANDARD.encode(signature),
        "header": header,
    }))
}

/// AES-256-GCM under the agreed key, with 16 zero bytes as IV.
fn sealed(shared: &[u8], plain: &str) -> Option<Vec<u8>> {
    let parts: [&[u8]; 5] = [
        &[0, 0, 0, 1],
        shared,
        b"\x0did-aes256-GCM",
        b"Apple",
        &merchant_hash(),
    ];
    let key = sha256(&parts.concat());
    let cipher = AesGcm::<Aes256, U16>::new_from_slice(&key).ok()?;
    cipher.encrypt(&[0; 16].into(), plain.as_bytes()).ok()
}

/// A detached CMS signature by the device's leaf.
fn signature(message: &[u8], at: Timestamp) -> Vec<u8> {
    let time = at.to_zoned(TimeZone::UTC).strftime("%y%m%d%H%M%SZ");
    let attribute = |name: &str, value: &[u8]| sequence(&[&oid(name), &tlv(SET, &[value])]);
    // In the order of a SET in DER: shorter first.
    let attributes = [
        attribute(CONTENT_TYPE, &oid(DATA)),
        attribute(SIGNING_TIME, &utc(&time.to_string())),
        attribute(MESSAGE_DIGEST, &tlv(OCTETS, &[&sha256(message)])),
    ]
    .concat();
    let (leaf, intermediate) = (Party::leaf(), Party::intermediate());
    let signed = leaf.key.sign(&tlv(SET, &[&attributes]));
    let digest = sequence(&[&oid(SHA_256)]);
    let signer = sequence(&[
        &small(1),
        &leaf.issuer_and_serial(&intermediate),
        &digest,
        &tagged(0, &[&attributes]),
        &algorithm(),
        &tlv(OCTETS, &[&signed]),
    ]);
    let data = sequence(&[
        &small(1),
        &tlv(SET, &[&digest]),
        &sequence(&[&oid(DATA)]),
        &tagged(0, &[&leaf_certificate(), &intermediate_certificate()]),
        &tlv(SET, &[&signer]),
    ]);
    sequence(&[&oid(SIGNED_DATA), &tagged(0, &[&data])])
}
