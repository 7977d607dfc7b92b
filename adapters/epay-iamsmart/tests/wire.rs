//! The wire formats, against vectors that were made apart from this code, and against anything that may arrive.
#![expect(
    clippy::unwrap_used,
    reason = "clippy's own exception covers test functions, not the helpers that they call"
)]

use epay_iamsmart::{
    Answer, AnswerFault, BODY_BYTES_MAX, Code, ContentFault, ContentKey, Credentials, FormFault,
    FormField, FormRequest, FormResult, ReturnFault, Returned, Scope, Sealed, SignIn,
    SignatureFault, TokenAnswer, TokenRequest,
};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

const TIMESTAMP: i64 = 1_767_225_600_000;
const NONCE: &str = "0123456789abcdef0123456789abcdef";
const TOKEN_REQUEST: &str = r#"{"code":"abc","grantType":"authorization_code"}"#;
const BODY: &str = r#"{"content":"AAAADAABAgMEBQYHCAkKCzwgtXShgOAhryD16JPFWgrxt+lApAIvGRpdx+RoHWjdc3nUnduoffYrxxCJ7aVVYia7oHXt3O0qX8X3gawVHw=="}"#;

fn credentials() -> Credentials {
    Credentials {
        client_id: "epg-demo-client".to_owned(),
        secret: "epg-demo-secret-not-real".into(),
    }
}

fn content_key() -> ContentKey {
    let bytes: Vec<u8> = (0x00..=0x1f).collect();
    ContentKey::from_bytes(&bytes).unwrap()
}

fn nonce() -> [u8; 12] {
    core::array::from_fn(|place| u8::try_from(place).unwrap())
}

#[test]
fn headers_are_those_of_the_vectors() {
    let cases = [
        ("", "75%2F29IIXkxm6sTjQwv4URWL0bbTnAIQsnEd6IGmegjk%3D"),
        (BODY, "%2Fc4ekGSYb4LGt5CdoWfiMF1jGPsyLyk1OF5R30LLD8Y%3D"),
    ];
    for (body, signature) in cases {
        let signed = credentials().sign(TIMESTAMP, NONCE, body);
        let expected = [
            ("clientID", "epg-demo-client"),
            ("signatureMethod", "HmacSHA256"),
            ("timestamp", "1767225600000"),
            ("nonce", NONCE),
            ("signature", signature),
        ];
        assert_eq!(signed.headers(), expected);
        credentials()
            .verify(&signed, body, (TIMESTAMP + 300_000, 300_000))
            .unwrap();
    }
}

#[test]
fn a_request_that_is_altered_old_or_from_somebody_else_is_not_believed() {
    let good = credentials().sign(TIMESTAMP, NONCE, BODY);
    let now = (TIMESTAMP, 300_000);
    let changed = |change: &dyn Fn(&mut epay_iamsmart::Signed)| {
        let mut signed = good.clone();
        change(&mut signed);
        credentials().verify(&signed, BODY, now).unwrap_err()
    };
    let other = credentials().sign(TIMESTAMP, NONCE, "");
    assert_eq!(
        changed(&|signed| signed.client_id.push('x')),
        SignatureFault::Client
    );
    assert_eq!(
        changed(&|signed| signed.nonce.push('x')),
        SignatureFault::Signature
    );
    assert_eq!(
        changed(&|signed| "1767225600001".clone_into(&mut signed.timestamp)),
        SignatureFault::Signature
    );
    assert_eq!(
        changed(&|signed| "soon".clone_into(&mut signed.timestamp)),
        SignatureFault::Time
    );
    assert_eq!(
        changed(&|signed| signed.signature.clear()),
        SignatureFault::Signature
    );
    assert_eq!(
        changed(&|signed| signed.signature.clone_from(&other.signature)),
        SignatureFault::Signature
    );
    let late = (TIMESTAMP + 300_001, 300_000);
    assert_eq!(
        credentials().verify(&good, BODY, late),
        Err(SignatureFault::Time)
    );
    assert_eq!(
        credentials().verify(&good, "", now),
        Err(SignatureFault::Signature)
    );
    assert!(!format!("{:?}", credentials()).contains("not-real"));
}

