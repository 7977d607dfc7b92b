//! The bank channel: vectors that another program computed, and everything that must be refused.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::collections::BTreeMap;

use epay_rail_kit::channel::{
    BODY_BYTES_MAX, ChannelError, KEY_HEADER, KeyError, KeyRing, MESSAGE_ID_HEADER, Request,
    SIGNATURE_HEADER, TIMESTAMP_HEADER, TOLERANCE_SECONDS, Verified, body_digest, sign, verify,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use secrecy::SecretSlice;
use serde::Deserialize;

const VECTORS: &str = include_str!("vectors/channel-v1.json");
const DOCUMENT: &str = include_str!("../../../docs/bank-channel.md");

/// A vector of `tests/vectors`, computed by Python's `hmac`.
#[derive(Deserialize)]
struct Vector {
    name: String,
    key_id: String,
    secret_hex: String,
    timestamp: i64,
    message_id: String,
    method: String,
    path: String,
    body: String,
    body_sha256: String,
    signature: String,
}

/// A signed request that a test may spoil.
#[derive(Clone)]
struct Sent {
    headers: BTreeMap<&'static str, String>,
    method: String,
    path: String,
    body: Vec<u8>,
}

impl Sent {
    fn verify(&self, ring: &KeyRing, now: Timestamp) -> Result<Verified, ChannelError> {
        let request = Request {
            method: &self.method,
            path: &self.path,
            body: &self.body,
        };
        let header = |name: &str| self.headers.get(name).map(String::as_str);
        verify(ring, header, &request, now, TOLERANCE_SECONDS)
    }

    fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.insert(header, value.to_owned());
        self
    }
}

fn secret(seed: u8) -> SecretSlice<u8> {
    vec![seed; 32].into()
}

fn ring(seeds: &[u8]) -> KeyRing {
    let secrets = seeds.iter().map(|seed| secret(*seed)).collect();
    KeyRing::new([("bank".to_owned(), secrets)]).unwrap()
}

fn now() -> Timestamp {
    "2026-01-21T00:00:03.9Z".parse().unwrap()
}

fn sent(seeds: &[u8]) -> Sent {
    let secrets: Vec<_> = seeds.iter().map(|seed| secret(*seed)).collect();
    let (method, path, body) = ("POST", "/rails/fps", b"<Document/>");
    let request = Request { method, path, body };
    let signed = sign("bank", &secrets, "NTF-1", &request, now()).unwrap();
    Sent {
        headers: signed.headers.into_iter().collect(),
        method: method.to_owned(),
        path: path.to_owned(),
        body: body.to_vec(),
    }
}

#[test]
fn vectors_of_another_program_are_signed_and_verified_alike() {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).unwrap();
    for vector in vectors {
        let bytes = || -> SecretSlice<u8> { hex::decode(&vector.secret_hex).unwrap().into() };
        let at = Timestamp::from_second(vector.timestamp).unwrap();
        let request = Request {
            method: &vector.method,
            path: &vector.path,
            body: vector.body.as_bytes(),
        };
        let signed = sign(&vector.key_id, &[bytes()], &vector.message_id, &request, at).unwrap();
        let headers: BTreeMap<_, _> = signed.headers.into_iter().collect();
        assert_eq!(
            headers[SIGNATURE_HEADER], vector.signature,
            "{}",
            vector.name
        );

        let ring = KeyRing::new([(vector.key_id.clone(), vec![bytes()])]).unwrap();
        let header = |name: &str| headers.get(name).map(String::as_str);
        let verified = verify(&ring, header, &request, at, TOLERANCE_SECONDS).unwrap();
        assert_eq!(verified.key_id, vector.key_id);
        assert_eq!(verified.message_id, vector.message_id);
        assert_eq!(verified.sent_at, at);
        assert_eq!(hex::encode(verified.body_digest), vector.body_sha256);
        assert_eq!(verified.body_digest, body_digest(request.body));
    }
}

#[test]
fn the_documentation_shows_the_vectors_as_they_are() {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).unwrap();
    let first = vectors.first().unwrap();
    for shown in [
        &first.key_id,
        &first.secret_hex,
        &first.timestamp.to_string(),
        &first.message_id,
        &first.path,
        &first.body,
        &first.body_sha256,
        &first.signature,
    ] {
        assert!(DOCUMENT.contains(shown.as_str()), "the page lacks {shown}");
    }
}

