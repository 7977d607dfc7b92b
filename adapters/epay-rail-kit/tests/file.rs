//! Files that are carried by hand: what a signature of one opens, and for how long.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::collections::BTreeMap;

use epay_rail_kit::channel::{
    ChannelError, FILE_AGE_SECONDS_MAX, KeyRing, Request, SIGNATURE_HEADER, TOLERANCE_SECONDS,
    body_digest, sign, sign_file, verify, verify_file,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretSlice;

const DOCUMENT: &str = include_str!("../../../docs/bank-channel.md");
const KEY: &str = "bank-2026-01";
const BODY: &[u8] = b"<Document/>";
/// Computed by `openssl`, as the documentation shows.
const SIGNATURE: &str = "v1=609eaf2be9fa57ffc7acae8c01ce8b055181e32dde0be5c99eea9727a6c0174f";

type Headers = BTreeMap<&'static str, String>;

fn secret() -> SecretSlice<u8> {
    (0..32).collect::<Vec<u8>>().into()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_768_953_603).unwrap()
}

fn signed() -> Headers {
    let digest = body_digest(BODY);
    let signed = sign_file(
        KEY,
        &[secret()],
        "NTF-20260121-000001",
        ("pps", &digest),
        now(),
    );
    signed.unwrap().headers.into_iter().collect()
}

/// The code of the answer to these headers for a file of a rail.
fn code(headers: &Headers, rail: &str, body: &[u8], at: Timestamp) -> &'static str {
    let ring = KeyRing::new([(KEY.to_owned(), vec![secret()])]).unwrap();
    let header = |name: &str| headers.get(name).map(String::as_str);
    let answer = verify_file(&ring, header, (rail, &body_digest(body)), at);
    answer.as_ref().map_or_else(ChannelError::code, |_| "ok")
}

#[test]
fn another_program_signs_alike_and_the_documentation_shows_it() {
    assert_eq!(signed()[SIGNATURE_HEADER], SIGNATURE);
    assert!(DOCUMENT.contains(SIGNATURE));
}

#[test]
fn a_signature_opens_the_door_to_its_own_bytes_of_its_own_rail_alone() {
    assert_eq!(code(&signed(), "pps", BODY, now()), "ok");
    assert_eq!(code(&signed(), "card", BODY, now()), "bad_signature");
    assert_eq!(
        code(&signed(), "pps", b"<Document />", now()),
        "bad_signature"
    );
}

#[test]
fn neither_door_takes_a_signature_of_the_other() {
    let request = Request {
        method: "POST",
        path: "/rails/pps/notices",
        body: BODY,
    };
    let notice = sign(KEY, &[secret()], "N-1", &request, now()).unwrap();
    let notice: Headers = notice.headers.into_iter().collect();
    assert_eq!(code(&notice, "pps", BODY, now()), "bad_signature");
    let ring = KeyRing::new([(KEY.to_owned(), vec![secret()])]).unwrap();
    let file = signed();
    let header = |name: &str| file.get(name).map(String::as_str);
    let answer = verify(&ring, header, &request, now(), TOLERANCE_SECONDS);
    assert_eq!(answer, Err(ChannelError::BadSignature));
}

#[test]
fn a_signature_counts_for_a_month_and_not_from_the_future() {
    let month = i64::from(FILE_AGE_SECONDS_MAX);
    let table = [
        (0, "ok"),
        (month, "ok"),
        (month + 1, "stale"),
        (-300, "ok"),
        (-301, "future"),
    ];
    for (seconds, expected) in table {
        let later = now().checked_add(SignedDuration::from_secs(seconds));
        let found = code(&signed(), "pps", BODY, later.unwrap());
        assert_eq!(found, expected, "{seconds} s later");
    }
}