#[test]
fn content_is_sealed_as_in_the_vector() {
    let request = serde_json::to_string(&TokenRequest::new("abc")).unwrap();
    assert_eq!(request, TOKEN_REQUEST);
    let sealed = content_key().seal(nonce(), &request).unwrap();
    assert_eq!(serde_json::to_string(&sealed).unwrap(), BODY);
    assert_eq!(
        *content_key().open(&sealed).unwrap(),
        TOKEN_REQUEST.as_bytes()
    );
}

#[test]
fn content_that_is_altered_or_is_none_is_not_read() {
    let sealed: Sealed = serde_json::from_str(BODY).unwrap();
    let other = ContentKey::from_bytes(&[7; 32]).unwrap();
    assert_eq!(other.open(&sealed), Err(ContentFault::Seal));
    let cases = [
        (String::new(), ContentFault::Form),
        ("AAAA".to_owned(), ContentFault::Form),
        ("!".to_owned(), ContentFault::Form),
        (
            sealed.content.replacen("AAAADA", "AAAADQ", 1),
            ContentFault::Form,
        ),
        (
            sealed.content.replacen("zwgtX", "zwgtY", 1),
            ContentFault::Seal,
        ),
        ("A".repeat(BODY_BYTES_MAX * 2), ContentFault::Long),
    ];
    for (content, expected) in cases {
        let shown = content.chars().take(40).collect::<String>();
        assert_eq!(
            content_key().open(&Sealed { content }),
            Err(expected),
            "{shown}"
        );
    }
    assert_eq!(
        ContentKey::from_bytes(&[0; 31]).unwrap_err(),
        ContentFault::KeyLength
    );
    assert_eq!(format!("{:?}", content_key()), "ContentKey(…)");
}