#[test]
fn a_key_changes_without_a_moment_of_refusal() {
    // ring, signed with, let in
    let table: &[(&[u8], &[u8], bool)] = &[
        (&[1], &[1], true),
        (&[1, 2], &[1], true),
        (&[1, 2], &[2], true),
        (&[2], &[1, 2], true),
        (&[2], &[2], true),
        (&[2], &[1], false),
        (&[3, 4], &[1, 2], false),
    ];
    for (known, signed, expected) in table {
        let answer = sent(signed).verify(&ring(known), now());
        assert_eq!(
            answer.is_ok(),
            *expected,
            "ring {known:?}, signed {signed:?}"
        );
    }
}

#[test]
fn a_request_counts_for_five_minutes_either_way() {
    let table = [
        (0, "ok"),
        (300, "ok"),
        (301, "stale"),
        (-300, "ok"),
        (-301, "future"),
        (86_400, "stale"),
    ];
    for (seconds, expected) in table {
        let later = now()
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap();
        let answer = sent(&[1]).verify(&ring(&[1]), later);
        let code = answer.as_ref().map_or_else(ChannelError::code, |_| "ok");
        assert_eq!(code, expected, "{seconds} s later");
    }
}

/// Each row is a request and the code of its answer.
fn check_codes(table: impl IntoIterator<Item = (Sent, &'static str)>) {
    for (row, (request, expected)) in table.into_iter().enumerate() {
        let answer = request.verify(&ring(&[1]), now());
        let code = answer.as_ref().map_or_else(ChannelError::code, |_| "ok");
        assert_eq!(code, expected, "row {row}");
    }
}

#[test]
fn a_header_that_is_missing_is_named() {
    for name in [
        KEY_HEADER,
        TIMESTAMP_HEADER,
        MESSAGE_ID_HEADER,
        SIGNATURE_HEADER,
    ] {
        let mut request = sent(&[1]);
        request.headers.remove(name);
        let answer = request.verify(&ring(&[1]), now());
        assert_eq!(answer, Err(ChannelError::MissingHeader { name }));
    }
}

#[test]
fn a_header_of_another_shape_or_value_is_refused_with_its_code() {
    let mac = sent(&[1]).headers[SIGNATURE_HEADER].clone();
    let (upper, twice) = (
        mac.to_uppercase().replace("V1", "v1"),
        format!("{mac}  {mac}"),
    );
    let (four, five) = ([mac.as_str(); 4].join(" "), [mac.as_str(); 5].join(" "));
    let (next, long) = (mac.replace("v1", "v2"), "a".repeat(65));
    let table = [
        (KEY_HEADER, "bank", "ok"),
        (KEY_HEADER, "", "malformed_header"),
        (KEY_HEADER, "bank\nkey", "malformed_header"),
        (KEY_HEADER, "other", "unknown_key"),
        (TIMESTAMP_HEADER, "-1", "malformed_header"),
        (TIMESTAMP_HEADER, "1768953603.0", "malformed_header"),
        (TIMESTAMP_HEADER, "9999999999999", "malformed_header"),
        (TIMESTAMP_HEADER, "999999999999", "malformed_header"),
        (TIMESTAMP_HEADER, "1768953604", "bad_signature"),
        (TIMESTAMP_HEADER, "01768953603", "bad_signature"),
        (MESSAGE_ID_HEADER, "", "malformed_header"),
        (MESSAGE_ID_HEADER, &long, "malformed_header"),
        (MESSAGE_ID_HEADER, "NTF 1", "malformed_header"),
        (MESSAGE_ID_HEADER, "NTF-2", "bad_signature"),
        (SIGNATURE_HEADER, "", "malformed_header"),
        (SIGNATURE_HEADER, "v1=00", "malformed_header"),
        (SIGNATURE_HEADER, &next, "malformed_header"),
        (SIGNATURE_HEADER, &upper, "malformed_header"),
        (SIGNATURE_HEADER, &twice, "malformed_header"),
        (SIGNATURE_HEADER, &five, "malformed_header"),
        (SIGNATURE_HEADER, &four, "ok"),
    ];
    check_codes(table.map(|(name, value, code)| (sent(&[1]).with(name, value), code)));
}

#[test]
fn another_target_or_body_is_refused_with_its_code() {
    let on = |method: &str, path: &str| Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        ..sent(&[1])
    };
    let holding = |body| Sent { body, ..sent(&[1]) };
    check_codes([
        (on("POST", "/rails/fps"), "ok"),
        (on("PUT", "/rails/fps"), "bad_signature"),
        (on("POST", "/rails/fps?"), "bad_signature"),
        (on("post", "/rails/fps"), "bad_target"),
        (on("POST", "rails/fps"), "bad_target"),
        (on("POST", "/rails/fps\n"), "bad_target"),
        (holding(b"<Document />".to_vec()), "bad_signature"),
        (holding(vec![b' '; BODY_BYTES_MAX + 1]), "body_too_large"),
    ]);
}

