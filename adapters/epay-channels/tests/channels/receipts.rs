use epay_channels::receipt::{Outcome, RECEIPT_BYTES_MAX, Receipt, ReceiptError, decode_sms, sms};
use epay_domain::notification::Failure;
use epay_rail_kit::channel::{ChannelError, KeyRing, Request, sign};
use proptest::prelude::*;
use secrecy::SecretSlice;
use uuid::Uuid;

const NAME: &str = "01993f0e-8c00-7000-8000-000000000001";
const SECRET: &[u8] = b"a-secret-of-more-than-thirty-two-bytes";

fn body(status: &str) -> String {
    format!(
        r#"{{"clientReference":"{NAME}","providerReference":"S-1","status":"{status}","completedAt":"2026-11-28T09:00:00+08:00"}}"#
    )
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
            provider_reference: "S-1".to_owned(),
            outcome,
            at: "2026-11-28T01:00:00Z".parse().unwrap(),
        };
        assert_eq!(decode_sms(body(word).as_bytes()), Ok(expected), "{word}");
        assert_eq!(outcome.to_string(), word);
    }
}

#[test]
fn what_is_no_receipt_is_refused_by_field() {
    let good = body("delivered");
    let table = [
        ("{}".to_owned(), "the body"),
        (good.replace(NAME, "1"), "clientReference"),
        (good.replace("S-1", ""), "providerReference"),
        (good.replace("S-1", "S 1"), "providerReference"),
        (good.replace("delivered", "lost"), "status"),
        (good.replace("2026-11-28T", "28.11. "), "completedAt"),
    ];
    for (body, field) in table {
        let refused = decode_sms(body.as_bytes());
        assert_eq!(refused, Err(ReceiptError::Form(field)), "{body}");
    }
    let long = " ".repeat(RECEIPT_BYTES_MAX + 1);
    assert_eq!(decode_sms(long.as_bytes()), Err(ReceiptError::Long));
}

#[test]
fn only_the_provider_is_believed() {
    let ring = |secret: &[u8]| {
        let secret = SecretSlice::from(secret.to_vec());
        KeyRing::new([("sms-1".to_owned(), vec![secret])]).unwrap()
    };
    let now = "2026-11-28T01:00:05Z".parse().unwrap();
    let body = body("delivered");
    let request = Request {
        method: "POST",
        path: "/channels/sms/receipts",
        body: body.as_bytes(),
    };
    let secrets = [SecretSlice::from(SECRET.to_vec())];
    let signed = sign("sms-1", &secrets, NAME, &request, now).unwrap();
    let header = |name: &str| {
        let mut headers = signed.headers.iter();
        headers
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    };
    let receipt = sms(&ring(SECRET), header, &request, now).unwrap();
    assert_eq!(receipt.message, NAME.parse::<Uuid>().unwrap());
    let other = ring(b"another-secret-of-more-than-32-bytes!");
    let refused = sms(&other, header, &request, now);
    assert_eq!(
        refused,
        Err(ReceiptError::Signature(ChannelError::BadSignature))
    );
}

proptest! {
    #[test]
    fn no_bytes_end_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _read_or_refused = decode_sms(&bytes);
    }
}