#[test]
fn codes_say_what_to_do_and_unknown_ones_promise_nothing() {
    let cases = [
        ("D00000", Code::Success),
        ("D40000", Code::Cancelled),
        ("D40001", Code::Rejected),
        ("D20006", Code::SignatureRefused),
        ("D30002", Code::ContentKeyExpired),
        ("D30004", Code::ContentUnreadable),
        ("D99999", Code::Unclear),
        ("", Code::Unclear),
    ];
    for (code, expected) in cases {
        let body = format!(r#"{{"txID":"t1","code":"{code}","message":"m","content":null}}"#);
        assert_eq!(
            Answer::read(body.as_bytes()).unwrap().outcome(),
            expected,
            "{code}"
        );
    }
    assert!(matches!(Answer::read(b"{}"), Err(AnswerFault::Form(_))));
    assert_eq!(
        Answer::read(&vec![b' '; BODY_BYTES_MAX + 1]),
        Err(AnswerFault::Long)
    );
}

#[test]
fn a_browser_is_sent_to_sign_in_and_its_return_is_tied_to_it() {
    let sign_in = SignIn {
        client_id: "epg-demo-client",
        redirect: "https://pay.example/iamsmart/return",
        scopes: &[Scope::Authentication, Scope::FormFilling],
        state: "s-1",
        language: "zh-HK",
        source: "PC_Browser",
    };
    for base in ["https://iamsmart.example", "https://iamsmart.example/"] {
        let address = sign_in.address(&base.parse().unwrap()).unwrap();
        assert_eq!(
            address.as_str(),
            "https://iamsmart.example/api/v1/auth/getQR?clientID=epg-demo-client&responseType=code&source=PC_Browser\
             &redirectURI=https%3A%2F%2Fpay.example%2Fiamsmart%2Freturn&scope=eidapi_auth+eidapi_formFilling&state=s-1&lang=zh-HK"
        );
    }
    let code = |code: &str| Ok(Returned::Code(code.to_owned()));
    let long = format!("state=s-1&code={}", "x".repeat(5_000));
    let cases = [
        ("code=abc&state=s-1", code("abc")),
        ("state=s-1&code=a%2Bb&scope=x", code("a+b")),
        ("state=s-1&code=a+b", code("a+b")),
        (
            "error_code=D40000&state=s-1",
            Ok(Returned::Refused("D40000".to_owned())),
        ),
        ("code=abc&state=s-2", Err(ReturnFault::State)),
        ("code=abc", Err(ReturnFault::State)),
        ("code=abc&state=", Err(ReturnFault::State)),
        ("state=s-1", Err(ReturnFault::Form)),
        ("state=s-1&code=", Err(ReturnFault::Form)),
        ("state=s-1&code=a&code=b", Err(ReturnFault::Form)),
        ("state=s-1&code=a&error_code=D40000", Err(ReturnFault::Form)),
        (long.as_str(), Err(ReturnFault::Long)),
    ];
    for (query, expected) in cases {
        assert_eq!(Returned::read(query, "s-1"), expected, "{query}");
    }
    assert_eq!(
        Returned::read("code=abc&state=", ""),
        Err(ReturnFault::State)
    );
    assert_eq!(format!("{:?}", Returned::Code("abc".to_owned())), "Code(…)");
}

#[test]
fn a_token_is_read_and_not_shown() {
    let answer = r#"{"accessToken":"tok-1","tokenType":"Bearer","issueAt":1767225600000,"expiresIn":3600000,"openID":"o-1","scope":"eidapi_auth"}"#;
    let token: TokenAnswer = serde_json::from_str(answer).unwrap();
    assert_eq!(
        (token.open_id.as_str(), token.expires_in),
        ("o-1", 3_600_000)
    );
    assert_eq!(token.access_token.expose_secret(), "tok-1");
    assert!(!format!("{token:?}").contains("tok-1"));
}

#[test]
fn a_form_is_asked_for_by_the_names_of_the_interface() {
    let mut request = FormRequest {
        request: "0194-1".to_owned(),
        access_token: "tok-1".to_owned(),
        open_id: "o-1".to_owned(),
        source: "PC_Browser".to_owned(),
        redirect: "https://pay.example/back".to_owned(),
        state: "s-1".to_owned(),
        form_name: "Notices".to_owned(),
        form_num: "EP1".to_owned(),
        form_desc: "Where to reach you".to_owned(),
        profile_fields: vec![],
        own_fields: vec![FormField::MobileNumber, FormField::EmailAddress],
    };
    request.check().unwrap();
    let text = serde_json::to_string(&request).unwrap();
    for name in [
        "\"businessID\"",
        "\"openID\"",
        "\"redirectURI\"",
        "\"eMEFields\":[\"mobileNumber\",\"emailAddress\"]",
    ] {
        assert!(text.contains(name), "{name}: {text}");
    }
    let result: FormResult =
        serde_json::from_str(r#"{"businessID":"0194-1","state":"s-1","mobileNumber":"91234567"}"#)
            .unwrap();
    assert!(!format!("{result:?}").contains("91234567"));
    assert_eq!(result.mobile_number.unwrap().expose_secret(), "91234567");
    assert!(result.email_address.is_none());
    for name in [
        String::new(),
        "x".repeat(37),
        "a b".to_owned(),
        "帳".to_owned(),
    ] {
        request.request = name;
        assert_eq!(request.check(), Err(FormFault::Name));
    }
    "0194-1".clone_into(&mut request.request);
    request.own_fields.clear();
    assert_eq!(request.check(), Err(FormFault::Empty));
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened_again(text in ".{0,200}", nonce in any::<[u8; 12]>()) {
        let sealed = content_key().seal(nonce, &text).unwrap();
        prop_assert_eq!(&*content_key().open(&sealed).unwrap(), text.as_bytes());
    }

    #[test]
    fn what_is_signed_is_believed_and_any_other_body_is_not(body in ".{0,200}", other in ".{0,200}") {
        let signed = credentials().sign(TIMESTAMP, NONCE, &body);
        prop_assert_eq!(credentials().verify(&signed, &body, (TIMESTAMP, 0)), Ok(()));
        if body != other {
            prop_assert!(credentials().verify(&signed, &other, (TIMESTAMP, 0)).is_err());
        }
    }

    #[test]
    fn nothing_that_arrives_makes_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), query in ".{0,100}", content in "[A-Za-z0-9+/=]{0,100}") {
        let _answer = Answer::read(&bytes);
        let _returned = Returned::read(&query, "s-1");
        let _opened = content_key().open(&Sealed { content });
    }
}
