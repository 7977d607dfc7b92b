use epay_channels::receipt::{
    Outcome, RECEIPT_BYTES_MAX, Receipt, ReceiptError, decode_push, push,
};
use epay_domain::notification::Failure;
use epay_iamsmart::{Credentials, SignatureFault};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const NAME: &str = "01993f0e-8c00-7000-8000-000000000011";

fn body(status: &str) -> String {
    format!(
        r#"{{"businessID":"{NAME}","messageID":"P-1","status":"{status}","completedAt":"2026-11-28T09:00:00+08:00"}}"#
    )
}

fn credentials(secret: &str) -> Credentials {
    Credentials {
        client_id: "epay-test".to_owned(),
        secret: secret.into(),
    }
}

fn now() -> Timestamp {
    "2026-11-28T01:00:05Z".parse().unwrap()
}

/// What a door says to a body that was signed with a secret, at a time, without one of its headers.
fn told(
    body: &str,
    secret: &str,
    (at, missing): (Timestamp, &str),
) -> Result<Receipt, ReceiptError> {
    let signed = credentials(secret).sign(at.as_millisecond(), "n", body);
    let headers = signed.headers();
    let header = |name: &str| {
        let mut headers = headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.filter(|_| name != missing).map(|(_, value)| *value)
    };
    push(&credentials("ours"), header, body.as_bytes(), now())
}

#[test]
fn a_receipt_says_what_became_of_a_message() {
    let table = [
        ("delivered", Outcome::Delivered),
        ("temporary-failure", Outcome::Failed(Failure::Temporary)),
        ("permanent-failure", Outcome::Failed(Failure::Permanent)),
        ("technical-failure", Outcome::Failed(Failure::Technical)),
    ];
    for (word, outcome) in table {
        let expected = Receipt {
            message: NAME.parse().unwrap(),
            provider_reference: "P-1".to_owned(),
            outcome,
            at: "2026-11-28T01:00:00Z".parse().unwrap(),
        };
        assert_eq!(
            told(&body(word), "ours", (now(), "")),
            Ok(expected),
            "{word}"
        );
    }
}

#[test]
fn what_is_not_signed_by_iam_smart_now_is_refused_unread() {
    let late = now() + SignedDuration::from_secs(301);
    let table = [
        ("theirs", (now(), ""), SignatureFault::Signature),
        ("ours", (late, ""), SignatureFault::Time),
        ("ours", (now(), "clientid"), SignatureFault::Missing),
        ("ours", (now(), "signaturemethod"), SignatureFault::Missing),
        ("ours", (now(), "timestamp"), SignatureFault::Missing),
        ("ours", (now(), "nonce"), SignatureFault::Missing),
        ("ours", (now(), "signature"), SignatureFault::Missing),
    ];
    for (secret, how, fault) in table {
        // It is no receipt either, which nobody finds out.
        let refused = told("{}", secret, how);
        assert_eq!(refused, Err(ReceiptError::PushSignature(fault)), "{how:?}");
    }
}

#[test]
fn what_is_no_receipt_is_refused_by_field() {
    let good = body("delivered");
    let table = [
        ("{}".to_owned(), "the body"),
        (good.replace(NAME, "1"), "businessID"),
        (good.replace("P-1", ""), "messageID"),
        (good.replace("P-1", "P 1"), "messageID"),
        (good.replace("delivered", "lost"), "status"),
        (good.replace("2026-11-28T", "28.11. "), "completedAt"),
    ];
    for (body, field) in table {
        let refused = told(&body, "ours", (now(), ""));
        assert_eq!(refused, Err(ReceiptError::Form(field)), "{body}");
    }
    let long = " ".repeat(RECEIPT_BYTES_MAX + 1);
    assert_eq!(told(&long, "ours", (now(), "")), Err(ReceiptError::Long));
}

proptest! {
    #[test]
    fn no_bytes_end_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _read_or_refused = decode_push(&bytes);
    }
}