#[test]
fn a_ring_refuses_what_would_be_weak_or_ambiguous() {
    let id = |text: &str| text.to_owned();
    let short: SecretSlice<u8> = vec![1; 31].into();
    let table = [
        (vec![(id("a b"), vec![secret(1)])], KeyError::BadKeyId),
        (vec![(id("a"), vec![])], KeyError::SecretCount(id("a"))),
        (
            vec![(id("a"), vec![short])],
            KeyError::SecretTooShort(id("a")),
        ),
        (
            vec![(id("a"), vec![secret(1)]), (id("a"), vec![secret(2)])],
            KeyError::Repeated(id("a")),
        ),
    ];
    for (keys, expected) in table {
        assert_eq!(KeyRing::new(keys).err(), Some(expected));
    }
}

#[test]
fn a_secret_is_never_shown() {
    assert_eq!(
        format!("{:?}", ring(&[0xAB])),
        "KeyRing { key_ids: [\"bank\"], .. }"
    );
}

proptest! {
    #[test]
    fn any_flipped_bit_of_any_part_is_refused(part in 0_usize..7, at in any::<Index>(), bit in 0_u8..8) {
        let good = sent(&[1]);
        prop_assert!(good.verify(&ring(&[1]), now()).is_ok());
        let mut spoiled = good.clone();
        let names = [KEY_HEADER, TIMESTAMP_HEADER, MESSAGE_ID_HEADER, SIGNATURE_HEADER];
        let flip = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let place = at.index(bytes.len());
            bytes[place] ^= 1 << bit;
            String::from_utf8_lossy(&bytes).into_owned()
        };
        match part {
            0..=3 => {
                let name = names[part];
                spoiled.headers.insert(name, flip(&good.headers[name]));
            }
            4 => spoiled.method = flip(&good.method),
            5 => spoiled.path = flip(&good.path),
            _ => {
                let place = at.index(spoiled.body.len());
                spoiled.body[place] ^= 1 << bit;
            }
        }
        prop_assert!(spoiled.verify(&ring(&[1]), now()).is_err());
    }

    #[test]
    fn any_body_that_is_signed_verifies(body in proptest::collection::vec(any::<u8>(), 0..512), seed in any::<u8>()) {
        let request = Request { method: "POST", path: "/rails/fps", body: &body };
        let signed = sign("bank", &[secret(seed)], "NTF-1", &request, now()).unwrap();
        let headers: BTreeMap<_, _> = signed.headers.into_iter().collect();
        let sent = Sent { headers, method: "POST".to_owned(), path: "/rails/fps".to_owned(), body: body.clone() };
        let verified = sent.verify(&ring(&[seed]), now()).unwrap();
        prop_assert_eq!(verified.body_digest, body_digest(&body));
        prop_assert_eq!(verified.sent_at.as_second(), now().as_second());
    }

    #[test]
    fn any_header_text_is_answered_without_panic(text in ".{0,200}", part in 0_usize..4) {
        let names = [KEY_HEADER, TIMESTAMP_HEADER, MESSAGE_ID_HEADER, SIGNATURE_HEADER];
        let spoiled = sent(&[1]).with(names[part], &text);
        prop_assert!(spoiled.verify(&ring(&[1]), now()).is_err() || spoiled.headers == sent(&[1]).headers);
    }
}
